/**
 * One use of one downloadable file: reads from the store, from the download that this session runs, or from the
 * store behind somebody else's download, whichever has the bytes.
 *
 * Every session asks for the file's write lock. Who gets it downloads; the others read what is stored and wait.
 * When the downloading thread ends, for whatever reason, the lock goes to the next, who goes on from the store.
 */
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  fromWireError,
  isExecutorchError,
  throwIfAborted,
  toExecutorchError,
  toWireError,
} from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import { openChannel, type Channel, type News } from './channel.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import { Download } from './download.js';
import { locksOf, type Locks, type Release } from './locks.js';
import { steadyProgress } from '../sources/progress.js';
import { Changed } from './request.js';
import type { ByteSource, Integrity, OpenOptions, ResourceReport } from '../sources/source.js';
import { openStore, type OpenedStore } from './store/open.js';
import { StoreConflict, type ModelRecord } from './store/types.js';
import { StoredChunks } from './stored.js';

export interface SessionOptions extends OpenOptions {
  /** True when nothing is read: the file is to be stored, that is all. Default false. */
  storeOnly?: boolean;
}

/** Followers look into the store this often, in case news do not reach them. */
const LOOK_MS = 1000;
/** Least milliseconds between news of arriving bytes. */
const NEWS_MS = 100;
/** Changes of the server's file, or conflicts, after which a session gives up. */
const MOST_TURNS = 5;

const EMPTY = new Uint8Array(0);

