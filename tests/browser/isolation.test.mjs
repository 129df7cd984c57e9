// `executorch-web/isolation`: pages of a server that sends no headers become isolated by a service worker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../scripts/lib/server.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { SITE } from '../lib/demo-page.mjs';
import { startingThreads } from '../lib/engines.mjs';
import { ROOT } from '../lib/shared.mjs';
import { SAMPLE } from '../matrix/lib/kit.mjs';

/** A page that asks for isolation when it is loaded; `?{"embedder":…}` are its options. It counts its loads. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>app</title><link rel="icon" href="data:," /><script type="module">
  import { isolate, endIsolation } from '/dist/isolation.js';
  Object.assign(window, { endIsolation, options: JSON.parse(decodeURIComponent(location.search.slice(1)) || '{}') });
  window.loads = Number(sessionStorage.loads ?? 0) + 1;
  sessionStorage.loads = window.loads;
  window.outcome = await isolate(window.options).catch(({ code, message }) => ({ code, message }));
</script>`;
const REPLACE = `addEventListener('install', (event) => event.waitUntil(skipWaiting()));`;
const SERVICE_WORKERS = {
  'isolation-worker': readFileSync(join(ROOT, 'dist/isolation-worker.js'), 'utf8'),
  // Adds nothing.
  plain: `${REPLACE} addEventListener('fetch', () => undefined);`,
  // Is not replaced while there are pages.
  waiting: `addEventListener('fetch', () => undefined);`,
  own: `importScripts('/dist/isolation-worker.js'); ${REPLACE}
    addEventListener('fetch', (event) => {
      const { request } = event;
      event.respondWith(fetch(request).then((response) => withIsolation(request, response)));
    });`,
};
const FOLDERS = ['/dist/', '/a/', '/b/', '/c/', '/d/', '/e/', '/f/', '/g/'];

let browser;
before(async () => {
  browser = await startBrowser({
    answers: Object.fromEntries(
      FOLDERS.flatMap((folder) => [
        [`${folder}app.html`, ['text/html', PAGE]],
        ...Object.entries(SERVICE_WORKERS).map(([name, code]) => [
          `${folder}${name}.js`,
          ['text/javascript', code],
        ]),
      ]),
    ),
  });
});
after(() => browser?.close());

/** Opens a page and waits until it has settled, however often it was loaded again. */
async function open(folder, options = {}) {
  const page = await browser.newPage(
    `${folder}app.html?${encodeURIComponent(JSON.stringify(options))}`,
  );
  return { page, ...(await settled(page)) };
}

async function settled(page) {
  for (let attempt = 0; attempt < 300; attempt++) {
    const state = await page
      .evaluate(() => ({
        outcome: window.outcome,
        loads: window.loads,
        isolated: window.crossOriginIsolated,
      }))
      .catch(() => undefined);
    if (state?.outcome) return state;
    await page.waitForTimeout(100);
  }
  throw new Error('the page did not settle');
}

async function again(page) {
  await page.reload();
  return settled(page);
}

test('a page is isolated after it was loaded again, and runs threads', async () => {
  const { page, outcome, isolated, loads } = await open('/dist/');
  assert.deepEqual(outcome, { isolated: true });
  assert.equal(isolated, true);
  // Once for each policy that the browser may not know.
  assert.ok(loads === 2 || loads === 3, `${loads} loads`);
  const found = await startingThreads(() => classifyWithThreads(page));
  assert.deepEqual(found, { best: SAMPLE.label, threads: 2 });
  assert.deepEqual(page.problems, []);
  const next = await again(page);
  assert.deepEqual([next.outcome.isolated, next.loads], [true, loads + 1]);
  await page.close();
});

const picture = () => `/models/${SAMPLE.picture.split('/models/')[1]}`;

/** The class of the sample, and with how many threads of the two asked for it was found. */
const classifyWithThreads = (page, settings = {}) =>
  page.evaluate(
    async ({ modelSource, labels, picture, settings }) => {
      const { ClassificationModule, configure } = await import('/dist/web-core.js');
      configure({ threads: 2, store: 'none', ...settings });
      const classifier = new ClassificationModule();
      await classifier.load({ modelSource, labels });
      const [best] = await classifier.classify(picture, { topk: 1 });
      const { threads } = classifier.loadReport;
      classifier.delete();
      return { best: best.label, threads };
    },
    {
      modelSource: '/models/builtin/classifier_fp32.pte',
      labels: SAMPLE.labels,
      picture: picture(),
      settings,
    },
  );

