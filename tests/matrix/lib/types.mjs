// Types: the screens of tests/matrix/screens against the declarations of the version that each is written for and against
// ours, and every export of ours against the one of the same name. What does not fit is listed in tests/types/differences.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../../scripts/lib/cache.mjs';
import {
  APIS,
  declarationsOf,
  fetcherDeclarations,
  SUBPATHS,
} from '../../../scripts/lib/peers.mjs';
import { Fail } from '../../../scripts/lib/run.mjs';

const TYPES = join(ROOT, 'tests/types');
const SCREENS = join(ROOT, 'tests/matrix/screens');
const LIST = join(TYPES, 'differences.json');
const ENTRIES = { root: 'types/index.d.ts', legacy: 'types/compat/legacy/index.d.ts' };

/** Flags beyond `strict` that apps turn on: screens compile with ours wherever they do with theirs. */
const STRICTER = {
  noUncheckedIndexedAccess: { noUncheckedIndexedAccess: true },
  exactOptionalPropertyTypes: { exactOptionalPropertyTypes: true },
  both: { noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
};

/** Complaints of the compiler about the given sources, {name: text}, with `paths` for its imports: [{name, line, text}]. */
export function check(sources, paths, flags = {}) {
  const options = {
    strict: true,
    ...flags,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    jsx: ts.JsxEmit.ReactJSX,
    types: [],
    paths,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  // Folders of which some files are in memory only.
  host.directoryExists = undefined;
  host.readFile = (path) => sources[path] ?? readFile.call(host, path);
  host.fileExists = (path) => path in sources || fileExists.call(host, path);
  host.getSourceFile = (path, ...rest) =>
    path in sources
      ? ts.createSourceFile(path, sources[path], ...rest)
      : getSourceFile.call(host, path, ...rest);
  const program = ts.createProgram(Object.keys(sources), options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file && !file.fileName.includes('.d.ts'))
    .map(({ file, start, messageText }) => ({
      name: file.fileName,
      line: file.getLineAndCharacterOfPosition(start).line,
      text: messageText,
    }));
}

const REACT_NATIVE = { 'react-native': [join(TYPES, 'react-native.d.ts')] };
const FETCHER = 'react-native-executorch-expo-resource-fetcher';

/** Where a screen's imports lead when its version itself is installed. */
async function theirs(api) {
  const declarations = [await declarationsOf(api)];
  return {
    ...REACT_NATIVE,
    'react-native-executorch': declarations,
    'react-native-executorch/legacy': declarations,
    ...(await subpaths(declarationsOf)),
    [FETCHER]: [await fetcherDeclarations(api)],
  };
}

/** {a subpath of 0.10: [what `find` gives for it]}. */
async function subpaths(find) {
  const pairs = SUBPATHS.map(async (one) => [
    `react-native-executorch/${one.entry}`,
    [await find(one)],
  ]);
  return Object.fromEntries(await Promise.all(pairs));
}

/** Where they lead with the alias. */
async function ours(entry, dist) {
  return {
    ...REACT_NATIVE,
    'react-native-executorch': [join(dist, ENTRIES[entry])],
    'react-native-executorch/legacy': [join(dist, ENTRIES.legacy)],
    ...(await subpaths((one) => join(dist, `types/compat/generated/${one.entry}.d.ts`))),
    [FETCHER]: [join(dist, 'types/compat/resource-fetcher.d.ts')],
  };
}

/** The screens of an API, and a file of more; 0.10's legacy ones are 0.9's with another import, as in the bundles. */
function screensOf(api) {
  const folder = `v${api.replace('0.', api === '0.10' || api.includes('/') ? '' : '0').replace('/', '-')}`;
  const isLegacy = folder === 'v10-legacy';
  const absent = api === '0.10' ? 'Detection' : 'Chat';
  const names = ['App', 'Classification', 'Segmentation', 'Embeddings', 'Downloads', absent];
  const source = isLegacy ? 'v09' : folder;
  const read = (path) => {
    const text = readFileSync(path, 'utf8');
    const legacy = "'react-native-executorch/legacy'";
    return isLegacy ? text.replaceAll("'react-native-executorch'", legacy) : text;
  };
  const screens = names.map((name) => [
    join(SCREENS, folder, `${name}.tsx`),
    read(join(SCREENS, source, `${name}.tsx`)),
  ]);
  // What apps do with results and options, beyond the screens.
  const more = [
    join(TYPES, 'stricter', `${folder}.tsx`),
    read(join(TYPES, 'stricter', `${source}.tsx`)),
  ];
  return Object.fromEntries([...screens, more]);
}

const flat = (text) => ts.flattenDiagnosticMessageText(text, '\n');

/** Screens that do not compile, as `file:line: message`: with either, and under stricter flags with ours alone. */
export async function screenComplaints(dist) {
  const found = [];
  for (const one of APIS) {
    const sources = screensOf(one.api);
    const [theirPaths, ourPaths] = [await theirs(one), await ours(one.entry, dist)];
    found.push(...check(sources, theirPaths).map((it) => `theirs ${shown(it)}`));
    found.push(...check(sources, ourPaths).map((it) => `ours ${shown(it)}`));
    for (const [name, flags] of Object.entries(STRICTER)) {
      // A line that theirs fails, too, is the screen's.
      const known = new Set(check(sources, theirPaths, flags).map(placeOf));
      const news = check(sources, ourPaths, flags).filter((it) => !known.has(placeOf(it)));
      found.push(...news.map((it) => `ours, ${name} ${shown(it)}`));
    }
  }
  return found;
}

const placeOf = ({ name, line }) => `${relative(join(ROOT, 'tests'), name)}:${line + 1}`;
const shown = (it) => `${placeOf(it)}: ${flat(it.text)}`;

/** Exports of ours that do not fit the type of theirs: {api: {name: why}}, and how many were compared. */
export async function differences(dist) {
  const peers = JSON.parse(readFileSync(join(ROOT, 'js/compat/peers.json'), 'utf8'));
  const list = {};
  let compared = 0;
  for (const one of APIS) {
    const names = Object.entries(peers[one.api]).filter(([, { parameters = 0 }]) => !parameters);
    const real = names.filter(([name]) => !standIns(one.entry).has(name));
    compared += real.length;
    const paths = { theirs: [await declarationsOf(one)], ours: [join(dist, ENTRIES[one.entry])] };
    list[one.api] = misfits(real, paths);
  }
  const fetchers = await fetcherDifferences(dist);
  return { list: { ...list, ...fetchers.list }, compared: compared + fetchers.compared };
}

/**
 * The adapter of the expo package against ours, both ways, whole and without what is protected in theirs: {version: {what:
 * why it does not fit}}. The bare package is not on npm.
 */
async function fetcherDifferences(dist) {
  const path = join(TYPES, 'fetchers.ts');
  const ways = {
    'ours as theirs': 'const a: Theirs = ours',
    'ours as what is public of theirs': 'const b: Pick<Theirs, keyof Theirs> = ours',
    'theirs as ours': 'const c: typeof ours = theirs',
    'theirs as an adapter': 'const d: Legacy.ResourceFetcherAdapter = theirs',
    'ours as an adapter of theirs': 'const e: Peer.ResourceFetcherAdapter = ours',
  };
  const head =
    "import { ExpoResourceFetcher as theirs } from 'theirs'; import { ExpoResourceFetcher as ours } from 'ours'; " +
    "import type * as Legacy from 'legacy'; import type * as Peer from 'react-native-executorch'; type Theirs = typeof theirs;";
  const source = [head, ...Object.values(ways)].join('\n');
  const list = {};
  for (const one of APIS.filter(({ api }) => /^0\.[89]$/.test(api))) {
    const paths = {
      theirs: [await fetcherDeclarations(one)],
      ours: [join(dist, 'types/compat/resource-fetcher.d.ts')],
      legacy: [join(dist, ENTRIES.legacy)],
      'react-native-executorch': [await declarationsOf(one)],
    };
    const found = check({ [path]: source }, paths);
    const pairs = found.map(({ line, text }) => [Object.keys(ways)[line - 1], deepest(text)]);
    list[`${one.api} expo-resource-fetcher`] = Object.fromEntries(pairs);
  }
  return { list, compared: 2 * Object.keys(ways).length };
}

function misfits(names, paths) {
  const lines = names.map(([name, { kind }]) => {
    const type = kind === 'type' ? '' : 'typeof ';
    return `export const ${name}_: ${type}Theirs.${name} = null! as ${type}Ours.${name};`;
  });
  const head = "import type * as Theirs from 'theirs'; import type * as Ours from 'ours';";
  const path = join(TYPES, 'misfits.ts');
  const found = check({ [path]: [head, ...lines].join('\n') }, paths);
  return Object.fromEntries(found.map(({ line, text }) => [names[line - 1][0], deepest(text)]));
}

/** The last line of the compiler's explanation, which names the member that does not fit; paths of machines are left out. */
function deepest(text) {
  const last = flat(text).trim().split('\n').at(-1).trim();
  const named = last.replaceAll(/import\("[^"]*"\)\./g, '');
  const plain = named.replace(/^Type '\{.*\}' is missing/, "Type '{ … }' is missing");
  return /to type '"https:/.test(plain) ? 'an address is a string here' : shortened(plain);
}

const shortened = (text) => (text.length > 200 ? `${text.slice(0, 200)} …` : text);

function standIns(entry) {
  const text = readFileSync(join(ROOT, `js/compat/generated/${entry}.ts`), 'utf8');
  return new Set(
    [...text.matchAll(/^export (?:const|type|interface) (\w+)/gm)].map(([, name]) => name),
  );
}

/** The row of the matrix. */
export async function runTypes(packed) {
  const dist = join(packed, 'dist');
  const complaints = await screenComplaints(dist);
  if (complaints.length > 0) throw new Fail(complaints.join('\n'));
  const { list, compared } = await differences(dist);
  const text = `${JSON.stringify(list, null, 2)}\n`;
  if (process.env.EW_UPDATE) writeFileSync(LIST, text);
  if (!existsSync(LIST) || readFileSync(LIST, 'utf8') !== text) {
    throw new Fail(
      `tests/types/differences.json is not what was found:\n${text}`,
      'EW_UPDATE=1 npm run matrix -- types, when the change is wanted',
    );
  }
  const different = Object.values(list).reduce((sum, one) => sum + Object.keys(one).length, 0);
  return {
    folder: ROOT,
    label: `${compared} exports compared, ${different} differ as listed`,
    problems: [],
  };
}
