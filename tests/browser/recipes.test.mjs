// The code of docs/recipes.md, as it stands there, in a real page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { transformAsync } from '@babel/core';
import { build, transform } from 'esbuild';
import { serve } from '../../scripts/lib/server.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { lacks } from '../lib/engines.mjs';
import { ROOT } from '../lib/shared.mjs';

const PHOTO = '/models/photo/efficientnet_lite0_int8.pte';
const SAMPLES = '/models/photo/samples';
const SEGMENTER = '/models/builtin/segmenter_fp32.pte';
const MODELS = join(ROOT, 'models');
const DRAWN = JSON.parse(readFileSync(join(MODELS, 'builtin/classifier_fp32.json')));
/** Recipes that need a tool around them: name → the test that covers it. */
const ELSEWHERE = { 'mock.ts': 'test of Jest', 'sw.js': 'test of the service worker' };

const recipes = new Map(
  [
    ...readFileSync(join(ROOT, 'docs/recipes.md'), 'utf8').matchAll(
      /^```[jt]s ([\w.]+)\n(.*?)^```$/gms,
    ),
  ].map(([, name, code]) => [name, code]),
);
const ran = new Set();
/** Reloads without a server are tried where the browser is driven by Playwright. */
const isWithoutWorkers = lacks('locators');

let browser;
let page;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ew-recipes-'));
  const names = [...recipes.keys()].filter((name) => !(name in ELSEWHERE));
  for (const name of names) {
    const { code } = await transform(recipes.get(name), { loader: 'ts' });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), code);
  }
  await build({
    stdin: { contents: "export * from 'vue';", resolveDir: ROOT },
    define: { 'process.env.NODE_ENV': '"production"' },
    ...{ bundle: true, format: 'esm', outfile: join(folder, 'vue.js'), logLevel: 'error' },
  });
  const imports = { vue: '/page/vue.js', 'executorch-web/core': '/dist/web-core.js' };
  const html = `<!doctype html><meta charset="utf-8"><title>recipes</title><link rel="icon" href="data:,">
    <script type="importmap">${JSON.stringify({ imports })}</script>`;
  writeFileSync(join(folder, 'index.html'), html);
  browser = await startBrowser({ mounts: { '/page/': folder }, camera: true });
  page = await browser.newPage('/page/');
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `work(recipe, library, values)` in the page. */
function inPage(name, work, values = {}) {
  ran.add(name);
  const script = `async ({ path, values }) => {
    const [recipe, library] = await Promise.all([import(path), import('/dist/web-core.js')]);
    return (${work})(recipe, library, values);
  }`;
  const path = `/page/${name.replace(/\.ts$/, '.js')}`;
  const all = { PHOTO, SAMPLES, SEGMENTER, ...values };
  return page.evaluate(`(${script})(${JSON.stringify({ path, values: all })})`);
}

test('overlay: the share of the picture that is a class, drawn in red', async () => {
  const { share, red, size } = await inPage(
    'overlay.ts',
    async ({ overlay }, { ImageSegmentationModule }, { SEGMENTER: modelSource, labels }) => {
      const segmenter = new ImageSegmentationModule();
      await segmenter.load({ modelSource, labels });
      const picture = new Image();
      picture.src = '/models/builtin/samples/scene-1.jpg';
      await picture.decode();
      const canvas = document.createElement('canvas');
      const shown = await overlay(segmenter, picture, canvas, 0);
      segmenter.delete();
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] === 255) count++;
      return { share: shown, red: count / (data.length / 4), size: [canvas.width, canvas.height] };
    },
    { labels: JSON.parse(readFileSync(join(ROOT, 'models/builtin/segmenter_fp32.json'))).labels },
  );
  assert.ok(share > 0.2 && share < 1, `${share} of the picture is background`);
  assert.ok(red >= share, `${red} is red, ${share} was found`);
  assert.ok(size[0] > 0 && size[1] > 0);
});

