// The apps of examples/, built as their README says, and asked about a photo.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from '../../../scripts/lib/cache.mjs';
import { addPackage, install, openFolder, openServer, tool } from './kit.mjs';

const PHOTO = join(ROOT, 'models/photo/samples/espresso.jpg');
const LABEL = 'espresso';

/** Chooses the photo, waits for its name on the page and returns it. */
async function choosePhoto(page) {
  const input = page.locator('input[type=file]:enabled');
  await input.waitFor();
  await input.setInputFiles(PHOTO);
  await page.getByText(`${LABEL}:`).waitFor();
  // What is no picture is said, and nothing of the photo stays beside it.
  await input.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') });
  await page.getByText(/not an image|no image/).waitFor();
  assert.equal(await page.getByText(`${LABEL}:`).count(), 0);
  await input.setInputFiles([]);
  await page.getByText(/not an image|no image/).waitFor({ state: 'detached' });
  return LABEL;
}

/** Types the photo's address, which the page serves beside itself. */
async function typeAddress(page) {
  const input = page.getByPlaceholder('Address of a photo');
  await input.fill('/espresso.jpg');
  await page.getByText('Classify').click();
  await page.getByText(`${LABEL}:`).waitFor();
  return LABEL;
}

/** A copy of the example with packages of the fixture that has the same tool, and with the packed package. */
async function prepare(example, fixture, packed) {
  const folder = join(CACHE, 'matrix', `example-${example}`);
  mkdirSync(folder, { recursive: true });
  if (fixture) {
    await install(fixture, folder);
    checkVersions(example, fixture);
  }
  cpSync(join(ROOT, 'examples', example), folder, { recursive: true });
  addPackage(folder, packed);
  return folder;
}

/** The example names the versions that it is tested with. */
function checkVersions(example, fixture) {
  const read = (path) => JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
  const [{ dependencies, devDependencies }, tested] = [
    read(`examples/${example}`),
    read(`tests/matrix/${fixture}`),
  ];
  const { 'executorch-web': own, ...others } = dependencies;
  assert.equal(own, read('.').version);
  assert.deepEqual(others, tested.dependencies);
  assert.deepEqual(devDependencies, tested.devDependencies);
}

const copyAssets = (folder) =>
  tool(folder, 'executorch-web/dist/cli.js', 'copy-assets', join(folder, 'public'), '--models');

export const EXAMPLES = {
  'example vite-react': {
    tool: 'vite',
    async run(packed) {
      const folder = await prepare('vite-react', 'vite', packed);
      await tool(folder, 'vite/bin/vite.js', 'build');
      return { folder, ...(await openFolder(join(folder, 'dist'), '/', {}, choosePhoto)) };
    },
  },
  'example nextjs': {
    tool: 'next',
    async run(packed) {
      const folder = await prepare('nextjs', 'next', packed);
      rmSync(join(folder, '.next'), { recursive: true, force: true });
      await copyAssets(folder);
      await tool(folder, 'next/dist/bin/next', 'build');
      const args = ['start', '--port', '0', '--hostname', '127.0.0.1'];
      const program = 'next/dist/bin/next';
      return { folder, ...(await openServer(folder, program, args, '/', choosePhoto)) };
    },
  },
  'example plain-page': {
    tool: 'executorch-web',
    async run(packed) {
      const folder = await prepare('plain-page', undefined, packed);
      return { folder, ...(await openFolder(folder, '/', {}, choosePhoto)) };
    },
  },
  'example node-script': {
    tool: 'executorch-web',
    async run(packed) {
      const folder = await prepare('node-script', undefined, packed);
      const out = execFileSync(process.execPath, ['index.mjs', PHOTO], { cwd: folder });
      assert.match(String(out), new RegExp(`: ${LABEL} \\(\\d`));
      return { folder, label: LABEL, workers: 0, problems: [] };
    },
  },
  'example expo': {
    tool: 'expo',
    async run(packed) {
      const folder = await prepare('expo', 'expo', packed);
      await copyAssets(folder);
      await tool(folder, 'expo/bin/cli', 'export', '--platform', 'web', '--clear');
      cpSync(PHOTO, join(folder, 'dist/espresso.jpg'));
      return { folder, ...(await openFolder(join(folder, 'dist'), '/', {}, typeAddress)) };
    },
  },
};
