/** The default store: chunks and records in IndexedDB. */
import { asBytes, isBlob } from '../../base/platform.js';
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import {
  expectBefore,
  expectWhole,
  isLive,
  isOfLaterVersion,
  isRecord,
  type Lease,
  type ModelRecord,
  type ModelStore,
  type RecordNotes,
} from './types.js';

interface Schema extends DBSchema {
  /** Values are ours only when isRecord() says so. */
  records: { key: string; value: ModelRecord };
  /** Keys are [id of the record, index of the chunk]. */
  chunks: { key: [string, number]; value: ArrayBuffer | Blob };
  leases: { key: string; value: Lease };
}

type Database = IDBPDatabase<Schema>;
type StoreName = 'records' | 'chunks' | 'leases';
type Writing = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

const VERSION = 1;
const STORES: StoreName[] = ['records', 'chunks', 'leases'];
/** WebKit is known to leave an open request without any answer. */
const OPEN_TIMEOUT = 8000;
/** The same after a page was suspended; a chunk takes a tenth of a second. */
const WORK_TIMEOUT = 15_000;

/**
 * Opens the store. A database of that name which is not ours, or is of a later version of this library, is left
 * alone, and one beside it is used.
 *
 * @throws when this browser or this page has no IndexedDB.
 */
export async function openIndexedDbStore(
  name = 'executorch-web',
  patience?: number,
): Promise<IndexedDbStore> {
  const store = new IndexedDbStore(name, patience);
  await store.connect();
  return store;
}

export class IndexedDbStore implements ModelStore {
  readonly kind = 'indexeddb';
  private database: Promise<Database> | undefined;
  /** Browsers read Blobs with half the work of buffers. */
  private keepsBlobs = trustsBlobs();

  constructor(
    private readonly name: string,
    private readonly patience = WORK_TIMEOUT,
  ) {}

  /** Opens the database unless it is open. */
  connect(): Promise<Database> {
    this.database ??= openAside(this.name, () => (this.database = undefined)).catch((error) => {
      this.database = undefined;
      throw error;
    });
    return this.database;
  }

  get(key: string): Promise<ModelRecord | undefined> {
    return this.attempt(async (database) => {
      const record: unknown = await database.get('records', key);
      return isRecord(record) ? record : undefined;
    });
  }

  list(): Promise<ModelRecord[]> {
    return this.attempt(async (database) => (await database.getAll('records')).filter(isRecord));
  }

  append(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    return this.writeChunk(bytes, async (transaction, chunk) => {
      const records = transaction.objectStore('records');
      const chunks = transaction.objectStore('chunks');
      const old = await recordOf(transaction, record.key);
      expectBefore(old, record, index);
      if (old && old.id !== record.id) await chunks.delete(chunksOf(old.id));
      await chunks.put(chunk, [record.id, index]);
      await records.put(record);
    });
  }

  commit(record: ModelRecord): Promise<void> {
    return this.write(async (transaction) => {
      expectWhole(await recordOf(transaction, record.key), record);
      await transaction.objectStore('records').put(record);
    });
  }

  repair(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    return this.writeChunk(bytes, async (transaction, chunk) => {
      const found = await recordOf(transaction, record.key);
      if (found?.id !== record.id) return;
      await transaction.objectStore('chunks').put(chunk, [record.id, index]);
    });
  }

  read({ id }: ModelRecord, index: number, memory?: ArrayBuffer): Promise<Uint8Array | undefined> {
    return this.attempt(async (database) => {
      const chunk: unknown = await database.get('chunks', [id, index]);
      return isBlob(chunk) ? bytesOf(chunk, memory) : asBytes(chunk);
    });
  }

  note(key: string, notes: RecordNotes): Promise<void> {
    return this.write(async (transaction) => {
      const record = await recordOf(transaction, key);
      if (record) await transaction.objectStore('records').put({ ...record, ...notes });
    });
  }

  promote(from: string, to: string): Promise<void> {
    return this.write(async (transaction) => {
      const record = await recordOf(transaction, from);
      if (record?.state !== 'complete') return;
      const old = await recordOf(transaction, to);
      if (old) await transaction.objectStore('chunks').delete(chunksOf(old.id));
      await transaction.objectStore('records').put({ ...record, key: to });
      await transaction.objectStore('records').delete(from);
    });
  }

  remove(key: string): Promise<void> {
    return this.write(async (transaction) => {
      const record = await recordOf(transaction, key);
      if (record) await transaction.objectStore('chunks').delete(chunksOf(record.id));
      await transaction.objectStore('records').delete(key);
    });
  }

  sweep(): Promise<void> {
    return this.write(async (transaction) => {
      const records = transaction.objectStore('records');
      const known = new Set<unknown>();
      for (const key of await records.getAllKeys()) {
        const value: unknown = await records.get(key);
        if (isRecord(value) || isOfLaterVersion(value)) known.add(value.id);
        else await records.delete(key);
      }
      const keys: unknown[] = await transaction.objectStore('chunks').getAllKeys();
      const ids = new Set(keys.map((key) => (Array.isArray(key) ? (key[0] as unknown) : key)));
      for (const id of ids) {
        if (typeof id === 'string' && !known.has(id))
          await transaction.objectStore('chunks').delete(chunksOf(id));
      }
    });
  }

