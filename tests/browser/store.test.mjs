// The contract of stores, in a worker of a browser: IndexedDB and OPFS as they are.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { startBrowser } from '../lib/browser.mjs';
import { without } from '../lib/engines.mjs';
import { ROOT } from '../lib/shared.mjs';
import { storeContract } from '../lib/store-contract.mjs';

/** How long somebody else has a file open. */
const BUSY_MS = 300;

/** Runs each check in an empty store of its own; answers with the outcome of each: 'kept' or what went wrong. */
const WORKER = `
  import { openIndexedDbStore } from './js/downloads/store/indexeddb.js';
  import { FileStore } from './js/downloads/store/files.js';
  import { openOpfsFolder } from './js/downloads/store/opfs-folder.js';
  import { storeContract } from './tests/lib/store-contract.mjs';

  const openers = {
    indexeddb: openIndexedDbStore,
    opfs: async (name) => new FileStore('opfs', await openOpfsFolder(name)),
  };

  /** Appends a chunk while the file of the chunk before it is open elsewhere. */
  async function waitForBusyFile() {
    const store = await openers.opfs('busy');
    const digests = ['0'.repeat(64)];
    const record = { format: 1, key: 'https://example.org/a', id: 'id-1', state: 'partial', stored: 500,
      chunkSize: 500, digests, created: 1, lastUsed: 1 };
    await store.append(record, 0, new Uint8Array(500));
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('busy');
    for await (const [name, file] of folder.entries()) {
      if (!name.endsWith('.bin')) continue;
      const handle = await file.createSyncAccessHandle();
      setTimeout(() => handle.close(), ${BUSY_MS});
    }
    const start = Date.now();
    const next = { ...record, stored: 1000, digests: [...digests, '1'.repeat(64)] };
    await store.append(next, 1, new Uint8Array(500));
    return { waited: Date.now() - start, stored: (await store.get(record.key)).stored };
  }

  onmessage = async ({ data: kind }) => {
    if (kind === 'busy') {
      const told = (error) => ({ failed: error.name + ': ' + error.message });
      return postMessage(await waitForBusyFile().catch(told));
    }
    const results = [];
    for (const [name, check] of Object.entries(storeContract)) {
      const open = () => openers[kind]('contract ' + results.length);
      try {
        await check(await open(), open);
        results.push({ name, outcome: 'kept' });
      } catch (error) {
        // Not the stack alone: that of a DOMException is empty in some engines.
        results.push({ name, outcome: [error.name, error.message, error.stack].join('\\n') });
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

/** What the worker answers when it is asked for a store's checks, or for 'busy'. */
const inWorker = (page, kind) =>
  page.evaluate(
    (kind) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/contract/worker.js', { type: 'module' });
        worker.onmessage = ({ data }) =>
          data.failed ? reject(new Error(data.failed)) : resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(kind);
      }),
    kind,
  );

describe('stores in the browser', () => {
  for (const kind of ['indexeddb', 'opfs']) {
    test(`${kind} keeps the contract`, { skip: without(kind) }, async () => {
      const page = await browser.newPage();
      const results = await inWorker(page, kind);
      console.log(`${kind}: ${results.length} checks`);
      const expected = Object.keys(storeContract).map((name) => ({ name, outcome: 'kept' }));
      assert.deepEqual(results, expected);
      await page.close();
    });
  }

  test('a file that somebody else has open is waited for', { skip: without('opfs') }, async () => {
    const page = await browser.newPage();
    const { waited, stored } = await inWorker(page, 'busy');
    console.log(`waited ${waited} ms for a file that was busy for ${BUSY_MS} ms`);
    assert.deepEqual([stored, waited >= BUSY_MS * 0.9], [1000, true]);
    await page.close();
  });
});
