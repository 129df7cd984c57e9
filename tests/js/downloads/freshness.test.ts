/** Files that change at their address: when the server is asked, what is used meanwhile, and when the new file is. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Freshness,
  type ResourceConfiguration,
  configureResources,
  resourceConfiguration,
} from '../../../js/base/resource-config.js';
import { parseAddress } from '../../../js/downloads/address.js';
import { mayChange, refresh } from '../../../js/downloads/freshness.js';
import { openSource } from '../../../js/downloads/open.js';
import { openStore } from '../../../js/downloads/store/open.js';
import type { ResourceReport } from '../../../js/sources/source.js';
import { fakeModel, sha256, type Fault, type How } from '../../lib/hub.mjs';
import { CHUNK, QUICK, readBytes, withHub } from './file-tools.js';

const SIZE = 3 * CHUNK + 77;
const bytes = fakeModel(SIZE);
const newer = fakeModel(SIZE, 5);
const context = withHub();
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ew-fresh-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let last = 0;
const publish = (how: How = {}, what: Uint8Array = bytes) =>
  context.hub.put(`/o/r/resolve/main/m${++last}.pte`, what, how);
const replace = (url: string, how: How, what: Uint8Array = newer) =>
  context.hub.put(new URL(url).pathname, what, how);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const methods = () => context.hub.requests.map(({ method, status }) => `${method} ${status}`);

async function load(url: string, freshness?: Freshness) {
  const source = await openSource(url, freshness && { freshness });
  try {
    const bytes = await readBytes(source);
    await source.complete?.();
    return { digest: sha256(bytes), report: source.report! as ResourceReport };
  } finally {
    source.close();
  }
}
const check = (url: string) => {
  const config = resourceConfiguration();
  return refresh(parseAddress(url, config), config);
};

describe.each(['files', 'memory'] as const)('%s', (store) => {
  const config: ResourceConfiguration = { ...QUICK, store };
  beforeEach(() =>
    configureResources({ ...config, storeDirectory: directory, freshness: undefined }),
  );

  test('a stored file is used without a request, and may be old', async () => {
    const { url } = publish();
    expect((await load(url)).report).toMatchObject({ requests: 1, mayBeOld: false });
    context.hub.forget();
    expect((await load(url)).report).toMatchObject({ requests: 0, mayBeOld: true });
    expect((await load(url, 'immutable')).report.mayBeOld).toBe(false);
    expect(context.hub.requests).toEqual([]);
  });

  test.each<[string, How, string[]]>([
    ['ETag', {}, ['GET 304']],
    ['date', { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' }, ['GET 304']],
    ['ETag, of a server that knows no conditions', { conditional: false }, ['GET 206']],
    ['nothing but the length', { etag: null }, ['HEAD 200']],
  ])('the same file, told by %s: one request, nothing is fetched', async (_, how, requests) => {
    const { url } = publish(how);
    const { digest } = await load(url);
    context.hub.forget();
    expect(await check(url)).toMatchObject({ sha256: digest });
    expect(methods()).toEqual(requests);
    const { store: opened } = await openStore(resourceConfiguration());
    expect((await opened!.list()).filter(({ key }) => key.startsWith(url))).toHaveLength(1);
  });

  test.each<[string, How, How]>([
    ['ETag', {}, {}],
    [
      'date',
      { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' },
      { etag: null, lastModified: 'Wed, 02 Jan 2030 00:00:00 GMT' },
    ],
    ['ETag, of a server that knows no conditions', { conditional: false }, { conditional: false }],
  ])('another file, told by %s: the next load has it', async (_, before, after) => {
    const { url } = publish(before);
    await load(url);
    replace(url, after);
    expect((await load(url)).digest).toBe(sha256(bytes));
    expect(await check(url)).toMatchObject({ sha256: sha256(newer), size: SIZE, isChecked: true });
    context.hub.forget();
    expect(await load(url)).toMatchObject({ digest: sha256(newer), report: { requests: 0 } });
    const { store: opened } = await openStore(resourceConfiguration());
    expect((await opened!.list()).filter(({ key }) => key.startsWith(url))).toHaveLength(1);
  });

  test('another length tells too', async () => {
    const { url } = publish({ etag: null });
    await load(url);
    const longer = fakeModel(SIZE + 1, 5);
    replace(url, { etag: null }, longer);
    expect(await check(url)).toMatchObject({ sha256: sha256(longer) });
  });

  test('servers that do not answer, or have nothing any more, change nothing', async () => {
    for (const fault of [{ status: 503 }, { status: 404 }, { status: 403 }]) {
      const { url } = publish();
      await load(url);
      replace(url, { faults: [fault, fault] });
      expect(await check(url)).toMatchObject({ sha256: sha256(bytes), isChecked: false });
      expect((await load(url)).digest).toBe(sha256(bytes));
    }
  });

  test('a new file that cannot be fetched leaves the old one; the next check resumes', async () => {
    const { url } = publish();
    await load(url);
    const faults: Fault[] = [{ status: 500 }, { cut: 2 * CHUNK + 5 }];
    replace(url, {
      faults: [undefined, ...faults.slice(1), ...Array<Fault>(8).fill({ status: 500 })],
    });
    expect(await check(url)).toMatchObject({ sha256: sha256(bytes) });
    expect((await load(url)).digest).toBe(sha256(bytes));
    replace(url, {});
    context.hub.forget();
    expect(await check(url)).toMatchObject({ sha256: sha256(newer) });
    expect(context.hub.requests.some(({ range }) => range !== undefined)).toBe(true);
    expect((await load(url)).digest).toBe(sha256(newer));
  });

  test('pages that ask at the same time fetch the new file once', async () => {
    const { url } = publish();
    await load(url);
    replace(url, {});
    context.hub.forget();
    const all = await Promise.all([check(url), check(url), check(url)]);
    expect(all.map((one) => one?.sha256)).toEqual(Array(3).fill(sha256(newer)));
    expect(context.hub.requests.filter(({ sent }) => sent >= SIZE)).toHaveLength(1);
  });

  test("'check' asks before the load, uses the new file at once, and never fails without the server", async () => {
    const { url } = publish();
    await load(url, 'check');
    context.hub.forget();
    expect((await load(url, 'check')).report).toMatchObject({ mayBeOld: false });
    expect(methods()).toEqual(['GET 304']);
    replace(url, {});
    expect((await load(url, 'check')).digest).toBe(sha256(newer));
    replace(url, { faults: Array<Fault>(9).fill({ status: 500 }) });
    expect((await load(url, 'check')).digest).toBe(sha256(newer));
    configureResources({ freshness: 'check' });
    replace(url, {}, bytes);
    expect((await load(url)).digest).toBe(sha256(bytes));
  });

  test('removing a file removes what was fetched to replace it', async () => {
    const { url } = publish();
    await load(url);
    replace(url, {
      faults: [undefined, { cut: 2 * CHUNK }, ...Array<Fault>(8).fill({ status: 500 })],
    });
    await check(url);
    const { localService } = await import('../../../js/downloads/local-service.js');
    const { entries } = await localService.storage(resourceConfiguration());
    expect(entries.filter((one) => one.url.startsWith(url))).toHaveLength(1);
    await localService.remove([url], resourceConfiguration());
    const name = url.split('/').pop()!;
    // Leases are given back a moment later.
    const left = () => readdirSync(directory).filter((file) => file.startsWith(`${name}-`));
    for (let i = 0; i < 100 && left().length > 0; i++) await pause(20);
    expect(left()).toEqual([]);
  });
});

test('addresses that stand for one file for ever', () => {
  const hub = 'https://huggingface.co/o/r/resolve';
  const may = (url: string, settings: ResourceConfiguration = {}) =>
    mayChange(parseAddress(url, settings));
  expect(may('https://x.test/m.pte')).toBe(true);
  expect(may(`${hub}/main/m.pte`)).toBe(true);
  expect(may(`${hub}/v0.6.0/m.pte`)).toBe(false);
  expect(may(`${hub}/${'0a'.repeat(20)}/m.pte`)).toBe(false);
  expect(may(`${hub}/main/m.pte`, { revision: 'v1.0' })).toBe(false);
  expect(may(`${hub}/v0.6.0/m.pte`, { revision: 'main' })).toBe(true);
  const pin = { sha256: 'a'.repeat(64) };
  expect(may('https://x.test/m.pte', { pins: { 'https://x.test/m.pte': pin } })).toBe(false);
  expect(may('https://x.test/m.pte', { pins: { 'https://x.test/m.pte': { size: 5 } } })).toBe(true);
});

test('the hub is asked for its digest, which is a small text', async () => {
  configureResources({ ...QUICK, store: 'memory', endpoint: context.hub.url });
  const { url } = publish();
  const { pathname } = new URL(url);
  const atHub = `https://huggingface.co${pathname}`;
  await load(atHub);
  context.hub.forget();
  await check(atHub);
  expect(context.hub.requests.map(({ path }) => path)).toEqual([
    pathname.replace('resolve', 'raw'),
  ]);
  context.hub.put(pathname, newer);
  expect(await check(atHub)).toMatchObject({ sha256: sha256(newer) });
  configureResources({ endpoint: undefined });
});
