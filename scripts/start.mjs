// npm start: sets up, builds, classifies the built-in model's sample picture in the terminal, then
// serves the demo. EW_NO_SERVE=1 or --no-serve ends after the terminal part; PORT chooses the port.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { entry, must, say } from './lib/run.mjs';
import { serveAtOrNear } from './lib/server.mjs';
import { SITE } from './lib/site.mjs';
import { buildAll } from './lib/steps.mjs';

const PORT = Number(process.env.PORT ?? 8080);

/** models/builtin.json names the model, a sample picture and the labels, relative to models/. */
async function classifySample() {
  const index = join(ROOT, 'models/builtin.json');
  const { model, sample, labels } = JSON.parse(readFileSync(index, 'utf8'));
  const at = (name) => join('models', name);
  const args = ['dist/cli.js', 'classify', at(model), at(sample)];
  if (labels) args.push('--labels', at(labels));
  process.stdout.write(`\n$ node ${args.join(' ')}\n`);
  await must(process.execPath, args, { cwd: ROOT });
}

/** The wanted port, or a free one where that is taken. Ctrl+C ends the process and with it the server. */
async function serveDemo() {
  const { url } = await serveAtOrNear({ '/': SITE }, { port: PORT, isolated: true });
  process.stdout.write(
    `\nThe demo is at ${url}/ (Ctrl+C ends it)\n` +
      `Hooks in React: ${url}/react.html\n` +
      'To use it in an app: docs/getting-started.md; with a model of yours: docs/bring-your-own-model.md\n',
  );
}

await entry(async () => {
  say('builds what is missing (minutes the first time), classifies a picture, serves the demo');
  await buildAll();
  await classifySample();
  if (process.env.EW_NO_SERVE || process.argv.includes('--no-serve')) say('done');
  else await serveDemo();
});
