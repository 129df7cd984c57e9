/** The contract of stores, for each that runs in Node; tests/browser/store.test.mjs runs it in Chromium. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openIndexedDbStore } from '../../../js/downloads/store/indexeddb.js';
import { openNodeFolder } from '../../../js/downloads/store/node-folder.js';
import type { ModelStore } from '../../../js/downloads/store/types.js';
import { storeContract } from '../../lib/store-contract.mjs';
import { PLACES, type Place } from './stores.js';

describe.each(PLACES)('%s', (_, create) => {
  let place: Place;
  let store: ModelStore;
  beforeEach(async () => {
    place = create();
    store = await place.open();
  });
  afterEach(() => {
    store.close();
    place.remove();
  });

  test.each(Object.entries(storeContract))('%s', async (_, check) => {
    await check(store, () => place.open());
  });

  test('leaves nothing behind when files are removed', async () => {
    if (!place.leftovers) return;
    await storeContract['replaces a download by another one'](store, () => place.open());
    for (const { key } of await store.list()) await store.remove(key);
    expect(place.leftovers()).toEqual([]);
  });
});

test('a link in place of a file of the store: what it leads to stays as it is', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ew-link-'));
  try {
    const victim = join(directory, 'victim.txt');
    writeFileSync(victim, 'precious');
    const folder = await openNodeFolder(join(directory, 'store'));
    symlinkSync(victim, join(directory, 'store/model.bin'));
    await folder.write('model.bin', 0, new Uint8Array([1, 2, 3]));
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(await folder.read('model.bin', 0, 3)).toEqual(new Uint8Array([1, 2, 3]));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('databases that are not ours', () => {
  const openOther = (name: string, version: number, change: (database: IDBDatabase) => void) =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => change(request.result);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const works = async (name: string) => {
    const store = await openIndexedDbStore(name);
    await storeContract['stores chunks and tells of them'](store, async () => store);
    store.close();
  };

  test('of a later version are left alone', async () => {
    (await openOther('later', 9, (database) => database.createObjectStore('future'))).close();
    await works('later');
    const database = await openOther('later', 9, () => undefined);
    expect([...database.objectStoreNames]).toEqual(['future']);
    database.close();
  });

  test('with stores of other kinds are left alone', async () => {
    (await openOther('foreign', 1, (database) => database.createObjectStore('things'))).close();
    await works('foreign');
  });

  test('with stores of our names but other keys are left alone', async () => {
    const change = (database: IDBDatabase) =>
      ['records', 'chunks', 'leases'].forEach((name) => database.createObjectStore(name));
    (await openOther('keys', 1, change)).close();
    await works('keys');
  });

  test('a connection that is lost is opened again', async () => {
    const store = await openIndexedDbStore('lost');
    (await store.connect()).close();
    await storeContract['stores chunks and tells of them'](store, async () => store);
    store.close();
  });
});
