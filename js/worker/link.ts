/** A worker as the page sees it: calls become messages, and every promise is settled in the end. */
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  fromWireError,
  guarded,
  notLoaded,
  reasonOf,
  throwIfAborted,
  toWireError,
} from '../base/errors.js';
import { unreadable } from '../images/bitmap.js';
import type { FetchCallbacks } from '../downloads/service.js';
import { CLOSE_MS, type HostCallbacks } from './host.js';
import { launchWorker } from './launch.js';
import { watchLifeline } from './lifeline.js';
import type { FromWorker, Method, ResourceMethod, ToWorker } from './protocol.js';

interface Pending {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  onProgress: FetchCallbacks['onProgress'];
  onRetry: FetchCallbacks['onRetry'];
  check: HostCallbacks['check'];
  cleanUp: () => void;
}

/** Milliseconds in which a worker that lives answers; nothing runs yet where the lifeline is cut by mistake. */
const PING_MS = 3000;

export abstract class WorkerLink {
  /** There once the worker has said hello. */
  private worker: Worker | undefined;
  private readonly launch = new AbortController();
  private readonly watch = new AbortController();
  private readonly pending = new Map<number, Pending>();
  private readonly greeted: Promise<void>;
  private failure: ExecutorchError | undefined;
  private closing: Promise<void> | undefined;
  private onClosed: () => void = () => undefined;
  private onPong: () => void = () => undefined;
  private lastId = 0;
  /** Memory of the last call, which the worker has given back. */
  protected spare: ArrayBuffer[] = [];
  /** Told why, when the worker is lost. */
  onFailure: ((error: ExecutorchError) => void) | undefined;

  /** An abort of `signal` gives up waiting for the worker to start. */
  constructor(start: ToWorker & { type: 'start' }, signal?: AbortSignal) {
    signal?.addEventListener('abort', () => this.launch.abort(signal.reason), { once: true });
    this.greeted = launchWorker(this.launch.signal).then((worker) => this.adopt(worker, start));
    this.greeted.catch((error: ExecutorchError) => (this.failure ??= error));
  }

  private adopt(worker: Worker, start: ToWorker & { type: 'start' }): void {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.fail(event.message || 'it ended without a message', event.error);
    };
    worker.onmessageerror = () => this.fail('a message could not be read');
    this.post(start);
  }

  /**
   * The lifeline is cut. That the worker has ended is likely, not certain: when an origin's storage is cleared, locks of
   * workers that start later are no longer those of the page. Whoever answers is alive.
   */
  private ping(): void {
    const silent = () => this.fail('the browser has ended it, perhaps for want of memory');
    const timer = setTimeout(silent, PING_MS);
    this.onPong = () => clearTimeout(timer);
    this.watch.signal.addEventListener('abort', this.onPong, { once: true });
    this.post({ type: 'ping' });
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

  /** Lets pending calls finish while there is time, then ends the worker: the one way to give wasm memory back. */
  private async end(): Promise<void> {
    if (!this.worker) this.launch.abort();
    else if (!this.failure) {
      const closed = new Promise<void>((resolve) => (this.onClosed = resolve));
      this.post({ type: 'close' });
      const timer = setTimeout(() => this.onClosed(), CLOSE_MS);
      await closed;
      clearTimeout(timer);
    }
    this.watch.abort();
    this.worker?.terminate();
    this.rejectAll(notLoaded());
  }

  protected async call<T>(
    method: Method | ResourceMethod,
    args: unknown[],
    { signal, onProgress, onRetry, check }: FetchCallbacks & HostCallbacks = {},
    transfer: Transferable[] = [],
  ): Promise<T> {
    throwIfAborted(signal);
    if (this.closing) throw notLoaded();
    if (this.failure) throw this.failure;
    await this.greeted;
    return new Promise<T>((resolve, reject) => {
      const id = ++this.lastId;
      const abort = () => {
        this.post({ type: 'abort', id });
        this.settle(id)?.reject(abortError(signal));
      };
      const cleanUp = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.pending.set(id, { resolve, reject, onProgress, onRetry, check, cleanUp });
      this.post({ type: 'call', id, method, args }, transfer);
      if (signal?.aborted) abort();
    });
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case 'progress':
        return this.pending.get(message.id)?.onProgress?.(message.fraction, message.size);
      case 'retry':
        return this.pending.get(message.id)?.onRetry?.(message.notice);
      case 'check':
        return void this.check(message);
      case 'result':
        this.spare = message.spare;
        return this.settle(message.id)?.resolve(message.value as never);
      case 'failure':
        return this.settle(message.id)?.reject(fromWireError(message.error));
      case 'lifeline':
        return watchLifeline(message.name, () => this.ping(), this.watch.signal);
      case 'pong':
        return this.onPong();
      case 'closed':
        return this.onClosed();
      default:
        this.answer(message);
    }
  }

  /** Nobody objects to a model that nobody waits for any more. */
  private async check({ id, info }: FromWorker & { type: 'check' }): Promise<void> {
    const refusal = (error: ExecutorchError) => ({ error: toWireError(error) });
    const answer = await guarded(() => this.pending.get(id)?.check?.(info)).catch(refusal);
    this.post({ type: 'checked', id, ...answer });
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.cleanUp();
    return pending;
  }

  protected post(message: ToWorker, transfer: Transferable[] = []): void {
    try {
      this.worker?.postMessage(message, transfer);
    } catch (cause) {
      const id = message.type === 'call' ? message.id : undefined;
      const sentence = `An argument cannot be sent to the worker: ${reasonOf(cause)}`;
      // Of what is transferred, only bitmaps of another origin cannot be.
      const error =
        transfer.length > 0
          ? unreadable(cause)
          : new ExecutorchError(ErrorCode.InvalidArgument, sentence, { cause });
      if (id === undefined) throw error;
      this.settle(id)?.reject(error);
    }
  }

  /** The worker is of no more use: everything that waits learns why. */
  private fail(reason: string, cause?: unknown): void {
    if (this.failure) return;
    this.failure = new ExecutorchError(
      ErrorCode.WorkerFailed,
      `The worker failed: ${reason}. The model is lost; load it again.`,
      { cause },
    );
    this.watch.abort();
    this.worker?.terminate();
    this.onClosed();
    this.rejectAll(this.failure);
    this.onFailure?.(this.failure);
  }

  private rejectAll(error: ExecutorchError): void {
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(error);
  }
}
