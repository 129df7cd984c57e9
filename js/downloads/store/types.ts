/** The contract of model stores. One contract test runs against all of them. */
import { isChunkSize, type StoreKind } from '../../base/resource-config.js';
import type { Integrity } from '../../sources/source.js';

/** What tells one version of a file on a server from another. */
export interface Validator {
  etag?: string;
  lastModified?: string;
}

/** A file that the engine could not load. */
export interface RefusedFile {
  sha256: string;
  size: number;
  /** Why, in the words of the error. */
  reason: string;
  /** Version of the library that refused it: others may load it. */
  version: string;
  /** When; milliseconds since 1970. */
  at: number;
  validator?: Validator;
}

/** Everything about a stored file but its bytes. Plain JSON; holds no secrets. */
export interface ModelRecord {
  /** Layout of records; others are taken for absent. */
  format: 1;
  /** Address without credentials and mirrors: see address.ts. */
  key: string;
  /** Names one download of the file: chunks belong to it, never to another one. */
  id: string;
  /** 'complete' is written last, when everything is stored and verified. */
  state: 'partial' | 'complete';
  /** Bytes of the file, when that is certain. */
  size?: number;
  /** Bytes in the store, from the beginning of the file. */
  stored: number;
  /** Bytes of every chunk but the last. */
  chunkSize: number;
  /** Digest of each stored chunk. */
  digests: string[];
  /** Bytes of the pieces that digests are made of (see digest.ts); absent: chunks are hashed as they are. */
  pieceSize?: number;
  /** State of the running SHA-256 after `stored` bytes. */
  hashState?: string;
  /** True when nothing proves that the file ends where its download has ended. */
  isUnproven?: boolean;
  /** SHA-256 of the file, when complete. */
  sha256?: string;
  integrity?: Integrity;
  validator?: Validator;
  /** Binds what the record says of a complete file together: see seal.ts. */
  seal?: string;
  /** When the server last said that this is its file; milliseconds since 1970. */
  checked?: number;
  /** Loads that were begun with a file that waits to replace another one, since one came to its end. */
  trials?: number;
  /** The server's newer file, which the engine has refused: it is not fetched again. */
  refused?: RefusedFile;
  /** Milliseconds since 1970. */
  created: number;
  lastUsed: number;
}

/** What becomes of a file after it was stored. */
export type RecordNotes = Partial<
  Pick<ModelRecord, 'lastUsed' | 'checked' | 'validator' | 'seal' | 'trials' | 'refused'>
>;

/**
 * Keeps records and chunks. Writers compare before they write, so two of them (where nothing can lock) never mix
 * what they store.
 */
