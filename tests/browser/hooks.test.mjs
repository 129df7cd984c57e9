// The hooks in a browser on React 18 and 19: real workers, the real engine, StrictMode.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { CACHE } from '../../scripts/lib/cache.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { ROOT, hasShared } from '../lib/shared.mjs';

const FP32 = '/shared/models/real/mobilenet_v2_imagenet1k_fp32.pte';
const INT8 = '/shared/models/real/mobilenet_v2_imagenet1k_int8.pte';
const TENCH = '/shared/data/images/imagenet/n01440764_tench.JPEG';

/** Folders of react and react-dom; undefined when that version is not installed. */
function reactFolders(major) {
  const modules = join(ROOT, 'node_modules');
  const places =
    major === 19
      ? [[join(modules, 'react'), join(modules, 'react-dom')]]
      : [
          [join(modules, 'react-18'), join(modules, 'react-dom-18')],
          ['react', 'react-dom'].map((name) => join(CACHE, 'react-18/node_modules', name)),
        ];
  return places.find((folders) => folders.every((folder) => existsSync(folder)));
}

/** One module with all of React that the page and the package import, in its development build. */
async function bundleReact([react, reactDom], folder) {
  const names =
    'StrictMode, createElement, useEffect, useMemo, useState, useSyncExternalStore, version';
  await build({
    stdin: {
      contents: `import * as React from 'react'; import * as Client from 'react-dom/client';
        export const { ${names} } = React; export const { createRoot } = Client;`,
      resolveDir: ROOT,
    },
    alias: { react, 'react-dom': reactDom },
    define: { 'process.env.NODE_ENV': '"development"' },
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'react.js'),
    logLevel: 'error',
  });
  const imports = { react: '/page/react.js', 'executorch-web': '/dist/index.js' };
  const html = `<!doctype html><meta charset="utf-8"><title>hooks</title><link rel="icon" href="data:,"><div id="root"></div>
    <script type="importmap">${JSON.stringify({ imports })}</script>
    <script type="module" src="/tests/browser/hooks-page.mjs"></script>`;
  writeFileSync(join(folder, 'index.html'), html);
}

for (const major of [18, 19]) {
  const folders = reactFolders(major);
  const skip = !hasShared
    ? 'needs ../shared'
    : !folders && 'needs React 18 (tests/react/react18.test.ts)';

  describe(`hooks, React ${major}`, { skip }, () => {
    let browser;
    let page;
    let folder;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'ew-hooks-'));
      await bundleReact(folders, folder);
      browser = await startBrowser({ mounts: { '/page/': folder } });
      page = await browser.newPage('/page/');
      await page.waitForFunction(() => window.app);
    });
    after(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const show = (...list) => page.evaluate((props) => window.app.show(props), list);
    const stateOf = (id) => page.evaluate((name) => window.app.state(name), id);
    const best = (id) =>
      page.evaluate(([name, picture]) => window.app.best(name, picture), [id, TENCH]);
    const settled = async (id) => {
      const done = (name) => {
        const text = document.getElementById(name)?.textContent;
        const { isReady, error } = text ? JSON.parse(text) : {};
        return isReady || error;
      };
      await page.waitForFunction(done, id);
      return stateOf(id);
    };
    const countWorkers = () => page.evaluate(() => window.app.workers());
    const workers = async (count) => {
      for (let i = 0; i < 100 && (await countWorkers()) !== count; i++)
        await page.waitForTimeout(50);
      return countWorkers();
    };
    const asked = (path) => browser.requests.filter((request) => request === path).length;
    const READY = { error: null, isReady: true, isGenerating: false, downloadProgress: 1 };

    test(`this is React ${major}`, async () => {
      assert.match(await page.evaluate(() => window.app.version), new RegExp(`^${major}\\.`));
    });

    test('three components, one model: one worker, one download', async () => {
      const before = asked(FP32);
      await show(...['a', 'b', 'c'].map((id) => ({ id, source: FP32 })));
      for (const id of ['a', 'b', 'c']) assert.deepEqual(await settled(id), READY);
      assert.equal(await countWorkers(), 1);
      assert.equal(asked(FP32) - before, 1);
      const labels = await Promise.all(['a', 'b', 'c'].map(best));
      assert.deepEqual(labels, Array(3).fill('tench, Tinca tinca'));
    });

    test('two calls at once: the second rejects; queued they both answer', async () => {
      const [first, second] = await Promise.all([best('a'), best('a')]);
      assert.equal(first, 'tench, Tinca tinca');
      assert.equal(second.code, 'ModelGenerating');
      await show({ id: 'q', source: FP32, queue: true });
      await settled('q');
      assert.deepEqual(await Promise.all([best('q'), best('q')]), [first, first]);
      assert.equal(await workers(1), 1);
    });

    test('A → B → A settles on A with one worker', async () => {
      await show({ id: 'q', source: FP32 });
      await show({ id: 'q', source: INT8 });
      await show({ id: 'q', source: FP32 });
      assert.deepEqual(await settled('q'), READY);
      assert.equal(await best('q'), 'tench, Tinca tinca');
      assert.equal(await workers(1), 1);
    });

    test('preventLoad lets go of the model, and takes it again', async () => {
      await show({ id: 'q', source: FP32, preventLoad: true });
      assert.equal(await workers(0), 0);
      assert.equal((await stateOf('q')).isReady, false);
      assert.equal((await best('q')).code, 'ModuleNotLoaded');
      await show({ id: 'q', source: FP32 });
      assert.deepEqual(await settled('q'), READY);
    });

    test('a crash of the worker is an error; mounting again loads again', async () => {
      await page.evaluate(() => window.app.harm('throw'));
      // Nobody has called forward(): the hook notices by itself.
      await page.waitForTimeout(100);
      const { error, isReady } = await stateOf('q');
      assert.equal((await best('q')).code, 'ModuleNotLoaded');
      assert.match(error, /worker.*test crash/i);
      assert.equal(isReady, false);
      await show();
      await show({ id: 'q', source: FP32 });
      assert.deepEqual(await settled('q'), READY);
      assert.equal(await best('q'), 'tench, Tinca tinca');
      assert.equal(await workers(1), 1);
    });

    test('a worker that ends in silence is an error too', async () => {
      await page.evaluate(() => window.app.harm('close'));
      const deadline = Date.now() + 10_000;
      // Told by a forward() under way, or, when none is, by the hook.
      let answer = await best('q');
      while (answer.code === undefined && Date.now() < deadline) answer = await best('q');
      assert.match(answer.code, /^(WorkerFailed|ModuleNotLoaded)$/);
      assert.match((await stateOf('q')).error, /ended it/);
      await show();
      await show({ id: 'q', source: FP32 });
      assert.deepEqual(await settled('q'), READY);
      assert.equal(await workers(1), 1);
    });

    test('what is no model is an error, with the reason', async () => {
      await show({ id: 'bad', source: TENCH });
      const { error, isReady } = await settled('bad');
      assert.ok(error.length > 10, error);
      assert.equal(isReady, false);
      assert.equal(await workers(0), 0);
    });

    test('unmounting while loading and after, twenty times, leaves no worker', async () => {
      for (let i = 0; i < 20; i++) {
        await show({ id: `m${i}`, source: i % 2 ? FP32 : INT8 });
        if (i % 3 === 0) await settled(`m${i}`);
        await show();
        if (i % 4 === 0) assert.equal(await workers(0), 0);
      }
      assert.equal(await workers(0), 0);
      const unexpected = page.problems.filter((text) => !/test crash/.test(text));
      assert.deepEqual(unexpected, []);
    });
  });
}
