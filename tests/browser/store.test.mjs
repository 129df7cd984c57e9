// The contract of stores, in a worker of Chromium: IndexedDB and OPFS as they are.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { startBrowser } from '../lib/browser.mjs';
import { ROOT } from '../lib/shared.mjs';

/** Runs each check in an empty store of its own; answers with the messages of those that failed. */
const WORKER = `
  import { openIndexedDbStore } from './js/downloads/store/indexeddb.js';
  import { FileStore } from './js/downloads/store/files.js';
  import { openOpfsFolder } from './js/downloads/store/opfs-folder.js';
  import { storeContract } from './tests/lib/store-contract.mjs';

  const openers = {
    indexeddb: openIndexedDbStore,
    opfs: async (name) => new FileStore('opfs', await openOpfsFolder(name)),
  };

  onmessage = async ({ data: kind }) => {
    const results = [];
    for (const [name, check] of Object.entries(storeContract)) {
      const open = () => openers[kind]('contract ' + results.length);
      try {
        await check(await open(), open);
        results.push({ name });
      } catch (error) {
        results.push({ name, error: String(error.stack) });
      }
    }
    postMessage(results);
  };
`;

let browser;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ew-contract-'));
  await build({
    stdin: { contents: WORKER, resolveDir: ROOT, loader: 'js' },
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    external: ['node:*'],
    // Sources import each other with the extension that the output has.
    plugins: [{ name: 'ts', setup: resolveTypeScript }],
  });
  browser = await startBrowser({ mounts: { '/contract/': folder } });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function resolveTypeScript({ onResolve, resolve }) {
  onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, ...rest }) => {
    const { resolveDir, kind, importer } = rest;
    return resolve(path.replace(/\.js$/, ''), { resolveDir, kind, importer });
  });
}

describe('stores in Chromium', () => {
  for (const kind of ['indexeddb', 'opfs']) {
    test(`${kind} keeps the contract`, async () => {
      const page = await browser.newPage();
      const results = await page.evaluate(
        (kind) =>
          new Promise((resolve, reject) => {
            const worker = new Worker('/contract/worker.js', { type: 'module' });
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => reject(new Error(message));
            worker.postMessage(kind);
          }),
        kind,
      );
      console.log(`${kind}: ${results.length} checks`);
      assert.deepEqual(
        results.filter(({ error }) => error),
        [],
      );
      assert.ok(results.length >= 12);
      await page.close();
    });
  }
});
