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
