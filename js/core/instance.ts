/** From the address of a binary to a running module. */
import createSingle from 'ew-wasm/simd';
import type { RawModule } from '../../wasm/module.js';
import { ErrorCode, ExecutorchError, isExecutorchError } from '../base/errors.js';
import { VERSION } from '../base/version.js';
import type { Variant } from '../base/probes.js';
import { asBytes, hasNode, nodeModule } from '../base/platform.js';
import { sharedMemory } from './shared-memory.js';

/** Where a build of the core is. Plain data: it crosses to the worker. */
export interface WasmLocation {
  variant: Variant;
  /** Address of ew.wasm (in Node also `file:`). */
  wasmUrl: string;
  /** Address of ew.js; used by the threads builds only, whose threads start from it. */
  scriptUrl: string;
  /** Threads in all, with the calling one. */
  threads: number;
  /** The compiled binary, when somebody has compiled it already. */
  compiled?: WebAssembly.Module;
}

export interface Instance {
  raw: RawModule;
  compiled: WebAssembly.Module;
}

type Factory = (options: object) => Promise<RawModule>;

/**
 * Compiles (unless that was done) and instantiates.
 *
 * @throws ExecutorchError WasmLoadFailed with the address, status and type of what was answered.
 */
export async function instantiate(location: WasmLocation): Promise<Instance> {
  const compiled = location.compiled ?? (await compile(location.wasmUrl));
  const isThreaded = location.variant.endsWith('-threads');
  const create = isThreaded ? await importFactory(location.scriptUrl) : (createSingle as Factory);
  const starts = new Starts(location.threads);
  const start = (script: string | Blob) =>
    starts.attempt((reject) =>
      create({
        threads: location.threads,
        ...(isThreaded && { wasmMemory: sharedMemory() }),
        mainScriptUrlOrBlob: script,
        print: () => undefined,
        printErr: () => undefined,
        onAbort: reject,
        instantiateWasm: (imports: WebAssembly.Imports, done: Instantiated) => {
          const instantiating = WebAssembly.instantiate(compiled, imports);
          instantiating.then((instance) => done(instance, compiled), reject);
          return {};
        },
      }),
    );
  try {
    const raw = await start(location.scriptUrl).catch(async (cause: unknown) => {
      if (!(cause instanceof ThreadsRefused)) throw cause;
      return start(await copyOf(location.scriptUrl));
    });
    checkVersion(raw, location);
    return { raw, compiled };
  } catch (cause) {
    if (isExecutorchError(cause)) throw cause;
    if (cause instanceof ThreadsRefused) throw loadFailed(location.scriptUrl, cause.message, cause);
    throw loadFailed(location.wasmUrl, `it cannot be instantiated (${describe(cause)})`, cause);
  } finally {
    starts.end();
  }
}

type Instantiated = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

/** The browser does not run the script of the threads. */
class ThreadsRefused extends Error {
  override message =
    'its threads do not start; in isolated pages scripts of workers need Cross-Origin-Embedder-Policy, too';
}

/** Attempts to start the core. Emscripten throws the event of a thread that does not start where nobody can catch it. */
class Starts {
  private reject: (reason: unknown) => void = () => undefined;
  private refusals = 0;
  private readonly look = (event: ErrorEvent) => {
    if (!(event.error instanceof Event)) return;
    event.preventDefault();
    this.refusals++;
    // All threads but the calling one are refused at the first attempt; those after it are of the second.
    if (this.refusals === 1 || this.refusals >= this.threads) this.reject(new ThreadsRefused());
  };

  constructor(private readonly threads: number) {
    if (threads > 1) globalThis.addEventListener?.('error', this.look);
  }

  attempt(begin: (reject: (reason: unknown) => void) => Promise<RawModule>): Promise<RawModule> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      begin(reject).then(resolve, reject);
    });
  }

  end(): void {
    globalThis.removeEventListener?.('error', this.look);
  }
}

/** A copy has the policy of the one who makes it, whatever the server sends. */
async function copyOf(url: string): Promise<Blob> {
  const response = await fetch(url, { credentials: 'same-origin' });
  return new Blob([await response.text()], { type: 'text/javascript' });
}

function checkVersion(raw: RawModule, { wasmUrl }: WasmLocation): void {
  if (raw.version() === VERSION) return;
  throw loadFailed(
    wasmUrl,
    `it is version ${raw.version()}, the JavaScript is ${VERSION}; copy both from the same package`,
  );
}

async function importFactory(url: string): Promise<Factory> {
  try {
    // The address is known at run time only; bundlers must leave it alone.
    const module = (await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url
    )) as {
      default: Factory;
    };
    return module.default;
  } catch (cause) {
    throw loadFailed(url, `the script of the threads build cannot be imported`, cause);
  }
}

async function compile(url: string): Promise<WebAssembly.Module> {
  if (__EW_TARGET__ !== 'module' && hasNode() && /^file:/i.test(url)) return compileFile(url);
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch (cause) {
    throw loadFailed(url, 'the server cannot be reached', cause);
  }
  const type = response.headers.get('content-type') ?? 'none';
  if (!response.ok) throw loadFailed(url, `HTTP status ${response.status}`);
  if (/^application\/wasm\b/i.test(type) && WebAssembly.compileStreaming) {
    return WebAssembly.compileStreaming(response).catch((cause: unknown) => {
      throw loadFailed(url, describe(cause), cause);
    });
  }
  // Servers that do not know the type of .wasm are common; only the bytes count.
  return compileBytes(url, await response.arrayBuffer(), type);
}

async function compileFile(url: string): Promise<WebAssembly.Module> {
  const { readFile } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const bytes = await readFile(new URL(url)).catch((cause: unknown) => {
    throw loadFailed(url, describe(cause), cause);
  });
  return compileBytes(url, bytes, 'a file');
}

/** @throws ExecutorchError WasmLoadFailed when the bytes are no WebAssembly; `type` says what they were served as. */
export async function compileBytes(
  url: string,
  bytes: ArrayBuffer | Uint8Array,
  type: string,
): Promise<WebAssembly.Module> {
  const head = asBytes(bytes)?.subarray(0, 4) ?? [];
  if (bytes.byteLength < 8 || head[0] !== 0 || head[1] !== 0x61 || head[2] !== 0x73) {
    throw loadFailed(
      url,
      `the answer is not WebAssembly (${bytes.byteLength} bytes of type ${type})`,
    );
  }
  return WebAssembly.compile(bytes as BufferSource).catch((cause: unknown) => {
    throw loadFailed(url, describe(cause), cause);
  });
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function loadFailed(url: string, reason: string, cause?: unknown): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.WasmLoadFailed,
    `Cannot load the core from ${url}: ${reason}. Serve the files of this package's dist/wasm, or call ` +
      `configure({ wasmBaseUrl }) with their address.`,
    { cause },
  );
}
