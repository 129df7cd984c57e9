// The third-party sources of cmake/deps.json: fetched, checked, unpacked into the cache.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { privateRoot } from './apt.mjs';
import { ROOT, cachePath, sha256, sha256File } from './cache.mjs';
import { download } from './download.mjs';
import { Fail, run, say } from './run.mjs';

export function readDeps() {
  const { about: _about, ...deps } = JSON.parse(
    readFileSync(join(ROOT, 'cmake/deps.json'), 'utf8'),
  );
  return deps;
}

/** Folder of an unpacked dependency. Named by content, so that versions can live side by side. */
export function sourceFolder(name, dep) {
  return cachePath('src', `${name}-${dep.tree.slice(0, 12) || 'unpinned'}`);
}

/** Makes sure that every source tree is there; quick when it is. */
export async function ensureSources() {
  const missing = Object.entries(readDeps()).filter(
    ([name, dep]) => !existsSync(join(sourceFolder(name, dep), '.complete')),
  );
  if (missing.length === 0) return;
  const fetch = async ([name, dep]) => {
    say(`fetching ${name} ${dep.version}`);
    await unpack(name, dep, await fetchArchive(name, dep));
  };
  await Promise.all(missing.map(fetch));
}

async function fetchArchive(name, dep) {
  const { suite, source, sha256: hash } = dep.debian;
  const stored = cachePath('downloads', `${name}-${hash.slice(0, 12)}.tar.xz`);
  if (existsSync(stored) && sha256File(stored) === hash) return stored;
  try {
    const found = (await privateRoot(suite))?.sourceArchive(source);
    if (!found) throw new Fail(`no source package ${source} in Debian ${suite}`);
    await download(found.url, stored, hash);
    return stored;
  } catch (error) {
    say(`${name} cannot be fetched from a Debian mirror (${error.message.split('\n')[0]})`);
  }
  const { repo, commit } = dep.github;
  const path = cachePath('downloads', `${name}-${commit.slice(0, 12)}.tar.gz`);
  const url = `https://github.com/${repo}/archive/${commit}.tar.gz`;
  await download(url, path, '').catch((error) => {
    throw new Fail(
      `cannot fetch ${name}: ${error.message}`,
      `put the archive of ${repo} at ${commit} at ${path} and start again`,
    );
  });
  return path;
}

async function unpack(name, dep, archive) {
  const target = sourceFolder(name, dep);
  const work = `${target}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'all'), { recursive: true });
  // Archives have either the files at the top or a single folder around them. Of the two patterns for each file one finds nothing, and
  // tar ends with a failure; what is there in the end, the hash tells.
  const patterns = dep.keep.flatMap((path) => [path, `*/${path}`]);
  const how = ['--wildcards', '--no-wildcards-match-slash'];
  await run('tar', ['-xf', archive, '-C', join(work, 'all'), ...how, ...patterns], { quiet: true });
  const kept = join(work, 'kept');
  mkdirSync(kept);
  const top = topFolder(join(work, 'all'), dep.keep);
  for (const path of dep.keep) {
    const from = join(top, path);
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(kept, path)), { recursive: true });
    renameSync(from, join(kept, path));
  }
  const tree = treeHash(kept);
  if (tree !== dep.tree) {
    throw new Fail(
      `${name}: content hash is ${tree}, cmake/deps.json wants '${dep.tree}'`,
      `delete ${archive} and start again`,
    );
  }
  writeFileSync(join(kept, '.complete'), `${basename(archive)}\n`);
  rmSync(target, { recursive: true, force: true });
  renameSync(kept, target);
  rmSync(work, { recursive: true, force: true });
}

function topFolder(folder, keep) {
  if (keep.some((path) => existsSync(join(folder, path)))) return folder;
  return join(folder, readdirSync(folder)[0] ?? '');
}

function treeHash(folder) {
  const lines = [];
  const walk = (relative) => {
    for (const name of readdirSync(join(folder, relative)).sort()) {
      const path = relative ? `${relative}/${name}` : name;
      const full = join(folder, path);
      if (statSync(full).isDirectory()) walk(path);
      else lines.push(`${sha256File(full)}  ${path}\n`);
    }
  };
  walk('');
  return sha256(lines.sort().join(''));
}
