// npm run release [-- --publish]: checks that this tree is a release and shows, or publishes, what npm gets.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { Fail, capture, entry, must, say, tryCapture } from './lib/run.mjs';

const git = (...args) => capture('git', args, { cwd: ROOT }).trim();

function checkTree(version) {
  if (git('status', '--porcelain') !== '') throw new Fail('there are uncommitted changes');
  const tag = tryCapture('git', ['describe', '--exact-match', '--tags'], { cwd: ROOT }).trim();
  if (tag !== `v${version}`)
    throw new Fail(`this commit has no tag v${version}`, `git tag v${version}`);
  const log = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  if (!log.includes(`## ${version}`)) throw new Fail(`CHANGELOG.md has nothing about ${version}`);
}

function checkBuild(version) {
  for (const variant of ['simd', 'relaxed', 'simd-threads', 'relaxed-threads']) {
    const file = join(ROOT, 'dist/wasm', variant, 'ew.wasm');
    if (!existsSync(file)) throw new Fail(`${file} is missing`, 'npm run build');
    if (!readFileSync(file).includes(`${version}\0`)) {
      throw new Fail(`${file} is not version ${version}`, 'npm run clean && npm run build');
    }
  }
}

/** Provenance is a statement by a CI service; npm refuses it from anybody else. */
function checkIdentity() {
  const { ACTIONS_ID_TOKEN_REQUEST_URL, SIGSTORE_ID_TOKEN } = process.env;
  if (ACTIONS_ID_TOKEN_REQUEST_URL || SIGSTORE_ID_TOKEN) return;
  throw new Fail(
    'publishing with provenance needs the identity token of a CI job',
    'run this in a workflow with the permission id-token: write',
  );
}

await entry(async () => {
  const publish = process.argv.includes('--publish');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  checkTree(version);
  checkBuild(version);
  await must(process.execPath, [join(ROOT, 'scripts/lint.mjs')], { cwd: ROOT });
  if (publish) checkIdentity();
  const how = publish ? ['--provenance', '--access', 'public'] : ['--dry-run'];
  await must('npm', ['publish', ...how], { cwd: ROOT });
  say(
    publish ? `published ${version}` : `${version} can be published: npm run release -- --publish`,
  );
});
