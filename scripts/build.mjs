// npm run build [-- simd relaxed …]: the wasm variants (all by default) and dist/.
import { gzipSync, brotliCompressSync, constants } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distFiles } from './lib/bundle.mjs';
import { ROOT } from './lib/cache.mjs';
import { Fail, entry, say } from './lib/run.mjs';
import { WASM_VARIANTS, buildAll } from './lib/steps.mjs';

function sizeTable() {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
  const rows = distFiles().filter(({ path }) => /\.(js|wasm)$/.test(path));
  process.stdout.write(
    `${'dist/'.padEnd(34)} ${'raw'.padStart(11)} ${'gzip'.padStart(11)} ${'brotli'.padStart(11)}\n`,
  );
  for (const { path, bytes } of rows) {
    const data = readFileSync(join(ROOT, 'dist', path));
    const gzip = gzipSync(data, { level: 9 }).length;
    const brotli = brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes },
    }).length;
    process.stdout.write(
      `${path.padEnd(34)} ${kilobytes(bytes)} ${kilobytes(gzip)} ${kilobytes(brotli)}\n`,
    );
  }
}

await entry(async () => {
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const unknown = wanted.filter((word) => !WASM_VARIANTS.includes(word));
  if (unknown.length > 0) {
    throw new Fail(`unknown variant ${unknown.join(', ')}`, `known: ${WASM_VARIANTS.join(', ')}`);
  }
  await buildAll({ variants: wanted.length > 0 ? wanted : WASM_VARIANTS });
  sizeTable();
  say('done');
});
