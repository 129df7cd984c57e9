// The README's table of browsers, from MDN's compatibility data and scripts/lib/features-used.mjs. Writes it; `--check` fails
// when it is not current, when a feature of the list is not used any more, or one is used that is too young.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import prettier from 'prettier';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { AVOIDED, OPTIONAL, REQUIRED } from './lib/features-used.mjs';
import { Fail, entry } from './lib/run.mjs';

const README = join(ROOT, 'README.md');
const MARKS = ['<!-- browsers:start -->', '<!-- browsers:end -->'];
/** Column → its browsers in MDN's data. */
const COLUMNS = {
  'Chrome, Edge': ['chrome', 'edge'],
  Firefox: ['firefox'],
  Safari: ['safari'],
  'Safari, iOS': ['safari_ios'],
};

const data = createRequire(import.meta.url)('@mdn/browser-compat-data');

/** First version of a browser that has a feature without a flag; undefined where none has. */
function since(feature, browser) {
  const found = feature.split('.').reduce((node, name) => node?.[name], data);
  if (!found?.__compat) throw new Fail(`MDN's data have no ${feature}`);
  const support = [found.__compat.support[browser]].flat();
  const whole = support.find((one) => one?.version_added && !one.flags && !one.version_removed);
  return whole && Number.parseFloat(String(whole.version_added).replace('≤', ''));
}

/** The version that has all the features, in every one of the browsers; '–' where there is none. */
function needed(features, browsers) {
  const versions = features.flatMap((feature) => browsers.map((name) => since(feature, name)));
  return versions.includes(undefined) ? '–' : String(Math.max(...versions));
}

function table() {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const engines = Object.values(COLUMNS);
  const { engines: own } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const required = REQUIRED.map(({ feature }) => feature);
  const rows = [
    ['everything', ...engines.map((names) => needed(required, names)), own.node.replace('>=', '')],
    ...OPTIONAL.map(({ title, features, node }) => [
      title,
      ...engines.map((names) => needed([...required, ...features], names)),
      node,
    ]),
  ];
  const head = ['', ...Object.keys(COLUMNS), 'Node'];
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** What the lists and the sources disagree on. */
function disagreements() {
  const files = readdirSync(join(ROOT, 'js'), { recursive: true }).filter(
    (name) => /\.ts$/.test(name) && !name.startsWith('cli'),
  );
  const sources = files.map((name) => [name, readFileSync(join(ROOT, 'js', name), 'utf8')]);
  // Comments may name what is avoided.
  const code = sources.map(([name, text]) => [
    name,
    text.replace(/\/\*.*?\*\//gs, '').replace(/\/\/.*/g, ''),
  ]);
  const usersOf = (uses) => code.filter(([, text]) => uses.test(text)).map(([name]) => name);
  const stale = [...REQUIRED, ...OPTIONAL].filter(({ uses }) => uses && !usersOf(uses).length);
  const young = AVOIDED.filter(({ uses }) => usersOf(uses).length > 0);
  return [
    ...stale.map(({ feature, title }) => `${feature ?? title}: nothing uses it any more`),
    ...young.map(({ feature, uses }) => `${feature} is too young: ${usersOf(uses).join(', ')}`),
  ];
}

await entry(async () => {
  const wrong = disagreements();
  if (wrong.length > 0) throw new Fail(wrong.join('\n'), 'scripts/lib/features-used.mjs');
  const before = readFileSync(README, 'utf8');
  const [start, end] = MARKS.map((mark) => before.indexOf(mark));
  if (start < 0 || end < start) throw new Fail('README.md has no place for the table');
  const made = `${before.slice(0, start + MARKS[0].length)}\n\n${table()}\n\n${before.slice(end)}`;
  const options = await prettier.resolveConfig(README);
  const after = await prettier.format(made, { ...options, filepath: README });
  writeGenerated({ 'README.md': after }, 'generate-browsers.mjs');
});
