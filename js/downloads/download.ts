/**
 * Network → chunks → SHA-256 → store, as an async iterator: each step is a little further. Runs under the write lock;
 * the reader is served from the chunks in hand.
 */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import type { Pin, ResourceConfiguration } from '../base/resource-config.js';
import { chunkDigest, runningHash, type RunningHash } from './digest.js';
import { writeWithRoom } from './evict.js';
import type { Locks } from './locks.js';
import { fetchPointer } from './pointer.js';
import { HEAD_BYTES, refuseWrongContent } from './refuse.js';
import { Changed } from './request.js';
import { sealOf } from './seal.js';
import { StoreConflict, newRecord, type ModelRecord, type ModelStore } from './store/types.js';
import type { Integrity, RetryNotice } from '../sources/source.js';
import { Transfer } from './transfer.js';

/** How long the hub's word is waited for when the file itself is already there. */
const POINTER_PATIENCE_MS = 1500;

export interface DownloadOptions {
  address: Address;
  config: ResourceConfiguration;
  /** Undefined when nothing is to be kept. */
  keeping: { store: ModelStore; locks: Locks } | undefined;
  /** What is stored of the file; undefined starts from the beginning. */
  record: ModelRecord | undefined;
  /** Bytes that arrived; 0 for each request. */
  onNetwork: (bytes: number) => void;
  onRetry?: (notice: RetryNotice) => void;
}

export interface Advance {
  /** Bytes of the file that will no longer be in hand after the next step: readers must be past them, or have the store. */
  frees: number;
}

/** Bytes of the file in hand, from `start`; `length` of the buffer are there. */
interface Part {
  start: number;
  buffer: Uint8Array<ArrayBuffer>;
  length: number;
}

/** Can be iterated once. */
export class Download implements AsyncIterable<Advance> {
  record: ModelRecord;
  /** Why nothing is stored any more; undefined while all is well. */
  problem: unknown;
  /** Set when the iteration has come to its end. */
  integrity: Integrity | undefined;
  sha256: string | undefined;
  private current: Part;
  private previous: Part | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isVisible: boolean;
  private readonly ending = new AbortController();
  private readonly transfer: Transfer;
  private readonly pointer: Promise<Required<Pin> | undefined>;
  private hub: Required<Pin> | undefined;

  constructor(private readonly options: DownloadOptions) {
    const { address, config, record, onNetwork, onRetry } = options;
    this.record = record ?? newRecord(address.key, config.download?.chunkSize);
    const { stored, chunkSize, validator } = this.record;
    this.current = { start: stored, buffer: new Uint8Array(chunkSize), length: 0 };
    this.isVisible = stored > 0;
    this.pointer = this.askHub();
    this.transfer = new Transfer(address, {
      from: stored,
      validator,
      hasDigest: address.pin.sha256 !== undefined,
      policy: config.download,
      signal: this.ending.signal,
      onRequest: () => onNetwork(0),
      onRetry,
    });
    this.transfer.size = this.record.size ?? address.pin.size;
  }

  /** Bytes of the whole file when that is certain. */
  get size(): number | undefined {
    return this.transfer.size;
  }

  /** Bytes of the whole file as far as anybody knows. */
  get expectedSize(): number | undefined {
    return this.transfer.size ?? this.hub?.size ?? this.transfer.hint;
  }

  get arrived(): number {
    return this.current.start + this.current.length;
  }

  /** Bytes at `offset` that are still in hand; undefined when they are not, or not yet. */
  view(offset: number): Uint8Array | undefined {
    for (const part of [this.current, this.previous]) {
      if (!part || !this.isVisible) continue;
      const { start, buffer, length } = part;
      if (offset >= start && offset < start + length)
        return buffer.subarray(offset - start, length);
    }
    return undefined;
  }

  /** Ends pending requests; the iteration then throws. */
  stop(): void {
    this.ending.abort();
  }

  /**
   * Downloads, verifies and commits.
   *
   * @throws Changed, StoreConflict, ExecutorchError.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Advance, void> {
    try {
      const hash = await this.hash();
      for (;;) {
        const piece = await this.transfer.next();
        if (!piece) break;
        this.options.onNetwork(piece.byteLength);
        yield* this.take(piece, hash);
      }
      this.show(true);
      this.expectLength();
      if (this.current.length > 0) yield* this.endChunk(hash);
      await this.writing;
      await this.verify(hash.digest());
      yield { frees: 0 };
    } finally {
      this.ending.abort();
      this.transfer.close();
      await this.writing.catch(() => undefined);
    }
  }

  /** A hash that has seen what is stored. */
  private async hash(): Promise<RunningHash> {
    const { stored, hashState } = this.record;
    if (stored === 0) return runningHash();
    try {
      if (hashState !== undefined) return await runningHash(hashState);
    } catch {
      // Of another version of the hash.
    }
    throw new Changed('the state of its hash cannot be read');
  }

