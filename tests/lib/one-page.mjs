// Browser and page of a test file that works in one page.
import { after, before } from 'node:test';
import { startBrowser } from './browser.mjs';

/**
 * Opens the page before the tests and closes the browser after them. Returns a function that gives the page;
 * `prepare(page)` comes when it is open.
 */
export function onePage(prepare) {
  let browser;
  let page;
  before(async () => {
    browser = await startBrowser();
    page = await browser.newPage();
    await prepare?.(page);
  });
  after(() => browser?.close());
  return () => page;
}

/** Whether a build of the core runs in this page, as the library itself finds. */
export const offers = (page, variant) =>
  page.evaluate(async (variant) => {
    const { getCapabilities } = await import('/dist/core.js');
    const { simd, relaxedSimd, threads } = getCapabilities();
    const relaxed = !variant.startsWith('relaxed') || relaxedSimd;
    return simd && relaxed && (!variant.endsWith('threads') || threads);
  }, variant);
