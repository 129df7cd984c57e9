/** Entry point of the worker: answers calls by the host of its own. */
import {
  ErrorCode,
  ExecutorchError,
  fromWireError,
  toWireError,
  type WireError,
} from '../base/errors.js';
import type { ModelInfo } from '../core/types.js';
import { configureResources } from '../base/resource-config.js';
import { READER_NAME, serveChunks, type ChunkScope } from '../downloads/chunk-reader.js';
import { localService } from '../downloads/local-service.js';
import { readAhead } from '../sources/read-ahead.js';
import { openSource } from '../downloads/open.js';
import type { ByteSource, OpenOptions, RetryNotice } from '../sources/source.js';
import type { ResourceSource } from '../base/types.js';
import { VERSION } from '../base/version.js';
import type { HostCallbacks } from './host.js';
import { holdLifeline } from './lifeline.js';
import { LocalHost } from './local.js';
import { isRemoteBuffer, type FromWorker, type RemoteBuffer, type ToWorker } from './protocol.js';

interface Scope {
  name: string;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as Scope;
const aborts = new Map<number, AbortController>();
const pieces = new Map<number, (bytes: Uint8Array) => void>();
const checks = new Map<number, (error: WireError | undefined) => void>();
let host: LocalHost | undefined;
let lastRead = 0;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

/** Bytes that stay with the page. The memory of pieces goes to and fro: fresh memory would cost more than to copy. */
function openRemote({ remoteBuffer, size }: RemoteBuffer, options: OpenOptions): ByteSource {
  const spare: ArrayBuffer[] = [];
  return readAhead({
    size,
    recycle: (piece) => void spare.push(piece.buffer as ArrayBuffer),
    async read(offset, length) {
      const id = ++lastRead;
      const answer = new Promise<Uint8Array>((resolve) => pieces.set(id, resolve));
      const memory = spare.pop();
      const message = { type: 'read', id, buffer: remoteBuffer, offset, length, memory } as const;
      post(message, memory ? [memory] : []);
      const bytes = await answer;
      options.onProgress?.(Math.min(1, (offset + bytes.byteLength) / size), size);
      return bytes;
    },
    close: () => undefined,
  });
}

async function open(source: ResourceSource, options: OpenOptions): Promise<ByteSource> {
  return isRemoteBuffer(source) ? openRemote(source, options) : openSource(source, options);
}

async function call({ id, method, args }: ToWorker & { type: 'call' }): Promise<void> {
  const controller = new AbortController();
  aborts.set(id, controller);
  const onProgress = (fraction: number, size?: number) =>
    post({ type: 'progress', id, fraction, size });
  try {
    const target = method in localService ? localService : host;
    if (!target) throw new ExecutorchError(ErrorCode.WorkerFailed, 'The worker has no engine.');
    const onRetry = (notice: RetryNotice) => post({ type: 'retry', id, notice });
    const check = async (info: ModelInfo) => {
      const error = await new Promise<WireError | undefined>((resolve) => {
        checks.set(id, resolve);
        post({ type: 'check', id, info });
      });
      if (error) throw fromWireError(error);
    };
    const callbacks: HostCallbacks = { signal: controller.signal, onProgress, onRetry, check };
    const run = (target as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>)[
      method
    ];
    const value = await run!.apply(target, [...args, callbacks]);
    const spare = small(method === 'run' || method === 'task' ? buffersOf(args) : []);
    post({ type: 'result', id, value, spare }, [...buffersOf(value), ...spare]);
  } catch (error) {
    post({ type: 'failure', id, error: toWireError(error) });
  } finally {
    aborts.delete(id);
  }
}

/** Most bytes of inputs that the page keeps for its next call. */
const MOST_SPARE = 4 << 20;

function small(buffers: ArrayBuffer[]): ArrayBuffer[] {
  return buffers.filter(({ byteLength }) => byteLength <= MOST_SPARE);
}

/** Buffers of a result or of arguments; they are copies made for it, so giving them away harms nobody. */
function buffersOf(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) buffersOf(value.buffer, found);
  // Shared memory, in which callers may hold a file, is nobody's to give away.
  else if (value instanceof ArrayBuffer) found.push(value);
  else if (Array.isArray(value)) value.forEach((item) => buffersOf(item, found));
  else if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach((item) => buffersOf(item, found));
  }
  return found;
}

function receive({ data }: MessageEvent<ToWorker>): void {
  switch (data.type) {
    case 'start':
      configureResources(data.resources);
      if (!data.location) break;
      host = new LocalHost(data.location, open, (module) => post({ type: 'compiled', module }));
      break;
    case 'call':
      void call(data);
      break;
    case 'abort':
      aborts.get(data.id)?.abort();
      break;
    case 'ping':
      post({ type: 'pong' });
      break;
    case 'piece':
      pieces.get(data.id)?.(data.bytes);
      pieces.delete(data.id);
      break;
    case 'checked':
      checks.get(data.id)?.(data.error);
      checks.delete(data.id);
      break;
    case 'close':
      void (host?.close() ?? Promise.resolve()).finally(() => post({ type: 'closed' }));
  }
}

if (scope.name === READER_NAME) {
  serveChunks(globalThis as unknown as ChunkScope);
} else {
  scope.onmessage = receive;
  post({ type: 'hello', version: VERSION });
  void holdLifeline().then((name) => name !== undefined && post({ type: 'lifeline', name }));
}
