// The demo and a hub on this machine: a download paused, resumed, cut, cancelled, kept, deleted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fakeModel, startHub } from '../lib/hub.mjs';
import { SITE, assertClean, panel, siteModels, startDemo, topClasses } from '../lib/demo-page.mjs';
import { lacks } from '../lib/engines.mjs';

const PATH = '/models/own.pte';
/** The store keeps downloads in chunks of 4 MiB, so the model must be larger: noise behind it makes it so. */
const PADDING = 10 << 20;
/** Shares of the file behind which the hub sends nothing until it is told to. */
const [MOST, NEARLY_ALL] = [0.6, 0.9];

const skip = lacks('locators');

let demo;
let hub;
let bytes;
before(async () => {
  if (skip) return;
  const model = siteModels().builtin.find(
    ({ task, group }) => task === 'classification' && group === 'drawn',
  );
  bytes = Buffer.concat([readFileSync(join(SITE, 'models', model.file)), fakeModel(PADDING)]);
  [demo, hub] = await Promise.all([startDemo(), startHub()]);
});
after(() => Promise.all([demo?.close(), hub?.close()]));

async function loadFromHub(page) {
  await panel(page)
    .getByRole('button', { name: /Change model/ })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(hub.url + PATH);
  await dialog.getByRole('button', { name: 'Load', exact: true }).click();
}

/** Publishes the file up to a share of it; `release()` lets the rest go. */
function hold(share) {
  const { how } = hub.put(PATH, bytes, { hold: Math.floor(share * bytes.length) });
  return { release: () => (how.hold = undefined) };
}

/** Waits until a chunk is stored of the download that is shown. */
const chunkIsStored = (page) =>
  page.waitForFunction(async () => {
    const bar = document.querySelector('.panel:not([hidden]) .download progress');
    if (!bar.checkVisibility()) return false;
    const { ResourceFetcher } = await import(new URL('dist/web-core.js', document.baseURI).href);
    const { entries } = await ResourceFetcher.storage();
    return entries.some(({ bytes, complete }) => bytes > 0 && !complete);
  });

/** Waits until the storage panel says this of the one file that is there. */
async function storageSays(page, text) {
  await page.getByRole('tab', { name: 'Classify' }).click();
  await page.getByRole('tab', { name: 'Storage' }).click();
  await panel(page).locator('.stored tbody th').filter({ hasText: text }).waitFor();
}

const button = (page, name) => panel(page).getByRole('button', { name, exact: true });

describe('demo: downloads', { skip }, () => {
  let page;
  before(async () => {
    page = await demo.open();
    await topClasses(page);
  });

  test('paused, resumed, and the page says where it went on', async () => {
    hold(MOST);
    await loadFromHub(page);
    await chunkIsStored(page);
    await button(page, 'Pause').click();
    await button(page, 'Resume').waitFor();
    const before = hub.requests.length;
    await page.waitForTimeout(300);
    assert.equal(hub.requests.length, before, 'a paused download asks for nothing');
    hub.put(PATH, bytes);
    await button(page, 'Resume').click();
    await topClasses(page, /^class \d+$/);
    const resumed = hub.downloadsOf(PATH).filter(({ range }) => range);
    console.log(
      `resumed: ${resumed.map(({ range }) => range).join(', ')} of ${bytes.length} bytes`,
    );
    assert.ok(resumed.length >= 1);
    assert.ok(hub.sent() < 2 * bytes.length);
  });

  test('it is kept: no request after a reload, listed with its size, deleted by hand', async () => {
    hub.forget();
    await page.reload();
    await topClasses(page);
    await loadFromHub(page);
    await topClasses(page, /^class \d+$/);
    // Later the server is asked whether it has another file by now.
    assert.deepEqual(hub.downloadsOf(PATH), []);
    await page.getByRole('tab', { name: 'Storage' }).click();
    const rows = panel(page).locator('.stored tbody tr');
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1);
    assert.match(await rows.first().innerText(), /own\.pte[\s\S]*11 MB/);
    await button(page, 'Delete own.pte').click();
    await panel(page).getByText('Nothing yet').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  });

  test('interrupted by closing the page: the next visit goes on', async () => {
    hub.forget();
    hold(MOST);
    await page.getByRole('tab', { name: 'Classify' }).click();
    await loadFromHub(page);
    await chunkIsStored(page);
    await button(page, 'Pause').click();
    await button(page, 'Resume').waitFor();
    await storageSays(page, /paused(?!.*100 %)/);
    await page.reload();
    await storageSays(page, /interrupted(?!.*100 %)/);
    await page.getByRole('tab', { name: 'Classify' }).click();
    await topClasses(page);
    const { release } = hold(NEARLY_ALL);
    await loadFromHub(page);
    const note = panel(page).locator('.download .badge');
    await note.waitFor();
    const text = await note.innerText();
    console.log(text);
    assert.match(text, /^resumed at \d/);
    release();
    await topClasses(page, /^class \d+$/);
  });

  test('cancelled: nothing is left of it', async () => {
    await page.getByRole('tab', { name: 'Storage' }).click();
    await button(page, 'Delete own.pte').click();
    await panel(page).getByText('Nothing yet').waitFor();
    hold(MOST);
    await page.getByRole('tab', { name: 'Classify' }).click();
    await loadFromHub(page);
    await chunkIsStored(page);
    await button(page, 'Cancel').click();
    await panel(page).locator('.download').waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Storage' }).click();
    await panel(page).getByText('Nothing yet').waitFor();
  });

  test('an address that does not exist: an error in words, and another try', async () => {
    hub.remove(PATH);
    await page.getByRole('tab', { name: 'Classify' }).click();
    await loadFromHub(page);
    const alert = panel(page).getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.innerText(), /404/);
    hub.put(PATH, bytes);
    await button(page, 'Try again').click();
    await topClasses(page, /^class \d+$/);
    // The browser itself reports the 404 on the console.
    page.problems = page.problems.filter((text) => !/404/.test(text));
    assertClean(page, demo.url, hub.url);
  });
});