  private async *take(piece: Uint8Array, hash: RunningHash): AsyncGenerator<Advance, void> {
    for (let done = 0; done < piece.length;) {
      const { buffer, length } = this.current;
      const count = Math.min(buffer.length - length, piece.length - done);
      buffer.set(piece.subarray(done, done + count), length);
      this.current.length += count;
      done += count;
      this.show(false);
      yield { frees: 0 };
      if (this.current.length === buffer.length) yield* this.endChunk(hash);
    }
  }

  /** Lets readers see the file once its beginning shows that it is one. */
  private show(isWhole: boolean): void {
    const { buffer, length } = this.current;
    if (this.isVisible || (length < HEAD_BYTES && !isWhole)) return;
    refuseWrongContent(
      this.options.address.url,
      buffer.subarray(0, length),
      this.transfer.contentType,
    );
    this.isVisible = true;
  }

  private expectLength(): void {
    const { pin, url } = this.options.address;
    const { arrived } = this;
    if (arrived > 0 && (pin.size === undefined || pin.size === arrived)) return;
    const expected = pin.size === undefined ? '' : ` instead of ${pin.size}`;
    throw new ExecutorchError(
      ErrorCode.IntegrityCheckFailed,
      `The server's file ${shownAddress(url)} has ${arrived} bytes${expected}.`,
    );
  }

  /** Hands the full chunk to the store and continues with the other buffer, as soon as that is free. */
  private async *endChunk(hash: RunningHash): AsyncGenerator<Advance, void> {
    const { current, previous } = this;
    const bytes = current.buffer.subarray(0, current.length);
    hash.update(bytes);
    await this.writing;
    yield { frees: previous ? previous.start + previous.length : 0 };
    this.previous = current;
    const { chunkSize } = this.record;
    this.current = {
      start: current.start + current.length,
      buffer: previous?.buffer ?? new Uint8Array(chunkSize),
      length: 0,
    };
    if (this.problem !== undefined || !this.options.keeping) return;
    this.writing = this.keep(bytes, hash.save());
    this.writing.catch(() => undefined);
  }

  private async keep(bytes: Uint8Array, hashState: string): Promise<void> {
    const { record } = this;
    const index = record.digests.length;
    const next: ModelRecord = {
      ...record,
      stored: record.stored + bytes.byteLength,
      digests: [...record.digests, await chunkDigest(bytes, record.pieceSize)],
      hashState,
      validator: this.transfer.validator ?? {},
      lastUsed: Date.now(),
    };
    if (this.transfer.size !== undefined) next.size = this.transfer.size;
    await this.write(next, (store) => store.append(next, index, bytes));
  }

  /** Compares with the pin, else with the hub's digest; then the file is complete. */
  private async verify(digest: string): Promise<void> {
    const { address, keeping } = this.options;
    const expected = address.pin.sha256 ?? (await this.hubInTime())?.sha256;
    if (expected !== undefined && expected !== digest) {
      await keeping?.store.remove(address.key);
      throw new ExecutorchError(
        ErrorCode.IntegrityCheckFailed,
        `The bytes of ${shownAddress(address.url)} have the SHA-256 ${digest}, not ${expected}.`,
      );
    }
    const integrity: Integrity = address.pin.sha256 ? 'pinned' : expected ? 'hub' : 'first-use';
    this.integrity = integrity;
    this.sha256 = digest;
    if (!keeping || this.problem !== undefined) return;
    const size = this.record.stored;
    const whole: ModelRecord = {
      ...this.record,
      state: 'complete',
      size,
      sha256: digest,
      integrity,
    };
    delete whole.hashState;
    if (integrity === 'first-use' && !this.transfer.isProven) whole.isUnproven = true;
    whole.seal = await sealOf(whole);
    await this.write(whole, (store) => store.commit(whole));
  }

  /** Writes what becomes the record; where there is no room, nothing more is stored. */
  private async write(
    record: ModelRecord,
    work: (store: ModelStore) => Promise<void>,
  ): Promise<void> {
    const { store, locks } = this.options.keeping!;
    try {
      await writeWithRoom(store, locks, this.options.address.key, () => work(store));
      this.record = record;
    } catch (error) {
      if (error instanceof StoreConflict) throw error;
      this.problem = error;
    }
  }

  private askHub(): Promise<Required<Pin> | undefined> {
    const { address, config } = this.options;
    if (address.pin.sha256 || config.hubMetadata === false) return Promise.resolve(undefined);
    if (address.pointerUrl) this.options.onNetwork(0);
    return fetchPointer(address, this.ending.signal).then((pin) => (this.hub = pin));
  }

  private async hubInTime(): Promise<Required<Pin> | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), POINTER_PATIENCE_MS);
    });
    const pin = await Promise.race([this.pointer, late]);
    clearTimeout(timer);
    return pin;
  }
}
