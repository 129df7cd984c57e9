/** A store of files: one with the chunks and one with the record per model. Node's disk or OPFS lie beneath. */
import type { StoreKind } from '../../base/resource-config.js';
import {
  baseKey,
  chunkLength,
  expectBefore,
  expectWhole,
  isLive,
  isRecord,
  type Lease,
  type ModelRecord,
  type ModelStore,
  type RecordNotes,
} from './types.js';

/** The little that is asked of a file system; names are plain, in one folder. */
export interface Folder {
  /** Names of all files. */
  names(): Promise<string[]>;
  /** Up to `length` bytes at `offset`; undefined when there is no such file. */
  read(
    name: string,
    offset: number,
    length: number,
    memory?: ArrayBuffer,
  ): Promise<Uint8Array | undefined>;
  /** Writes bytes at `offset`; makes the file when it is not there. */
  write(name: string, offset: number, bytes: Uint8Array): Promise<void>;
  readText(name: string): Promise<string | undefined>;
  /** Replaces a file as a whole: after a crash it holds the old text, the new one, or none that can be read. */
  writeText(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Milliseconds since the file was written; undefined when there is none. */
  age(name: string): Promise<number | undefined>;
}

const RECORD = '.json';
const DATA = '.bin';
const LEASE = '.lease';
/** Names of data and of files that were being replaced: the folder may hold things of others, too. */
const OUR_DATA = /^(.+-[\da-z]{8,12})-[\da-z]+-[\da-z]{1,8}\.bin$/;
const OUR_REMAINS = /-[\da-z]{8,12}\.(json|lease)\.\d+-\d+\.tmp$/;
/** Files without a record that are younger than this may be about to get one, where no lease tells. */
const YOUNG_MS = 60_000;

export class FileStore implements ModelStore {
  /** Changes of one thread, one after another; threads and processes are kept apart by leases. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly kind: StoreKind,
    private readonly folder: Folder,
  ) {}

  async get(key: string): Promise<ModelRecord | undefined> {
    const record = await this.readRecord(fileName(key) + RECORD);
    return record?.key === key ? record : undefined;
  }

  async list(): Promise<ModelRecord[]> {
    const names = (await this.folder.names()).filter((name) => name.endsWith(RECORD));
    const records = await Promise.all(
      names.map(async (name) => {
        const record = await this.readRecord(name).catch(() => undefined);
        return record && fileName(record.key) + RECORD === name ? record : undefined;
      }),
    );
    return records.filter((record) => record !== undefined);
  }

  append(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    return this.change(async () => {
      const old = await this.get(record.key);
      expectBefore(old, record, index);
      if (old && old.id !== record.id) await this.drop(old);
      await this.folder.write(dataName(record), index * record.chunkSize, bytes);
      await this.writeRecord(record);
    });
  }

  commit(record: ModelRecord): Promise<void> {
    return this.change(async () => {
      expectWhole(await this.get(record.key), record);
      await this.writeRecord(record);
    });
  }

  repair(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void> {
    return this.change(async () => {
      const found = await this.get(record.key);
      if (found?.id !== record.id) return;
      await this.folder.write(dataName(record), index * record.chunkSize, bytes);
    });
  }

  async read(
    record: ModelRecord,
    index: number,
    memory?: ArrayBuffer,
  ): Promise<Uint8Array | undefined> {
    const length = chunkLength(record, index);
    return this.folder.read(dataName(record), index * record.chunkSize, length, memory);
  }

  note(key: string, notes: RecordNotes): Promise<void> {
    return this.change(async () => {
      const record = await this.get(key);
      if (record) await this.writeRecord({ ...record, ...notes });
    });
  }

  /** Data has the same name under both keys: only records change. */
  promote(from: string, to: string): Promise<void> {
    return this.change(async () => {
      const record = await this.get(from);
      if (record?.state !== 'complete') return;
      const old = await this.get(to);
      await this.writeRecord({ ...record, key: to });
      await this.folder.remove(fileName(from) + RECORD);
      if (old && old.id !== record.id) await this.folder.remove(dataName(old));
    });
  }

  remove(key: string): Promise<void> {
    return this.change(async () => {
      const record = await this.get(key);
      if (record) await this.drop(record);
    });
  }

  sweep(): Promise<void> {
    return this.change(async () => {
      const names = await this.folder.names();
      const known = new Set((await this.list()).map(dataName));
      for (const name of names) {
        const isOrphan = (OUR_DATA.test(name) && !known.has(name)) || OUR_REMAINS.test(name);
        if (isOrphan && !(await this.mayBeInUse(name))) await this.folder.remove(name);
      }
    });
  }

  claim(name: string, owner: string, until: number): Promise<boolean> {
    return this.change(async () => {
      const lease = await this.readLease(name);
      if (isLive(lease) && lease.owner !== owner) return false;
      await this.folder.writeText(fileName(name) + LEASE, JSON.stringify({ owner, until }));
      return (await this.readLease(name))?.owner === owner;
    });
  }

  release(name: string, owner: string): Promise<void> {
    return this.change(async () => {
      const lease = await this.readLease(name);
      if (lease?.owner === owner) await this.folder.remove(fileName(name) + LEASE);
    });
  }

  close(): void {}

  /** The record goes first: without it data is rubbish, never the other way round. */
  private async drop(record: ModelRecord): Promise<void> {
    await this.folder.remove(fileName(record.key) + RECORD);
    await this.folder.remove(dataName(record));
  }

  private async readRecord(name: string): Promise<ModelRecord | undefined> {
    const value = parse(await this.folder.readText(name));
    return isRecord(value) ? value : undefined;
  }

  private writeRecord(record: ModelRecord): Promise<void> {
    return this.folder.writeText(fileName(record.key) + RECORD, JSON.stringify(record));
  }

  private async readLease(name: string): Promise<Lease | undefined> {
    const value = parse(await this.folder.readText(fileName(name) + LEASE));
    return typeof value === 'object' && value !== null ? (value as Lease) : undefined;
  }

  /** True while its record may be about to be written: processes hold a lease then, threads of a page do not. */
  private async mayBeInUse(name: string): Promise<boolean> {
    const owner = OUR_DATA.exec(name)?.[1];
    const isYoung = ((await this.folder.age(name)) ?? 0) < YOUNG_MS;
    if (this.kind !== 'files' || owner === undefined) return isYoung;
    return isLive(parse(await this.folder.readText(owner + LEASE)));
  }

  private change<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

/** Data of another download of the same file has another name: they never overlap. */
function dataName({ key, id }: ModelRecord): string {
  return `${fileName(baseKey(key))}-${id}${DATA}`;
}

/** A name that every file system takes: the end of the address, readable, and a hash of all of it. */
function fileName(key: string): string {
  const tail =
    key
      .replace(/[?#].*$/s, '')
      .split('/')
      .pop() ?? '';
  return `${tail.replace(/[^\w.-]/g, '_').slice(-60)}-${hash53(key)}`;
}

/** 53-bit hash of a text; two texts with the same one are told apart by the record's key. */
function hash53(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 15), 0x735a2d97) ^ b;
  b = Math.imul(b ^ (b >>> 15), 0xcaf649a9) ^ a;
  return ((b >>> 0) & 0x1fffff).toString(36) + (a >>> 0).toString(36).padStart(7, '0');
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
