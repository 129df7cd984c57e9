// npm run bench [-- options]: builds, then runs tests/bench.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { Fail, entry, must } from './lib/run.mjs';
import { buildAll } from './lib/steps.mjs';

await entry(async () => {
  const bench = join(ROOT, 'tests/bench/bench.mjs');
  if (!existsSync(bench)) throw new Fail('there is no benchmark yet: tests/bench/bench.mjs');
  if (!process.argv.includes('--help')) await buildAll({ browser: true });
  await must(process.execPath, [bench, ...process.argv.slice(2)], { cwd: ROOT });
});
