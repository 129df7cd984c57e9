/** ResourceFetcher's work, done in this thread. */
import { isExecutorchError } from '../base/errors.js';
import { timeoutSignal } from '../base/platform.js';
import { parseAddress, type Address } from './address.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import { mayChange, refresh } from './freshness.js';
import { fetchPointer } from './pointer.js';
import { send } from './send.js';
import type { ResourceService, StoredResource } from './service.js';
import { RemoteFile } from './file.js';
import { readSmall } from './read-small.js';
import { openStore } from './store/open.js';
import { baseKey, nextKey, type ModelRecord } from './store/types.js';
import { warn } from './warn.js';

/** Patience with servers that are asked for a size. */
const SIZE_TIMEOUT_MS = 15_000;

export const localService: ResourceService = {
  async fetch(url, config, { signal, onProgress, onRetry } = {}) {
    const address = parseAddress(url, config);
    if (config.freshness === 'check' && mayChange(address)) {
      await refresh(address, config, { isThorough: true, ...(signal && { signal }) });
    }
    const opened = await openStore(config);
    if (!opened.store) {
      warn(opened.problem ?? 'There is no store: files are streamed whenever they are loaded.');
      onProgress?.(1);
      return { url: address.key, size: undefined, kept: false };
    }
    const options = {
      storeOnly: true,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
      ...(onRetry && { onRetry }),
    };
    const file = await RemoteFile.open(address, config, options, opened);
    try {
      await file.complete();
    } catch (error) {
      // There is no room, which is no reason to fail: loading streams the file.
      if (signal?.aborted || !file.report.problem || !isExecutorchError(error)) throw error;
      warn(`${address.key} cannot be stored: ${file.report.problem}`);
      onProgress?.(1);
    } finally {
      file.close();
    }
    const { kept } = file.report;
    return { url: address.key, size: file.size, kept };
  },

  read: readSmall,

  async storage(config) {
    const { store, problem } = await openStore(config);
    await store?.sweep().catch(() => undefined);
    const { storage } = (globalThis.navigator ?? {}) as { storage?: Partial<StorageManager> };
    const [records, estimate, persisted] = await Promise.all([
      store?.list().catch(() => []) ?? [],
      storage?.estimate?.().catch(() => undefined),
      storage?.persisted?.().catch(() => false) ?? false,
    ]);
    return {
      store: store?.kind ?? 'none',
      problem,
      usage: estimate?.usage,
      quota: estimate?.quota,
      persisted,
      entries: records
        .filter(isShown)
        .map(entryOf)
        .sort((a, b) => b.lastUsed - a.lastUsed),
    };
  },

  async remove(urls, config) {
    const { store } = await openStore(config);
    for (const url of urls) {
      const { key } = parseAddress(url, config);
      await store?.remove(nextKey(key));
      await store?.remove(key);
    }
  },

  async sizes(urls, config) {
    return Promise.all(urls.map((url) => sizeOf(parseAddress(url, config), config)));
  },
};

/** Files that wait to replace another one are no files of their own. */
function isShown({ key }: ModelRecord): boolean {
  return baseKey(key) === key;
}

function entryOf(record: ModelRecord): StoredResource {
  const complete = record.state === 'complete' && !record.isUnproven;
  return {
    url: record.key,
    bytes: record.stored,
    size: record.isUnproven ? undefined : record.size,
    complete,
    lastUsed: record.lastUsed,
    verified: complete && (record.integrity ?? 'first-use'),
    sha256: record.sha256,
    checked: record.checked ?? record.created,
  };
}

async function sizeOf(address: Address, config: ResourceConfiguration): Promise<number> {
  const { store } = await openStore(config);
  const record = await store?.get(address.key).catch(() => undefined);
  const known = record?.size ?? address.pin.size;
  if (known !== undefined) return known;
  const signal = timeoutSignal(SIZE_TIMEOUT_MS);
  const pointer = config.hubMetadata === false ? undefined : await fetchPointer(address, signal);
  return pointer?.size ?? (await askServer(address, signal));
}

/** Content-Length of a HEAD request; 0 when there is none. */
async function askServer(address: Address, signal: AbortSignal): Promise<number> {
  try {
    const response = await send(address, { method: 'HEAD', signal });
    return response.ok ? Number(response.headers.get('content-length') ?? 0) : 0;
  } catch {
    return 0;
  }
}