test('a device that refuses large shared memory gets a smaller one, and threads all the same', async () => {
  const { page } = await open('/dist/');
  const settings = await page.evaluate(async () => {
    // The worker's script, after memory has become scarce.
    const scarce = `const Memory = WebAssembly.Memory;
      WebAssembly.Memory = function (description) {
        if (description.maximum > 600 * 16) throw new RangeError('could not allocate memory');
        return new Memory(description);
      };
      WebAssembly.Memory.prototype = Memory.prototype;`;
    const script = await (await fetch('/dist/worker.js')).text();
    const blob = new Blob([scarce, script], { type: 'text/javascript' });
    return { workerUrl: URL.createObjectURL(blob), wasmBaseUrl: '/dist/wasm' };
  });
  const found = await startingThreads(() => classifyWithThreads(page, settings));
  assert.deepEqual(found, { best: SAMPLE.label, threads: 2 });
  await page.close();
});

// clients.claim() waits for all workers in Firefox, and threads without work answer nobody: the page hung for ever.
test('service workers that are installed while the threads of a model rest', async () => {
  const dist = join(ROOT, 'dist');
  const [, recipe] = /^```js sw.js\n(.*?)^```$/ms.exec(
    readFileSync(join(ROOT, 'docs/recipes.md'), 'utf8'),
  );
  const answers = {
    '/ours/sw.js': SERVICE_WORKERS['isolation-worker'].replace('/isolation-worker.js', '/sw.js'),
    '/recipe/sw.js': recipe,
  };
  const server = await serve(
    {
      ...{ '/ours/dist/': dist, '/recipe/dist/': dist, '/demo/': SITE },
      '/models/': join(ROOT, 'models'),
    },
    {
      isolated: true,
      handler: ({ url }, response) => {
        const type = url.endsWith('/page') ? 'text/html' : 'text/javascript';
        const content = url.endsWith('/page') ? '<!doctype html><title>page</title>' : answers[url];
        if (content) response.writeHead(200, { 'Content-Type': type }).end(content);
        return content !== undefined;
      },
    },
  );
  for (const folder of ['ours', 'recipe', 'demo']) {
    const page = await browser.newPage();
    await page.goto(`${server.url}/${folder}/page`);
    const found = await startingThreads(() => installWhileThreadsRest(page));
    assert.deepEqual(found, { threads: 2, state: 'activated', status: 200, same: true }, folder);
    await page.close();
  }
  await server.close();
});

