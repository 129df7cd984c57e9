// What every generator does with what it made.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './cache.mjs';
import { Fail } from './run.mjs';

/** Whether a generator only compares (`--check`). */
export const isCheck = process.argv.includes('--check');

/**
 * Writes files, {path in the repository: content}; with --check only compares them.
 *
 * @throws Fail with --check, when a committed file is not current.
 */
export function writeGenerated(files, script) {
  const stale = Object.entries(files).filter(([path, content]) => !isCurrent(path, content));
  if (isCheck && stale.length > 0) {
    const names = stale.map(([path]) => path).join(', ');
    throw new Fail(`not current: ${names}`, `node scripts/${script}`);
  }
  for (const [path, content] of stale) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
}

function isCurrent(path, content) {
  return existsSync(join(ROOT, path)) && readFileSync(join(ROOT, path), 'utf8') === content;
}
