// Installs the peers, pinned by the lock file beside their package.json, into the cache folder.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../../../scripts/lib/cache.mjs';
import { must } from '../../../scripts/lib/run.mjs';

const MANIFEST = fileURLToPath(new URL('../peers/', import.meta.url));

/** The node_modules folder with LiteRT.js and tfjs-tflite. */
export async function peerModules() {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(MANIFEST, file)));
  const folder = join(CACHE, `tflite-peers-${hash.digest('hex').slice(0, 12)}`);
  const modules = join(folder, 'node_modules');
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    for (const file of files) copyFileSync(join(MANIFEST, file), join(folder, file));
    await must('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, quiet: true });
    writeFileSync(done, '');
  }
  return modules;
}
