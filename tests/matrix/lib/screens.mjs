// Apps in the shape of each version's example app (tests/matrix/screens), unchanged but for the alias, in four bundlers: every
// screen is opened, asked, and its answer compared.
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { CACHE, ROOT } from '../../../scripts/lib/cache.mjs';
import { Fail } from '../../../scripts/lib/run.mjs';
import { addPackage, install, openFolder, openServer, tool } from './kit.mjs';

const HERE = join(ROOT, 'tests/matrix/screens');
const MODELS = join(ROOT, 'models');

/** Apps by the entry that their version is aliased to. */
const GROUPS = { root: ['v06', 'v10', 'v10-legacy'], legacy: ['v07', 'v08', 'v09'] };

/** What the hub has: [address, file]. Small models stand for the large ones that the apps name. */
const HUB = [
  [/efficientnet.*\.pte$/, join(MODELS, 'photo/efficientnet_lite0_int8.pte')],
  [/deeplab.*\.pte$/, join(HERE, 'assets/colours.pte')],
  [/clip.*(image|vision).*\.pte$/, join(MODELS, 'builtin/embedder_fp32.pte')],
  [/clip.*text.*\.pte$/, join(MODELS, 'text/text_encoder_fp32.pte')],
  [/clip.*tokenizer\.json$/, join(MODELS, 'text/tokenizer.json')],
];
const PICTURES = {
  'espresso.jpg': join(MODELS, 'photo/samples/espresso.jpg'),
  'boat.jpg': join(MODELS, 'builtin/samples/boat-1.jpg'),
  'colours.png': join(HERE, 'assets/colours.png'),
};

const BYTES = statSync(HUB[0][1]).size;
const EMBEDDINGS = 'a photo of a boat';
const DOWNLOADS = `${BYTES} bytes, 1 fetched, 1 new`;
/** The picture is 96 x 48 pixels: a quarter red (CAT), a quarter blue (DOG), the rest background. */
const NUMBERS = '4608 pixels: red 25 %, blue 25 %, none 50 %; cat 25 %; 3 classes';
const KEYED = '4608 pixels: CAT 25 %, DOG 25 %; sure 25 %';
const TOP = ['espresso', 'cup', 'coffee mug'];
/** Of what is not on the web: calls that fail, a state that is that of nothing, the error. */
const CHAT = '3 failed: true; 0 tokens; ; useLLM is not available on the web. ';
const named = { Segmentation: NUMBERS, Embeddings: EMBEDDINGS, Downloads: DOWNLOADS, Chat: CHAT };
const keyed = { Segmentation: KEYED, Embeddings: EMBEDDINGS, Downloads: DOWNLOADS, Chat: CHAT };
const KEYS = `${TOP.map((one) => one.toUpperCase().replace(' ', '_')).join('; ')}; above one half: true`;

/** The right answer of each screen. */
const ANSWERS = {
  v06: { ...named, Classification: TOP.join('; ') },
  // 0.7 named classes by their labels; its code cannot be told from 0.8's, so keys are listed, and labels can be looked up.
  v07: { ...named, Classification: KEYS },
  v08: { ...keyed, Classification: KEYS },
  v09: { ...keyed, Classification: KEYS },
  'v10-legacy': { ...keyed, Classification: KEYS },
  v10: {
    Classification: `${TOP.join('; ')}; true`,
    Segmentation: '4608 pixels: red 25 %, blue 25 %, painted 50 %',
    Embeddings: EMBEDDINGS,
    Downloads: '100 %, again 1: espresso',
    Detection: '7 told; false; 91 classes; 600; Tensor',
  },
};

/** Rows of the matrix, each with both aliases. Vite and Metro compile TypeScript themselves. */
export const SCREENS = {
  'screens (Vite)': row('vite', withVite),
  'screens (Webpack)': row('webpack', withWebpack),
  'screens (Next, Turbopack)': row('next', withNext),
  'screens (Expo, Metro)': row('expo', withMetro, 'expo'),
};

function row(name, build, fixture = 'screens') {
  const configured = 'the aliases, of each entry in its turn';
  return { tool: name, configured, run: (packed) => both(packed, build, fixture) };
}

async function both(packed, build, fixture = 'screens') {
  const folder = join(CACHE, 'matrix', fixture === 'expo' ? 'screens-expo' : 'screens');
  mkdirSync(folder, { recursive: true });
  await install(fixture, folder);
  addPackage(folder, packed);
  const problems = [];
  let workers;
  for (const [group, apps] of Object.entries(GROUPS)) {
    process.env.SCREENS = group;
    const seen = await build(folder, group, (page) => askAll(page, apps));
    problems.push(...seen.problems);
    workers = seen.workers;
  }
  const screens = Object.values(ANSWERS).flatMap((answers) => Object.keys(answers));
  const label = `${screens.length} screens of ${Object.keys(ANSWERS).length} versions`;
  return { folder, label, workers, problems };
}