export interface ModelStore {
  readonly kind: StoreKind;
  /** The record of a key; undefined when there is none, or none that can be understood. */
  get(key: string): Promise<ModelRecord | undefined>;
  list(): Promise<ModelRecord[]>;
  /**
   * Writes chunk `index` and the record that tells of it: after a crash there are both, or the record is the
   * old one. Chunk 0 begins a download and replaces what the key had. `bytes` are the caller's again when the
   * promise settles.
   *
   * @throws StoreConflict when the stored record is not this download, one chunk earlier; an error for which
   * isQuotaError() is true when there is no room.
   */
  append(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void>;
  /**
   * Replaces the record by its completed form.
   *
   * @throws StoreConflict when the stored record is not this download with all its chunks.
   */
  commit(record: ModelRecord): Promise<void>;
  /** Overwrites a damaged chunk; does nothing when the record is no longer there. */
  repair(record: ModelRecord, index: number, bytes: Uint8Array): Promise<void>;
  /**
   * Bytes of a chunk, as they were stored or damaged, not to be changed; undefined when it is missing. `memory` is given
   * away, to be used for them where it fits: fresh memory would cost more than to read.
   */
  read(record: ModelRecord, index: number, memory?: ArrayBuffer): Promise<Uint8Array | undefined>;
  /** Changes what a record says of the file's use; does nothing when it is not there. */
  note(key: string, notes: RecordNotes): Promise<void>;
  /**
   * Makes what is complete under `from` the file of `to`, in place of what that had; does nothing when it is not
   * complete. After a crash `to` has the old file or the new one.
   */
  promote(from: string, to: string): Promise<void>;
  /** Removes record and chunks; does nothing when they are not there. */
  remove(key: string): Promise<void>;
  /** Removes what no record tells of: chunks of crashed downloads, and records that nobody understands. */
  sweep(): Promise<void>;
  /**
   * Takes or renews the lease `name` for `owner` until `until`, for platforms without Web Locks.
   *
   * @returns False while another owner's lease has not expired.
   */
  claim(name: string, owner: string, until: number): Promise<boolean>;
  /** Gives the lease back; does nothing when it is another's. */
  release(name: string, owner: string): Promise<void>;
  close(): void;
}

/** Somebody else has changed the entry since it was looked at. */
export class StoreConflict extends Error {
  constructor(key: string) {
    super(`The stored entry of ${key} was changed by somebody else.`);
  }
}

/**
 * A write that is repeated, because nobody knows whether it was done, is no conflict.
 *
 * @throws StoreConflict unless chunk `index` of `record` may be written over `found`.
 */
export function expectBefore(
  found: ModelRecord | undefined,
  record: ModelRecord,
  index: number,
): void {
  if (index === 0) return;
  const isSame = found?.id === record.id && found.state === 'partial';
  const isRepeated =
    found?.digests.length === index + 1 && found.digests[index] === record.digests[index];
  if (!isSame || !(found.digests.length === index || isRepeated))
    throw new StoreConflict(record.key);
}

/** @throws StoreConflict unless `record` is the completed form of `found`. */
export function expectWhole(found: ModelRecord | undefined, record: ModelRecord): void {
  if (found?.id !== record.id || found.stored !== record.stored)
    throw new StoreConflict(record.key);
}

/** 4 MiB: large enough for speed, small enough for what is lost with a crash and for the heap. */
const CHUNK_SIZE = 4 << 20;

/** Copies of less than a megabyte are made in memory that was used before. */
const PIECE_SIZE = 512 << 10;

export function newRecord(key: string, chunkSize = CHUNK_SIZE): ModelRecord {
  const now = Date.now();
  const random = Math.random().toString(36).slice(2, 10);
  return {
    format: 1,
    key,
    id: `${now.toString(36)}-${random}`,
    state: 'partial',
    stored: 0,
    chunkSize,
    digests: [],
    pieceSize: PIECE_SIZE,
    created: now,
    lastUsed: now,
  };
}

/** Where a newer version of the file of `key` is kept until it is whole; keys of addresses have no fragment. */
export function nextKey(key: string): string {
  return `${key}${NEXT}`;
}

/** The key whose file a record's chunks belong to. */
export function baseKey(key: string): string {
  return key.endsWith(NEXT) ? key.slice(0, -NEXT.length) : key;
}

const NEXT = '#next';

const DIGEST = /^[\da-f]{64}$/;
/** Ids become parts of file names. */
const ID = /^[\w-]{1,64}$/;
const MOST_TEXT = 16_384;

/** What a field must be; what may be absent is marked by `optional`. */
const FIELDS: Record<keyof ModelRecord, (value: unknown) => boolean> = {
  format: (value) => value === 1,
  key: isShortText,
  id: (value) => typeof value === 'string' && ID.test(value),
  state: (value) => value === 'partial' || value === 'complete',
  size: optional(isCount),
  stored: isCount,
  chunkSize: isChunkSize,
  digests: (value) => Array.isArray(value) && value.every(isDigest),
  pieceSize: optional(isChunkSize),
  hashState: optional((value) => typeof value === 'string' && /^[\da-f]{2,1024}$/.test(value)),
  sha256: optional(isDigest),
  integrity: optional((value) => ['pinned', 'hub', 'first-use'].includes(value as string)),
  isUnproven: optional((value) => typeof value === 'boolean'),
  validator: optional(isValidator),
  seal: optional(isDigest),
  checked: optional(Number.isFinite),
  trials: optional(isCount),
  refused: optional(isRefused),
  created: Number.isFinite,
  lastUsed: Number.isFinite,
};

/**
 * True for records that this version wrote. Stores are a door like any other: what is in them may have been written by
 * another version, by a crash or by somebody else. Anything else is taken for absent, and replaced by the next download.
 */
export function isRecord(value: unknown): value is ModelRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as ModelRecord;
  for (const [name, isValid] of Object.entries(FIELDS)) {
    if (!isValid(record[name as keyof ModelRecord])) return false;
  }
  const { state, size, stored, chunkSize, digests, sha256 } = record;
  if (digests.length !== Math.ceil(stored / chunkSize)) return false;
  if (state === 'complete') return size === stored && sha256 !== undefined;
  return size === undefined || size >= stored;
}

/** True for records of a later version of this library, which are left alone. */
export function isOfLaterVersion(value: unknown): value is { id?: unknown } {
  const { format } = (value ?? {}) as { format?: unknown };
  return typeof format === 'number' && format > 1;
}

export interface Lease {
  owner: string;
  until: number;
}

/** Leases last seconds: one that reaches further than this ahead was not written by us. */
const LONGEST_LEASE_MS = 3_600_000;

/** True for leases that keep others away. */
export function isLive(value: unknown): value is Lease {
  const { owner, until } = (value ?? {}) as { owner?: unknown; until?: unknown };
  if (typeof owner !== 'string' || typeof until !== 'number') return false;
  const now = Date.now();
  return until > now && until <= now + LONGEST_LEASE_MS;
}

function optional(isValid: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || isValid(value);
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MOST_TEXT;
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && DIGEST.test(value);
}

function isValidator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { etag, lastModified } = value as Validator;
  return [etag, lastModified].every(optional(isShortText));
}

function isRefused(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, size, reason, version, at, validator } = value as RefusedFile;
  const areTexts = isShortText(reason) && isShortText(version);
  return (
    isDigest(sha256) &&
    isCount(size) &&
    areTexts &&
    Number.isFinite(at) &&
    optional(isValidator)(validator)
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Bytes of chunk `index` that are stored. */
export function chunkLength({ stored, chunkSize }: ModelRecord, index: number): number {
  return Math.max(0, Math.min(chunkSize, stored - index * chunkSize));
}

/** True for a store's word that there is no room. */
export function isQuotaError(error: unknown): boolean {
  const { name, code, cause } = (error ?? {}) as { name?: string; code?: unknown; cause?: unknown };
  if (name === 'QuotaExceededError' || code === 'ENOSPC' || code === 'EDQUOT') return true;
  return cause !== undefined && cause !== error && isQuotaError(cause);
}
