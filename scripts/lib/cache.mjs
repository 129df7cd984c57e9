// Where things live: the repository, and the one folder outside of it that holds downloads, the
// toolchain and the third-party libraries, so that a second clone need not fetch or build them again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The cache folder: EW_CACHE, else XDG's, else ~/.cache/executorch-web. */
export const CACHE = process.env.EW_CACHE
  ? resolve(process.env.EW_CACHE)
  : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'executorch-web');

/** A path in the cache folder; its parent exists on return. */
export function cachePath(...parts) {
  const path = join(CACHE, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** SHA-256 of a file or of given bytes, in hex. */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sha256File(path) {
  return sha256(readFileSync(path));
}
