/**
 * A newer file that waits to replace a stored one. The next load tries it: when the engine accepts it, it takes the place of
 * the old one; when not, that load continues with the old one, and the new one is not fetched again. So an update never
 * takes away what worked.
 */
import { ErrorCode, isExecutorchError, reasonOf } from '../base/errors.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import { VERSION } from '../base/version.js';
import type { ByteSource, ResourceReport } from '../sources/source.js';
import { steadyProgress } from '../sources/progress.js';
import { shownAddress, type Address } from './address.js';
import { RemoteFile, type FileOptions } from './file.js';
import { locksOf } from './locks.js';
import { removeRecord, trustedRecord } from './seal.js';
import type { OpenedStore } from './store/open.js';
import { nextKey, type ModelRecord, type ModelStore } from './store/types.js';
import { warn } from './warn.js';

/** Loads that may end without a word, by a crash or a closed page, before the new file is to blame. */
const MOST_TRIALS = 3;
const LONGEST_REASON = 500;

/** Failures of this moment, which say nothing against a file. */
const PASSING: readonly ErrorCode[] = [
  ErrorCode.Aborted,
  ErrorCode.MemoryAllocationFailed,
  ErrorCode.DelegateMemoryAllocationFailed,
  ErrorCode.DownloadInterrupted,
  ErrorCode.ResourceFetcherDownloadFailed,
  ErrorCode.IntegrityCheckFailed,
];

/** Opens the newest stored file of an address; downloads it where there is none. */
export async function openNewest(
  address: Address,
  config: ResourceConfiguration,
  options: FileOptions,
  opened: OpenedStore,
): Promise<ByteSource> {
  const { store } = opened;
  const next = store && (await trustedRecord(store, nextKey(address.key)).catch(() => undefined));
  const open = (one: Address, settings = options) =>
    RemoteFile.open(one, config, settings, { ...opened });
  if (!store || next?.state !== 'complete') return open(address);
  const { onProgress } = options;
  const settings = { ...options, ...(onProgress && { onProgress: steadyProgress(onProgress) }) };
  return Trial.begin(store, next, address, (one) => open(one, settings));
}

class Trial implements ByteSource {
  private constructor(
    private readonly store: ModelStore,
    /** The new file; undefined when it has been accepted or refused. */
    private next: ModelRecord | undefined,
    private readonly address: Address,
    private readonly open: (address: Address) => Promise<RemoteFile>,
    private file: RemoteFile,
  ) {}

  static async begin(
    store: ModelStore,
    next: ModelRecord,
    address: Address,
    open: (address: Address) => Promise<RemoteFile>,
  ): Promise<ByteSource> {
    const trials = (next.trials ?? 0) + 1;
    if (trials > MOST_TRIALS) {
      await refuse(store, next, address, `${MOST_TRIALS} loads of it did not come to their end`);
      return open(address);
    }
    await store.note(next.key, { trials }).catch(() => undefined);
    const file = await open({ ...address, key: next.key });
    return new Trial(store, next, address, open, file);
  }

  get size(): number | undefined {
    return this.file.size;
  }

  get report(): ResourceReport {
    return this.file.report;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.file.read(offset, length);
  }

  async complete(): Promise<void> {
    await this.file.complete();
    const { next } = this;
    this.next = undefined;
    if (next) await this.accept(next).catch(() => undefined);
  }

  async restart(error: unknown, isSaid?: boolean): Promise<boolean> {
    return (await this.fallBack(error)) || this.file.restart(error, isSaid);
  }

  async fallBack(error: unknown): Promise<boolean> {
    const { next } = this;
    if (!next || isExecutorchError(error, ErrorCode.Aborted)) return false;
    this.next = undefined;
    const isPassing = isExecutorchError(error) && PASSING.includes(error.code);
    if (!isPassing) await refuse(this.store, next, this.address, reasonOf(error));
    this.file.close();
    this.file = await this.open(this.address);
    // Another error than ours was thrown by an engine that may be in pieces.
    return isExecutorchError(error);
  }

  close(): void {
    this.file.close();
  }

  /** While others read the old file, the new one keeps waiting. */
  private async accept({ key }: ModelRecord): Promise<void> {
    const { store, address } = this;
    await store.note(key, { trials: 0 });
    await locksOf(store).unlessUsed(address.key, () => store.promote(key, address.key));
  }
}

async function refuse(
  store: ModelStore,
  { key, id, sha256 = '', size = 0, validator = {} }: ModelRecord,
  address: Address,
  why: string,
): Promise<void> {
  const reason = why.slice(0, LONGEST_REASON) || 'no reason';
  const refused = { sha256, size, reason, validator, version: VERSION, at: Date.now() };
  warn(
    `The server's newer file ${shownAddress(address.url)} cannot be used; the stored one from before stays in use. ${reason}`,
  );
  try {
    await store.note(address.key, { refused });
    await removeRecord(store, { key, id });
  } catch {
    // It will be tried, and refused, once more.
  }
}
