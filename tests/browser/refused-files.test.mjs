// A stored file that does not fit its task is refused by the page, in the worker's load: that fetches it again at once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';
import { startHub } from '../lib/hub.mjs';
import { ROOT } from '../lib/shared.mjs';

let browser;
let hub;
before(async () => {
  hub = await startHub();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.close();
});

test('a file that does not fit the task is fetched again by the same load', async () => {
  const file = (path) => readFileSync(join(ROOT, path));
  const right = file('models/photo/efficientnet_lite0_int8.pte');
  const publish = (bytes) => hub.put('/m.pte', bytes, { pointer: false });
  const { url } = publish(file('tests/fixtures/pte/add.pte'));
  const page = await browser.newPage();
  const load = (call) =>
    page.evaluate(
      async ([url, method]) => {
        const { ClassificationModule, ResourceFetcher, configure } = await import('/dist/core.js');
        configure({ variant: 'simd' });
        if (method === 'fetch')
          return ResourceFetcher.fetch(() => undefined, url).then(() => 'stored');
        const module = new ClassificationModule();
        const outcome = await module.load({ modelSource: url }).then(
          () => 'OK',
          (error) => error.codeName,
        );
        module.delete();
        return outcome;
      },
      [url, call],
    );
  assert.equal(await load('fetch'), 'stored');
  assert.equal(await load('load'), 'InvalidConfig');
  assert.equal(await load('fetch'), 'stored');
  publish(right);
  assert.equal(await load('load'), 'OK');
});
