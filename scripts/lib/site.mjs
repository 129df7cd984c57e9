// build/site: the demo as a folder that any static server can serve, from any path.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cache.mjs';
import { say } from './run.mjs';

export const SITE = join(ROOT, 'build/site');

/** What of dist/ a page needs: declarations, maps and the command line stay out. */
const isForPages = (name) => /\.(js|wasm)$/.test(name) && !/^cli\b/.test(name);

/** demo/, the built library, the built-in models and the registry, with relative addresses only. */
export function assembleSite() {
  if (!existsSync(join(ROOT, 'demo/index.html'))) return;
  say('assembling build/site');
  rmSync(SITE, { recursive: true, force: true });
  mkdirSync(SITE, { recursive: true });
  cpSync(join(ROOT, 'demo'), SITE, { recursive: true });
  copyTree(join(ROOT, 'dist'), join(SITE, 'dist'), isForPages);
  for (const name of ['builtin.json', 'registry.json', 'builtin']) {
    const from = join(ROOT, 'models', name);
    if (existsSync(from)) cpSync(from, join(SITE, 'models', name), { recursive: true });
  }
}

function copyTree(from, to, wanted) {
  for (const item of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    const relative = path.slice(from.length + 1);
    if (item.isFile() && wanted(relative)) cpSync(path, join(to, relative));
  }
}
