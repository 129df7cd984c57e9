/** Chunks of the store, verified, read ahead, and mended when they are damaged. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import type { DownloadPolicy } from '../base/resource-config.js';
import { ChunkReader, readChunk } from './chunk-reader.js';
import { chunkDigest } from './digest.js';
import { Changed } from './request.js';
import { chunkLength, type ModelRecord, type ModelStore } from './store/types.js';
import type { RetryNotice } from '../sources/source.js';
import { Transfer } from './transfer.js';

export interface ReadTimes {
  /** Milliseconds spent in the store. */
  read: number;
  /** Milliseconds spent on digests; beside everything else where the platform's own SHA-256 is there. */
  verify: number;
}

interface StoredOptions {
  address: Address;
  /** Undefined where nothing is kept: then only {@link StoredChunks.fetchRange} is of use. */
  store: ModelStore | undefined;
  policy: DownloadPolicy | undefined;
  signal: AbortSignal;
  onRequest: (bytes: number) => void;
  onRetry?: (notice: RetryNotice) => void;
}

/** Chunks that are read before they are needed: one is verified while the store finds the other. */
const AHEAD = 2;

export class StoredChunks {
  readonly times: ReadTimes = { read: 0, verify: 0 };
  /** Bytes that came from the store. */
  bytesRead = 0;
  /** The chunk in hand and those that are being read ahead; never more. */
  private readonly held = new Map<number, Promise<Uint8Array>>();
  private recordId = '';
  private reader: ChunkReader | undefined;
  /** True when every part costs the whole file. */
  private arePartsRefused = false;

  constructor(private readonly options: StoredOptions) {}

  /** Gets ready to read all of a file: its first chunk is on its way when the engine is there. */
  begin(record: ModelRecord): void {
    this.recordId = record.id;
    this.reader = ChunkReader.start(this.options.store?.kind, record.stored);
    this.chunk(record, 0).catch(() => undefined);
  }

  close(): void {
    this.reader?.close();
    this.held.clear();
  }

  /** Bytes from `offset`, which is below `record.stored`. */
  async read(record: ModelRecord, offset: number, length: number): Promise<Uint8Array> {
    const { chunkSize, digests } = record;
    const index = Math.floor(offset / chunkSize);
    if (this.recordId !== record.id) this.held.clear();
    this.recordId = record.id;
    for (const [other, chunk] of this.held) {
      if (other >= index && other <= index + AHEAD) continue;
      this.held.delete(other);
      chunk.then((bytes) => this.reader?.recycle(bytes)).catch(() => undefined);
    }
    const chunk = this.chunk(record, index);
    // The next ones are read and verified while the engine packs this one.
    const end = Math.min(index + AHEAD + 1, digests.length);
    for (let next = index + 1; next < end; next++) this.chunk(record, next).catch(() => undefined);
    const start = offset - index * chunkSize;
    return (await chunk).subarray(start, start + length);
  }

  private chunk(record: ModelRecord, index: number): Promise<Uint8Array> {
    const known = this.held.get(index);
    if (known) return known;
    const chunk = this.verified(record, index);
    this.held.set(index, chunk);
    return chunk;
  }

  private async verified(record: ModelRecord, index: number): Promise<Uint8Array> {
    const expected = record.digests[index];
    let found = await this.reader?.read(record, index);
    // Whether a chunk is damaged is said in this thread.
    if (!found || found.digest !== expected) {
      found = await readChunk(this.options.store, record, index);
    }
    this.times.read += found.read;
    this.times.verify += found.verify;
    const { bytes, digest } = found;
    if (!bytes || digest !== expected) return this.mended(record, index);
    this.bytesRead += bytes.byteLength;
    return bytes;
  }

  /** Fetches one chunk again and stores it. */
  private async mended(record: ModelRecord, index: number): Promise<Uint8Array> {
    const { store } = this.options;
    const from = index * record.chunkSize;
    const fetching = this.arePartsRefused
      ? Promise.reject(new Changed('the server gives no parts'))
      : this.fetchRange(record, from, chunkLength(record, index));
    const bytes = await fetching.catch((error: unknown) => {
      if (error instanceof Changed) return undefined;
      throw error;
    });
    const digest = bytes && (await chunkDigest(bytes, record.pieceSize));
    if (!bytes || digest !== record.digests[index]) {
      await store?.remove(record.key);
      throw new ExecutorchError(
        ErrorCode.IntegrityCheckFailed,
        `Chunk ${index} of the stored ${shownAddress(record.key)} is damaged, and the server does not give it ` +
          `any more. The stored file was removed; load it again.`,
      );
    }
    // Reading continues even where nothing is written any more.
    await store?.repair(record, index, bytes).catch(() => undefined);
    return bytes;
  }

  /** Bytes of the network, for chunks that are damaged or were not stored. */
  async fetchRange(
    record: Pick<ModelRecord, 'validator'>,
    from: number,
    length: number,
  ): Promise<Uint8Array> {
    const { address, policy, signal, onRequest, onRetry } = this.options;
    const transfer = new Transfer(address, {
      from,
      to: from + length,
      validator: record.validator,
      hasDigest: true,
      policy,
      signal,
      onRequest: () => onRequest(0),
      onRetry,
    });
    const bytes = new Uint8Array(length);
    let done = 0;
    try {
      for (;;) {
        const piece = await transfer.next();
        if (!piece) break;
        bytes.set(piece.subarray(0, length - done), done);
        done += piece.byteLength;
        onRequest(piece.byteLength);
      }
    } finally {
      transfer.close();
      this.arePartsRefused ||= transfer.isWholeOnly;
    }
    return bytes.subarray(0, done);
  }
}
