// Browsers that are killed, quotas, and another version of the library beside this one: nothing is ever poisoned.
// `EW_KILLS=30` kills that often per store; npm test once in each engine.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serve } from '../../scripts/lib/server.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { lacks, without } from '../lib/engines.mjs';
import { startHub } from '../lib/hub.mjs';
import { openProfile } from '../lib/profiles.mjs';
import { GOOD } from '../lib/fault-scenarios.mjs';
import { ROOT, hasShared, readShared } from '../lib/shared.mjs';

const KILLS = Number(process.env.EW_KILLS ?? 1);
const MIB = 1 << 20;
const noModel = !hasShared && 'needs ../shared';
const MODEL = 'models/real/mobilenet_v2_imagenet1k_fp32.pte';
const SETTINGS = { freshness: 'immutable', download: { chunkSize: 256 << 10 } };

let hub;
before(async () => {
  hub = await startHub();
});
after(() => hub?.close());

/** Loads and runs the model in the page; resolves to the report and a number that stands for the outputs. */
const runModel = (page, url, settings = {}) =>
  page.evaluate(
    async ({ url, settings }) => {
      const { ExecutorchModule, ScalarType, configure } = await import('/dist/core.js');
      configure(settings);
      const module = new ExecutorchModule();
      await module.load(url);
      const { sizes } = module.info.inputs[0];
      const dataPtr = new Float32Array(sizes.reduce((a, b) => a * b)).fill(0.25);
      const [{ dataPtr: data }] = await module.forward({
        dataPtr,
        sizes,
        scalarType: ScalarType.FLOAT,
      });
      const { resource } = module.loadReport;
      module.delete();
      const output = new Uint32Array(data).reduce((sum, bits) => (sum * 31 + bits) % 2 ** 32, 0);
      return { resource, output };
    },
    { url, settings: { ...settings } },
  );

const MOUNTS = { '/dist/': join(ROOT, 'dist') };
const blank = (request, response) => {
  if (!request.url.startsWith('/blank')) return false;
  response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
  return true;
};

describe('browsers that are killed while they download', { skip: noModel }, () => {
  for (const store of ['indexeddb', 'opfs']) {
    test(`${KILLS} times, at any moment (${store})`, { skip: without(store) }, async () => {
      const bytes = readShared(MODEL);
      const server = await serve(MOUNTS, { handler: blank });
      const profile = mkdtempSync(join(tmpdir(), 'ew-profile-'));
      const address = new URL('/blank', server.url).href;
      let right;
      const left = { absent: 0, partial: 0, complete: 0 };
      try {
        for (let i = 0; i < KILLS; i++) {
          const { url } = hub.put(`/kill-${store}-${i}/model.pte`, bytes, { rate: 12 * MIB });
          const browser = await openProfile(profile);
          const page = await browser.newPage(address);
          const settings = { ...SETTINGS, store };
          const dying = runModel(page, url, settings).catch(() => undefined);
          // From before the first byte to after the last one: 14 MB take some 1.2 s.
          await new Promise((resolve) => setTimeout(resolve, (0.15 + ((i * 0.618034) % 1)) * 1700));
          browser.kill();
          await dying;
          await browser.close().catch(() => undefined);
          const again = await openProfile(profile);
          const next = await again.newPage(address);
          const entries = await next.evaluate(async (store) => {
            const { ResourceFetcher, configure } = await import('/dist/core.js');
            configure({ store });
            return (await ResourceFetcher.storage()).entries;
          }, store);
          const entry = entries.find((one) => one.url === url);
          left[entry ? (entry.complete ? 'complete' : 'partial') : 'absent']++;
          hub.put(`/kill-${store}-${i}/model.pte`, bytes);
          const { output, resource } = await runModel(next, url, settings);
          right ??= output;
          assert.equal(output, right, `poisoned after kill ${i}`);
          assert.equal(resource.kept, true, resource.problem);
          hub.forget();
          assert.equal((await runModel(next, url, settings)).output, right);
          assert.deepEqual(hub.requests, []);
          await again.close();
        }
        console.log(`${store}: ${KILLS} kills, 0 poisoned; left behind ${JSON.stringify(left)}`);
      } finally {
        await server.close();
        rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      }
    });
  }
});

