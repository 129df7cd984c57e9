// js/ -> dist/: bundles by esbuild, declarations by tsc, the wasm files beside them.
//
//   web.js web-core.js    ES modules for pages and bundlers; the engine is in the worker only
//   index.js core.js      the same with the engine, for Node; cli.js
//   web-legacy.js, web-resource-fetcher.js, legacy.js, resource-fetcher.js
//                         other versions' APIs, for pages and for Node
//   cv.js, llm.js, math.js, nlp.js, schema.js, speech.js
//                         what stands for the subpaths of 0.10
//   cjs/                  CommonJS: Node's require(), Jest, and Metro; no import.meta
//   executorch-web.js     a classic script: global ExecutorchWeb
//   inline.js             worker and core as settings for configure()
//   tokenizer.js          the library that reads tokenizers, fetched when needed
//   labels.js             names of the ImageNet classes, fetched when needed
//   map-rules.js          what a segmenter needs beside its model, fetched with it
//   words.js              what is said when something is wrong, fetched then
//   wasm-binary.js        compiles a binary at hand, for those who configure one
//   class-rules.js        what a classifier needs beside its model, fetched with it
//   run-on-video.js       what videos need, fetched by the first one
//   isolation.js          isolates pages by a service worker, isolation-worker.js
//   worker.js             self-contained, a module as well as a classic script
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './cache.mjs';
import { writeLicences } from './licences.mjs';
import { wasmProbes } from './probes.mjs';
import { SUBPATHS } from './peers.mjs';
import { must, say } from './run.mjs';

/** What `executorch-web export-script` hands out, of models/export. */
const EXPORTER = [
  'export.py',
  'contract.py',
  'lowering.py',
  'operators.py',
  'operators.json',
  'requirements.txt',
];

const DIST = join(ROOT, 'dist');

/** {cv: 'js/compat/generated/cv.ts', …}, their names behind `prefix`. */
const subpaths = (prefix = '') =>
  Object.fromEntries(
    SUBPATHS.map(({ entry }) => [`${prefix}${entry}`, `js/compat/generated/${entry}.ts`]),
  );

// {entries, target of the sources (js/base/build.d.ts), options of esbuild}; in this order: inline embeds the worker.
const BUNDLES = [
  { entries: { worker: 'js/worker/server.ts' }, target: 'module', options: { format: 'iife' } },
  {
    entries: { tokenizer: 'node_modules/@huggingface/tokenizers/dist/tokenizers.mjs' },
    target: 'module',
    options: { minifyWhitespace: true },
  },
  { entries: { labels: 'js/constants/generated/imagenet.ts' }, target: 'module', options: {} },
  { entries: { 'class-rules': 'js/tasks/class-rules.ts' }, target: 'module', options: {} },
  { entries: { 'run-on-video': 'js/video/run-on-video.ts' }, target: 'module', options: {} },
  { entries: { 'map-rules': 'js/tasks/map-rules.ts' }, target: 'module', options: {} },
  { entries: { words: 'js/words.ts' }, target: 'module', options: {} },
  { entries: { isolation: 'js/isolation.ts' }, target: 'module', options: {} },
  {
    entries: { 'isolation-worker': 'js/isolation-worker.ts' },
    target: 'module',
    options: { format: 'iife' },
  },
  { entries: { 'wasm-binary': 'js/core/wasm-binary.ts' }, target: 'module', options: {} },
  {
    entries: {
      web: 'js/index.ts',
      'web-core': 'js/core.ts',
      'web-legacy': 'js/compat/legacy/index.ts',
      'web-resource-fetcher': 'js/compat/resource-fetcher.ts',
    },
    target: 'module',
    options: { splitting: true, chunkNames: 'web-[hash]' },
  },
  {
    entries: {
      index: 'js/index.ts',
      core: 'js/core.ts',
      legacy: 'js/compat/legacy/index.ts',
      'resource-fetcher': 'js/compat/resource-fetcher.ts',
      cli: 'js/cli.ts',
    },
    target: 'node',
    options: { splitting: true, chunkNames: 'chunk-[hash]' },
  },
  {
    entries: { 'executorch-web': 'js/core.ts' },
    target: 'script',
    options: { format: 'iife', globalName: 'ExecutorchWeb', minifyWhitespace: true },
  },
  { entries: { inline: 'js/inline.ts' }, target: 'module', options: {} },
  { entries: subpaths(), target: 'module', options: {} },
  {
    entries: {
      'cjs/index': 'js/index.ts',
      'cjs/core': 'js/core.ts',
      'cjs/legacy': 'js/compat/legacy/index.ts',
      'cjs/resource-fetcher': 'js/compat/resource-fetcher.ts',
      ...subpaths('cjs/'),
    },
    target: 'commonjs',
    options: { format: 'cjs' },
  },
  {
    entries: { 'cjs/tokenizer': 'node_modules/@huggingface/tokenizers/dist/tokenizers.mjs' },
    target: 'commonjs',
    options: { format: 'cjs', minifyWhitespace: true },
  },
  {
    entries: { 'cjs/inline': 'js/inline.ts', 'cjs/isolation': 'js/isolation.ts' },
    target: 'commonjs',
    options: { format: 'cjs' },
  },
];

const COMMON = {
  outdir: DIST,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  // Node's modules are imported dynamically, behind a check for Node.
  external: ['react', 'react-dom', 'node:*'],
  target: ['es2022'],
  minifySyntax: true,
  minifyIdentifiers: true,
  // White space stays, and with it the comments that tell bundlers what is pure and which import() to leave alone.
  minifyWhitespace: false,
  // With their sources in them maps would be two fifths of the package.
  sourcemap: process.env.EW_SOURCE_MAPS === '1',
  logLevel: 'warning',
  legalComments: 'eof',
  absWorkingDir: ROOT,
  alias: { 'ew-wasm/simd': join(ROOT, 'build/wasm/simd/ew.js') },
};

