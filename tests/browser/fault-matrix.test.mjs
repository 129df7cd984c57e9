// Faults of servers and stores, with the stores that browsers have.
import { after, before } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';
import { without } from '../lib/engines.mjs';
import { faultMatrix } from '../lib/fault-matrix.mjs';
import { browserStore } from '../lib/fault-stores.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

for (const store of ['indexeddb', 'opfs']) {
  faultMatrix(store, () => browserStore(browser, store), { skip: without(store) });
}
