// The demo in every engine, by what every engine's driver can do: clicks and texts. Its parts are tested in demo*.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serve } from '../../scripts/lib/server.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { startingThreads } from '../lib/engines.mjs';
import { BASE, SITE, TABS } from '../lib/demo-page.mjs';

let browser;
before(async () => {
  browser = await startBrowser({ mounts: { [BASE]: SITE } });
});
after(() => browser?.close());

const textOfPanel = (page) =>
  page.evaluate(() => document.querySelector('.panel:not([hidden])')?.innerText ?? '');

/** Waits for a text in the panel that is shown, also while the page is loaded again. */
async function waitForText(page, wanted) {
  let text = '';
  for (let attempt = 0; attempt < 600; attempt++) {
    text = await textOfPanel(page).catch(() => '');
    if (wanted.test(text)) return text;
    await page.waitForTimeout(100);
  }
  throw new Error(`waited for ${wanted}, the panel says: ${text}`);
}

const clickTab = (page, id) =>
  page.evaluate((id) => document.getElementById(`tab-${id}`).click(), id);

/** Resolves when the page's copies have been made. */
const pageIsCopied = (page) =>
  page.evaluate(async () => {
    while (!(await navigator.serviceWorker.getRegistration())) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await navigator.serviceWorker.ready;
    const cache = await window.caches.open('executorch-web-demo');
    while (!(await cache.keys()).some(({ url }) => url.endsWith('.pte') && url.includes('photo'))) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return (await cache.keys()).map(({ url }) => url);
  });

test('every tab shows what it is for, and nothing goes wrong', async () => {
  const page = await browser.newPage(BASE);
  for (const [id, wanted] of Object.entries(TABS)) {
    await clickTab(page, id);
    await waitForText(page, wanted);
  }
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('a device without a camera is told so', async () => {
  // By the names that browsers have for it.
  for (const name of ['NotFoundError', 'OverconstrainedError']) {
    const page = await browser.newPage(`${BASE}#live`);
    await waitForText(page, /Start the camera/);
    await page.evaluate((name) => {
      const { mediaDevices } = navigator;
      const error = Object.assign(new Error('Invalid constraint'), { name });
      Object.defineProperty(mediaDevices, 'getUserMedia', {
        value: () => Promise.reject(error),
        configurable: true,
      });
      const buttons = [...document.querySelectorAll('#panel-live button')];
      buttons.find(({ textContent }) => /Start the camera/.test(textContent)).click();
    }, name);
    await waitForText(page, /The camera cannot be opened: this device has none\./);
    await page.close();
  }
});

test('the page works offline after the first visit', async () => {
  const server = await serve({ [BASE]: SITE });
  const page = await browser.newPage(`${server.url}${BASE}`);
  const [first] = (await waitForText(page, TABS.classify)).match(/.*\n.*\d\s?%/);
  await pageIsCopied(page);
  await server.close();
  await page.reload();
  assert.ok((await waitForText(page, TABS.classify)).includes(first));
  await clickTab(page, 'device');
  await waitForText(page, TABS.device);
  await page.close();
});

describe('a server without headers', () => {
  const state = (page) =>
    page.evaluate(() => ({
      isolated: window.crossOriginIsolated,
      on: document.querySelector('[aria-label=Isolation] input')?.checked,
    }));
  const settled = async (page, wanted) => {
    for (let attempt = 0; attempt < 600; attempt++) {
      const now = await state(page).catch(() => ({}));
      if (now.isolated === wanted && now.on === wanted) return;
      await page.waitForTimeout(100);
    }
    assert.fail(`the page is ${JSON.stringify(await state(page))}`);
  };
  const flip = (page) =>
    page.evaluate(() => document.querySelector('[aria-label=Isolation] input').click());

  test('a switch isolates the page, which then classifies with threads, and back', async () => {
    const page = await browser.newPage(`${BASE}#device`);
    await settled(page, false);
    await flip(page);
    await settled(page, true);
    await waitForText(page, /Threads\s+yes/);
    await startingThreads(async (attempt) => {
      if (attempt > 1) await page.reload();
      await clickTab(page, 'classify');
      await waitForText(page, TABS.classify);
    });
    // WebKit tells of requests that the reload of the switch cut off.
    const cutOff = /^(Service Worker context closed|Cannot load \.)$/;
    assert.deepEqual(
      page.problems.filter((text) => !cutOff.test(text)),
      [],
    );
    await clickTab(page, 'device');
    await flip(page);
    await settled(page, false);
    await page.close();
  });
});
