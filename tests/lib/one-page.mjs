// Browser and page of a test file that works in one page.
import { after, before } from 'node:test';
import { startChromium } from './chromium.mjs';

/**
 * Opens the page before the tests and closes the browser after them. Returns a function that gives the page;
 * `prepare(page)` comes when it is open.
 */
export function onePage(prepare) {
  let chromium;
  let page;
  before(async () => {
    chromium = await startChromium();
    page = await chromium.newPage();
    await prepare?.(page);
  });
  after(() => chromium?.close());
  return () => page;
}
