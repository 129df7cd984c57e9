// npm run format: formats C, C++, TypeScript and scripts in place. With --check only reports.
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { entry, Fail, run } from './lib/run.mjs';
import { installModules } from './lib/steps.mjs';
import { trackedFiles } from './lib/files.mjs';

/** Returns the number of formatters that were not satisfied. */
export async function format({ check }) {
  await installModules();
  const c = trackedFiles().filter(
    (path) => /^(src|tests|wasm|cmake)\/.*\.(c|h|cpp|cc|def)$/.test(path) && !path.endsWith('.def'),
  );
  const bin = join(ROOT, 'node_modules/.bin');
  let failures = 0;
  if (c.length > 0) {
    const how = check ? ['--dry-run', '-Werror'] : ['-i'];
    const { code } = await run(join(bin, 'clang-format'), [...how, ...c], { cwd: ROOT });
    failures += code === 0 ? 0 : 1;
  }
  const text = trackedFiles().filter((path) => /\.(ts|tsx|js|mjs|cjs|json|css|html)$/.test(path));
  const how = check ? ['--check'] : ['--write', '--log-level=warn'];
  const { code } = await run(join(bin, 'prettier'), [...how, ...text], { cwd: ROOT });
  return failures + (code === 0 ? 0 : 1);
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => {
    const failures = await format({ check: process.argv.includes('--check') });
    if (failures > 0) throw new Fail('files are not formatted', 'run: npm run format');
  });
}
