/** What surrounds us: a page, a worker, or Node. Looked up late, so that importing is always safe. */
import { ErrorCode, ExecutorchError } from './errors.js';

interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?: (name: string) => unknown;
}

function nodeProcess(): NodeProcess | undefined {
  if (__EW_TARGET__ === 'module') return undefined;
  const { process } = globalThis as { process?: NodeProcess };
  return typeof process?.versions?.node === 'string' ? process : undefined;
}

/** True where Node's modules are available (also in Jest's jsdom and on servers). */
export function hasNode(): boolean {
  return nodeProcess() !== undefined;
}

/** True for a list that can be walked: one of a billion holes would take minutes. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length < 2 ** 24;
}

/** True where engines can live in a worker of their own. */
export function hasWorkers(): boolean {
  return typeof Worker === 'function' && typeof Blob === 'function';
}

/** A signal that aborts after a time. AbortSignal.timeout() is younger than the browsers that are supported. */
export function timeoutSignal(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const timer: unknown = setTimeout(() => controller.abort(), milliseconds);
  // Node does not wait for it.
  (timer as { unref?: () => void }).unref?.();
  return controller.signal;
}

/** The address that relative addresses refer to; undefined in Node. */
export function baseUrl(): string | undefined {
  const { document, location } = globalThis as { document?: Document; location?: Location };
  return document?.baseURI ?? location?.href;
}

/**
 * A module of Node. No bundler sees the name, so browser builds do not trip over it.
 *
 * @throws when this is not Node.
 */
export async function nodeModule<T>(name: string): Promise<T> {
  const builtin = nodeProcess()?.getBuiltinModule?.(name);
  return (builtin ??
    (await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
    ))) as T;
}

/** Values of other realms (iframes, Jest) are told by their tag, not by instanceof. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

export function isBlob(value: unknown): value is Blob {
  const tag = tagOf(value);
  return tag === 'Blob' || tag === 'File';
}

/**
 * The bytes of a buffer or of any view of one, without copying; undefined for everything else.
 *
 * @throws ExecutorchError InvalidArgument when the buffer has been given away.
 */
export function asBytes(value: unknown): Uint8Array | undefined {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !/^(Shared)?ArrayBuffer$/.test(tagOf(value))) return undefined;
  try {
    return isView
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value as ArrayBuffer);
  } catch (cause) {
    const message = 'These bytes are gone: their buffer was transferred. Pass a copy of them.';
    throw new ExecutorchError(ErrorCode.InvalidArgument, message, { cause });
  }
}
