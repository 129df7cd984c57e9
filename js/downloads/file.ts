/**
 * One use of one downloadable file: reads from the store, from the download that this thread runs, or from the store
 * behind somebody else's download, whichever has the bytes.
 *
 * Every use asks for the file's write lock. Who gets it downloads; the others read what is stored and wait. When the
 * downloading thread ends, for whatever reason, the lock goes to the next, who continues from the store. What happens
 * when is decided in file-state.ts; this file carries it out.
 */
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  isExecutorchError,
  throwIfAborted,
  toWireError,
} from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import { openChannel, type Channel } from './channel.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import { Download } from './download.js';
import {
  begin,
  next,
  type FileEffect,
  type FileEvent,
  type FileState,
  type Step,
} from './file-state.js';
import { locksOf, type Locks, type Release } from './locks.js';
import { fetchPointer } from './pointer.js';
import { removeRecord, trustedRecord, wholeDigest } from './seal.js';
import { atMostEvery, steadyProgress } from '../sources/progress.js';
import { warnOnce } from './warn.js';
import type { ByteSource, OpenOptions, ResourceReport, RetryNotice } from '../sources/source.js';
import { openStore, type OpenedStore } from './store/open.js';
import type { RefusedFile } from './store/types.js';
import { StoredChunks } from './stored.js';

export interface FileOptions extends OpenOptions {
  /** True when nothing is read: the file is to be stored, that is all. Default false. */
  storeOnly?: boolean;
  /** True when a stored file is known to be the server's, or need not be. Default false. */
  isChecked?: boolean;
}

/** Followers look into the store this often, in case news do not reach them. */
const LOOK_MS = 1000;
/** Least milliseconds between news of arriving bytes. */
const NEWS_MS = 100;
/** Times that a file is read again because it turned out to be another one. */
const MOST_RESTARTS = 3;

const EMPTY = new Uint8Array(0);

/** How far the reader has come, and whose bytes it was given. */
class Reader {
  position = 0;
  /** Id of the download whose bytes were handed out: those of another one do not go with them. */
  usedId: string | undefined;
  restarts = 0;
  private waiting: (() => void)[] = [];

  /** `isActive`: false when no more reads will come. */
  constructor(public isActive: boolean) {}

  /** Resolves when something has happened. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  rewind(): void {
    this.usedId = undefined;
    this.position = 0;
    this.isActive = true;
    this.wake();
  }
}

export class RemoteFile implements ByteSource {
  size: number | undefined;
  private state!: FileState;
  private readonly reader: Reader;
  private readonly ending = new AbortController();
  private readonly locks: Locks | undefined;
  private readonly chunks: StoredChunks;
  private readonly usage = { requests: 0, networkBytes: 0 };
  private readonly showProgress: (fraction: number, size?: number) => void;
  private readonly mayTell = atMostEvery(NEWS_MS);
  private download: Download | undefined;
  private channel: Channel | undefined;
  /** Settles when the last download has written for the last time. */
  private running: Promise<void> = Promise.resolve();
  /** Id of that download. */
  private lastId: string | undefined;
  private looks = 0;
  private endUse: Release = () => undefined;
  private endWatch: Release = () => undefined;
  private releaseLock: Release = () => undefined;

  private constructor(
    private readonly address: Address,
    private readonly config: ResourceConfiguration,
    private readonly opened: OpenedStore,
    private readonly options: FileOptions,
  ) {
    const { onProgress = () => undefined, storeOnly = false } = options;
    this.reader = new Reader(!storeOnly);
    this.showProgress = steadyProgress(onProgress);
    this.locks = opened.store && locksOf(opened.store);
    this.chunks = new StoredChunks({
      address,
      store: opened.store,
      policy: config.download,
      signal: this.ending.signal,
      onRequest: this.count,
      onRetry: this.noteRetry,
    });
  }

  /** Opens the file; its download, where one is needed, begins at once. */
  static async open(
    address: Address,
    config: ResourceConfiguration,
    options: FileOptions = {},
    opened?: OpenedStore,
  ): Promise<RemoteFile> {
    throwIfAborted(options.signal);
    const file = new RemoteFile(address, config, opened ?? (await openStore(config)), options);
    if (file.locks) file.endUse = await file.locks.use(address.key);
    file.enter(begin(file.opened.store !== undefined));
    if (options.signal?.aborted) file.abort();
    options.signal?.addEventListener('abort', file.abort, { once: true });
    // Whoever reads a stored file wants to know its size at once.
    while (file.state.at === 'looking') await file.reader.changed();
    file.readAhead();
    return file;
  }

  /** A stored file is read from its beginning, while the engine gets ready. */
  private readAhead(): void {
    const { at, record } = this.state;
    if (at === 'stored' && record && this.reader.isActive) this.chunks.begin(record);
  }

