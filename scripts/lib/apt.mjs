// Debian packages, two ways: installing what the system lacks (needs root), and a private package
// root of another suite inside the cache folder, which changes nothing on the system.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath } from './cache.mjs';
import { Fail, capture, must, say, tryCapture, which } from './run.mjs';

export const hasApt = () => which('apt-get') !== '';

/** Installs packages on this system. Throws with the command to type, or `instead`, when we are not root. */
export async function installPackages(names, instead = '') {
  const others = instead && `\n     ${instead}`;
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (!hasApt())
    throw new Fail(`missing: ${names.join(', ')}`, `install them and start again${others}`);
  if (process.getuid?.() !== 0) {
    throw new Fail(`missing: ${names.join(', ')}`, `run: sudo ${command}${others}`);
  }
  say(`installing ${names.join(', ')} with apt`);
  const options = { quiet: true, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const args = ['install', '-y', '--no-install-recommends', '-q', ...names];
  await must('apt-get', ['update', '-q'], options).catch(() =>
    say('apt-get update failed; continuing'),
  );
  await must('apt-get', args, { ...options, advice: `see why this fails: ${command}` });
}

/** The address of the Debian mirror that this machine uses, or ''. */
export function debianMirror() {
  const files = ['/etc/apt/sources.list'];
  const folder = '/etc/apt/sources.list.d';
  if (existsSync(folder)) files.push(...readdirSync(folder).map((name) => join(folder, name)));
  const found = [];
  for (const file of files.filter((name) => existsSync(name))) {
    const text = readFileSync(file, 'utf8');
    for (const match of text.matchAll(/^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(\S+)/gm)) {
      found.push(match[1].replace(/\/+$/, ''));
    }
  }
  // Security updates and vendors' repositories do not hold the other suites.
  return found.find((address) => /\/debian$/.test(address)) ?? '';
}

const roots = new Map();

/**
 * A private apt root for one suite of the machine's Debian mirror, with an empty list of installed
 * packages. Resolves to helpers bound to it, or null without apt. Its index is read once per process. Indexes are signed; apt checks
 * them with the system's keyring.
 */
export function privateRoot(suite) {
  if (!roots.has(suite)) roots.set(suite, makeRoot(suite));
  return roots.get(suite);
}

async function makeRoot(suite) {
  const mirror = debianMirror();
  if (!hasApt() || !mirror) return null;
  const base = cachePath('apt', suite, 'x').slice(0, -2);
  for (const folder of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(base, folder), { recursive: true });
  }
  const sources = `deb ${mirror} ${suite} main\ndeb-src ${mirror} ${suite} main\n`;
  writeFileSync(join(base, 'sources.list'), sources);
  writeFileSync(join(base, 'status'), '');
  const config = join(base, 'apt.conf');
  writeFileSync(config, aptConfig(base));
  const env = { ...process.env, APT_CONFIG: config, LC_ALL: 'C' };

  say(`reading the package index of Debian ${suite}`);
  const listing = join(base, 'lists');
  const before = readdirSync(listing).length;
  await must('apt-get', ['update', '-q'], { quiet: true, env }).catch((error) => {
    if (before <= 1) throw error;
    say('no fresh index; using the stored one');
  });
  return {
    base,
    /** Downloads binary packages into folder; apt verifies their hashes. */
    download: (names, folder) =>
      must('apt-get', ['download', '-q', ...names], { quiet: true, env, cwd: folder }),
    /** Names of the packages that installing these on an empty system would bring. */
    closure: (names) =>
      capture('apt-get', ['install', '--print-uris', '-qq', '-y', ...names], { env })
        .split('\n')
        .filter((line) => line.startsWith("'"))
        .map((line) => line.split(' ')[1].split('_')[0]),
    /** {url, sha256} of the upstream archive of a source package. */
    sourceArchive: (name) => sourceArchive(name, env),
  };
}

function aptConfig(base) {
  return [
    `Dir::State "${base}";`,
    `Dir::State::status "${base}/status";`,
    `Dir::State::Lists "${base}/lists";`,
    `Dir::Cache "${base}";`,
    `Dir::Cache::archives "${base}/archives";`,
    `Dir::Etc::sourcelist "${base}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    'APT::Install-Recommends "false";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    '',
  ].join('\n');
}

function sourceArchive(name, env) {
  // Not `apt-get source`: some mirrors lack the packaging files, and only upstream's are wanted.
  const lines = tryCapture('apt-get', ['source', '--print-uris', '-qq', name], { env });
  const line = lines.split('\n').find((text) => /\.orig\.tar\./.test(text));
  const match = line?.match(/^'([^']+)' \S+ \d+ SHA256:([0-9a-f]{64})/);
  return match ? { url: match[1], sha256: match[2] } : null;
}
