/** The bytes of a file from the network, front to back, whatever happens to connections. */
import { ErrorCode, ExecutorchError, abortError, isExecutorchError } from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import type { DownloadPolicy } from '../base/resource-config.js';
import { pause } from './locks.js';
import { Changed, Passing, PartRefused, requestFrom, type Answer } from './request.js';
import type { RetryNotice } from '../sources/source.js';
import type { Validator } from './store/types.js';
import { isSameTag } from './validator.js';

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
  /** Of the download that is resumed. */
  validator?: Validator | undefined;
  /** True when a digest will tell whether parts of two answers fit together. */
  hasDigest: boolean;
  policy: DownloadPolicy | undefined;
  signal: AbortSignal;
  onRequest?: () => void;
  onRetry?: ((notice: RetryNotice) => void) | undefined;
}

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read'>;

export class Transfer {
  /** Bytes of the whole file, once that is proven. */
  size: number | undefined;
  /** Bytes of the whole file, or of its compressed form: good for progress. */
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
  /** True when the server does not serve parts as it should: it is asked for the whole, and what is there is skipped. */
  isWholeOnly = false;
  private isPart = false;
  /** True when the answer in hand has brought a byte that was not there. */
  private hasBrought = false;
  /** Where a whole answer has ended whose length could not be trusted. */
  private lastEnd: number | undefined;
  /** True when it is to be asked what lies behind the end of a whole answer. */
  private isProbing = false;

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
   * @throws Changed when what the server has now does not continue what was read; ExecutorchError
   * ResourceFetcherDownloadFailed, DownloadInterrupted when patience is at its end, Aborted.
   */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.isFinished()) return undefined;
      try {
        if (!this.reader) await this.connect();
        if (this.isAtEnd) continue;
        const piece = await this.read();
        if (piece && piece.byteLength > 0) return piece;
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  /** True when the end is that of the file for certain, and not one of a compressed answer that was cut short. */
  get isProven(): boolean {
    return this.size !== undefined || this.hint === this.position;
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
    if (this.isProbing) await this.probe();
    else this.accept(await this.request());
  }

  private async request(): Promise<Answer> {
    if (this.isWholeOnly) return this.requestFrom(0);
    const { position } = this;
    const { to } = this.options;
    try {
      return await this.requestFrom(position, to);
    } catch (error) {
      const isForPart = position > 0 || to !== undefined;
      if (!isForPart || !this.isRefusal(error)) throw error;
      const answer = await this.requestFrom(0);
      this.isWholeOnly = true;
      return answer;
    }
  }

  /**
   * True when the whole file may be fetched where a part may not. Pages cannot tell a part that they may not read from a
   * server that is down: the second time they try both. A server that says that it is busy is believed.
   */
  private isRefusal(error: unknown): boolean {
    if (error instanceof PartRefused) return true;
    if (!(error instanceof Passing)) return false;
    if (error.kind === 'busy') return false;
    return error.kind === 'silent' ? this.failures > 0 : this.isDesperate();
  }

  /** The last attempts are for the whole file, as it may be the parts that fail. */
  private isDesperate(): boolean {
    return this.failures >= Math.max(1, this.policy.attempts - 2);
  }

  private requestFrom(from: number, to?: number): Promise<Answer> {
    this.options.onRequest?.();
    return this.timed(
      requestFrom(this.address, {
        signal: this.connection.signal,
        from,
        ...(to === undefined ? {} : { to }),
        validator: this.validator,
      }),
    );
  }

  private accept(answer: Answer): void {
    this.expectPinnedSize(answer);
    this.expectSame(answer);
    this.expectLength(answer);
    this.validator = answer.validator;
    if (answer.contentType) this.contentType = answer.contentType;
    this.size = answer.size ?? this.size;
    this.hint = this.size ?? answer.hint ?? this.hint;
    this.skip = this.position - answer.start;
    this.isPart = answer.isPart;
    this.hasBrought = false;
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
      if (!isSameTag(before.etag, validator.etag)) throw new Changed('its ETag is another one');
    } else if (before.lastModified && validator.lastModified) {
      if (before.lastModified !== validator.lastModified) throw new Changed('it was modified');
    } else if (!this.options.hasDigest) {
      throw new Changed('the server does not tell whether it is the same file');
    }
  }

  /** A part that does not tell the size of the file must end where the first answer said that the file ends. */
  private expectLength({ isPart, size, end, isEnd }: Answer): void {
    const { to, hasDigest } = this.options;
    if (!isPart || size !== undefined || to !== undefined) return;
    const first = this.size ?? this.hint;
    if (isEnd && !hasDigest && first !== this.position) {
      throw new PartRefused('the server does not tell where the file ends');
    }
    if (end === undefined || first === undefined) return;
    if (end !== first) throw new PartRefused(`the part ends at ${end}, the file at ${first}`);
    this.size = end;
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
    if (piece.byteLength > 0) {
      this.failures = 0;
      this.hasBrought = true;
    }
    if (this.position >= end) this.drop();
    return piece;
  }

  /**
   * An answer that ends too early is one more failure. The end of the file is proven by its size, by the end of an
   * answer with all of it, or in the end by a digest.
   */
  private endOfAnswer(): void {
    if (this.skip > 0) throw new Changed('it is shorter now');
    const end = this.options.to ?? this.size;
    if (end !== undefined) {
      if (this.position < end) throw tooEarly(end - this.position);
      this.isAtEnd = true;
    } else if (this.isPart && !this.options.hasDigest) {
      throw new PartRefused('the server does not tell where the file ends');
    } else {
      this.endOfWhole();
    }
  }

  /** The length of the answer may be that of a compressed form: it is believed that the file ends here the second time. */
  private endOfWhole(): void {
    const missing = (this.hint ?? 0) - this.position;
    if (missing > 0 && this.lastEnd !== this.position) {
      this.lastEnd = this.position;
      this.isWholeOnly = true;
      throw tooEarly(missing);
    }
    this.isAtEnd = !this.mayProbe();
  }

  /**
   * The end of an answer whose length nobody states is no proof: platforms take a compressed body that was cut short
   * for a whole one. Parts come uncompressed, so that the question for what lies behind tells.
   */
  private mayProbe(): boolean {
    const isOpen = !this.isProven && !this.isWholeOnly && !this.options.hasDigest;
    this.isProbing = isOpen && this.position > 0;
    return this.isProbing;
  }

  /** Continues where there is more; where the server does not tell, the end stays unproven. */
  private async probe(): Promise<void> {
    this.isProbing = false;
    this.isAtEnd = true;
    const answer = await this.requestFrom(this.position).catch(() => undefined);
    if (this.options.signal.aborted) throw abortError(this.options.signal);
    try {
      if (!answer?.isPart || answer.size === undefined) return;
      // A file of exactly as many bytes needs no other sign of being the same.
      if (answer.isEnd) return void (this.size = answer.size);
      this.isAtEnd = false;
      this.accept(answer);
    } catch (error) {
      if (error instanceof Changed) this.isAtEnd = true;
      else throw error;
    } finally {
      if (!this.reader) this.drop();
    }
  }

  /** Waits and lets the caller try again, or throws. */
  private async recover(error: unknown): Promise<void> {
    const { signal, onRetry } = this.options;
    this.drop();
    if (signal.aborted) throw abortError(signal);
    if (error instanceof Changed || isExecutorchError(error)) throw error;
    if (error instanceof PartRefused && !this.isWholeOnly) {
      this.isWholeOnly = true;
      return;
    }
    const reason = reasonOf(error);
    if (++this.failures >= this.policy.attempts) throw this.givenUp(reason, error);
    if (this.isPart && !this.hasBrought && this.isDesperate()) this.isWholeOnly = true;
    const { attempts } = this.policy;
    const { failures } = this;
    const delay = this.delayAfter(error);
    onRetry?.({ url: shownAddress(this.address.url), reason, failures, attempts, delay });
    await pause(delay, signal);
  }

  private delayAfter(error: unknown): number {
    const { delay, maxDelay } = this.policy;
    const backOff = Math.min(maxDelay, delay * 2 ** (this.failures - 1));
    const asked = (error as Partial<Passing>).retryAfter ?? 0;
    return Math.round(Math.min(maxDelay, Math.max(asked, backOff * (0.5 + Math.random() / 2))));
  }

  private givenUp(reason: string, cause: unknown): ExecutorchError {
    const code =
      this.position > 0 ? ErrorCode.DownloadInterrupted : ErrorCode.ResourceFetcherDownloadFailed;
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

function reasonOf(error: unknown): string {
  if (error instanceof Passing || error instanceof PartRefused) return error.message;
  return `the connection broke (${error instanceof Error ? error.message : String(error)})`;
}

function tooEarly(missing: number): Passing {
  return new Passing(`the answer ended ${missing} bytes too early`);
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
