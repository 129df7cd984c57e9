/** Whether a stored file is still the one at its address, and fetching the new one beside it when it is not. */
import type { ResourceConfiguration } from '../base/resource-config.js';
import type { OpenOptions } from '../sources/source.js';
import type { Address } from './address.js';
import { RemoteFile } from './file.js';
import { locksOf, pause, type Locks } from './locks.js';
import { fetchPointer } from './pointer.js';
import { send } from './send.js';
import { openStore } from './store/open.js';
import { nextKey, type ModelRecord, type ModelStore } from './store/types.js';
import { isSameTag, validatorOf } from './validator.js';

/** How long a server may take to say whether a file has changed. */
const ANSWER_MS = 15_000;
/** A new file waits for the uses of the old one to end: so often, so long. */
const PROMOTE_ATTEMPTS = 30;
const PROMOTE_PAUSE_MS = 1000;

/** What the server says: another file than the stored one, the same, or nothing that can be used. */
type Verdict = 'changed' | 'same' | 'unknown';

/** Bytes of an address as they are stored now. */
export interface StoredVersion {
  sha256: string | undefined;
  size: number | undefined;
  /** True when the server has said that this is its file. */
  isChecked: boolean;
}

/**
 * Asks the server, and where it has another file, stores that in place of the old one. The old one stays until the new
 * one is whole and verified; a server that cannot be reached changes nothing.
 *
 * @returns What is stored now; undefined when there was no whole file before.
 * @throws ExecutorchError Aborted.
 */
export async function refresh(
  address: Address,
  config: ResourceConfiguration,
  options: OpenOptions = {},
): Promise<StoredVersion | undefined> {
  const { store } = await openStore(config);
  if (!store) return undefined;
  const locks = locksOf(store);
  const signal = options.signal ?? new AbortController().signal;
  // Pages that ask at the same time: the first one fetches, the others see what it has stored.
  const release = await locks.acquire(`refresh:${address.key}`, signal);
  try {
    await promote(store, locks, address.key, signal);
    const record = await wholeRecord(store, address.key);
    if (!record) return undefined;
    const verdict = await compare(address, config, record, signal);
    if (verdict === 'changed' && (await fetchNext(address, config, options))) {
      await promote(store, locks, address.key, signal);
      return versionOf(await wholeRecord(store, address.key), true);
    }
    if (verdict === 'same') await store.note(address.key, { checked: Date.now() });
    return versionOf(record, verdict === 'same');
  } finally {
    release();
  }
}

/** True unless the address stands for one file for ever: it is pinned, or names a commit or a version of the hub. */
export function mayChange({ pin, revision = '' }: Address): boolean {
  return pin.sha256 === undefined && !/^([\da-f]{40}|v?\d[\w.-]*)$/i.test(revision);
}

function versionOf(record: ModelRecord | undefined, isChecked: boolean): StoredVersion | undefined {
  return record && { sha256: record.sha256, size: record.size, isChecked };
}

async function wholeRecord(store: ModelStore, key: string): Promise<ModelRecord | undefined> {
  const record = await store.get(key);
  return record?.state === 'complete' ? record : undefined;
}

/** Downloads the new file beside the old one; false when that fails, or there is no room for both. */
async function fetchNext(
  address: Address,
  config: ResourceConfiguration,
  options: OpenOptions,
): Promise<boolean> {
  const next = { ...address, key: nextKey(address.key) };
  const file = await RemoteFile.open(next, config, { ...options, storeOnly: true });
  try {
    await file.complete();
    return file.report.kept;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return false;
  } finally {
    file.close();
  }
}

/** Puts the new file, if it is whole, in the place of the old one, as soon as nobody reads that. */
async function promote(
  store: ModelStore,
  locks: Locks,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await wholeRecord(store, nextKey(key)))) return;
  for (let attempt = 1; attempt <= PROMOTE_ATTEMPTS; attempt++) {
    if (await locks.unlessUsed(key, () => store.promote(nextKey(key), key))) return;
    await pause(PROMOTE_PAUSE_MS, signal);
  }
}

async function compare(
  address: Address,
  config: ResourceConfiguration,
  record: ModelRecord,
  signal: AbortSignal,
): Promise<Verdict> {
  const timeout = new AbortController();
  const abort = () => timeout.abort(signal.reason);
  const timer = setTimeout(abort, ANSWER_MS);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await ask(address, config, record, timeout.signal);
  } catch {
    return 'unknown';
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    timeout.abort();
  }
}

async function ask(
  address: Address,
  config: ResourceConfiguration,
  record: ModelRecord,
  signal: AbortSignal,
): Promise<Verdict> {
  const hub = config.hubMetadata === false ? undefined : await fetchPointer(address, signal);
  if (hub) return hub.sha256 === record.sha256 ? 'same' : 'changed';
  const { etag, lastModified } = record.validator ?? {};
  // Of a file that has changed one byte is enough to know it.
  const headers: Record<string, string> = { Range: 'bytes=0-0' };
  if (etag) headers['If-None-Match'] = etag;
  if (lastModified) headers['If-Modified-Since'] = lastModified;
  // Servers that forbid other origins these headers may still tell what they have.
  const head = () => send(address, { method: 'HEAD', signal });
  const isConditional = etag !== undefined || lastModified !== undefined;
  const response = isConditional
    ? await send(address, { headers, signal }).catch(head)
    : await head();
  void response.body?.cancel().catch(() => undefined);
  return verdictOf(response, record);
}

function verdictOf({ status, headers, type }: Response, record: ModelRecord): Verdict {
  if (status === 304) return 'same';
  if (status !== 200 && status !== 206) return 'unknown';
  const before = record.validator ?? {};
  const now = validatorOf(headers);
  if (before.etag && now.etag) return isSameTag(before.etag, now.etag) ? 'same' : 'changed';
  if (before.lastModified && now.lastModified) {
    return before.lastModified === now.lastModified ? 'same' : 'changed';
  }
  // Nothing told the stored file from others, something would tell this one: it costs one download to be sure.
  const hadNone = before.etag === undefined && before.lastModified === undefined;
  if (hadNone && (now.etag ?? now.lastModified)) return 'changed';
  // Where compression may be hidden, the length may be of something else.
  const length = status === 200 ? headers.get('content-length') : null;
  const isLength = length !== null && type !== 'cors' && !headers.has('content-encoding');
  return isLength && Number(length) !== record.size ? 'changed' : 'unknown';
}
