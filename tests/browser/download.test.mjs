// Downloads in a browser: resumed, shared between tabs and workers, mended, offline. What the server sent is counted.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';
import { lacks, without } from '../lib/engines.mjs';
import { fakeModel, startHub } from '../lib/hub.mjs';
import { hasShared, readShared } from '../lib/shared.mjs';

const MIB = 1 << 20;
const CHUNK = 4 * MIB;
const SIZE = 24 * MIB + 12_345;
const bytes = fakeModel(SIZE);
const noModel = !hasShared && 'needs ../shared';

let browser;
let hub;
let last = 0;
before(async () => {
  browser = await startBrowser({ hosts: ['lan.test'] });
  hub = await startHub();
});
after(async () => {
  await browser?.close();
  await hub?.close();
});
beforeEach(() => hub.forget());

/** Publishes the bytes under an address of their own. */
const publish = (how = {}, what = bytes) =>
  hub.put(`/o/r${++last}/resolve/main/model.pte`, what, how);

/** Begins ResourceFetcher.fetch in the page; the result is asked for with `outcome`. */
function begin(page, url, settings = {}) {
  return page.evaluate(
    async ({ url, settings }) => {
      const api = await import('/dist/core.js');
      api.configure(settings);
      globalThis.progress = [];
      globalThis.outcome = api.ResourceFetcher.fetch((p) => globalThis.progress.push(p), url).then(
        (result) => ({ result, progress: globalThis.progress }),
        ({ code, message }) => ({ code, message, progress: globalThis.progress }),
      );
    },
    { url, settings },
  );
}
const outcome = (page) => page.evaluate(() => globalThis.outcome);
const storage = (page) =>
  page.evaluate(async () => (await import('/dist/core.js')).ResourceFetcher.storage());

