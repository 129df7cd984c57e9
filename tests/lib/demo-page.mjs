// The demo in Chromium, served as it is deployed: from below a path, by a server that knows nothing of it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SITE } from '../../scripts/lib/site.mjs';
import { startBrowser } from './browser.mjs';

export const BASE = '/some/where/';
export { SITE };

/** Each tab, and what its panel says when it has done its work. */
export const TABS = {
  classify: /\d\s?%/,
  segment: /\d\s?%/,
  embed: /./,
  compare: /Both say/,
  live: /camera/i,
  benchmark: /./,
  storage: /Allowed\s+[\d.]+ [kMG]B/,
  device: /Logical processors/,
};

/** What the demo offers, as it was assembled. */
export function siteModels() {
  const path = join(SITE, 'models.json');
  if (!existsSync(path)) throw new Error(`there is no ${path}: npm run build assembles it`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** startBrowser with open(hash, options): a page on the demo. Unless `offline`, it saves data: no service worker comes in between. */
export async function startDemo(options = {}) {
  const browser = await startBrowser({ ...options, mounts: { [BASE]: SITE } });
  const open = async (
    hash = '',
    { path = BASE, viewport, colorScheme, origin = browser.url, offline = false } = {},
  ) => {
    const prepare = async (page) => {
      if (!offline) await page.addInitScript(saveData);
      if (viewport) await page.setViewportSize(viewport);
      if (colorScheme) await page.emulateMedia({ colorScheme });
      page.asked = [];
      page.on('request', (request) => page.asked.push(request.url()));
      page.on('response', (response) => {
        if (response.status() >= 400) page.problems.push(`${response.status()} ${response.url()}`);
      });
    };
    return browser.newPage(`${origin}${path}${hash}`, prepare);
  };
  /** Opens the demo, does something, and finds nothing to complain about. */
  const visit = async (hash, action, where) => {
    const page = await open(hash, where);
    try {
      await action(page);
      assertClean(page, browser.url);
    } finally {
      await page.close();
    }
  };
  return { ...browser, open, visit };
}

/** A visitor who saves data: the demo then does not copy itself. */
const saveData = () =>
  Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true });

/** Nothing went wrong on the page, and it asked nobody but the given origins. */
export function assertClean(page, ...origins) {
  assert.deepEqual(page.problems, []);
  const isForeign = (url) =>
    /^https?:/.test(url) && !origins.some((origin) => url.startsWith(`${origin}/`));
  assert.deepEqual(page.asked.filter(isForeign), []);
}

export const panel = (page) => page.locator('.panel:not([hidden])');

/** [{label, percent}] of the bars, once the first one has the wanted text (or any). */
export async function topClasses(page, wanted = /./) {
  await panel(page).locator('.bars li:first-child .name', { hasText: wanted }).waitFor();
  return panel(page)
    .locator('.bars li')
    .evaluateAll((rows) =>
      rows.map(({ children }) => ({
        label: children[0].textContent,
        percent: parseFloat(children[1].textContent.replace('<', '')),
      })),
    );
}

/** Gives a file to the page as a drop or a paste would. */
export function giveFile(page, event, { name, type, bytes }) {
  return page.evaluate(
    ({ event, name, type, base64 }) => {
      const bytes = Uint8Array.from(window.atob(base64), (character) => character.charCodeAt(0));
      const data = new window.DataTransfer();
      data.items.add(new File([bytes], name, { type }));
      const made =
        event === 'paste'
          ? new window.ClipboardEvent('paste', { clipboardData: data, bubbles: true })
          : new window.DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(made);
    },
    { event, name, type, base64: bytes.toString('base64') },
  );
}
