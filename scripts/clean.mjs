// npm run clean [-- --cache]: deletes build/ and dist/; with --cache also the cache folder (toolchain,
// sources, libraries), which the next build fetches again.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './lib/cache.mjs';
import { entry, say } from './lib/run.mjs';

await entry(async () => {
  for (const name of ['build', 'dist']) {
    rmSync(join(ROOT, name), { recursive: true, force: true });
    say(`deleted ${name}/`);
  }
  if (process.argv.includes('--cache')) {
    rmSync(CACHE, { recursive: true, force: true });
    say(`deleted ${CACHE}`);
  }
});