  get report(): ResourceReport {
    const { opened, state, download, chunks } = this;
    const { record } = state;
    return {
      store: opened.store?.kind ?? 'none',
      kept: record?.state === 'complete',
      problem: opened.problem,
      integrity: state.at === 'stored' ? state.integrity : undefined,
      sha256: record?.sha256 ?? download?.sha256,
      mayBeOld: state.at === 'stored' && state.turn === 0 && this.options.isChecked !== true,
      refused: record?.refused && pickRefused(record.refused),
      ...this.usage,
      storedBytes: chunks.bytesRead,
      readTime: chunks.times.read,
      verifyTime: chunks.times.verify,
    };
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const { reader } = this;
    reader.position = Math.max(reader.position, offset);
    reader.wake();
    for (;;) {
      this.throwIfFailed();
      const found = this.find(offset, length);
      if (found) return found;
      await reader.changed();
    }
  }

  async complete(): Promise<void> {
    const { reader } = this;
    reader.isActive = false;
    reader.wake();
    while (this.state.at !== 'stored') {
      this.throwIfFailed();
      await reader.changed();
    }
    this.expectUnchanged(this.downloadId);
  }

  async restart(error: unknown, isSaid = false): Promise<boolean> {
    const { reader } = this;
    if (isSaid || this.ending.signal.aborted || reader.restarts >= MOST_RESTARTS) return false;
    if (!isExecutorchError(error) || error.code === ErrorCode.Aborted) return false;
    reader.restarts++;
    // Bytes of another download were handed out: the file itself is all right.
    if (!(error instanceof OtherFile)) {
      this.dispatch({ type: 'refused', error, isProven: await this.isProven() });
      if (this.state.at === 'failed') return false;
    }
    // What was known of the file may have been of another one.
    this.size = this.state.at === 'stored' ? this.state.size : undefined;
    reader.rewind();
    return true;
  }

  /**
   * Whether the stored bytes are those of the stated digest. Loads compare them with digests that are stored beside them;
   * before it is said that a verified file cannot be used, all of it is compared with what comes from elsewhere, and
   * removed when it is something else.
   */
  private async isProven(): Promise<boolean> {
    const { state, address, config, ending } = this;
    const { store } = this.opened;
    if (state.at !== 'stored' || state.isFresh || state.integrity === 'first-use') return true;
    if (!store || !state.record) return true;
    const ofHub = address.pin.sha256 === undefined && config.hubMetadata !== false;
    if (ofHub && address.pointerUrl) this.count(0);
    const pointer = ofHub ? await fetchPointer(address, ending.signal) : undefined;
    const expected = address.pin.sha256 ?? pointer?.sha256 ?? state.record.sha256;
    const digest = await wholeDigest(store, state.record).catch(() => undefined);
    if (digest === expected) return true;
    await removeRecord(store, state.record).catch(() => undefined);
    return false;
  }

  close(): void {
    this.reader.isActive = false;
    this.options.signal?.removeEventListener('abort', this.abort);
    this.dispatch({ type: 'aborted', error: abortError() });
    this.ending.abort();
    this.chunks.close();
    this.endUse();
  }

  private readonly abort = () => {
    const { signal } = this.options;
    this.dispatch({ type: 'aborted', error: abortError(signal) });
    this.ending.abort(signal?.reason);
  };

  private dispatch(event: FileEvent): void {
    const { address, options } = this;
    const { storeOnly = false } = options;
    const use = { url: shownAddress(address.url), pin: address.pin, storeOnly };
    this.enter(next(this.state, event, use));
  }

  private enter({ state, effects }: Step): void {
    this.state = state;
    if (state.at === 'stored') this.size = state.size;
    for (const effect of effects) this.perform(effect);
    this.reader.wake();
  }

  private perform(effect: FileEffect): void {
    switch (effect.do) {
      case 'look':
        return void this.look();
      case 'queue':
        return void this.queue();
      case 'release':
        return effect.afterNews ? later(this.releaseLock) : this.releaseLock();
      case 'watch':
        return this.watch();
      case 'unwatch':
        return this.endWatch();
      case 'download':
        this.running = this.run(effect);
        return;
      case 'stop':
        return this.stop();
      case 'touch':
        return ignoreFailure(this.opened.store?.note(this.address.key, { lastUsed: Date.now() }));
      case 'remove':
        return ignoreFailure(this.remove());
      case 'progress':
        if (effect.size) this.showProgress(effect.arrived / effect.size, effect.size);
        return;
      case 'tell':
        return this.tell(effect);
    }
  }

  /** Removes what this use has stored, when the last write has come to its end. */
  private async remove(): Promise<void> {
    const id = this.lastId;
    await this.running;
    const { store } = this.opened;
    if (store && id !== undefined) await removeRecord(store, { key: this.address.key, id });
  }

  private async look(): Promise<void> {
    const mine = ++this.looks;
    const { store } = this.opened;
    try {
      const record = store && (await trustedRecord(store, this.address.key));
      // Only the last look counts: an earlier one may have been before somebody's write.
      if (mine === this.looks) this.dispatch({ type: 'found', record });
    } catch (error) {
      if (this.state.at === 'looking') this.giveUpStore(error);
    }
  }

  /** A store that cannot even be read is as good as none. */
  private giveUpStore(error: unknown): void {
    this.opened.store = undefined;
    this.opened.problem = describe(error);
    this.dispatch({ type: 'unreadable' });
  }

