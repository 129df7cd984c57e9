/** IndexedDB as WebKit has been seen to behave: connections lost, requests without an answer, writes refused, data evicted. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import 'fake-indexeddb/auto';
import { openIndexedDbStore, type IndexedDbStore } from '../../../js/downloads/store/indexeddb.js';
import { fakeModel } from '../../lib/hub.mjs';
import { CHUNK, load, openRemoteFile, readAll, withHub } from './file-tools.js';

const SIZE = 6 * CHUNK + 99;
const bytes = Buffer.from(fakeModel(SIZE));
const context = withHub();
let store: IndexedDbStore;
let last = 0;
const publish = () => context.hub.put(`/webkit/${last}.pte`, bytes);

beforeEach(async () => {
  store = await openIndexedDbStore(`webkit-${++last}`, 300);
});
afterEach(() => {
  jest.restoreAllMocks();
  store.close();
});

/** Each call of a method of IndexedDB goes through `change` first. */
function spoil<T extends object>(prototype: T, name: string, change: (self: T) => unknown): void {
  const object = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = object[name]!;
  jest.spyOn(object, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
    return change(this as T) ?? original.apply(this, args);
  });
}

const lost = () =>
  new DOMException('Connection to Indexed Database server lost. Refresh the page', 'UnknownError');

test('connections that are lost again and again', async () => {
  const { url } = publish();
  let calls = 0;
  spoil(IDBDatabase.prototype, 'transaction', () => {
    if (++calls % 7 === 0) throw lost();
  });
  const first = await load(url, { store });
  expect(first.bytes.equals(bytes)).toBe(true);
  expect(first.report.kept).toBe(true);
  context.hub.forget();
  expect((await load(url, { store })).bytes.equals(bytes)).toBe(true);
  expect(context.hub.requests).toEqual([]);
  expect(calls).toBeGreaterThan(10);
});

test('a connection that is lost for good while a stored file is read', async () => {
  const { url } = publish();
  await load(url, { store });
  const file = await openRemoteFile(url, { store });
  await file.read(0, 10);
  spoil(IDBObjectStore.prototype, 'get', () => {
    throw lost();
  });
  expect((await readAll(file)).equals(bytes)).toBe(true);
  file.close();
});

test('reads that never answer', async () => {
  const { url } = publish();
  await load(url, { store });
  let isHanging = true;
  const silent: object = Object.assign(Object.create(IDBRequest.prototype), {
    addEventListener: () => undefined,
  });
  spoil(IDBObjectStore.prototype, 'get', () => (isHanging ? silent : undefined));
  const start = performance.now();
  const found = await load(url, { store }).catch((error: unknown) => error as Error);
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(found).toMatchObject({ report: { kept: false } });
  isHanging = false;
  expect((await load(url, { store })).report.requests).toBe(0);
});

test('Blobs that are refused: chunks are kept as buffers', async () => {
  const { url } = publish();
  const kinds: string[] = [];
  const prototype = IDBObjectStore.prototype;
  const { put } = prototype;
  jest.spyOn(prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const [value] = args as [unknown];
    if (value instanceof Blob || value instanceof ArrayBuffer) kinds.push(value.constructor.name);
    if (value instanceof Blob) throw new DOMException('no Blobs here', 'DataCloneError');
    return put.apply(this, args);
  });
  expect((await load(url, { store })).report.kept).toBe(true);
  context.hub.forget();
  expect((await load(url, { store })).bytes.equals(bytes)).toBe(true);
  expect(context.hub.requests).toEqual([]);
  // One is tried, then no more.
  expect(kinds).toEqual(['Blob', ...Array.from({ length: 7 }, () => 'ArrayBuffer')]);
});

test('a Blob that is stored but cannot be read is fetched again', async () => {
  const { url } = publish();
  await load(url, { store });
  context.hub.forget();
  const unreadable = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
  jest.spyOn(Blob.prototype, 'arrayBuffer').mockImplementationOnce(unreadable);
  expect((await load(url, { store })).bytes.equals(bytes)).toBe(true);
  expect(context.hub.requests.map(({ range }) => range)).toEqual([`bytes=0-${CHUNK - 1}`]);
});

test('large writes that are refused', async () => {
  const { url } = publish();
  spoil(IDBObjectStore.prototype, 'put', function (self) {
    if ((self as IDBObjectStore).name === 'chunks') throw new DOMException('', 'UnknownError');
  });
  const { bytes: found, report } = await load(url, { store });
  expect(found.equals(bytes)).toBe(true);
  expect(report).toMatchObject({ kept: false, networkBytes: SIZE });
  expect(report.problem).toMatch(/UnknownError/);
});

test('data that is evicted while it is written, and while it is read', async () => {
  const { url } = publish();
  const append = store.append.bind(store);
  jest.spyOn(store, 'append').mockImplementationOnce(async (...args) => {
    await append(...args);
    await store.remove(url);
  });
  const first = await load(url, { store });
  expect(first.bytes.equals(bytes)).toBe(true);
  expect(first.report.kept).toBe(true);
  const file = await openRemoteFile(url, { store });
  await file.read(0, 10);
  await store.remove(url);
  expect((await readAll(file)).equals(bytes)).toBe(true);
  file.close();
});
