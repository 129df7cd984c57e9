/** Makes room in the store. */
import type { Locks } from './locks.js';
import { baseKey, isQuotaError, type ModelRecord, type ModelStore } from './store/types.js';

/**
 * Writes; while there is no room, models that nobody uses now are removed, the one unused for longest first.
 *
 * @throws the store's last error when there is none left to remove.
 */
export async function writeWithRoom(
  store: ModelStore,
  locks: Locks,
  key: string,
  write: () => Promise<void>,
): Promise<void> {
  for (let isSwept = false; ; isSwept = true) {
    try {
      return await write();
    } catch (error) {
      if (!isQuotaError(error)) throw error;
      if (!isSwept) await store.sweep();
      else if (!(await evictOne(store, locks, key))) throw error;
    }
  }
}

async function evictOne(store: ModelStore, locks: Locks, keep: string): Promise<boolean> {
  const base = baseKey(keep);
  const records = (await store.list()).filter(({ key }) => baseKey(key) !== base);
  // A newer file that waits is worth less than one that is used.
  records.sort((a, b) => Number(isNext(b)) - Number(isNext(a)) || a.lastUsed - b.lastUsed);
  for (const { key } of records) {
    if (await locks.unlessUsed(key, () => store.remove(key))) return true;
  }
  return false;
}

function isNext({ key }: ModelRecord): boolean {
  return baseKey(key) !== key;
}