  private async queue(): Promise<void> {
    const leaving = new AbortController();
    let release: Release = () => undefined;
    this.releaseLock = () => {
      leaving.abort();
      release();
    };
    try {
      release = await this.locks!.acquire(this.address.key, leaving.signal);
      if (leaving.signal.aborted) release();
      else this.dispatch({ type: 'granted' });
    } catch (error) {
      if (!leaving.signal.aborted) this.dispatch({ type: 'denied', error });
    }
  }

  private watch(): void {
    this.endWatch();
    const channel = openChannel(this.address.key, (news) => this.dispatch({ type: 'news', news }));
    const timer = setInterval(() => this.dispatch({ type: 'tick' }), LOOK_MS);
    this.channel = channel;
    this.endWatch = () => {
      clearInterval(timer);
      channel.close();
      this.channel = undefined;
      this.endWatch = () => undefined;
    };
  }

  private async run({ turn, record }: FileEffect & { do: 'download' }): Promise<void> {
    const { address, config, locks, reader } = this;
    const { store } = this.opened;
    const keeping = this.state.hasStore && store && locks ? { store, locks } : undefined;
    const download = new Download({
      address,
      config,
      record,
      keeping,
      onNetwork: this.count,
      onRetry: this.noteRetry,
    });
    this.download = download;
    this.lastId = download.record.id;
    const isOver = () => this.download !== download;
    let isKeeping = true;
    try {
      for await (const { frees } of download) {
        if (isOver()) return;
        if (isKeeping && download.problem !== undefined) {
          isKeeping = false;
          this.opened.problem = describe(download.problem);
          this.dispatch({ type: 'unkept', turn, problem: download.problem });
        }
        this.advance(turn, download);
        while (!isOver() && reader.isActive && reader.position < frees) await reader.changed();
      }
      const { record, arrived: size, integrity } = download;
      this.dispatch({ type: 'done', turn, record, size, integrity: integrity! });
    } catch (error) {
      this.dispatch({ type: 'broken', turn, error });
    }
  }

  private advance(turn: number, { record, arrived, size, expectedSize }: Download): void {
    this.size = size ?? this.size;
    this.dispatch({ type: 'advanced', turn, record, arrived, size: expectedSize });
  }

  private stop(): void {
    this.download?.stop();
    this.download = undefined;
  }

  private tell({ arrived, size, end }: FileEffect & { do: 'tell' }): void {
    const stored = this.state.record?.stored ?? 0;
    if (!this.state.hasStore || !(this.mayTell(stored) || end)) return;
    const { key } = this.address;
    const wire = end instanceof ExecutorchError ? { error: toWireError(end) } : end;
    this.channel?.send({ key, arrived, size, stored, end: wire });
  }

  /** What can be handed out of the file from `offset`; undefined while there is nothing. */
  private find(offset: number, length: number): Uint8Array | Promise<Uint8Array> | undefined {
    const { download, state, chunks } = this;
    const { record } = state;
    this.expectUnchanged(this.downloadId);
    const live = download?.view(offset);
    const isStored = record !== undefined && offset < record.stored;
    if (live || isStored) this.reader.usedId = this.downloadId;
    if (live) return live.subarray(0, length);
    if (isStored) return chunks.read(record, offset, length);
    if (state.at === 'stored' && offset >= state.size) return EMPTY;
    // Bytes that have gone by and were not stored.
    const isGone = download && offset < download.arrived && (!state.hasStore || download.problem);
    if (isGone) return chunks.fetchRange(download.record, offset, Math.min(length, 1 << 20));
    return undefined;
  }

  private get downloadId(): string | undefined {
    return this.download?.record.id ?? this.state.record?.id;
  }

  /** @throws OtherFile when bytes of another download were handed out before. */
  private expectUnchanged(id: string | undefined): void {
    const { usedId } = this.reader;
    if (usedId !== undefined && id !== undefined && usedId !== id) throw new OtherFile();
  }

  private throwIfFailed(): void {
    if (this.state.at === 'failed') throw this.state.error;
  }

  private readonly count = (bytes: number) => {
    if (bytes === 0) this.usage.requests++;
    else this.usage.networkBytes += bytes;
  };

  private readonly noteRetry = (notice: RetryNotice) => {
    const { url, reason } = notice;
    warnOnce(url, `Cannot download ${url} at present: ${reason}. It will be tried again.`);
    this.options.onRetry?.(notice);
  };
}

/** Bytes were handed out that do not belong to the file as it is now. */
class OtherFile extends ExecutorchError {
  constructor() {
    super(
      ErrorCode.DownloadInterrupted,
      'The file has changed on the server while it was loaded. Load it again.',
    );
  }
}

function pickRefused({ sha256, size, reason }: RefusedFile): ResourceReport['refused'] {
  return { sha256, size, reason };
}

function later(work: () => void): void {
  setTimeout(work, NEWS_MS);
}

function ignoreFailure(work: Promise<unknown> | undefined): void {
  work?.catch(() => undefined);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
