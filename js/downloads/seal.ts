/**
 * What a store says of a whole file is believed as long as its parts fit together. Loads compare the bytes with the
 * digests of their chunks; the seal binds these, the digest of the whole file and who stated it. Code that may write
 * to the store can seal what it likes: only the digest of all bytes, compared with a pin, tells.
 */
import { chunkDigest, runningHash, sha256 } from './digest.js';
import { baseKey, type ModelRecord, type ModelStore } from './store/types.js';

/** The seal of a complete record. */
export function sealOf({
  key,
  id,
  size,
  chunkSize,
  digests,
  sha256: digest,
  integrity,
}: ModelRecord): Promise<string> {
  const parts = [baseKey(key), id, size, chunkSize, digest, integrity, ...digests];
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

/** SHA-256 of all stored bytes; undefined when a chunk is damaged, which reading mends. */
export async function wholeDigest(
  store: ModelStore,
  record: ModelRecord,
): Promise<string | undefined> {
  const hash = await runningHash();
  for (let index = 0; index < record.digests.length; index++) {
    const bytes = await store.read(record, index);
    const digest = bytes && (await chunkDigest(bytes, record.pieceSize));
    if (!bytes || digest !== record.digests[index]) return undefined;
    hash.update(bytes);
  }
  return hash.digest();
}

/** The record of a key; one of a whole file only when it can be believed. What cannot is removed. */
export async function trustedRecord(
  store: ModelStore,
  key: string,
): Promise<ModelRecord | undefined> {
  const record = await store.get(key);
  if (record?.state !== 'complete' || (await isTrusted(store, record))) return record;
  await removeRecord(store, record);
  return undefined;
}

/** Removes the file, unless there is another one by now. */
export async function removeRecord(
  store: ModelStore,
  { key, id }: Pick<ModelRecord, 'key' | 'id'>,
): Promise<void> {
  if ((await store.get(key))?.id === id) await store.remove(key);
}

async function isTrusted(store: ModelStore, record: ModelRecord): Promise<boolean> {
  if (record.seal !== undefined) return record.seal === (await sealOf(record));
  // Earlier versions did not seal: their files are read once more.
  const digest = await wholeDigest(store, record);
  if (digest === record.sha256) {
    const seal = await sealOf(record);
    await store.note(record.key, { seal }).catch(() => undefined);
  }
  return digest === undefined || digest === record.sha256;
}
