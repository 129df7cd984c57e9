/** Whether a stored file is still the one at its address, and fetching the new one beside it when it is not. */
import { following } from '../base/following.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import type { OpenOptions } from '../sources/source.js';
import { VERSION } from '../base/version.js';
import { shownAddress, type Address } from './address.js';
import { RemoteFile } from './file.js';
import { locksOf } from './locks.js';
import { fetchPointer } from './pointer.js';
import { removeRecord, trustedRecord } from './seal.js';
import { send } from './send.js';
import { openStore } from './store/open.js';
import { nextKey, type ModelRecord, type ModelStore, type RefusedFile } from './store/types.js';
import { isSameTag, validatorOf } from './validator.js';
import { warnOnce } from './warn.js';

/** How long a server may take to say whether a file has changed. */
const ANSWER_MS = 15_000;
/** A load that has asked is as good as the question of its page a little later. */
const RECENT_MS = 60_000;

/**
 * What the server says: another file than the stored one, the same, the one that the engine has refused; that it has one,
 * but nothing by which to know it; or nothing that can be used.
 */
type Verdict = 'changed' | 'same' | 'refused' | 'untold' | 'unknown';

/** Bytes of an address as they are stored now. */
export interface StoredVersion {
  sha256: string | undefined;
  size: number | undefined;
  /** True when the server has said that this is its file. */
  isChecked: boolean;
}

export interface RefreshOptions extends OpenOptions {
  /** True when a file that the server says nothing about is fetched to be compared. Default false. */
  isThorough?: boolean;
}

/** When loads of this thread have asked for files; by store and key. */
const asked = new WeakMap<ModelStore, Map<string, number>>();

/**
 * Asks the server, and where it has another file, stores that beside the one in use: the next load tries it (trial.ts). A
 * server that cannot be reached changes nothing.
 *
 * @returns What the next load will use; undefined when there was no whole file before.
 * @throws ExecutorchError Aborted.
 */
export async function refresh(
  address: Address,
  config: ResourceConfiguration,
  options: RefreshOptions = {},
): Promise<StoredVersion | undefined> {
  const { store } = await openStore(config);
  if (!store) return undefined;
  const signal = options.signal ?? new AbortController().signal;
  // Pages that ask at the same time: the first one fetches, the others see what it has stored.
  const release = await locksOf(store).acquire(`refresh:${address.key}`, signal);
  try {
    const { used, next } = await versionsOf(store, address.key);
    const newest = next ?? used;
    if (!newest) return undefined;
    if (isRecent(store, address.key, options)) return versionOf(newest);
    return await new Comparison(store, address, config, options, signal).run(newest, used);
  } finally {
    release();
  }
}

/** True unless the address stands for one file for ever: it is pinned, or names a commit or a version of the hub. */
export function mayChange({ pin, revision = '' }: Address): boolean {
  return pin.sha256 === undefined && !/^([\da-f]{40}|v?\d[\w.-]*)$/i.test(revision);
}

/** True when a thorough question of this thread has just been answered; notes one that is asked now. */
function isRecent(store: ModelStore, key: string, { isThorough }: RefreshOptions): boolean {
  const times = asked.get(store) ?? new Map<string, number>();
  asked.set(store, times);
  const now = performance.now();
  if (isThorough) times.set(key, now);
  return !isThorough && now - (times.get(key) ?? -Infinity) < RECENT_MS;
}

function versionOf({ sha256, size }: ModelRecord, isChecked = false): StoredVersion {
  return { sha256, size, isChecked };
}

/** The file in use, and the one that waits to replace it. */
async function versionsOf(store: ModelStore, key: string) {
  const [used, next] = await Promise.all([key, nextKey(key)].map((one) => whole(store, one)));
  if (used || !next) return { used, next };
  // There is nothing to replace any more.
  await store.promote(next.key, key);
  return { used: { ...next, key }, next: undefined };
}

async function whole(store: ModelStore, key: string): Promise<ModelRecord | undefined> {
  const record = await trustedRecord(store, key);
  return record?.state === 'complete' ? record : undefined;
}