describe('little room', { skip: noModel || lacks('devtools') }, () => {
  for (const store of ['indexeddb', 'opfs']) {
    test(`0 to 20 MiB: the model runs, and is kept or the reason is told (${store})`, async () => {
      const bytes = readShared(MODEL);
      const browser = await startBrowser();
      const page = await browser.newPage();
      const session = await browser.context.newCDPSession(page);
      const kept = [];
      let right;
      try {
        for (const room of [0, 1, 2, 5, 10, 14, 16, 20]) {
          await session.send('Storage.clearDataForOrigin', {
            origin: browser.url,
            storageTypes: 'all',
          });
          // 0 would be no limit at all.
          const quotaSize = Math.max(1, room * MIB);
          const origin = browser.url;
          await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
          await page.reload();
          const { url } = hub.put(`/room-${store}-${room}/model.pte`, bytes);
          const { output, resource } = await runModel(page, url, { ...SETTINGS, store });
          right ??= output;
          assert.equal(output, right, `with ${room} MiB`);
          if (!resource.kept) assert.match(resource.problem, /quota|room|space|cannot be used/i);
          kept.push(`${room} MiB: ${resource.kept ? 'kept' : 'not kept'}`);
          // With room for it the next load keeps it.
          if (room === 5) {
            await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 60 * MIB });
            const next = await runModel(page, url, { ...SETTINGS, store });
            assert.deepEqual([next.output, next.resource.kept], [right, true]);
          }
        }
        console.log(`${store}: ${kept.join(', ')}`);
      } finally {
        await browser.close();
      }
    });
  }
});

/** A build of another version; `EW_OTHER_DIST` names one. Without it a copy of this one takes its place. */
function otherVersion() {
  const given = process.env.EW_OTHER_DIST;
  if (given && existsSync(given)) return { path: given, end: () => undefined };
  const copy = mkdtempSync(join(tmpdir(), 'ew-other-'));
  cpSync(join(ROOT, 'dist'), copy, { recursive: true });
  return { path: copy, end: () => rmSync(copy, { recursive: true, force: true }) };
}

test('two builds of the library in one origin share stores and leave each other whole', async () => {
  const other = otherVersion();
  const browser = await startBrowser({ mounts: { '/other/': other.path } });
  try {
    for (const store of ['indexeddb', 'opfs'].filter((store) => !without(store))) {
      const { url, how } = hub.put(`/two-${store}/model.pte`, GOOD, { hold: GOOD.length / 2 });
      const pages = [await browser.newPage(), await browser.newPage()];
      const load = (page, path) =>
        page.evaluate(
          async ([path, url, store]) => {
            const { ExecutorchModule, configure } = await import(path);
            configure({ store, download: { chunkSize: 16 << 10 } });
            const module = new ExecutorchModule();
            await module.load(url);
            const { resource } = module.loadReport;
            module.delete();
            return resource;
          },
          [path, url, store],
        );
      const paths = ['/dist/core.js', '/other/core.js'];
      const loads = pages.map((page, i) => load(page, paths[i]));
      // The rest of the file comes when one page downloads it and the other waits for its turn.
      await pages[0].waitForFunction(async (url) => {
        const { pending } = await navigator.locks.query();
        return pending.some(({ name }) => name.endsWith(url));
      }, url);
      how.hold = undefined;
      const both = await Promise.all(loads);
      assert.deepEqual([both[0].sha256, both[0].kept], [both[1].sha256, true]);
      assert.equal(hub.downloadsOf(new URL(url).pathname).length, 1, 'downloaded twice');
      for (const [i, page] of pages.entries()) {
        const { requests, kept } = await load(page, paths[1 - i]);
        assert.deepEqual([requests, kept], [0, true]);
        await page.close();
      }
      hub.forget();
    }
  } finally {
    await browser.close();
    other.end();
  }
});
