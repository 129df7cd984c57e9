// js/ -> dist/: bundles by esbuild, declarations by tsc, the wasm files beside them.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cache.mjs';
import { must, say } from './run.mjs';

const ENTRIES = {
  index: 'js/index.ts',
  core: 'js/core.ts',
  cli: 'js/cli.ts',
};
// Runs on its own, so it shares no chunks with the others.
const WORKER = { worker: 'js/worker/server.ts' };

function present(entries) {
  const found = Object.entries(entries).filter(([, path]) => existsSync(join(ROOT, path)));
  return Object.fromEntries(found.map(([name, path]) => [name, join(ROOT, path)]));
}

function packageVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

/** Bundles what exists of js/; returns whether there was anything. */
export async function bundle({ declarations = true } = {}) {
  const entries = present(ENTRIES);
  if (Object.keys(entries).length === 0) return false;
  say('bundling JavaScript');
  const dist = join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const { build } = await import('esbuild');
  const options = {
    outdir: dist,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    // Node's modules are imported dynamically, behind a check for Node.
    external: ['react', 'react-dom', 'node:*'],
    target: ['es2022'],
    minify: true,
    keepNames: true,
    sourcemap: true,
    logLevel: 'warning',
    legalComments: 'eof',
    absWorkingDir: ROOT,
    alias: { 'ew-wasm/simd': join(ROOT, 'build/wasm/simd/ew.js') },
    define: { __EW_VERSION__: JSON.stringify(packageVersion()) },
  };
  await build({ ...options, entryPoints: entries, splitting: true, chunkNames: 'chunk-[hash]' });
  const worker = present(WORKER);
  if (Object.keys(worker).length > 0) await build({ ...options, entryPoints: worker });
  copyWasm(dist);
  if (declarations) {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await must(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')], { cwd: ROOT });
    // Declarations refer to the raw module's as ../../wasm/module.js.
    cpSync(join(ROOT, 'wasm/module.d.ts'), join(dist, 'wasm/module.d.ts'));
  }
  return true;
}

function copyWasm(dist) {
  const built = join(ROOT, 'build/wasm');
  if (!existsSync(built)) return;
  for (const variant of readdirSync(built)) {
    for (const file of ['ew.js', 'ew.wasm']) {
      const from = join(built, variant, file);
      if (existsSync(from)) cpSync(from, join(dist, 'wasm', variant, file));
    }
  }
}

/** [{path, bytes}] of dist, for reports. */
export function distFiles() {
  const dist = join(ROOT, 'dist');
  const out = [];
  for (const name of readdirSync(dist, { recursive: true }).sort()) {
    const info = statSync(join(dist, name));
    if (info.isFile()) out.push({ path: name, bytes: info.size });
  }
  return out;
}
