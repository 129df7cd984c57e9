// build/site: the demo as a folder that any static server can serve, from any path.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './cache.mjs';
import { say } from './run.mjs';
import { writeDocs } from './site-docs.mjs';
import { pteToTflite } from './pte-to-tflite.mjs';
import { PHOTO_FILE, PHOTO_TFLITE, SELFIE, SELFIE_FILE, siteModels } from './site-models.mjs';

export const SITE = join(ROOT, 'build/site');

/** What of dist/ a page needs: the build for pages, the worker, the binaries. */
const isForPages = (name) =>
  /^(web(-.*)?|worker|labels|class-rules|run-on-video|map-rules|words|wasm-binary|tokenizer|isolation(-worker)?)\.js$|^wasm\/.*\.(js|wasm)$/.test(
    name,
  );

/** demo/, the built library and the built-in models; relative addresses only. */
export async function assembleSite() {
  if (!existsSync(join(ROOT, 'demo/index.html'))) return;
  say('assembling build/site');
  rmSync(SITE, { recursive: true, force: true });
  mkdirSync(SITE, { recursive: true });
  copyTree(join(ROOT, 'demo'), SITE, (name) => !name.startsWith('react/'));
  copyTree(join(ROOT, 'dist'), join(SITE, 'dist'), isForPages);
  for (const folder of ['builtin', 'photo', 'text']) {
    copyTree(join(ROOT, 'models', folder), join(SITE, 'models', folder), (name) =>
      /\.(pte|tflite|jpg|png)$|^LICENSE$|^samples\/samples\.json$|^tokenizer\.json$/.test(name),
    );
  }
  copySelfieModel();
  writeFileSync(join(SITE, 'models.json'), JSON.stringify(siteModels(writePhotoTflite())));
  await writeDocs(join(SITE, 'docs'));
  await bundleReactPage();
  writeFileSync(join(SITE, 'files.json'), JSON.stringify(offlineFiles()));
}

/** Binaries that were built after the rest of the site. */
export function addBinaries() {
  copyTree(join(ROOT, 'dist/wasm'), join(SITE, 'dist/wasm'), (name) => /\.(js|wasm)$/.test(name));
  writeFileSync(join(SITE, 'files.json'), JSON.stringify(offlineFiles()));
}

/** The photo model as a `.tflite`, for comparing the formats. @returns its size */
function writePhotoTflite() {
  const bytes = pteToTflite(readFileSync(join(ROOT, 'models', PHOTO_FILE)));
  writeFileSync(join(SITE, 'models', PHOTO_TFLITE), bytes);
  return bytes.length;
}

/** Its licence is the text that the photo model has, too: Apache 2.0. */
function copySelfieModel() {
  if (!existsSync(SELFIE)) return;
  const target = join(SITE, 'models', SELFIE_FILE);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(SELFIE, target);
  cpSync(join(ROOT, 'models/photo/LICENSE'), join(dirname(target), 'LICENSE'));
}

/** What the page needs without a network; the builds with threads and the documentation are fetched when they are used. */
function offlineFiles() {
  return readdirSync(SITE, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(SITE.length + 1))
    .filter((name) => !/^sw\.js$|-threads\/|^docs\//.test(name))
    .sort();
}

function copyTree(from, to, wanted) {
  if (!existsSync(from)) return;
  for (const item of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    const relative = path.slice(from.length + 1);
    if (item.isFile() && wanted(relative)) cpSync(path, join(to, relative));
  }
}

/** The one page that needs a bundler: React, its app and the built library in one file. */
async function bundleReactPage() {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(ROOT, 'demo/react/app.tsx')],
    outfile: join(SITE, 'react/app.js'),
    alias: { 'executorch-web': join(ROOT, 'dist/web.js') },
    define: { 'process.env.NODE_ENV': '"production"' },
    jsx: 'automatic',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    external: ['node:*'],
    logLevel: 'warning',
    // A chunk of the library that a page without its names does not need.
    logOverride: { 'ignored-bare-import': 'silent' },
    legalComments: 'eof',
    absWorkingDir: ROOT,
  });
}
