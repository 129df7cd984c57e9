// npm run lint: types, eslint, formatting, the laws of the architecture, the shape of the package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { Fail, entry, run, say } from './lib/run.mjs';
import { installModules } from './lib/steps.mjs';
import { checkLaws } from './check-laws.mjs';
import { checkDocs } from './check-docs.mjs';
import { checkLinks } from './check-links.mjs';
import { checkSentences } from './check-sentences.mjs';
import { format } from './format.mjs';

await entry(async () => {
  await installModules();
  const failed = [];
  const step = async (name, command) => {
    say(name);
    if (!(await command())) failed.push(name);
  };
  const node =
    (path, ...args) =>
    async () =>
      (await run(process.execPath, [join(ROOT, 'node_modules', path), ...args], { cwd: ROOT }))
        .code === 0;

  const generator = (name) => node(`../scripts/generate-${name}.mjs`, '--check');

  await step('laws', async () => checkLaws() === 0);
  for (const name of ['errors', 'error-docs', 'models', 'operators', 'compat', 'browsers']) {
    await step(`generated ${name}`, generator(name));
  }
  if (existsSync(join(ROOT, 'js/index.ts'))) {
    await step('types', node('typescript/bin/tsc', '-p', '.'));
    await step('types of the demo', node('typescript/bin/tsc', '-p', 'demo/react'));
    await step('documentation', async () => checkDocs() === 0);
    await step('generated reference', generator('reference'));
    await step('links', async () => checkLinks() === 0);
    await step('sentences', async () => checkSentences() === 0);
  }
  await step('eslint', node('eslint/bin/eslint.js', '.', '--max-warnings', '0'));
  await step('format', async () => (await format({ check: true })) === 0);
  if (existsSync(join(ROOT, 'dist/index.js'))) {
    await step('package', node('publint/src/cli.js', '--strict'));
    // Workers are no modules to import: they have an address, not types.
    const attw = ['--pack', '.', '--quiet', '--exclude-entrypoints', 'worker', 'isolation-worker'];
    await step('types of the package', node('@arethetypeswrong/cli/dist/index.js', ...attw));
  }
  if (failed.length > 0)
    throw new Fail(`lint: ${failed.join(', ')}`, 'npm run format fixes formatting');
  say('lint: nothing to complain about');
});
