// The project's own files.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cache.mjs';
import { tryCapture } from './run.mjs';

const SKIP = new Set(['node_modules', 'build', 'dist', '.git']);

/** Paths relative to the repository: git's list (new files too), or a walk where there is no git. */
export function trackedFiles() {
  const list = tryCapture('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT });
  const paths = list ? list.trim().split('\n') : walk('');
  return paths.filter((path) => existsSync(join(ROOT, path))).sort();
}

function walk(relative) {
  return readdirSync(join(ROOT, relative), { withFileTypes: true }).flatMap((item) => {
    if (SKIP.has(item.name)) return [];
    const path = relative ? `${relative}/${item.name}` : item.name;
    return item.isDirectory() ? walk(path) : [path];
  });
}
