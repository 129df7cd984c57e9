// Pages that forbid much, with and without cross-origin isolation; and servers that answer wrongly.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../../scripts/lib/cache.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { startingThreads } from '../lib/engines.mjs';
import { SAMPLE } from '../matrix/lib/kit.mjs';

const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
const VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
const dist = (path) => readFileSync(join(ROOT, 'dist', path));
const below = (path) => `/models/${path.slice(join(ROOT, 'models/').length)}`;
const sample = {
  model: { modelSource: below(SAMPLE.model), labels: SAMPLE.labels },
  picture: below(SAMPLE.picture),
};

/** The sample's best label in a page with some settings, or {code, message}; and how it ran. */
function classify(page, settings = {}) {
  return page.evaluate(
    async ({ settings, model, picture }) => {
      // A string for eval() would be refused by the page: this is a function, run by the debugger.
      const ew = await import('/dist/web-core.js');
      ew.configure(settings);
      const classifier = new ew.ClassificationModule();
      try {
        await classifier.load(model);
        const [best] = Object.keys(await classifier.forward(picture));
        const { variant, threads } = classifier.loadReport;
        return { best, variant, threads, capabilities: ew.getCapabilities() };
      } catch (error) {
        return { code: ew.errorCodeName(error.code), message: error.message };
      } finally {
        classifier.delete();
      }
    },
    { settings, ...sample },
  );
}

const bestVariant = ({ relaxedSimd }) => (relaxedSimd ? 'relaxed' : 'simd');

for (const isolated of [false, true]) {
  describe(`a strict Content-Security-Policy, ${isolated ? '' : 'not '}isolated`, () => {
    let browser;
    let page;
    before(async () => {
      browser = await startBrowser({ isolated, headers: { 'Content-Security-Policy': CSP } });
      page = await browser.newPage();
    });
    after(() => browser?.close());

    test('the policy is in force', async () => {
      // Text as code, later: what the debugger itself evaluates is let through.
      await page.evaluate(() => void setTimeout('window.ran = true'));
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => window.ran), undefined);
      page.problems.length = 0;
    });

    test('classifies, and nothing is reported', async () => {
      const { best, variant, threads, message, capabilities } = await classify(page);
      assert.equal(best, SAMPLE.label, message);
      assert.deepEqual([variant, threads], [bestVariant(capabilities), 1]);
      assert.deepEqual(page.problems, []);
      const { origin } = new URL(browser.url);
      assert.ok(browser.requests.length > 0 && origin.startsWith('http://localhost'));
    });

    test('threads where the page is isolated; the reason where it is not', async () => {
      const { best, variant, threads, capabilities, message } = await startingThreads(() =>
        classify(page, { threads: 2 }),
      );
      assert.equal(best, SAMPLE.label, message);
      assert.equal(capabilities.crossOriginIsolated, isolated);
      assert.equal(capabilities.threads, isolated);
      if (isolated) {
        assert.deepEqual([variant, threads], [`${bestVariant(capabilities)}-threads`, 2]);
        assert.equal(capabilities.reasons.threads, undefined);
      } else {
        assert.deepEqual([variant, threads], [bestVariant(capabilities), 1]);
        assert.match(capabilities.reasons.threads, /not cross-origin isolated.*Opener-Policy/s);
      }
      assert.deepEqual(page.problems, []);
    });

    test('asking for a threads build says what is missing', { skip: isolated }, async () => {
      const { code, message } = await classify(page, { variant: 'simd-threads' });
      assert.equal(code, 'PlatformNotSupported');
      assert.match(message, /Cross-Origin-Embedder-Policy/);
    });
  });
}

describe('servers that answer wrongly', () => {
  let browser;
  let other;
  /** path → how it is answered; everything else is served as it is. */
  const answers = {
    '/html/worker.js': ['text/html', '<!doctype html><title>not found</title>'],
    '/html/simd/ew.wasm': ['text/html', '<!doctype html><title>not found</title>'],
    '/plain/worker.js': ['text/plain', dist('worker.js')],
    '/plain/simd/ew.wasm': ['text/plain', dist('wasm/simd/ew.wasm')],
    '/silent/worker.js': ['text/javascript', 'onmessage = () => {};'],
    '/broken/worker.js': ['text/javascript', 'throw new Error("broken on purpose")'],
    '/old/worker.js': [
      'text/javascript',
      dist('worker.js').toString().replaceAll(`"${VERSION}"`, '"0.0.9"'),
    ],
    '/old/simd/ew.wasm': ['application/wasm', withVersion(dist('wasm/simd/ew.wasm'), '9.9.9')],
  };
  before(async () => {
    browser = await startBrowser({ mounts: {}, answers });
    other = await startBrowser({ headers: { 'Access-Control-Allow-Origin': '*' } });
  });
  after(async () => {
    await browser?.close();
    await other?.close();
  });
  const attempt = async (settings) => classify(await browser.newPage(), settings);

  const cases = [
    ['a page instead of the worker', { workerUrl: '/html/worker.js' }, 'WorkerFailed', /\/html\/worker\.js \(HTTP status 200, text\/html/],
    ['no worker there', { workerUrl: '/nowhere/worker.js' }, 'WorkerFailed', /\/nowhere\/worker\.js \(HTTP status 404/],
    ['a worker that says nothing', { workerUrl: '/silent/worker.js', workerTimeout: 500 }, 'WorkerFailed', /\/silent\/worker\.js \(HTTP status 200, text\/javascript\): it did not answer within 500 ms/],
    ['a worker that throws', { workerUrl: '/broken/worker.js' }, 'WorkerFailed', /broken on purpose/],
    ['a worker of another version', { workerUrl: '/old/worker.js' }, 'WorkerFailed', /version 0\.0\.9.*same package/],
    ['a page instead of the core', { wasmBaseUrl: '/html', variant: 'simd' }, 'WasmLoadFailed', /\/html\/simd\/ew\.wasm.*text\/html/],
    ['no core there', { wasmBaseUrl: '/nowhere', variant: 'simd' }, 'WasmLoadFailed', /\/nowhere\/simd\/ew\.wasm.*404/],
    ['a core of another version', { wasmBaseUrl: '/old', variant: 'simd' }, 'WasmLoadFailed', /version 9\.9\.9.*same package/],
  ]; // prettier-ignore
  for (const [name, settings, code, pattern] of cases) {
    test(`${name}: ${code}`, async () => {
      const result = await attempt(settings);
      assert.equal(result.code, code, result.message ?? result.best);
      assert.match(result.message, pattern);
    });
  }

  test('wrong MIME types of core and worker are put up with', async () => {
    const result = await attempt({
      wasmBaseUrl: '/plain',
      workerUrl: '/plain/worker.js',
      variant: 'simd',
    });
    assert.equal(result.best, SAMPLE.label, result.message);
  });

  test('worker and core may come from another origin', async () => {
    const base = `${other.url.replace('localhost', '127.0.0.1')}/dist`;
    const result = await attempt({ wasmBaseUrl: `${base}/wasm`, workerUrl: `${base}/worker.js` });
    assert.equal(result.best, SAMPLE.label, result.message);
  });
});

/** The core with another version in it; a length that stays keeps the file valid. */
function withVersion(wasm, version) {
  const copy = Buffer.from(wasm);
  const at = copy.indexOf(`${VERSION}\0`);
  assert.ok(at > 0 && version.length === VERSION.length);
  copy.write(version, at);
  return copy;
}
