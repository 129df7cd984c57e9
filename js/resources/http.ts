/** A download that is read as it arrives: front to back, never more than one network chunk in memory. */
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  isExecutorchError,
  throwIfAborted,
} from '../errors/index.js';
import type { ByteSource, OpenOptions } from './source.js';

export async function openHttp(url: string, options: OpenOptions): Promise<ByteSource> {
  const source = new HttpSource(url, options);
  await source.open(0);
  return source;
}

class HttpSource implements ByteSource {
  size: number | undefined;
  private expected: number | undefined;
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private chunk: Uint8Array = new Uint8Array(0);
  /** File offset of chunk[0]. */
  private position = 0;
  private best = 0;
  private readonly abort = new AbortController();

  constructor(
    private readonly url: string,
    private readonly options: OpenOptions,
  ) {
    const { signal } = options;
    if (signal?.aborted) this.abort.abort(signal.reason);
    signal?.addEventListener('abort', () => this.abort.abort(signal.reason), { once: true });
  }

  /** Starts a request whose body begins at `offset`, or at 0 when the server has no ranges. */
  async open(offset: number): Promise<void> {
    await this.reader?.cancel().catch(() => undefined);
    const response = await this.request(offset);
    if (response.status === 206) {
      const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
      this.position = range ? Number(range[1]) : offset;
      if (range && range[2] !== '*') this.size = Number(range[2]);
    } else {
      this.position = 0;
      this.takeLength(response);
    }
    this.chunk = new Uint8Array(0);
    this.reader = response.body?.getReader();
    if (!this.reader) this.chunk = new Uint8Array(await response.arrayBuffer());
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    throwIfAborted(this.options.signal);
    if (offset < this.position) await this.open(offset);
    if (offset < this.position) throw this.failed('the server answered with another range');
    while (offset >= this.position + this.chunk.byteLength) {
      if (!(await this.next())) return new Uint8Array(0);
    }
    const start = offset - this.position;
    return this.chunk.subarray(start, start + length);
  }

  close(): void {
    this.abort.abort();
    void this.reader?.cancel().catch(() => undefined);
  }

  private async next(): Promise<boolean> {
    this.position += this.chunk.byteLength;
    this.chunk = new Uint8Array(0);
    const piece = await this.reader?.read().catch((cause: unknown) => {
      throw this.failed('the connection broke', cause);
    });
    if (!piece || piece.done) {
      const missing = (this.size ?? 0) - this.position;
      if (missing > 0) throw this.failed(`the answer is ${missing} bytes too short`);
      return false;
    }
    this.chunk = piece.value;
    this.report(this.position + this.chunk.byteLength);
    return true;
  }

  private async request(offset: number): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.url, {
        signal: this.abort.signal,
        ...(offset > 0 ? { headers: { Range: `bytes=${offset}-` } } : {}),
      });
    } catch (cause) {
      throw this.failed('the server cannot be reached (or forbids this page to read it)', cause);
    }
    if (!response.ok)
      throw this.failed(`HTTP status ${response.status} ${response.statusText}`.trim());
    const type = response.headers.get('content-type') ?? '';
    if (/^text\/html/i.test(type)) throw this.failed('the answer is an HTML page, not a model');
    return response;
  }

  /** Content-Length counts the bytes of the file only where nothing was compressed on the way. */
  private takeLength(response: Response): void {
    const { headers, type } = response;
    const length = Number(headers.get('content-length') ?? NaN);
    if (!(length > 0) || headers.has('content-encoding')) return;
    this.expected = length;
    // Other origins hide Content-Encoding: there the number is good for progress only.
    if (type !== 'cors') this.size = length;
  }

  private report(arrived: number): void {
    const total = this.size ?? this.expected;
    if (!total || arrived <= this.best) return;
    this.best = arrived;
    this.options.onProgress?.(Math.min(1, arrived / total));
  }

  private failed(reason: string, cause?: unknown): ExecutorchError {
    if (this.options.signal?.aborted) return abortError(this.options.signal);
    if (isExecutorchError(cause)) return cause;
    const code =
      this.position > 0 ? ErrorCode.DownloadInterrupted : ErrorCode.ResourceFetcherDownloadFailed;
    return new ExecutorchError(code, `Cannot download ${this.url}: ${reason}.`, { cause });
  }
}