export class Session implements ByteSource {
  size: number | undefined;
  private readonly controller = new AbortController();
  /** Ends the wait for the write lock. */
  private queueing = new AbortController();
  private readonly locks: Locks | undefined;
  private readonly chunks: StoredChunks | undefined;
  private channel: Channel | undefined;
  private record: ModelRecord | undefined;
  private download: Download | undefined;
  private failure: unknown;
  private isDone = false;
  private fromStore = false;
  /** True when the download under way goes on from what was stored before. */
  private isResumed = false;
  private restarts = 0;
  /** Id of the download whose bytes were handed out: those of another one do not go with them. */
  private usedId: string | undefined;
  private position = 0;
  private isReading: boolean;
  private waiting: (() => void)[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private releaseUse: Release = () => undefined;
  private releaseWrite: Release = () => undefined;
  private lastNews = 0;
  private requests = 0;
  private networkBytes = 0;
  private integrity: Integrity | undefined;
  private readonly onProgress: ((fraction: number, size?: number) => void) | undefined;

  private constructor(
    private readonly address: Address,
    private readonly config: ResourceConfiguration,
    private readonly opened: OpenedStore,
    private readonly options: SessionOptions,
  ) {
    const { signal, onProgress, storeOnly = false } = options;
    this.isReading = !storeOnly;
    this.onProgress = onProgress && steadyProgress(onProgress);
    signal?.addEventListener('abort', this.abort, { once: true });
    const { store } = opened;
    if (!store) return;
    this.locks = locksOf(store);
    this.chunks = new StoredChunks({
      address,
      store,
      policy: config.download,
      signal: this.controller.signal,
      onRequest: (bytes) => this.count(bytes),
    });
  }

  /** Opens the file; its download, where one is needed, begins at once. */
  static async open(
    address: Address,
    config: ResourceConfiguration,
    options: SessionOptions = {},
    opened?: OpenedStore,
  ): Promise<Session> {
    throwIfAborted(options.signal);
    const session = new Session(address, config, opened ?? (await openStore(config)), options);
    await session.begin();
    return session;
  }

  get report(): ResourceReport {
    const { store, problem } = this.opened;
    const failed = this.download?.problem;
    return {
      store: store?.kind ?? 'none',
      kept: this.record?.state === 'complete',
      problem: failed === undefined ? problem : describe(failed),
      integrity: this.integrity,
      sha256: this.record?.sha256 ?? this.download?.sha256,
      requests: this.requests,
      networkBytes: this.networkBytes,
      storedBytes: this.chunks?.bytesRead ?? 0,
      readTime: this.chunks?.times.read ?? 0,
      verifyTime: this.chunks?.times.verify ?? 0,
    };
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.position = Math.max(this.position, offset);
    this.wake();
    for (;;) {
      this.throwIfOver();
      const found = this.find(offset, length);
      if (found) return found;
      await this.changed();
    }
  }

  async complete(): Promise<void> {
    this.isReading = false;
    this.wake();
    while (!this.isDone) {
      this.throwIfOver();
      await this.changed();
    }
    const id = this.record?.id ?? this.download?.record.id;
    if (id !== undefined) this.expectUnchanged(id);
  }

  async restart(error: unknown): Promise<boolean> {
    if (this.restarts >= 2 || this.controller.signal.aborted) return false;
    this.restarts++;
    if (error instanceof Restart) return this.rewind();
    // Nobody has vouched for the stored bytes, and they are no model: the server is asked again.
    const isSuspect =
      this.integrity === 'first-use' && isExecutorchError(error, ErrorCode.InvalidProgram);
    const isDamaged = isExecutorchError(error, ErrorCode.IntegrityCheckFailed);
    if (!this.isDone || !(isSuspect || isDamaged)) return false;
    await this.opened.store?.remove(this.address.key);
    if (!this.fromStore) return false;
    this.isDone = false;
    this.fromStore = false;
    this.record = undefined;
    this.integrity = undefined;
    void this.work();
    return this.rewind();
  }

  close(): void {
    this.isReading = false;
    this.options.signal?.removeEventListener('abort', this.abort);
    this.controller.abort();
    this.queueing.abort();
    clearInterval(this.timer);
    this.releaseUse();
    this.channel?.close();
    this.channel = undefined;
    this.wake();
  }

  private readonly abort = () => {
    this.controller.abort(this.options.signal?.reason);
    this.queueing.abort();
    this.wake();
  };

  private async begin(): Promise<void> {
    const { key } = this.address;
    if (this.locks) this.releaseUse = await this.locks.use(key);
    try {
      if (await this.lookUp()) return;
    } catch (error) {
      this.giveUpStore(error);
    }
    void this.work();
  }

  /** A store that cannot even be read is as good as none. */
  private giveUpStore(error: unknown): void {
    this.opened.store = undefined;
    this.opened.problem = describe(error);
  }

  /** Waits for the file to be stored by whomever, or stores it. */
  private async work(): Promise<void> {
    this.queueing = new AbortController();
    if (this.opened.store) {
      this.channel ??= openChannel(this.address.key, (news) => this.hear(news));
      this.timer = setInterval(() => void this.look(), LOOK_MS);
    }
    try {
      for (let turn = 1; !(await this.takeTurn(turn)); turn++);
    } catch (error) {
      this.fail(this.controller.signal.aborted ? abortError(this.options.signal) : error);
      // Those in the queue learn of the failure before it is their turn to fail in the same way.
      await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
    } finally {
      this.releaseWrite();
      clearInterval(this.timer);
      this.wake();
    }
  }

  /** True when the file is whole; false when it is worth another turn. */
  private async takeTurn(turn: number): Promise<boolean> {
    try {
      if (this.locks && this.opened.store) {
        this.releaseWrite();
        this.releaseWrite = await this.locks.acquire(this.address.key, this.queueing.signal);
        // Somebody may have come first.
        if (this.isDone || (await this.lookUp())) return true;
      }
      await this.runDownload();
      return true;
    } catch (error) {
      if (this.controller.signal.aborted || turn === MOST_TURNS) throw error;
      if (!(await this.mayTryAgain(error))) throw error;
      return false;
    }
  }

  /** True when the reason lies in what was stored or begun before; it is forgotten then. */
  private async mayTryAgain(error: unknown): Promise<boolean> {
    if (error instanceof StoreConflict) {
      this.record = undefined;
      this.download = undefined;
      return true;
    }
    const isMixture = this.isResumed && isExecutorchError(error, ErrorCode.IntegrityCheckFailed);
    if (!(error instanceof Changed) && !isMixture) return false;
    await this.opened.store?.remove(this.address.key);
    this.record = undefined;
    this.download = undefined;
    this.position = 0;
    return true;
  }

  private async runDownload(): Promise<void> {
    const { address, config } = this;
    const { store } = this.opened;
    const download = new Download({
      address,
      config,
      signal: this.controller.signal,
      store,
      locks: this.locks,
      record: this.record,
      isRead: () => this.isReading,
      readPosition: () => this.position,
      readerMoved: () => this.changed(),
      onChange: () => this.downloadChanged(),
      onNetwork: (bytes) => this.count(bytes),
    });
    this.isResumed = this.record !== undefined;
    this.download = download;
    await download.run();
    this.integrity = download.integrity;
    if (download.record.stored > 0) this.record = download.record;
    this.finish(download.arrived);
    this.tell('complete');
  }

  private downloadChanged(): void {
    const { download } = this;
    if (!download) return;
    const before = this.record?.stored ?? 0;
    if (download.record.stored > 0) this.record = download.record;
    if (download.problem !== undefined) this.storingFailed();
    this.size = download.size ?? this.size;
    this.progress(download.arrived, download.expectedSize);
    const now = performance.now();
    if ((this.record?.stored ?? 0) > before || now - this.lastNews > NEWS_MS) {
      this.lastNews = now;
      this.tell();
    }
    this.wake();
  }

  /** There is no room: reading goes on from the network, others must help themselves. */
  private storingFailed(): void {
    this.releaseWrite();
    if (this.options.storeOnly) this.controller.abort();
  }

  /** True when the whole file is in the store. */
  private async lookUp(): Promise<boolean> {
    const { store } = this.opened;
    const { key, pin } = this.address;
    const record = await store?.get(key);
    if (record && contradicts(record, pin)) {
      await store?.remove(key);
      this.record = undefined;
      return false;
    }
    this.record = record;
    if (record?.state !== 'complete') return false;
    this.integrity = pin.sha256 ? 'pinned' : record.integrity;
    this.fromStore = this.download === undefined;
    this.finish(record.stored);
    store?.touch(key, Date.now()).catch(() => undefined);
    return true;
  }

  private finish(size: number): void {
    this.size = size;
    this.isDone = true;
    this.queueing.abort();
    this.progress(size, size);
    this.wake();
  }

  /** What can be handed out of the file from `offset`; undefined while there is nothing. */
  private find(offset: number, length: number): Uint8Array | Promise<Uint8Array> | undefined {
    const { download, record } = this;
    const id = download?.record.id ?? record?.id;
    if (id !== undefined) this.expectUnchanged(id);
    const live = download?.view(offset);
    if (live ?? (record && offset < record.stored)) this.usedId = id;
    if (live) return live.subarray(0, length);
    if (record && offset < record.stored) return this.chunks!.read(record, offset, length);
    if (this.isDone && offset >= (this.size ?? 0)) return EMPTY;
    // Bytes that have gone by and were not stored.
    if (download && offset < download.arrived && this.isUnstored())
      return this.again(offset, length);
    return undefined;
  }

  private isUnstored(): boolean {
    return !this.opened.store || this.download?.problem !== undefined;
  }

  private again(offset: number, length: number): Promise<Uint8Array> {
    const { address, config } = this;
    const chunks =
      this.chunks ??
      new StoredChunks({
        address,
        store: undefined as never,
        policy: config.download,
        signal: this.controller.signal,
        onRequest: (bytes) => this.count(bytes),
      });
    return chunks.fetchRange(this.download!.record, offset, Math.min(length, 1 << 20));
  }

  /** @throws Restart when bytes of another download were handed out before. */
  private expectUnchanged(id: string): void {
    if (this.usedId !== undefined && this.usedId !== id) throw new Restart();
  }

  private rewind(): boolean {
    this.usedId = undefined;
    this.position = 0;
    this.isReading = true;
    this.wake();
    return true;
  }

  /** News of the thread that downloads. */
  private hear({ arrived, size, stored, end }: News): void {
    if (this.isDone || this.download) return;
    if (end && end !== 'complete') return this.fail(fromWireError(end.error));
    this.progress(arrived, size);
    if (end || stored > (this.record?.stored ?? 0)) void this.look();
  }

  /** Looks what is stored by now. */
  private async look(): Promise<void> {
    const isOurs = () =>
      this.isDone || this.controller.signal.aborted || this.download !== undefined;
    if (isOurs()) return;
    const record = await this.opened.store?.get(this.address.key).catch(() => undefined);
    if (isOurs() || !record || contradicts(record, this.address.pin)) return;
    if (record.state === 'complete') {
      await this.lookUp();
    } else {
      this.record = record;
      this.wake();
    }
  }

  private tell(end?: News['end']): void {
    const { download, record, address } = this;
    if (!download || !this.opened.store || download.problem !== undefined) return;
    const { arrived, expectedSize: size } = download;
    this.channel?.send({ key: address.key, arrived, size, stored: record?.stored ?? 0, end });
  }

  private fail(error: unknown): void {
    if (this.isDone || this.failure !== undefined) return;
    const isOurs = this.download !== undefined && !this.controller.signal.aborted;
    this.failure =
      error instanceof Changed || error instanceof StoreConflict
        ? new ExecutorchError(
            ErrorCode.DownloadInterrupted,
            `Cannot download ${shownAddress(this.address.url)}: the file changes while it is downloaded (${error.message}).`,
            { cause: error },
          )
        : toExecutorchError(error, ErrorCode.ResourceFetcherDownloadFailed);
    if (isOurs) this.tell({ error: toWireError(this.failure) });
    this.queueing.abort();
    this.wake();
  }

  private throwIfOver(): void {
    if (this.isDone) return;
    throwIfAborted(this.options.signal);
    if (this.failure !== undefined) throw this.failure;
  }

  private progress(arrived: number, size: number | undefined): void {
    if (size) this.onProgress?.(arrived / size, size);
  }

  private count(bytes: number): void {
    if (bytes === 0) this.requests++;
    else this.networkBytes += bytes;
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Bytes were handed out that do not belong to the file as it is now. */
class Restart extends ExecutorchError {
  constructor() {
    super(
      ErrorCode.DownloadInterrupted,
      'The file has changed on the server while it was loaded. Load it again.',
    );
  }
}

function contradicts(record: ModelRecord, { sha256, size }: Address['pin']): boolean {
  if (sha256 && record.sha256 && record.sha256 !== sha256) return true;
  return size !== undefined && record.size !== undefined && record.size !== size;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
