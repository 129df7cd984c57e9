// What all fixtures share: the packed package, a folder for each, a model with a picture, and a browser.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { spawn } from 'node:child_process';
import { CACHE, ROOT, sha256File } from '../../../scripts/lib/cache.mjs';
import { Fail, capture, must } from '../../../scripts/lib/run.mjs';
import { serve } from '../../../scripts/lib/server.mjs';
import { startBrowser } from '../../lib/browser.mjs';
import { lacks } from '../../lib/engines.mjs';

const HERE = join(ROOT, 'tests/matrix');
const WORK = join(ROOT, 'build/matrix');

const MODELS = join(ROOT, 'models');
const { model, sample, labels } = JSON.parse(readFileSync(join(MODELS, 'builtin.json'), 'utf8'));

/** The built-in classifier, a picture, and what is on it. */
export const SAMPLE = {
  model: join(MODELS, model),
  picture: join(MODELS, sample),
  labels: JSON.parse(readFileSync(join(MODELS, labels), 'utf8')).labels,
  label: basename(sample).replace(/-.*/, ''),
};

/** Text of a module that tells a fixture about the sample; `base` is where model and picture are. */
export const sampleModule = (base) =>
  `export const LABELS = ${JSON.stringify(SAMPLE.labels)};\n` +
  `export const MODEL = { modelSource: '${base}model.pte', labels: LABELS };\n` +
  `export const PICTURE = '${base}picture.jpg';\n`;

/** Copies the sample to where a page finds it as /sample/model.pte and /sample/picture.jpg. */
export function addSample(publicFolder) {
  cpSync(SAMPLE.model, join(publicFolder, 'sample/model.pte'));
  cpSync(SAMPLE.picture, join(publicFolder, 'sample/picture.jpg'));
}

/** Packs dist/ as npm would publish it and unpacks it; returns the folder. */
export function packPackage() {
  const folder = join(WORK, 'packed');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const out = capture('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(out);
  capture('tar', ['-xzf', join(folder, filename), '-C', folder]);
  return { folder: join(folder, 'package'), size, unpackedSize, entryCount };
}

/**
 * A fixture in the cache folder, with its own packages and this one installed.
 */
export async function prepare(name, packed) {
  const folder = join(CACHE, 'matrix', name);
  mkdirSync(folder, { recursive: true });
  await install(name, folder);
  cpSync(join(HERE, name), folder, { recursive: true });
  for (const file of ['Photo.js', 'main.js', 'classify.js']) {
    cpSync(join(HERE, 'lib', file), join(folder, file));
  }
  writeFileSync(join(folder, 'sample.js'), sampleModule('/sample/'));
  addPackage(folder, packed);
  return folder;
}

/** An empty folder in which the package and those of the repository can be imported. */
export function plainFolder(name, packed) {
  const folder = join(WORK, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  addPackage(folder, packed);
  return folder;
}

/** Installs the packed package in a folder. */
export function addPackage(folder, packed) {
  const target = join(folder, 'node_modules/executorch-web');
  rmSync(target, { recursive: true, force: true });
  cpSync(packed, target, { recursive: true });
}

/** The packages of a fixture, by its lock file; only when it has changed. */
export async function install(name, folder) {
  const lock = join(HERE, name, 'package-lock.json');
  const stamp = join(folder, '.installed');
  const wanted = sha256File(lock);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(HERE, name, file), join(folder, file));
  }
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    quiet: true,
  });
  writeFileSync(stamp, wanted);
}

/** Runs a program of a fixture; its output is shown only when it fails. */
export function tool(folder, program, ...args) {
  return must(process.execPath, [join(folder, 'node_modules', program), ...args], {
    cwd: folder,
    quiet: true,
    env: { ...process.env, NODE_ENV: 'production', ...QUIET },
  });
}

/** Nobody is asked anything and nothing is reported to anybody. */
export const QUIET = {
  CI: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  EXPO_NO_TELEMETRY: '1',
  EXPO_OFFLINE: '1',
};

/** Version of a package that a fixture uses. */
export function versionOf(folder, name) {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    .version;
}

/** Serves a folder and opens it; see {@link look}. */
export async function openFolder(folder, path = '/', options = {}, use = expectLabel) {
  const server = await serve({ '/': folder }, options);
  try {
    return await look(server.url + path, use);
  } finally {
    await server.close();
  }
}

/** Starts a server program, waits for its address in its output, and opens the page. */
export async function openServer(folder, program, args, path = '/', use = expectLabel) {
  const child = spawn(process.execPath, [join(folder, 'node_modules', program), ...args], {
    cwd: folder,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  try {
    return await look((await addressIn(child)) + path, use);
  } finally {
    // The program and what it has started.
    process.kill(-child.pid);
  }
}

function addressIn(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const give = () => reject(new Fail(`the server does not start\n${output}`));
    const timer = setTimeout(give, 120_000);
    const read = (chunk) => {
      output += chunk;
      // eslint-disable-next-line no-control-regex
      const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
      const match = /http:\/\/(localhost|127\.0\.0\.1):\d+/.exec(plain);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', give);
  });
}

/** Waits for the result that pages of fixtures show and returns it; throws unless it is the expected label. */
async function expectLabel(page) {
  const done = () => document.getElementById('result')?.textContent;
  await page.waitForFunction(done, undefined, { timeout: 120_000 });
  const text = await page.evaluate(done);
  if (text !== SAMPLE.label) throw new Fail(`the page says: ${text}`);
  return text;
}

/**
 * Opens a page and lets `use(page)` find out whether it works.
 *
 * @returns {label, workers, problems}, workers being undefined where they are not listed; throws what `use` throws, with what the page has complained of.
 */
export async function look(url, use = expectLabel) {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage(url);
    const { problems } = page;
    const label = await use(page).catch((error) => {
      throw new Fail([`${url}: ${error.message}`, ...problems].join('\n'));
    });
    return { label, workers: lacks('workers') ? undefined : page.workers().length, problems };
  } finally {
    await browser.close();
  }
}
