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
  let reject: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, no) => (reject = no));
  const options = {
    threads: location.threads,
    ...(isThreaded && { wasmMemory: sharedMemory() }),
    mainScriptUrlOrBlob: location.scriptUrl,
    print: () => undefined,
    printErr: () => undefined,
    onAbort: reject,
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => {
      WebAssembly.instantiate(compiled, imports).then(
        (instance) => done(instance, compiled),
        reject,
      );
      return {};
    },
  };
  try {
    const raw = await Promise.race([create(options), failed]);
    checkVersion(raw, location);
    return { raw, compiled };
  } catch (cause) {
    if (isExecutorchError(cause)) throw cause;
    throw loadFailed(location.wasmUrl, `it cannot be instantiated (${describe(cause)})`, cause);
  }
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
