/** A worker as the page sees it: calls become messages, and every promise is settled in the end. */
import { configuration } from '../config.js';
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  fromWireError,
  throwIfAborted,
} from '../errors/index.js';
import { absolute } from '../engine/locate.js';
import type { FetchCallbacks } from '../resources/service.js';
import { VERSION } from '../version.js';
import type { FromWorker, Method, ResourceMethod, ToWorker } from './protocol.js';

interface Pending {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  onProgress?: ((fraction: number, size?: number) => void) | undefined;
  cleanUp: () => void;
}

export abstract class WorkerLink {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private readonly greeted: Promise<void>;
  private failure: ExecutorchError | undefined;
  private closing: Promise<void> | undefined;
  private onClosed: () => void = () => undefined;
  private onHello: (version: string) => void = () => undefined;
  private onFailure: (error: ExecutorchError) => void = () => undefined;
  private lastId = 0;

  constructor(start: ToWorker & { type: 'start' }) {
    this.worker = createWorker();
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.fail(event.message || 'its script cannot be loaded', event.error);
    };
    this.worker.onmessageerror = () => this.fail('a message could not be read');
    this.greeted = this.handshake();
    this.greeted.catch(() => undefined);
    this.post(start);
  }

  /** Messages of the worker that are no business of every worker. */
  protected abstract answer(message: FromWorker): void;

  /** True when the worker is of no more use. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  /** Lets calls under way finish, then ends the worker: the one way to give wasm memory back. */
  private async end(): Promise<void> {
    if (!this.failure) {
      const closed = new Promise<void>((resolve) => (this.onClosed = resolve));
      this.post({ type: 'close' });
      await Promise.race([closed, this.greeted.then(() => closed)]).catch(() => undefined);
    }
    this.worker.terminate();
    this.rejectAll(new ExecutorchError(ErrorCode.ModuleNotLoaded));
  }

  protected async call<T>(
    method: Method | ResourceMethod,
    args: unknown[],
    { signal, onProgress }: FetchCallbacks = {},
    transfer: Transferable[] = [],
  ): Promise<T> {
    throwIfAborted(signal);
    if (this.failure) throw this.failure;
    if (this.closing) throw new ExecutorchError(ErrorCode.ModuleNotLoaded);
    await this.greeted;
    return new Promise<T>((resolve, reject) => {
      const id = ++this.lastId;
      const abort = () => {
        this.post({ type: 'abort', id });
        this.settle(id)?.reject(abortError(signal));
      };
      const cleanUp = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.pending.set(id, { resolve, reject, onProgress, cleanUp });
      this.post({ type: 'call', id, method, args }, transfer);
      if (signal?.aborted) abort();
    });
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case 'hello':
        return this.onHello(message.version);
      case 'progress':
        return this.pending.get(message.id)?.onProgress?.(message.fraction, message.size);
      case 'result':
        return this.settle(message.id)?.resolve(message.value as never);
      case 'failure':
        return this.settle(message.id)?.reject(fromWireError(message.error));
      case 'closed':
        return this.onClosed();
      default:
        this.answer(message);
    }
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.cleanUp();
    return pending;
  }

  protected post(message: ToWorker, transfer: Transferable[] = []): void {
    try {
      this.worker.postMessage(message, transfer);
    } catch (cause) {
      const id = message.type === 'call' ? message.id : undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const error = new ExecutorchError(
        ErrorCode.InvalidArgument,
        `An argument cannot be sent to the worker: ${reason}`,
        { cause },
      );
      if (id === undefined) throw error;
      this.settle(id)?.reject(error);
    }
  }

  private handshake(): Promise<void> {
    const { workerTimeout = 30_000 } = configuration();
    return new Promise<void>((resolve, reject) => {
      const give = () => this.fail(`it did not answer within ${workerTimeout} ms`);
      const timer = setTimeout(give, workerTimeout);
      this.onFailure = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.onHello = (version) => {
        clearTimeout(timer);
        if (version === VERSION) resolve();
        else this.fail(`it is version ${version}, this script is ${VERSION}`);
      };
    });
  }

  /** The worker is of no more use: everything that waits learns why. */
  private fail(reason: string, cause?: unknown): void {
    if (this.failure) return;
    this.failure = new ExecutorchError(
      ErrorCode.WorkerFailed,
      `The worker ${workerName()} failed: ${reason}. If the address is wrong, call configure({ workerUrl }).`,
      { cause },
    );
    this.worker.terminate();
    this.onFailure(this.failure);
    this.onClosed();
    this.rejectAll(this.failure);
  }

  private rejectAll(error: ExecutorchError): void {
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(error);
  }
}

function workerName(): string {
  const { workerUrl } = configuration();
  return workerUrl === undefined ? 'of this library' : absolute(workerUrl);
}

function createWorker(): Worker {
  const { workerUrl } = configuration();
  if (workerUrl !== undefined) {
    return new Worker(absolute(workerUrl), { type: 'module', name: 'executorch-web' });
  }
  // Exactly this form is what bundlers recognise as a worker.
  return new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: 'executorch-web',
  });
}
