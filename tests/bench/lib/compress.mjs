// Bytes that a page loads: raw, gzip -9, brotli 11. Compressing megabytes takes long, so results are kept.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { cachePath, sha256 } from '../../../scripts/lib/cache.mjs';

const STORE = () => cachePath('bench', 'compressed.json');

/** {raw, gzip, brotli} of the files, summed; each is compressed by itself, as servers do. */
export async function compressedSizes(paths) {
  const known = existsSync(STORE()) ? JSON.parse(readFileSync(STORE(), 'utf8')) : {};
  const all = await Promise.all(paths.map((path) => sizesOf(readFileSync(path), known)));
  writeFileSync(STORE(), JSON.stringify(known));
  const sum = (name) => all.reduce((total, sizes) => total + sizes[name], 0);
  return { raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') };
}

async function sizesOf(data, known) {
  const key = sha256(data);
  known[key] ??= {
    raw: data.length,
    gzip: (await promisify(gzip)(data, { level: 9 })).length,
    brotli: (
      await promisify(brotliCompress)(data, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
        },
      })
    ).length,
  };
  return known[key];
}