test('search: a picture is most like itself, scaled down', async () => {
  const found = await inPage(
    'search.ts',
    async ({ PictureSearch }, { EFFICIENTNET_LITE0_EMBEDDINGS_QUANTIZED }, { PHOTO, SAMPLES }) => {
      const search = new PictureSearch();
      await search.load({ ...EFFICIENTNET_LITE0_EMBEDDINGS_QUANTIZED, modelSource: PHOTO });
      for (const name of ['cat', 'espresso', 'temple'])
        await search.add(name, `${SAMPLES}/${name}.jpg`);
      const bitmap = await createImageBitmap(
        await (await fetch(`${SAMPLES}/espresso.jpg`)).blob(),
        {
          resizeWidth: 150,
          resizeHeight: 100,
        },
      );
      const result = await search.find(bitmap, 2);
      search.end();
      return result;
    },
  );
  assert.equal(found.length, 2);
  assert.equal(found[0].name, 'espresso');
  assert.ok(found[0].similarity > 0.7 && found[1].similarity < found[0].similarity);
});

test('zero-shot: pictures of four kinds, told apart by words alone', async () => {
  const kinds = ['boat', 'cup', 'tree', 'house'];
  const found = await inPage(
    'words.ts',
    async ({ classifierOf }, _, { kinds }) => {
      const image = { modelSource: '/models/builtin/embedder_fp32.pte' };
      const text = {
        modelSource: '/models/text/text_encoder_fp32.pte',
        tokenizerSource: '/models/text/tokenizer.json',
      };
      const { classify, end } = await classifierOf(kinds, image, text);
      const results = [];
      for (const kind of kinds) {
        results.push(await classify(`/models/builtin/samples/${kind}-2.jpg`));
      }
      end();
      return results;
    },
    { kinds },
  );
  const best = found.map(([{ text }]) => text);
  assert.deepEqual(best, kinds);
  for (const [{ probability }] of found) assert.ok(probability > 0.5, `${probability}`);
});

test('batch: rows in order, a broken file does not stop the others, a signal does', async () => {
  const { rows, progress, stopped } = await inPage(
    'batch.ts',
    async ({ classifyAll }, { ClassificationModule }, { PHOTO, SAMPLES }) => {
      const classifier = new ClassificationModule();
      await classifier.load({ modelSource: PHOTO });
      const fileOf = async (name) =>
        new File([await (await fetch(`${SAMPLES}/${name}`)).blob()], name);
      const files = [
        await fileOf('espresso.jpg'),
        new File(['no picture'], 'x.jpg'),
        await fileOf('cat.jpg'),
      ];
      const progress = [];
      const live = new AbortController();
      const rows = await classifyAll(
        classifier,
        files,
        (share) => progress.push(share),
        live.signal,
      );
      const ended = AbortSignal.abort();
      const stopped = await classifyAll(classifier, files, () => {}, ended).catch(
        ({ name }) => name,
      );
      classifier.delete();
      return {
        rows: rows.map(({ file, best, code }) => [file.name, best?.label, code]),
        progress,
        stopped,
      };
    },
  );
  assert.deepEqual(rows[0].slice(0, 2), ['espresso.jpg', 'espresso']);
  assert.equal(rows[1][0], 'x.jpg');
  assert.equal(typeof rows[1][2], 'number');
  assert.match(rows[2][1], /cat/i);
  assert.deepEqual(progress, [1 / 3, 2 / 3, 1]);
  assert.equal(stopped, 'AbortError');
});

test('camera: what it sees, until it is ended', { skip: lacks('camera') }, async () => {
  const { seen, results, isFree } = await inPage(
    'camera.ts',
    async ({ watchCamera }, { ClassificationModule }, { PHOTO }) => {
      const classifier = new ClassificationModule();
      await classifier.load({ modelSource: PHOTO });
      const video = document.createElement('video');
      video.muted = true;
      const controller = new AbortController();
      const seen = [];
      const show = (best) => seen.push(best.label) === 3 && controller.abort();
      const { results } = await watchCamera(classifier, video, show, controller.signal);
      classifier.delete();
      return { seen, results, isFree: video.srcObject === null };
    },
  );
  assert.equal(seen.length, 3);
  assert.ok(seen.every((label) => label.length > 0));
  assert.deepEqual([results, isFree], [3, true]);
});

