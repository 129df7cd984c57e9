/** The bytes of a file from the network, front to back, whatever happens to connections. */
import { ErrorCode, ExecutorchError, abortError, isExecutorchError } from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import type { DownloadPolicy } from '../base/resource-config.js';
import { pause } from './locks.js';
import { Changed, Passing, requestFrom, type Answer } from './request.js';
import type { Validator } from './store/types.js';

const PATIENCE = {
  attempts: 6,
  delay: 500,
  maxDelay: 60_000,
  stallTimeout: 20_000,
};

export interface TransferOptions {
  /** First byte that is wanted. */
  from?: number;
  /** Byte after the last that is wanted. Default: the end of the file. */
  to?: number;
  /** Of the download that is gone on with. */
  validator?: Validator | undefined;
  /** True when a digest will tell whether parts of two answers fit together. */
  hasDigest: boolean;
  policy: DownloadPolicy | undefined;
  signal: AbortSignal;
  onRequest?: () => void;
}

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read'>;

export class Transfer {
  /** Bytes of the whole file, once an answer was certain about it. */
  size: number | undefined;
  /** Bytes of the whole file as far as known, for progress. */
  hint: number | undefined;
  validator: Validator | undefined;
  contentType = '';
  /** Offset of the byte that comes next. */
  position: number;
  private readonly policy: typeof PATIENCE;
  private reader: Reader | undefined;
  private connection = new AbortController();
  private unlink: () => void = () => undefined;
  /** Bytes of the answer that are there already. */
  private skip = 0;
  private failures = 0;
  private isAtEnd = false;

  constructor(
    private readonly address: Address,
    private readonly options: TransferOptions,
  ) {
    this.position = options.from ?? 0;
    this.validator = options.validator;
    this.policy = { ...PATIENCE, ...options.policy };
  }

  /**
   * The next bytes; undefined at the end.
   *
   * @throws Changed when what the server has now does not go on from what was read; ExecutorchError
   * ResourceFetcherDownloadFailed, DownloadInterrupted when patience is at its end, Aborted.
   */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.isFinished()) return undefined;
      try {
        if (!this.reader) await this.connect();
        const piece = await this.read();
        if (piece && piece.byteLength > 0) return piece;
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  close(): void {
    this.drop();
  }

  private isFinished(): boolean {
    if (this.isAtEnd) return true;
    const end = this.options.to ?? this.size;
    return end !== undefined && this.position >= end;
  }

  private async connect(): Promise<void> {
    this.connection = new AbortController();
    const { signal } = this.options;
    const abort = () => this.connection.abort();
    signal.addEventListener('abort', abort, { once: true });
    this.unlink = () => signal.removeEventListener('abort', abort);
    this.options.onRequest?.();
    const { to } = this.options;
    const answer = await this.timed(
      requestFrom(this.address, {
        signal: this.connection.signal,
        from: this.position,
        ...(to === undefined ? {} : { to }),
        validator: this.validator,
      }),
    );
    this.accept(answer);
  }

  private accept(answer: Answer): void {
    this.expectPinnedSize(answer);
    this.expectSame(answer);
    this.validator = answer.validator;
    if (answer.contentType) this.contentType = answer.contentType;
    this.size = answer.size ?? this.size;
    this.hint = this.size ?? answer.hint ?? this.hint;
    this.skip = this.position - answer.start;
    this.isAtEnd = answer.isEnd;
    if (!answer.isEnd)
      this.reader = answer.response.body?.getReader() ?? wholeBody(answer.response);
  }

  private expectPinnedSize({ size }: Answer): void {
    const expected = this.address.pin.size;
    if (size === undefined || expected === undefined || size === expected) return;
    throw new ExecutorchError(
      ErrorCode.IntegrityCheckFailed,
      `The server's file ${shownAddress(this.address.url)} has ${size} bytes instead of ${expected}.`,
    );
  }

  /** @throws Changed unless the answer is certainly of the file that was begun. */
  private expectSame({ size, validator }: Answer): void {
    if (this.position === 0) return;
    if (size !== undefined && this.size !== undefined && size !== this.size) {
      throw new Changed(`its size was ${this.size}, now it is ${size}`);
    }
    const before = this.validator ?? {};
    if (before.etag && validator.etag) {
      if (before.etag !== validator.etag) throw new Changed('its ETag is another one');
    } else if (before.lastModified && validator.lastModified) {
      if (before.lastModified !== validator.lastModified) throw new Changed('it was modified');
    } else if (!this.options.hasDigest) {
      throw new Changed('the server does not tell whether it is the same file');
    }
  }

  /** Undefined when there is nothing for now. */
  private async read(): Promise<Uint8Array | undefined> {
    if (!this.reader) return undefined;
    const { done, value } = await this.timed(this.reader.read());
    if (done) {
      this.drop();
      this.endOfAnswer();
      return undefined;
    }
    const skipped = Math.min(this.skip, value.byteLength);
    this.skip -= skipped;
    const end = this.options.to ?? Infinity;
    const piece = value.subarray(skipped, skipped + Math.max(0, end - this.position));
    this.position += piece.byteLength;
    if (piece.byteLength > 0) this.failures = 0;
    if (this.position >= end) this.drop();
    return piece;
  }

  /** An answer that ends early is one more failure; where no length was told, its end is the file's. */
  private endOfAnswer(): void {
    const end = this.options.to ?? this.size ?? this.hint;
    if (end === undefined || this.position >= end) this.isAtEnd = true;
    else throw new Passing(`the answer ended ${end - this.position} bytes too early`);
  }

  /** Waits and lets the caller try again, or throws. */
  private async recover(error: unknown): Promise<void> {
    const { signal } = this.options;
    this.drop();
    if (signal.aborted) throw abortError(signal);
    if (error instanceof Changed || isExecutorchError(error)) throw error;
    if (++this.failures >= this.policy.attempts) throw this.givenUp(error);
    const { delay, maxDelay } = this.policy;
    const backOff =
      Math.min(maxDelay, delay * 2 ** (this.failures - 1)) * (0.5 + Math.random() / 2);
    const asked = (error as Partial<Passing>).retryAfter ?? 0;
    await pause(Math.min(maxDelay, Math.max(asked, backOff)), signal);
  }

  private givenUp(cause: unknown): ExecutorchError {
    const code =
      this.position > 0 ? ErrorCode.DownloadInterrupted : ErrorCode.ResourceFetcherDownloadFailed;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = this.position > 0 ? ` after ${this.position} bytes` : '';
    return new ExecutorchError(
      code,
      `Cannot download ${shownAddress(this.address.url)}${where}: ${reason} (${this.failures} attempts).`,
      { cause },
    );
  }

  private drop(): void {
    this.reader = undefined;
    this.unlink();
    this.connection.abort();
  }

  /** Rejects when nothing has come for too long. */
  private timed<T>(promise: Promise<T>): Promise<T> {
    const { stallTimeout } = this.policy;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Passing(`nothing has come for ${stallTimeout} ms`)),
        stallTimeout,
      );
      promise.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

/** For stand-ins of fetch that do not stream. */
function wholeBody(response: Response): Reader {
  let isRead = false;
  return {
    async read() {
      if (isRead) return { done: true, value: undefined };
      isRead = true;
      return { done: false, value: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}
