// The surface of the built package in Node, without network: node tests/fuzz/surface-node.mjs [--seed N] [--rounds N]
//
// Prints every call before it is made (`> …`), so that whoever watches can tell what hangs, and a line of JSON at the end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from '../lib/shared.mjs';
import { hiddenNames } from './hidden-names.mjs';
import { fuzzSurface, noSettings, sampleOf } from './surface.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, rounds: { type: 'string', default: '4' } },
});

function builtin(name) {
  const folder = join(ROOT, 'models/builtin');
  const { labels } = JSON.parse(readFileSync(join(folder, `${name}_int8.json`), 'utf8'));
  const modelSource = pathToFileURL(join(folder, `${name}_int8.pte`)).href;
  return labels ? { modelSource, labels } : { modelSource };
}

function textEncoder() {
  const address = (name) => pathToFileURL(join(ROOT, 'models/text', name)).href;
  return {
    modelSource: address('text_encoder_fp32.pte'),
    tokenizerSource: address('tokenizer.json'),
  };
}

globalThis.fetch = async () => {
  throw new TypeError('fetch failed: there is no network here');
};
// Advice that is printed once is not what is looked for.
for (const name of ['warn', 'error']) console[name] = () => undefined;

const stray = [];
let current = '';
process.on('unhandledRejection', (error) =>
  stray.push(`${current}: leaves a rejection: ${textOf(error)}`),
);
process.on('uncaughtException', (error) =>
  stray.push(`${current}: throws later: ${textOf(error)}`),
);

function textOf(error) {
  try {
    return String(error?.stack ?? error);
  } catch {
    return 'what has no text';
  }
}

const load = (name) => import(pathToFileURL(join(ROOT, `dist/${name}.js`)).href);
const entries = {
  root: await load('index'),
  legacy: await load('legacy'),
  fetcher: await load('resource-fetcher'),
};
const { configure } = entries.root;

/** What a call of configure() may have changed, and an adapter that is none. */
function reset() {
  configure({
    ...noSettings(),
    store: 'none',
    download: { attempts: 1 },
  });
  entries.legacy.cleanupExecutorch();
}
reset();

const picture = () => ({ data: new Uint8Array(64 * 64 * 3).fill(90), width: 64, height: 64 });
const result = await fuzzSurface({
  entries,
  sample: sampleOf({
    classifier: builtin('classifier'),
    segmenter: builtin('segmenter'),
    embedder: builtin('embedder'),
    texts: textEncoder(),
    picture,
  }),
  hidden: hiddenNames(),
  seed: Number(values.seed),
  rounds: Number(values.rounds),
  begin: (text) => {
    current = text;
    process.stdout.write(`> ${text.slice(0, 300)}\n`);
  },
  reset,
});
// What is told late belongs to some call, too.
await new Promise((resolve) => setTimeout(resolve, 1000));
const { findings, ...rest } = result;
process.stdout.write(`${JSON.stringify({ ...rest, findings: [...findings, ...stray] })}\n`);
process.exit(0);