test('trouble: offline, a server without the file, no model, no picture', async () => {
  const found = await inPage(
    'trouble.ts',
    async ({ trouble }, { ClassificationModule, configure }, { PHOTO }) => {
      configure({ download: { attempts: 1 }, hubMetadata: false });
      const why = (modelSource) =>
        new ClassificationModule().load({ modelSource }).then(() => undefined, trouble);
      const results = [await why('/nothing-here.pte'), await why(new Blob(['no model at all']))];
      Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
      results.push(await why('/nothing-here-either.pte'));
      delete navigator.onLine;
      configure({ download: undefined, hubMetadata: undefined });
      const classifier = new ClassificationModule();
      await classifier.load({ modelSource: PHOTO });
      results.push(await classifier.classify(new Blob(['no picture'])).catch(trouble));
      results.push(await classifier.classify('/nothing-here.jpg').catch(trouble));
      results.push(await classifier.load({ modelSource: PHOTO, labels: ['one'] }).catch(trouble));
      classifier.delete();
      return results.map(({ kind, canRetry, text }) => [kind, canRetry, text.length > 10]);
    },
  );
  assert.deepEqual(found, [
    ['server', true, true],
    ['model', false, true],
    ['offline', true, true],
    ['picture', false, true],
    ['picture', false, true],
    ['model', false, true],
  ]);
});

test('versions: a file that changes is told of, and swapped in', async () => {
  const bytes = readFileSync(join(ROOT, 'models/builtin/classifier_fp32.pte'));
  const path = join(folder, 'changing.pte');
  writeFileSync(path, bytes);
  const labels = JSON.parse(readFileSync(join(ROOT, 'models/builtin/classifier_fp32.json'))).labels;
  const load = (name, values) => inPage('versions.ts', name, { labels, ...values });
  await load(async ({ loadAndWatch }, _, { labels }) => {
    const classifier = await loadAndWatch({ modelSource: '/page/changing.pte', labels }, () => {});
    classifier.delete();
  });
  writeFileSync(path, readFileSync(join(ROOT, 'models/builtin/classifier_int8.pte')));
  const sizes = await load(async ({ loadAndWatch }, _, { labels }) => {
    let heard;
    const newer = new Promise((resolve) => (heard = resolve));
    const classifier = await loadAndWatch({ modelSource: '/page/changing.pte', labels }, heard);
    const swap = await newer;
    await swap();
    const { sha256 } = classifier.loadReport.resource;
    classifier.delete();
    return sha256;
  });
  assert.equal(sizes, createHash('sha256').update(readFileSync(path)).digest('hex'));
});

test('ahead: the file is in the store before a module asks for it', async () => {
  const { progress, requests } = await inPage(
    'ahead.ts',
    async ({ fetchAhead }, { ClassificationModule }, { PHOTO }) => {
      const shares = [];
      await fetchAhead(PHOTO, (share) => shares.push(share));
      const classifier = new ClassificationModule();
      await classifier.load({ modelSource: PHOTO });
      const { requests } = classifier.loadReport.resource;
      classifier.delete();
      return { progress: shares.at(-1), requests };
    },
  );
  assert.deepEqual([progress, requests], [1, 0]);
});

