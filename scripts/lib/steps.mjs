// The steps that start, test and build share.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setup } from '../setup.mjs';
import { bundle } from './bundle.mjs';
import { ROOT, cachePath, sha256File } from './cache.mjs';
import { must, say } from './run.mjs';
import { assembleSite } from './site.mjs';

export const WASM_VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];

/** npm ci, when node_modules does not match package-lock.json. */
export async function installModules() {
  const stamp = join(ROOT, 'node_modules/.executorch-web');
  const lock = sha256File(join(ROOT, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing npm packages');
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    advice: 'the npm registry must be reachable; see the message above',
  });
  writeFileSync(stamp, lock);
  say('npm packages are installed');
}

/** React 18, in the cache folder, where the suites look for it: two versions cannot be in one node_modules. */
export async function installReact18() {
  const from = join(ROOT, 'tests/react/react-18');
  const folder = dirname(cachePath('react-18', 'package.json'));
  const stamp = join(folder, '.installed');
  const lock = sha256File(join(from, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing React 18 for the tests');
  cpSync(from, folder, { recursive: true });
  await must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  writeFileSync(stamp, lock);
}

/** Configures (first time) and builds one CMake preset; `quiet` where others build at the same time. */
export async function cmakeBuild(preset, targets = [], { quiet = !process.stdout.isTTY } = {}) {
  const folder = join(ROOT, 'build', preset);
  if (!existsSync(join(folder, 'build.ninja'))) {
    say(`configuring ${preset} (XNNPACK is built here unless the cache has it: up to two minutes)`);
    await must('cmake', ['--preset', preset], { cwd: ROOT, quiet: true });
  }
  say(`building ${preset}`);
  const args = ['--build', '--preset', preset];
  if (targets.length > 0) args.push('--target', ...targets);
  // On a terminal Ninja shows one line that moves; elsewhere it would be a line for each file.
  if (quiet) args.push('--', '--quiet');
  await must('cmake', args, { cwd: ROOT, env: { ...process.env, NINJA_STATUS: '  [%f/%t] ' } });
  say(`${preset} is built`);
}

/** Two variants at a time: the last step of each, the link, keeps one processor busy and leaves the others idle. */
async function buildCores(variants, targets) {
  const waiting = [...variants];
  const quiet = waiting.length > 1 || !process.stdout.isTTY;
  const builder = async () => {
    for (let variant = waiting.shift(); variant; variant = waiting.shift()) {
      await cmakeBuild(`wasm-${variant}`, targets, { quiet });
    }
  };
  await Promise.all([builder(), builder()]);
}

/**
 * The cores of these variants, with the programs of their tests unless `targets` names what is wanted, and the library. Packages wait for
 * the network and the disk, the cores for processors: both at once.
 */
export async function buildLibrary({ browser, variants, targets, declarations }) {
  const cores = async () => {
    await setup({ browser });
    await buildCores(variants, targets);
  };
  await Promise.all([cores(), installModules()]);
  await bundle({ declarations });
}

/** Everything up to a complete dist/ and build/site/. */
export async function buildAll({ browser = false, variants = WASM_VARIANTS } = {}) {
  await buildLibrary({ browser, variants, declarations: true });
  await assembleSite();
}