/** Copies the sources; `compile(text)` gives JavaScript where a bundler reads no TypeScript. */
async function copySources(folder, group, compile) {
  for (const path of readdirSync(HERE, { recursive: true })) {
    const from = join(HERE, path);
    if (!statSync(from).isFile() || /package(-lock)?\.json$|^apps\./.test(path)) continue;
    await copySource(from, join(folder, path), compile);
  }
  await copySource(join(HERE, `apps.${group}.tsx`), join(folder, 'apps.tsx'), compile);
}

async function copySource(from, to, compile) {
  mkdirSync(dirname(to), { recursive: true });
  if (!/\.tsx?$/.test(from)) return cpSync(from, to);
  const text = readFileSync(from, 'utf8');
  await writeSource(to, text, compile);
  // Whoever goes from 0.9 to 0.10 by way of its legacy entry changes the import, and nothing else.
  const legacy = text.replaceAll("'react-native-executorch'", "'react-native-executorch/legacy'");
  if (to.includes('/v09/')) await writeSource(to.replace('/v09/', '/v10-legacy/'), legacy, compile);
}

async function writeSource(to, text, compile) {
  mkdirSync(dirname(to), { recursive: true });
  if (compile) writeFileSync(to.replace(/\.tsx?$/, '.js'), await compile(text));
  else writeFileSync(to, text);
}

async function compile(text) {
  const { code } = await transform(text, { loader: 'tsx', jsx: 'automatic' });
  return code;
}

/** A folder without what another bundler's turn has left. */
async function freshSources(folder, group, how) {
  for (const name of readdirSync(folder)) {
    if (name === 'node_modules' || name === '.installed' || name.startsWith('package')) continue;
    rmSync(join(folder, name), { recursive: true });
  }
  await copySources(folder, group, how);
}

function addPictures(folder) {
  mkdirSync(join(folder, 'pictures'), { recursive: true });
  for (const [name, file] of Object.entries(PICTURES)) cpSync(file, join(folder, 'pictures', name));
}

async function withVite(folder, group, use) {
  await freshSources(folder, group);
  await tool(folder, 'vite/bin/vite.js', 'build');
  addPictures(join(folder, 'dist'));
  return openFolder(join(folder, 'dist'), '/', {}, use);
}

async function withWebpack(folder, group, use) {
  await freshSources(folder, group, compile);
  await tool(folder, 'webpack/bin/webpack.js');
  cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
  addPictures(join(folder, 'dist'));
  return openFolder(join(folder, 'dist'), '/', {}, use);
}

async function withNext(folder, group, use) {
  await freshSources(folder, group, compile);
  addPictures(join(folder, 'public'));
  await tool(folder, 'next/dist/bin/next', 'build', '--turbopack');
  const args = ['start', '--port', '0', '--hostname', '127.0.0.1'];
  return openServer(folder, 'next/dist/bin/next', args, '/', use);
}

async function withMetro(folder, group, use) {
  await freshSources(folder, group);
  cpSync(join(HERE, 'expo'), folder, { recursive: true });
  cpSync(join(HERE, '../expo/app.json'), join(folder, 'app.json'));
  await tool(folder, 'expo/bin/cli', 'export', '--platform', 'web', '--clear');
  addPictures(join(folder, 'dist'));
  return openFolder(join(folder, 'dist'), '/', {}, use);
}

/** Opens every screen of the apps and compares what each answers. */
async function askAll(page, apps) {
  await page.context().route('https://huggingface.co/**', answerAsHub);
  for (const app of apps) {
    await page.goto(new URL(`/?app=${app}`, page.url()).href);
    const answers = {};
    for (const screen of Object.keys(ANSWERS[app])) answers[screen] = await ask(page, screen);
    assert.deepEqual(answers, ANSWERS[app], app);
  }
  return apps.join(', ');
}

async function ask(page, screen) {
  await page.getByText(`Open ${screen}`).click();
  const inside = page.getByTestId(new RegExp(`^${screen}`, 'i'));
  const run = inside.getByText('Run', { exact: true });
  await run.waitFor({ timeout: 60_000 }).catch(async () => {
    throw new Fail(`${screen} is not ready: ${await inside.innerText()}`);
  });
  await run.click();
  const answer = inside.getByTestId('answer').filter({ hasText: /./ });
  await answer.waitFor({ timeout: 60_000 });
  return answer.innerText();
}

/** The hub, for requests of pages and of their workers. */
function answerAsHub(route) {
  const { pathname } = new URL(route.request().url());
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
  const found = HUB.find(([pattern]) => pattern.test(pathname));
  // No pointer file under /raw/: nothing vouches for these bytes.
  if (!found || pathname.includes('/raw/')) return route.fulfill({ status: 404, headers });
  const body = readFileSync(found[1]);
  return route.fulfill({ status: 200, headers, body, contentType: 'application/octet-stream' });
}