test('sw: the page and its model, without a server', { skip: isWithoutWorkers }, async () => {
  const app = mkdtempSync(join(tmpdir(), 'ew-recipe-app-'));
  const server = await serve({ '/dist/': join(ROOT, 'dist'), '/models/': MODELS, '/': app });
  try {
    writeFileSync(join(app, 'sw.js'), recipes.get('sw.js'));
    writeFileSync(
      join(app, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>app</title><link rel="icon" href="data:,">
        <script type="module">
          import { ClassificationModule } from '/dist/web-core.js';
          const classifier = new ClassificationModule();
          const labels = ${JSON.stringify(DRAWN.labels)};
          await classifier.load({ modelSource: '/models/builtin/classifier_fp32.pte', labels });
          const [best] = await classifier.classify('/models/builtin/samples/car-1.jpg');
          await navigator.serviceWorker.register('/sw.js');
          await navigator.serviceWorker.ready;
          document.title = best.label;
        </script>`,
    );
    const visitor = await browser.newPage(`${server.url}/`);
    const seen = () => visitor.waitForFunction(() => document.title === 'car');
    await seen();
    await visitor.reload();
    await seen();
    await server.close();
    await visitor.reload();
    await seen();
    await visitor.close();
    ran.add('sw.js');
  } finally {
    await server.close();
    rmSync(app, { recursive: true, force: true });
  }
});

test('Vue: ready, an answer, and freed with its scope', async () => {
  const { label, later } = await inPage(
    'useClassifier.ts',
    async (recipe, _, { PHOTO, SAMPLES }) => {
      const { effectScope, watch } = await import('vue');
      const scope = effectScope();
      const use = scope.run(() => recipe.useClassifier({ modelSource: PHOTO }));
      await new Promise((resolve) => watch(use.isReady, resolve));
      const [best] = await use.classify(`${SAMPLES}/espresso.jpg`);
      scope.stop();
      const later = await use.classify(`${SAMPLES}/espresso.jpg`).catch(({ codeName }) => codeName);
      return { label: best.label, later };
    },
  );
  assert.deepEqual([label, later], ['espresso', 'ModuleNotLoaded']);
});

test('Svelte: a store that loads while it is watched', async () => {
  const label = await inPage('classifierStore.ts', async (recipe, _, { PHOTO, SAMPLES }) => {
    let stop;
    const classifier = await new Promise((resolve, reject) => {
      stop = recipe
        .classifierStore({ modelSource: PHOTO })
        .subscribe(({ classifier: ready, error }) => {
          if (ready) resolve(ready);
          if (error) reject(error);
        });
    });
    const [best] = await classifier.classify(`${SAMPLES}/espresso.jpg`);
    stop();
    return best.label;
  });
  assert.equal(label, 'espresso');
});

test('Jest: the stand-in takes the place of the package', async () => {
  const project = mkdtempSync(join(ROOT, 'build/recipe-jest-'));
  try {
    // Jest's own transform moves calls of jest.mock() to the front, and refuses stand-ins that use other variables.
    const presets = [createRequire(import.meta.url).resolve('babel-preset-jest')];
    const hoisted = await transformAsync(recipes.get('mock.ts'), { presets, configFile: false });
    const { code } = await transform(hoisted.code, { loader: 'ts', format: 'cjs' });
    writeFileSync(join(project, 'mock.cjs'), code);
    writeFileSync(
      join(project, 'mock.test.cjs'),
      `require('./mock.cjs');
      const { useClassification } = require('executorch-web');
      test('is the stand-in', async () => {
        expect(await useClassification({}).classify('x')).toEqual([{ label: 'cat', index: 0, score: 1 }]);
      });`,
    );
    const config = JSON.stringify({
      rootDir: project,
      transform: {},
      testMatch: ['**/*.test.cjs'],
    });
    const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
    execFileSync(process.execPath, [jest, '--config', config], { cwd: project, stdio: 'pipe' });
    ran.add('mock.ts');
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

test('every recipe has run that can run in this browser', () => {
  const cannot = [lacks('camera') && 'camera.ts', isWithoutWorkers && 'sw.js'];
  assert.deepEqual(
    [...ran].sort(),
    [...recipes.keys()].filter((name) => !cannot.includes(name)).sort(),
  );
});
