// The packages measured beside us: installed into the cache folder at their pinned versions, each bundled as
// an app would bundle it.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachePath, sha256File } from '../../../scripts/lib/cache.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { ROOT } from '../../lib/shared.mjs';

const HERE = join(ROOT, 'tests/bench/peers');

/** What a page imports of each; the file name is the peer's name here. */
const IMPORTS = {
  onnxruntime: `export { InferenceSession, Tensor, env } from 'onnxruntime-web/wasm';`,
  litert: `export { Tensor, loadAndCompile, loadLiteRt } from '@litertjs/core';`,
  transformers: `export { AutoModel, Tensor, env } from '@huggingface/transformers';`,
  mediapipe: `export { FilesetResolver, ImageClassifier, ImageSegmenter } from '@mediapipe/tasks-vision';`,
};

export const PACKAGES = {
  onnxruntime: 'onnxruntime-web',
  litert: '@litertjs/core',
  transformers: '@huggingface/transformers',
  mediapipe: '@mediapipe/tasks-vision',
  tfjs: '@tensorflow/tfjs-tflite',
};

/**
 * Installs and bundles the peers, once per lock file. Resolves to {modules, bundles, versions}, two folders and the
 * version by name; or to {reason} where the packages cannot be had.
 */
export async function preparePeers(say) {
  const lock = join(HERE, 'package-lock.json');
  const folder = cachePath('bench', `peers-${sha256File(lock).slice(0, 12)}`);
  const modules = join(folder, 'node_modules');
  const bundles = join(folder, 'bundles');
  if (!existsSync(join(folder, 'complete'))) {
    say('installing the peers (npm ci in the cache folder)');
    mkdirSync(bundles, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(join(HERE, file), join(folder, file));
    }
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await run('npm', args, { cwd: folder, quiet: true });
    if (code !== 0) return { reason: `npm ci failed: ${output.trim().split('\n').at(-1)}` };
    await bundle(folder, bundles);
    writeFileSync(join(folder, 'complete'), '');
  }
  const version = (name) =>
    JSON.parse(readFileSync(join(modules, PACKAGES[name], 'package.json'), 'utf8')).version;
  const versions = Object.fromEntries(Object.keys(PACKAGES).map((name) => [name, version(name)]));
  return { modules, bundles, versions };
}

async function bundle(folder, outdir) {
  const { build } = await import('esbuild');
  for (const [name, contents] of Object.entries(IMPORTS)) {
    await build({
      stdin: { contents, resolveDir: folder },
      outfile: join(outdir, `${name}.js`),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'error',
    });
  }
}
