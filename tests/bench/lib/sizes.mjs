// Bytes of binaries and scripts, ours and the peers': of what a page really asks the server for.
import { join } from 'node:path';
import { ROOT } from '../../lib/shared.mjs';
import { compressedSizes } from './compress.mjs';
import { VARIANTS } from './engines.mjs';

/** Paths that a page with this entry's engine asks for while it loads the model, by kind; not the model. */
export async function requestedFiles(lab, { engine, options, url, input }, peers) {
  const before = lab.requests.length;
  const bench = await lab.open(engine, options);
  try {
    await bench.call('load', { url, input });
  } finally {
    await bench.close();
  }
  const asked = [...new Set(lab.requests.slice(before))];
  return asked.map((path) => fileOf(path, peers)).filter(Boolean);
}

/** The file behind a path of the bench server; undefined for pages, models and the benchmark's own scripts. */
function fileOf(path, peers) {
  if (!/\.(m?js|wasm)$/.test(path)) return undefined;
  if (path.startsWith('/dist/')) return join(ROOT, path);
  if (path.startsWith('/peers/modules/')) {
    return join(peers.modules, path.slice('/peers/modules/'.length));
  }
  return path.startsWith('/peers/') ? join(peers.bundles, path.slice('/peers/'.length)) : undefined;
}

/** Rows {name, kind: 'wasm' | 'script', raw, gzip, brotli}; `files` are requested files by engine. */
export async function measureSizes(files) {
  const rows = [];
  for (const variant of VARIANTS) {
    const path = join(ROOT, 'dist/wasm', variant, 'ew.wasm');
    rows.push({ name: variant, kind: 'wasm', ...(await compressedSizes([path])) });
  }
  for (const [name, paths] of Object.entries(files)) {
    for (const kind of ['script', 'wasm']) {
      const chosen = paths.filter((path) => path.endsWith('.wasm') === (kind === 'wasm'));
      const isKnown = kind === 'wasm' && name === 'ours';
      if (chosen.length > 0 && !isKnown) {
        rows.push({ name, kind, ...(await compressedSizes(chosen)) });
      }
    }
  }
  return rows;
}