export function packageVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

/** Builds for places without import.meta find their files in another way. */
const classicAssets = {
  name: 'classic-assets',
  setup(build) {
    build.onResolve({ filter: /\/assets\.js$/ }, ({ resolveDir, path }) => ({
      path: join(resolveDir, path.replace(/\.js$/, '.classic.ts')),
    }));
    // Stays a dynamic import, so that Metro can put the embedded core into a file of its own.
    build.onResolve({ filter: /^ew-inline$/ }, () => ({ path: './inline.js', external: true }));
  },
};

/**
 * What is fetched on demand is a file of its own. If it were shared with the entry, or shared something with it, bundlers
 * would load it at once for everybody, or load pages in more pieces.
 */
const lateFiles = {
  name: 'late-files',
  setup(build) {
    const late = {
      imagenet: './labels.js',
      'class-rules': './class-rules.js',
      'run-on-video': './run-on-video.js',
      'map-rules': './map-rules.js',
      words: './words.js',
      'feature-words': './words.js',
      'option-words': './words.js',
      'launch-words': './words.js',
      'wasm-binary': './wasm-binary.js',
    };
    build.onResolve({ filter: /\/[\w-]+\.js$/ }, ({ kind, path }) => {
      const file = late[/([\w-]+)\.js$/.exec(path)[1]];
      return kind === 'dynamic-import' && file ? { path: file, external: true } : undefined;
    });
  },
};

/** So is the library that reads tokenizers. */
const lateTokenizer = {
  name: 'late-tokenizer',
  setup(build) {
    build.onResolve({ filter: /^@huggingface\/tokenizers$/ }, () => ({
      path: './tokenizer.js',
      external: true,
    }));
  },
};

/** What js/inline.ts embeds. */
const embedded = {
  name: 'embedded',
  setup(build) {
    build.onResolve({ filter: /^ew-embedded$/ }, ({ path }) => ({ path, namespace: 'embedded' }));
    build.onLoad({ filter: /.*/, namespace: 'embedded' }, async () => {
      const wasm = readFileSync(join(ROOT, 'build/wasm/simd/ew.wasm'));
      const worker = readFileSync(join(DIST, 'worker.js'), 'utf8');
      const values = {
        WASM_GZIP_BASE64: gzipSync(wasm, { level: 9 }).toString('base64'),
        WORKER_SOURCE: (await build.esbuild.transform(worker, { minify: true })).code,
      };
      const lines = Object.entries(values).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
      );
      return { contents: lines.join('') };
    });
  },
};

/** Bundles js/; returns whether there was anything. */
export async function bundle({ declarations = true } = {}) {
  if (!existsSync(join(ROOT, 'js/core.ts'))) return false;
  say('bundling JavaScript');
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST, { recursive: true });
  const { build } = await import('esbuild');
  const probes = await wasmProbes();
  for (const { entries, target, options } of BUNDLES) {
    const classic = target === 'script' || target === 'commonjs';
    await build({
      ...COMMON,
      ...options,
      entryPoints: entries,
      define: {
        __EW_VERSION__: JSON.stringify(packageVersion()),
        __EW_TARGET__: JSON.stringify(target),
        __EW_PROBES__: JSON.stringify(probes),
      },
      plugins: classic
        ? [classicAssets, embedded, lateTokenizer]
        : [embedded, lateTokenizer, ...(options.splitting ? [lateFiles] : [])],
    });
  }
  copyWasm();
  writeLicences(DIST);
  for (const name of EXPORTER) {
    cpSync(join(ROOT, 'models/export', name), join(DIST, 'export', name));
  }
  copyModels();
  writeFileSync(join(DIST, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  if (declarations) await declare();
  return true;
}

/** Declarations once for importers and once for requirers: what they are depends on the nearest package.json. */
export async function declare() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  await must(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')], { cwd: ROOT });
  // Declarations refer to the raw module's as ../../wasm/module.js.
  cpSync(join(ROOT, 'wasm/module.d.ts'), join(DIST, 'wasm/module.d.ts'));
  cpSync(join(DIST, 'types'), join(DIST, 'cjs/types'), { recursive: true });
  cpSync(join(ROOT, 'wasm/module.d.ts'), join(DIST, 'cjs/wasm/module.d.ts'));
}

/** The photo model, which the constants EFFICIENTNET_LITE0_… and the command line use, with its licence. */
function copyModels() {
  for (const name of ['efficientnet_lite0_int8.pte', 'LICENSE', 'README.md']) {
    cpSync(join(ROOT, 'models/photo', name), join(DIST, 'models', name));
  }
}

/** The binaries that have been built, to dist/wasm. */
export function copyWasm() {
  const built = join(ROOT, 'build/wasm');
  if (!existsSync(built)) return;
  for (const variant of readdirSync(built)) {
    // Other builds have the script of the single-threaded core inside of the worker.
    const files = variant === 'simd-threads' ? ['ew.js', 'ew.wasm'] : ['ew.wasm'];
    for (const file of files) {
      const from = join(built, variant, file);
      if (existsSync(from)) cpSync(from, join(DIST, 'wasm', variant, file));
    }
  }
}

/** [{path, bytes}] of dist, for reports. */
export function distFiles() {
  const out = [];
  for (const name of readdirSync(DIST, { recursive: true }).sort()) {
    const info = statSync(join(DIST, name));
    if (info.isFile()) out.push({ path: name, bytes: info.size });
  }
  return out;
}