  async claim(name: string, owner: string, until: number): Promise<boolean> {
    let isOurs = false;
    await this.write(async (transaction) => {
      const leases = transaction.objectStore('leases');
      const lease = await leases.get(name);
      isOurs = !isLive(lease) || lease.owner === owner;
      if (isOurs) await leases.put({ owner, until }, name);
    });
    return isOurs;
  }

  release(name: string, owner: string): Promise<void> {
    return this.write(async (transaction) => {
      const leases = transaction.objectStore('leases');
      if ((await leases.get(name))?.owner === owner) await leases.delete(name);
    });
  }

  close(): void {
    void this.database?.then((database) => database.close()).catch(() => undefined);
    this.database = undefined;
  }

  /** A transaction that stores `bytes`: as a Blob, until the browser refuses one. */
  private async writeChunk(
    bytes: Uint8Array,
    work: (transaction: Writing, chunk: ArrayBuffer | Blob) => Promise<void>,
  ): Promise<void> {
    if (this.keepsBlobs) {
      try {
        const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
        return await this.write((transaction) => work(transaction, blob));
      } catch (error) {
        if ((error as Error)?.name !== 'DataCloneError') throw error;
        this.keepsBlobs = false;
      }
    }
    const buffer = exactBuffer(bytes);
    return this.write((transaction) => work(transaction, buffer));
  }

  /** One transaction: all of `work` or nothing. */
  private write(work: (transaction: Writing) => Promise<void>): Promise<void> {
    return this.attempt(async (database) => {
      const transaction = database.transaction(STORES, 'readwrite');
      // The transaction knows why it failed (no room, say); its requests only that it was aborted.
      const ended = transaction.done.then(
        () => undefined,
        (error: unknown) => transaction.error ?? error,
      );
      try {
        await work(transaction);
      } catch (error) {
        abort(transaction);
        await ended;
        throw transaction.error ?? error;
      }
      const error = await ended;
      if (error) throw error;
    });
  }

  /** Browsers lose connections, or never answer (WebKit in the background); a new one is tried once. */
  private async attempt<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.connect();
    try {
      return await inTime(work(database), this.patience);
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      database.close();
      this.database = undefined;
      return inTime(work(await this.connect()), this.patience);
    }
  }
}

class NoAnswer extends Error {}

/** @throws NoAnswer when the work takes too long. */
function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = () => reject(new NoAnswer('IndexedDB does not answer.'));
    const timer = setTimeout(late, milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Reads into `memory` where that is possible. */
async function bytesOf(blob: Blob, memory: ArrayBuffer | undefined): Promise<Uint8Array> {
  const reader = memory && memory.byteLength >= blob.size ? byteReader(blob) : undefined;
  if (!memory || !reader) return new Uint8Array(await blob.arrayBuffer());
  let buffer = memory;
  let at = 0;
  while (at < blob.size) {
    const piece = await reader.read(new Uint8Array(buffer, at, blob.size - at));
    if (piece.done) break;
    buffer = piece.value.buffer;
    at += piece.value.byteLength;
  }
  return new Uint8Array(buffer, 0, at);
}

/** Undefined where the streams of Blobs do not read into the caller's memory. */
function byteReader(blob: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return blob.stream().getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}

/** WebKit takes no Blobs in private windows, is known to lose them, and reads buffers as quickly. */
function trustsBlobs(): boolean {
  const { userAgent = '' } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  return typeof Blob === 'function' && !/ AppleWebKit\/(?!.*Chrom)/.test(userAgent);
}

function isConnectionError(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>;
  return name === 'InvalidStateError' || name === 'UnknownError' || /connection/i.test(message);
}

function abort(transaction: Writing): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}

async function recordOf(transaction: Writing, key: string): Promise<ModelRecord | undefined> {
  const value: unknown = await transaction.objectStore('records').get(key);
  return isRecord(value) ? value : undefined;
}

function chunksOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

/** A buffer that holds just these bytes; copies only when it must. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}

/** The database of that name, or the first of `name-2`, `name-3`, `name-4` that can be ours. */
async function openAside(name: string, onLost: () => void): Promise<Database> {
  let failure: unknown = new Error('The names of the database are taken.');
  for (const suffix of ['', '-2', '-3', '-4']) {
    try {
      const database = await openOne(name + suffix, onLost);
      if (isOurs(database)) return database;
      database.close();
    } catch (error) {
      failure = error;
      // Of a later version, or damaged: left alone. Other errors are the same under every name.
      if (!['VersionError', 'UnknownError'].includes((error as Error)?.name)) break;
    }
  }
  throw failure;
}

function isOurs(database: Database): boolean {
  if (!STORES.every((store) => database.objectStoreNames.contains(store))) return false;
  const transaction = database.transaction(STORES);
  return STORES.map((store) => transaction.objectStore(store).keyPath).join() === 'key,,';
}

function openOne(name: string, onLost: () => void): Promise<Database> {
  const opening = openDB<Schema>(name, VERSION, {
    upgrade(database) {
      for (const store of STORES) {
        if (database.objectStoreNames.contains(store)) continue;
        if (store === 'records') database.createObjectStore(store, { keyPath: 'key' });
        else database.createObjectStore(store);
      }
    },
    // A later version of this library in another tab wants to change the layout.
    blocking: (_current, _blocked, event) => {
      onLost();
      (event.target as IDBDatabase).close();
    },
    terminated: onLost,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('IndexedDB does not answer.'));
      opening.then((database) => database.close()).catch(() => undefined);
    }, OPEN_TIMEOUT);
    opening.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
