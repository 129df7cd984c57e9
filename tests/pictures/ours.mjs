// Our own decoder in this thread, built from the sources: for tools and tests that want pixels without a model.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { packageVersion } from '../../scripts/lib/bundle.mjs';
import { ROOT } from '../lib/shared.mjs';

/** Resolves to decode(bytes) → {width, height, rgb} or {code, message}; needs `npm run build`. */
export async function ourDecoder() {
  const folder = join(ROOT, 'build/tests');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'pictures.mjs');
  const contents = `export { pixelsOf, refusal } from './decode.js'; export { createEngine } from './engine.js';`;
  await build({
    stdin: { contents, resolveDir: join(ROOT, 'tests/lib'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    define: { __EW_TARGET__: '"node"', __EW_VERSION__: JSON.stringify(packageVersion()) },
    alias: { 'ew-wasm/simd': join(ROOT, 'build/wasm/simd/ew.js') },
    outfile,
  });
  const { createEngine, pixelsOf, refusal } = await import(pathToFileURL(outfile).href);
  const engine = await createEngine();
  const decode = async (bytes) => {
    let pixels;
    const error = await refusal(async () => {
      pixels = await pixelsOf(engine, bytes);
    });
    return error ?? pixels;
  };
  return { engine, decode };
}
