// The package as npm would publish it, where tools need no packages of their own: esbuild, plain pages.
// Node and sizes: tests/node/packed.test.mjs; other tools: `npm run matrix`.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/lib/cache.mjs';
import { capture } from '../../scripts/lib/run.mjs';
import { lacks } from '../lib/engines.mjs';
import {
  SAMPLE,
  addSample,
  look,
  openFolder,
  packPackage,
  plainFolder,
  sampleModule,
} from '../matrix/lib/kit.mjs';

let packed;
before(() => {
  packed = packPackage();
});

/** What `look` tells of a page with one worker, where it can. */
const ONE_WORKER = lacks('workers') ? undefined : 1;

const node = (folder, ...args) => capture(process.execPath, args, { cwd: folder });

describe('the packed package in pages', () => {
  /** A page in its own folder: text of a module that runs in it, or tags. */
  function page(name, { module = '', tags = '' }) {
    const folder = plainFolder(name, packed.folder);
    const script = module && `<script type="module">${module}</script>`;
    writeFileSync(
      join(folder, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><p id="result"></p>${tags}${script}`,
    );
    writeFileSync(join(folder, 'sample.js'), sampleModule('/sample/'));
    addSample(folder);
    return folder;
  }

  const SHOW = `
    const show = (text) => (document.getElementById('result').textContent = text);
    const classify = async ({ ClassificationModule }, model, picture) => {
      const classifier = new ClassificationModule();
      await classifier.load(model);
      show(Object.keys(await classifier.forward(picture))[0]);
    };
    const failed = (error) => show('failed: ' + error.message);`;

  for (const build of ['web-core', 'core']) {
    test(`<script type="module">, ${build}.js, no tool`, async () => {
      const folder = page(`module-page-${build}`, {
        module: `import * as ew from '/node_modules/executorch-web/dist/${build}.js';
          import { MODEL, PICTURE } from './sample.js';
          ${SHOW} classify(ew, MODEL, PICTURE).catch(failed);`,
      });
      const { workers, problems } = await openFolder(folder);
      assert.equal(workers, ONE_WORKER);
      assert.deepEqual(problems, []);
    });
  }

  test('a classic script', async () => {
    const folder = page('classic-script', {
      tags: `<script src="node_modules/executorch-web/dist/executorch-web.js"></script>
        <script>${SHOW} classify(ExecutorchWeb,
          { modelSource: 'sample/model.pte', labels: ${JSON.stringify(SAMPLE.labels)} }, 'sample/picture.jpg').catch(failed);</script>`,
    });
    const { workers, problems } = await openFolder(folder);
    assert.equal(workers, ONE_WORKER);
    assert.deepEqual(problems, []);
  });

  test('esbuild, with copied assets beside the bundle', async () => {
    const folder = page('esbuild', { tags: '<script type="module" src="out/main.js"></script>' });
    const code = readFileSync(join(ROOT, 'tests/matrix/lib/classify.js'), 'utf8');
    writeFileSync(join(folder, 'classify.js'), code);
    await build({
      entryPoints: { main: join(folder, 'classify.js') },
      outdir: join(folder, 'out'),
      bundle: true,
      format: 'esm',
      splitting: true,
      logLevel: 'error',
    });
    const said = node(
      folder,
      'node_modules/executorch-web/dist/cli.js',
      'copy-assets',
      join(folder, 'out'),
    );
    assert.match(said, /worker\.js/);
    const { workers, problems } = await openFolder(folder);
    assert.equal(workers, ONE_WORKER);
    assert.deepEqual(problems, []);
  });

  test('one file from the disk, all embedded', async () => {
    const folder = page('inline', { tags: '<script src="main.js"></script>' });
    const base64 = (path) => JSON.stringify(readFileSync(path).toString('base64'));
    const stdin = `import * as ew from 'executorch-web/core';
      import { inline } from 'executorch-web/inline';
      import { LABELS } from './sample.js';
      ${SHOW}
      const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      ew.configure(inline);
      const model = { modelSource: bytes(${base64(SAMPLE.model)}), labels: LABELS };
      classify(ew, model, 'data:image/jpeg;base64,' + ${base64(SAMPLE.picture)}).catch(failed);`;
    await build({
      stdin: { contents: stdin, resolveDir: folder },
      outfile: join(folder, 'main.js'),
      bundle: true,
      format: 'iife',
      logLevel: 'silent',
    });
    const { workers, problems } = await look(pathToFileURL(join(folder, 'index.html')).href);
    assert.equal(workers, ONE_WORKER);
    assert.deepEqual(problems, []);
  });
});