async function until(condition, milliseconds = 60_000) {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited ${milliseconds} ms for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function expectSteady(progress) {
  assert.ok(progress.length > 1, 'no progress was reported');
  progress.forEach((value, i) => assert.ok(i === 0 || value > progress[i - 1], 'progress fell'));
  assert.equal(progress.at(-1), 1);
}

describe('one download', () => {
  test('is whole, verified against the hub, and told by bytes', async () => {
    const { url, sha256 } = publish();
    const page = await browser.newPage();
    await begin(page, url, { endpoint: hub.url });
    const { result, progress } = await outcome(page);
    assert.deepEqual(result, [url]);
    expectSteady(progress);
    const { store, entries } = await storage(page);
    const entry = entries.find((one) => one.url.endsWith(new URL(url).pathname));
    assert.equal(store, 'indexeddb');
    assert.equal(entry.verified, 'hub');
    assert.equal(entry.sha256, sha256);
    assert.equal(entry.bytes, SIZE);
    await page.close();
  });

  test('cut at 60 % and the page reloaded: what is missing is fetched, no more', async () => {
    const cut = Math.round(SIZE * 0.6);
    const { url } = publish({ faults: [{ stall: cut }] });
    const page = await browser.newPage();
    await begin(page, url);
    await until(async () =>
      (await storage(page)).entries.some((one) => one.url === url && one.bytes >= cut - CHUNK),
    );
    await page.reload();
    hub.forget();
    await begin(page, url);
    const { result } = await outcome(page);
    assert.deepEqual(result, [url]);
    const share = hub.sent() / SIZE;
    console.log(`second run fetched ${(share * 100).toFixed(1)} % of ${SIZE} bytes`);
    assert.ok(hub.sent() <= SIZE * 0.4 + CHUNK, `${hub.sent()} bytes`);
    await page.close();
  });

  const insecure = { skip: lacks('hosts') };
  test(
    'in an insecure context, where there are no Web Locks and no subtle crypto',
    insecure,
    async () => {
      const { url, sha256 } = publish({ rate: 20 * MIB });
      const address = `${browser.url.replace('localhost', 'lan.test')}/blank`;
      const pages = [await browser.newPage(address), await browser.newPage(address)];
      assert.equal(await pages[0].evaluate(() => globalThis.isSecureContext), false);
      for (const page of pages) await begin(page, url);
      for (const page of pages) assert.deepEqual((await outcome(page)).result, [url]);
      assert.equal((await storage(pages[1])).entries[0].sha256, sha256);
      assert.equal(hub.sent(), SIZE);
      for (const page of pages) await page.close();
    },
  );

  test('under a policy that allows no more than WebAssembly', async () => {
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src *";
    const strict = await startBrowser({ headers: { 'Content-Security-Policy': policy } });
    const { url, sha256 } = publish();
    const page = await strict.newPage();
    await begin(page, url, { pins: { [url]: { sha256 } } });
    assert.deepEqual((await outcome(page)).result, [url]);
    assert.equal((await storage(page)).entries[0].verified, 'pinned');
    assert.deepEqual(
      page.problems.filter((text) => /policy/i.test(text)),
      [],
    );
    await strict.close();
  });
});

describe('many who ask', () => {
  test('two tabs: the server sees one download', async () => {
    const { url } = publish({ rate: 30 * MIB });
    const pages = [await browser.newPage(), await browser.newPage()];
    for (const page of pages) await begin(page, url);
    for (const page of pages) {
      const { result, progress } = await outcome(page);
      assert.deepEqual(result, [url]);
      expectSteady(progress);
    }
    assert.equal(hub.downloadsOf(new URL(url).pathname).length, 1);
    assert.equal(hub.sent(), SIZE);
    for (const page of pages) await page.close();
  });

  test('the leading tab closes at 50 %: the other finishes', async () => {
    const { url, how } = publish({ rate: 12 * MIB });
    const [leader, other] = [await browser.newPage(), await browser.newPage()];
    await begin(leader, url);
    await until(() => hub.sent() > 0);
    await begin(other, url);
    await until(() => hub.sent() > SIZE / 2);
    how.rate = undefined;
    await leader.close();
    assert.deepEqual((await outcome(other)).result, [url]);
    const twice = hub.sent() - SIZE;
    console.log(
      `handed over at ${((hub.requests[0].sent / SIZE) * 100).toFixed(0)} %: ${twice} bytes sent twice`,
    );
    // What the server had sent into its socket when the tab closed belongs to the chunk that was lost.
    assert.ok(twice <= CHUNK + 2 * MIB, `${twice} bytes twice`);
    assert.equal(hub.requests.length, 2);
    await other.close();
  });

  test('an abort by one of two leaves the other alone', async () => {
    const { url } = publish({ rate: 30 * MIB });
    const page = await browser.newPage();
    const other = await browser.newPage();
    await begin(page, url);
    await begin(other, url);
    await until(() => hub.sent() > SIZE / 4);
    await page.evaluate(
      async (url) => (await import('/dist/core.js')).ResourceFetcher.pauseFetching(url),
      url,
    );
    assert.equal((await outcome(page)).result, null);
    assert.deepEqual((await outcome(other)).result, [url]);
    await page.close();
    await other.close();
  });

  test('ten modules in one page share one download', { skip: noModel }, async () => {
    const { url } = publish({ rate: 40 * MIB }, readShared(MODEL));
    const page = await browser.newPage();
    const reports = await page.evaluate(async (url) => {
      const { ExecutorchModule } = await import('/dist/core.js');
      const modules = Array.from({ length: 10 }, () => new ExecutorchModule());
      await Promise.all(modules.map((module) => module.load(url)));
      const found = modules.map(({ loadReport }) => loadReport.resource);
      modules.forEach((module) => module.delete());
      return found;
    }, url);
    assert.equal(reports.filter(({ networkBytes }) => networkBytes > 0).length, 1);
    await page.close();
  });
});

const MODEL = 'models/real/mobilenet_v2_imagenet1k_fp32.pte';

/** Loads the model and runs it on zeros; resolves to the report and the sum of the outputs. */
function runModel(page, url, settings = {}) {
  return page.evaluate(
    async ({ url, settings }) => {
      const { ExecutorchModule, ScalarType, configure } = await import('/dist/core.js');
      configure(settings);
      const module = new ExecutorchModule();
      await module.load(url);
      const { sizes } = module.info.inputs[0];
      const dataPtr = new Float32Array(sizes.reduce((a, b) => a * b)).fill(0.25);
      const [output] = await module.forward({ dataPtr, sizes, scalarType: ScalarType.FLOAT });
      const report = module.loadReport;
      module.delete();
      return { output: [...new Float32Array(output.dataPtr)], report };
    },
    { url, settings },
  );
}

describe('stored models', { skip: noModel }, () => {
  for (const store of ['indexeddb', 'opfs']) {
    test(
      `load from ${store} with no request at all, the same as at first`,
      { skip: without(store) },
      async () => {
        const { url } = publish({}, readShared(MODEL));
        const page = await browser.newPage();
        const first = await runModel(page, url, { store });
        assert.equal(first.report.resource.store, store);
        assert.equal(first.report.resource.kept, true);
        assert.equal(first.report.resource.storedBytes, 0, 'bytes were read a second time');
        hub.forget();
        hub.remove(new URL(url).pathname);
        const second = await runModel(page, url, { store });
        assert.deepEqual(second.output, first.output);
        assert.deepEqual(hub.requests, []);
        const { requests, networkBytes, storedBytes } = second.report.resource;
        assert.deepEqual([requests, networkBytes], [0, 0]);
        assert.ok(storedBytes > 13e6);
        await page.close();
      },
    );
  }

  test('a flipped byte: that chunk is fetched again, and the result is right', async () => {
    const { url } = publish({}, readShared(MODEL));
    const page = await browser.newPage();
    const first = await runModel(page, url, { store: 'indexeddb' });
    await page.evaluate(async (url) => {
      const request = (work) =>
        new Promise((resolve, reject) => {
          work.onsuccess = () => resolve(work.result);
          work.onerror = () => reject(work.error);
        });
      const database = await request(indexedDB.open('executorch-web'));
      const stores = database.transaction(['records', 'chunks'], 'readwrite');
      const { id } = await request(stores.objectStore('records').get(url));
      const stored = await request(stores.objectStore('chunks').get([id, 1]));
      // A buffer or a Blob; a transaction does not wait while one is read.
      const chunk = await new globalThis.Response(stored).arrayBuffer();
      new Uint8Array(chunk)[123_456] ^= 1;
      const chunks = database.transaction('chunks', 'readwrite').objectStore('chunks');
      await request(chunks.put(chunk, [id, 1]));
      database.close();
    }, url);
    hub.forget();
    const second = await runModel(page, url);
    assert.deepEqual(second.output, first.output);
    const ranges = hub.requests.map(({ range }) => range);
    assert.deepEqual(ranges, [`bytes=${CHUNK}-${2 * CHUNK - 1}`]);
    hub.forget();
    await runModel(page, url);
    assert.deepEqual(hub.requests, []);
    await page.close();
  });
});

describe('files that are replaced at their address', { skip: noModel }, () => {
  const FIRST = 'models/tiny/cat.et10.pte';
  /** Loads, says how many requests there were when it was ready, and waits for the word about newer files. */
  const loadAndWait = (page, url, options = {}) =>
    page.evaluate(
      async ({ url, options }) => {
        const { ExecutorchModule } = await import('/dist/core.js');
        const module = new ExecutorchModule();
        const updates = [];
        await module.load(url, undefined, { ...options, onUpdate: (one) => updates.push(one) });
        const { requests, mayBeOld, sha256 } = module.loadReport.resource;
        for (let i = 0; i < 60 && !module.update && mayBeOld; i++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        const { update } = module;
        module.delete();
        return { requests, mayBeOld, sha256, update, updates };
      },
      { url, options },
    );

  test('the stored one is used without a request; the new one is fetched behind it, once per page', async () => {
    const [first, second] = [readShared(MODEL), readShared(FIRST)];
    const { url, sha256 } = publish({}, first);
    const page = await browser.newPage();
    await loadAndWait(page, url);
    hub.forget();
    const { sha256: newer } = hub.put(new URL(url).pathname, second);
    const used = await loadAndWait(page, url);
    assert.deepEqual([used.requests, used.mayBeOld, used.sha256], [0, true, sha256]);
    assert.equal(used.update.sha256, newer);
    assert.deepEqual(used.updates, [used.update]);
    const gets = hub.requests.filter(({ method }) => method === 'GET');
    assert.ok(gets[0].headers['if-none-match'], 'the server was not asked for changes');
    assert.equal(gets.length, 2);
    hub.forget();
    const next = await loadAndWait(page, url);
    assert.deepEqual([next.requests, next.sha256, next.update], [0, newer, undefined]);
    assert.deepEqual(hub.requests, [], 'asked twice by one page');
    await page.reload();
    await loadAndWait(page, url);
    const asked = hub.requests.filter(({ method }) => method === 'GET');
    assert.deepEqual(
      asked.map(({ status }) => status),
      [304],
    );
    await page.close();
  });

  test('asked before the load, never, and without the server', async () => {
    const [first, second] = [readShared(MODEL), readShared(FIRST)];
    const own = await startHub();
    const { url, sha256 } = own.put('/models/a.pte', first);
    const page = await browser.newPage();
    await loadAndWait(page, url);
    const { sha256: newer } = own.put('/models/a.pte', second);
    own.forget();
    const immutable = await loadAndWait(page, url, { freshness: 'immutable' });
    assert.deepEqual([immutable.sha256, immutable.mayBeOld], [sha256, false]);
    assert.deepEqual(own.requests, []);
    const checked = await loadAndWait(page, url, { freshness: 'check' });
    assert.deepEqual([checked.sha256, checked.mayBeOld], [newer, false]);
    await own.close();
    for (const freshness of ['check', 'background']) {
      const offline = await loadAndWait(page, url, { freshness });
      assert.equal(offline.sha256, newer);
    }
    await page.close();
  });
});

describe('storage that is cleared while a page is open', { skip: noModel }, () => {
  for (const store of ['indexeddb', 'opfs']) {
    test(`the page loads and stores again (${store})`, { skip: without(store) }, async () => {
      const { url } = publish({}, readShared(MODEL));
      const page = await browser.newPage('/blank');
      const first = await runModel(page, url, { store });
      assert.equal(first.report.resource.kept, true);
      // A worker that downloads lives on for a while: its store and its locks are of the time before.
      assert.ok((await storage(page)).entries.some((one) => one.url === url));
      await page.evaluate(() => fetch('/clear').then((answer) => answer.text()));
      assert.deepEqual((await storage(page)).entries, []);
      for (let i = 0; i < 3; i++) {
        const { output, report } = await runModel(page, url, { store });
        assert.deepEqual(output, first.output);
        assert.equal(report.resource.kept, true, report.resource.problem);
      }
      const other = publish().url;
      await begin(page, other);
      assert.deepEqual((await outcome(page)).result, [other]);
      assert.deepEqual(page.problems, []);
      await page.close();
    });
  }
});

describe('servers of other origins', () => {
  test('one that does not let the page read is told at once, on the console', async () => {
    const { url } = publish({ cors: false });
    const page = await browser.newPage();
    const start = Date.now();
    const ours = () => page.warnings.filter((text) => text.includes('executorch-web:'));
    await begin(page, url, { download: { attempts: 3, delay: 1000 } });
    await until(() => ours().length > 0);
    // Attempts take 1 and 2 seconds from each other.
    const delay = Date.now() - start;
    const { message } = await outcome(page);
    assert.match(message, /cannot be reached, or does not let this page read it \(CORS\) \(3 att/);
    assert.equal(ours().length, 1, JSON.stringify(page.warnings));
    assert.ok(delay < 1500, `after ${delay} ms`);
    await page.close();
  });

  test('parts that the page may not read: the whole file is asked for', async () => {
    const cut = Math.round(SIZE * 0.6);
    const { url } = publish({ faults: [{ cut }], partCors: false });
    const page = await browser.newPage();
    await begin(page, url, { download: { delay: 50 } });
    assert.deepEqual((await outcome(page)).result, [url]);
    await page.close();
  });

  test('configured headers do not follow a redirect to another host', async () => {
    const other = await startHub();
    const target = other.put('/files/model.pte', bytes).url;
    const { url } = publish({ redirect: target });
    const page = await browser.newPage();
    const { host } = new URL(url);
    await begin(page, url, {
      headers: { [host]: { 'X-Key': 's3cret' } },
      accessToken: { [host]: 't0ken' },
    });
    assert.deepEqual((await outcome(page)).result, [url]);
    assert.ok(hub.requests.some(({ headers }) => headers['x-key'] === 's3cret'));
    assert.doesNotMatch(JSON.stringify(other.requests), /s3cret|t0ken/);
    await page.close();
    await other.close();
  });
});

describe('room', () => {
  /** A page of an origin of its own, with so many bytes of room. */
  async function cramped(quota) {
    const other = await startBrowser();
    const page = await other.newPage();
    const session = await other.context.newCDPSession(page);
    const set = (quotaSize) =>
      session.send('Storage.overrideQuotaForOrigin', { origin: other.url, quotaSize });
    await set(quota);
    return { page, set, close: other.close };
  }

  test(
    'models unused for longest make room for new ones',
    { skip: lacks('devtools') },
    async () => {
      const { page, close } = await cramped(60 * MIB);
      const urls = [publish().url, publish().url, publish().url];
      for (const url of urls) {
        await begin(page, url);
        assert.deepEqual((await outcome(page)).result, [url]);
      }
      const kept = (await storage(page)).entries.filter(({ complete }) => complete);
      console.log(`${kept.length} of 3 models of 24 MiB kept in 60 MiB`);
      assert.ok(
        kept.some(({ url }) => url === urls[2]),
        'the new model was not kept',
      );
      assert.ok(!kept.some(({ url }) => url === urls[0]), 'the oldest model is still there');
      await close();
    },
  );

  test(
    'without room models run from memory and say so',
    { skip: noModel || lacks('devtools') },
    async () => {
      const { page, close } = await cramped(6 * MIB);
      const { url } = publish({}, readShared(MODEL));
      const { report, output } = await runModel(page, url);
      assert.equal(output.length, 1000);
      assert.equal(report.resource.kept, false);
      assert.match(report.resource.problem, /quota/i);
      await close();
    },
  );

  test('without storage models run from memory and say so', { skip: noModel }, async () => {
    const page = await browser.newPage();
    const { url } = publish({}, readShared(MODEL));
    const { report, output } = await runModel(page, url, { store: 'files' });
    assert.equal(output.length, 1000);
    assert.equal(report.resource.store, 'none');
    assert.match(report.resource.problem, /cannot be used here/);
    await page.close();
  });
});