class Comparison {
  constructor(
    private readonly store: ModelStore,
    private readonly address: Address,
    private readonly config: ResourceConfiguration,
    private readonly options: RefreshOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Compares the server's file with the `newest` stored one; `used`: the one that a newer one would replace. */
  async run(newest: ModelRecord, used: ModelRecord | undefined): Promise<StoredVersion> {
    const { store, address, options } = this;
    const verdict = await this.compare(newest, used?.refused);
    if (verdict === 'changed' || (verdict === 'untold' && options.isThorough)) {
      return (await this.fetchNext(newest, used)) ?? versionOf(used ?? newest);
    }
    const shown = shownAddress(address.url);
    if (verdict === 'refused') {
      const why = `could not be loaded: ${used?.refused?.reason}`;
      warnOnce(`refused ${address.key}`, `${shown}: the server's newer file ${why}`);
    }
    if (verdict === 'untold') {
      const advice = `'check' fetches it to compare`;
      warnOnce(
        `untold ${address.key}`,
        `${shown}: the server sends neither ETag nor date, so that a changed file cannot be told; ${advice}.`,
      );
    }
    if (verdict === 'same') await store.note(newest.key, { checked: Date.now() });
    return versionOf(newest, verdict === 'same');
  }

  /**
   * Downloads the server's file beside the one in use.
   *
   * @returns Undefined when that fails, there is no room for both, or it is the file that was refused.
   */
  private async fetchNext(
    newest: ModelRecord,
    used: ModelRecord | undefined,
  ): Promise<StoredVersion | undefined> {
    const { store, address } = this;
    const key = nextKey(address.key);
    if (newest !== used) await removeRecord(store, newest);
    if (!(await this.download({ ...address, key }))) return undefined;
    const next = await whole(store, key);
    if (!next) return undefined;
    const { validator = {}, sha256 } = next;
    if (used && sha256 === used.sha256) {
      await store.note(used.key, { validator, checked: Date.now() });
    } else if (used && isRefused(used.refused, (refused) => refused.sha256 === sha256)) {
      await store.note(used.key, { refused: { ...used.refused!, validator } });
    } else {
      return versionOf(next, true);
    }
    await removeRecord(store, next);
    return sha256 === used.sha256 ? versionOf(used, true) : undefined;
  }

  private async download(address: Address): Promise<boolean> {
    const { config, options } = this;
    const file = await RemoteFile.open(address, config, { ...options, storeOnly: true });
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

  private async compare(record: ModelRecord, refused: RefusedFile | undefined): Promise<Verdict> {
    const { address, config, signal } = this;
    const { isThorough = false } = this.options;
    const { controller: timeout, stop } = following(signal);
    const timer = setTimeout(() => timeout.abort(), ANSWER_MS);
    try {
      return await ask(address, config, { record, refused, isThorough }, timeout.signal);
    } catch {
      return 'unknown';
    } finally {
      clearTimeout(timer);
      stop();
      timeout.abort();
    }
  }
}

/** True for a file that this version of the library has refused, when it `fits`. */
function isRefused(
  refused: RefusedFile | undefined,
  fits: (refused: RefusedFile) => boolean,
): boolean {
  return refused !== undefined && refused.version === VERSION && fits(refused);
}

interface Known {
  record: ModelRecord;
  refused: RefusedFile | undefined;
  isThorough: boolean;
}

async function ask(
  address: Address,
  config: ResourceConfiguration,
  { record, refused, isThorough }: Known,
  signal: AbortSignal,
): Promise<Verdict> {
  const hub = config.hubMetadata === false ? undefined : await fetchPointer(address, signal);
  if (hub) {
    if (hub.sha256 === record.sha256) return 'same';
    return isRefused(refused, ({ sha256 }) => sha256 === hub.sha256) ? 'refused' : 'changed';
  }
  const { etag, lastModified } = record.validator ?? {};
  // Of a file that has changed one byte is enough to know it.
  const headers: Record<string, string> = { Range: 'bytes=0-0' };
  if (etag) headers['If-None-Match'] = etag;
  if (lastModified) headers['If-Modified-Since'] = lastModified;
  // Servers that forbid other origins these headers may still tell what they have.
  const head = () => send(address, { method: 'HEAD', signal });
  const isConditional = etag !== undefined || lastModified !== undefined;
  if (!isConditional && isThorough) return 'untold';
  const response = isConditional
    ? await send(address, { headers, signal }).catch(head)
    : await head();
  void response.body?.cancel().catch(() => undefined);
  const verdict = verdictOf(response, record);
  if (verdict !== 'changed') return verdict;
  const isKnown = isRefused(refused, (one) => {
    const ofRefused = verdictOf(response, one);
    return ofRefused === 'same' || (ofRefused === 'untold' && !isThorough);
  });
  return isKnown ? 'refused' : verdict;
}

function verdictOf(
  { status, headers, type }: Response,
  record: Pick<ModelRecord, 'validator' | 'size'>,
): Verdict {
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
  return isLength && Number(length) !== record.size ? 'changed' : 'untold';
}