/** Loads a model, installs a service worker while its threads wait for work, and uses page and model again. */
const installWhileThreadsRest = (page) =>
  page.evaluate(
    async ({ model, picture }) => {
      const { ClassificationModule, configure } = await import(
        new URL('dist/web-core.js', location.href).href
      );
      configure({ threads: 2, store: 'none' });
      const classifier = new ClassificationModule();
      await classifier.load(model);
      const before = await classifier.forward(picture);
      const worker = (await navigator.serviceWorker.register('sw.js')).installing;
      for (let i = 0; i < 100 && worker.state !== 'activated'; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { state } = worker;
      if (state !== 'activated') return { state };
      const { status } = await fetch('dist/web-core.js');
      const after = await classifier.forward(picture);
      const { threads } = classifier.loadReport;
      classifier.delete();
      return { threads, state, status, same: JSON.stringify(before) === JSON.stringify(after) };
    },
    {
      model: { modelSource: '/models/builtin/classifier_fp32.pte', labels: SAMPLE.labels },
      picture: picture(),
    },
  );

test('threads, where the server sends headers with the page only', async () => {
  const isolating = {
    'Content-Type': 'text/html',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = await serve(
    { '/dist/': join(ROOT, 'dist'), '/models/': join(ROOT, 'models') },
    {
      handler: ({ url }, response) => {
        if (url === '/page')
          response.writeHead(200, isolating).end('<!doctype html><title>page</title>');
        return url === '/page';
      },
    },
  );
  const page = await browser.newPage();
  await page.goto(`${server.url}/page`);
  const found = await startingThreads(() => classifyWithThreads(page));
  assert.deepEqual(found, { best: SAMPLE.label, threads: 2 });
  await page.close();
  await server.close();
});

test('and no longer after endIsolation()', async () => {
  const { page, outcome } = await open('/dist/');
  assert.equal(outcome.isolated, true);
  await page.evaluate(() => window.endIsolation());
  await page.goto(new URL('/blank', browser.url).href);
  await page.goto(new URL('/dist/isolation.js', browser.url).href);
  assert.equal(await page.evaluate(() => window.crossOriginIsolated), false);
  await page.close();
});

test("a service worker of the app's own, with this one in it", async () => {
  const { page, outcome, isolated } = await open('/a/', { workerUrl: 'own.js' });
  assert.deepEqual([outcome, isolated], [{ isolated: true }, true]);
  await page.close();
});

test('require-corp: pictures of others must agree; credentialless: they need not', async () => {
  const other = browser.url.replace('localhost', '127.0.0.1');
  for (const embedder of ['require-corp', 'credentialless']) {
    const { page, outcome } = await open(embedder === 'require-corp' ? '/b/' : '/c/', { embedder });
    // What a browser does not know, it does not do: the reason is told then.
    if (embedder === 'require-corp') assert.equal(outcome.isolated, true);
    else if (!outcome.isolated) assert.match(outcome.reason, /the browser did not isolate/);
    const shown = await page.evaluate(async (url) => {
      const image = new Image();
      image.src = url;
      return image.decode().then(
        () => true,
        () => false,
      );
    }, `${other}${picture()}`);
    assert.equal(shown, embedder === 'credentialless');
    await page.close();
  }
});

test('a page that cannot be isolated is loaded once for each policy, and then told why', async () => {
  const { page, outcome, loads } = await open('/d/', { workerUrl: 'plain.js' });
  assert.equal(outcome.isolated, false);
  assert.match(outcome.reason, /did not isolate/);
  assert.equal(loads, 3);
  // Not again and again, and without headers that help nobody.
  const next = await again(page);
  assert.deepEqual([next.outcome, next.loads], [outcome, 4]);
  const script = await page.evaluate(
    async () => (await navigator.serviceWorker.getRegistration()).active.scriptURL,
  );
  assert.equal(new URL(script).search, '');
  await page.close();
});

test('a page that the service worker does not reach, and one in a frame, are not loaded again', async () => {
  const left = (page) =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  const server = await serve(
    { '/dist/': join(ROOT, 'dist') },
    {
      handler: ({ url }, response) => {
        const content = url.includes('/around')
          ? '<!doctype html><iframe src="inside.html">'
          : PAGE;
        if (!url.includes('.html')) return false;
        response.writeHead(200, { 'Content-Type': 'text/html' }).end(content);
        return true;
      },
    },
  );
  const page = await browser.newPage();
  const options = encodeURIComponent('{"workerUrl":"/dist/isolation-worker.js"}');
  await page.goto(`${server.url}/above.html?${options}`);
  const { outcome, loads } = await settled(page);
  assert.match(
    outcome.reason,
    /not below http.*\/dist\/, which is all that the service worker reaches/,
  );
  assert.deepEqual([loads, await left(page)], [1, 0]);
  await page.evaluate(() => window.sessionStorage.clear());
  await page.goto(`${server.url}/dist/around.html`);
  const inside = await page.evaluate(async () => {
    const { contentWindow } = document.querySelector('iframe');
    while (!contentWindow.outcome) await new Promise((resolve) => setTimeout(resolve, 50));
    return { reason: contentWindow.outcome.reason, loads: contentWindow.loads };
  });
  assert.match(inside.reason, /in a frame/);
  assert.deepEqual([inside.loads, await left(page)], [1, 0]);
  await page.close();
  await server.close();
});

test('a service worker that does not let itself be replaced', async () => {
  const { page, outcome, loads } = await open('/f/', { workerUrl: 'waiting.js' });
  assert.match(outcome.reason, /it must call skipWaiting/);
  assert.equal(loads, 2);
  await page.close();
});

test('a service worker of somebody else stays', async () => {
  const page = await browser.newPage('/blank');
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register('/e/plain.js');
    while (!registration.active) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  await page.close();
  const { page: app, outcome, loads } = await open('/e/', { workerUrl: 'own.js' });
  assert.match(outcome.reason, /another service worker is here/);
  assert.equal(loads, 1);
  const stays = await app.evaluate(
    async () => (await navigator.serviceWorker.getRegistration('/e/')).active.scriptURL,
  );
  assert.match(stays, /\/e\/plain\.js$/);
  await app.close();
});

test('wrong options, and a script that is not there', async () => {
  const wrong = [
    [{ embedder: 'none' }, /embedder is/],
    [{ wokerUrl: 'x' }, /no option 'wokerUrl'/],
    [{ workerUrl: 'http://' }, /no address/],
  ];
  for (const [options, message] of wrong) {
    const { page, outcome } = await open('/e/', options);
    assert.match(outcome.message, message);
    await page.close();
  }
  const { page, outcome, loads } = await open('/g/', { workerUrl: 'missing.js' });
  assert.match(outcome.reason, /could not be installed/);
  assert.equal(loads, 1);
  await page.close();
});
