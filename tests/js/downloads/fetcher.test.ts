/** ResourceFetcher, in this thread, on files. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure } from '../../../js/base/config.js';
import { ErrorCode } from '../../../js/base/errors.js';
import { ResourceFetcher } from '../../../js/modules/ResourceFetcher.js';
import { fakeModel } from '../../lib/hub.mjs';
import { CHUNK, QUICK, withHub } from './file-tools.js';

const SIZE = 6 * CHUNK;
const bytes = fakeModel(SIZE);
const context = withHub();
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ew-fetcher-'));
  configure({ ...QUICK, store: 'files', storeDirectory: directory });
});
beforeEach(async () => {
  const { entries } = await ResourceFetcher.storage();
  for (const { url } of entries) await ResourceFetcher.deleteResources(url);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let last = 0;
const publish = (how = {}, what = bytes, name = `m${++last}.pte`) =>
  context.hub.put(`/o/r/resolve/main/${name}`, what, how);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('fetch', () => {
  test('returns addresses in order, weighs progress by bytes, and needs the server once', async () => {
    const large = publish({ rate: 600_000 });
    const small = publish({}, fakeModel(1000));
    const seen: number[] = [];
    const sources = [large.url, small.url];
    expect(await ResourceFetcher.fetch((p) => seen.push(p), ...sources)).toEqual(sources);
    expect(seen.at(-1)).toBe(1);
    expect(seen.every((value, i) => i === 0 || value > seen[i - 1]!)).toBe(true);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.filter((value) => value > 0.2 && value < 0.9).length).toBeGreaterThan(1);
    context.hub.forget();
    const again: number[] = [];
    expect(await ResourceFetcher.fetch((p) => again.push(p), ...sources)).toEqual(sources);
    expect(again).toEqual([1]);
    expect(context.hub.requests).toEqual([]);
  });

  test('two callers of one source share its download', async () => {
    const { url } = publish({ rate: 3_000_000 });
    const [a, b] = await Promise.all([
      ResourceFetcher.fetch(undefined, url),
      ResourceFetcher.fetch(undefined, url),
    ]);
    expect([a, b]).toEqual([[url], [url]]);
    expect(context.hub.requests).toHaveLength(1);
  });

  test('can be tried again after a failure', async () => {
    const { url } = publish({ faults: [{ status: 404 }] });
    await expect(ResourceFetcher.fetch(undefined, url)).rejects.toMatchObject({
      code: ErrorCode.ResourceFetcherDownloadFailed,
    });
    expect(await ResourceFetcher.fetch(undefined, url)).toEqual([url]);
  });

  test('takes objects, assets, paths; refuses nothing and bytes', async () => {
    const { url } = publish();
    const { origin, pathname } = new URL(url);
    const httpServerLocation = origin + pathname.replace(/\/[^/]+$/, '');
    const name = pathname.replace(/^.*\/|\.pte$/g, '');
    const assets = [undefined, { httpServerLocation, name, type: 'pte' }, { uri: url }];
    await expect(ResourceFetcher.fetch(undefined, 1)).rejects.toMatchObject({
      code: ErrorCode.InvalidModelSource,
      message: expect.stringContaining('assetRegistry'),
    });
    configure({ assetRegistry: { getAssetByID: (id) => assets[id] } });
    const fetched = await ResourceFetcher.fetch(undefined, 1, 2, { default: url }, '/tmp/x.pte', {
      b: ['ü'],
    });
    const json = `data:application/json,${encodeURIComponent('{"b":["ü"]}')}`;
    expect(fetched).toEqual([url, url, url, '/tmp/x.pte', json]);
    expect(await (await fetch(json)).json()).toEqual({ b: ['ü'] });
    await expect(ResourceFetcher.fetch(undefined, 3)).rejects.toThrow('no asset number 3');
    configure({ assetRegistry: undefined });
    await expect(ResourceFetcher.fetch()).rejects.toMatchObject({
      code: ErrorCode.InvalidUserInput,
      message: 'Empty list given as an argument!',
    });
    // Of no files there is nothing to remove, and nothing is running.
    await expect(ResourceFetcher.deleteResources()).resolves.toBeUndefined();
    expect(await ResourceFetcher.getFilesTotalSize()).toBe(0);
    const { ResourceFetcherNotActive } = ErrorCode;
    for (const call of ['pauseFetching', 'resumeFetching', 'cancelFetching'] as const) {
      await expect(ResourceFetcher[call]()).rejects.toMatchObject({
        code: ResourceFetcherNotActive,
      });
    }
    await expect(ResourceFetcher.fetch(undefined, bytes)).rejects.toMatchObject({
      code: ErrorCode.InvalidModelSource,
    });
  });
});

describe('pause, resume, cancel', () => {
  test('pause keeps what has arrived, resume fetches the rest', async () => {
    const { url, how } = publish({ rate: 1_000_000 });
    const seen: number[] = [];
    const fetching = ResourceFetcher.fetch((p) => seen.push(p), url);
    await pause(250);
    await ResourceFetcher.pauseFetching(url);
    expect(await fetching).toBeNull();
    const already = ResourceFetcher.pauseFetching(url);
    await expect(already).rejects.toMatchObject({ code: ErrorCode.ResourceFetcherAlreadyPaused });
    const [entry] = (await ResourceFetcher.storage()).entries;
    expect(entry).toMatchObject({ url, complete: false, verified: false });
    expect(entry!.bytes).toBeGreaterThan(0);
    expect(await ResourceFetcher.listDownloadedFiles()).toEqual([]);
    context.hub.forget();
    how.rate = undefined;
    await ResourceFetcher.resumeFetching(url);
    expect(seen.at(-1)).toBe(1);
    expect(context.hub.sent()).toBeLessThanOrEqual(SIZE - entry!.bytes + CHUNK);
    expect(await ResourceFetcher.listDownloadedFiles()).toEqual([url]);
  });

  test('resume of what is under way, or of nothing', async () => {
    const { url } = publish({ rate: 2_000_000 });
    const fetching = ResourceFetcher.fetch(undefined, url);
    await expect(ResourceFetcher.resumeFetching(url)).rejects.toMatchObject({
      code: ErrorCode.ResourceFetcherAlreadyOngoing,
    });
    expect(await fetching).toEqual([url]);
    for (const method of ['pauseFetching', 'resumeFetching', 'cancelFetching'] as const) {
      await expect(ResourceFetcher[method](url)).rejects.toMatchObject({
        code: ErrorCode.ResourceFetcherNotActive,
      });
    }
  });

  test('cancel forgets what has arrived, of all sources', async () => {
    const urls = [publish({ rate: 1_000_000 }).url, publish({ rate: 1_000_000 }).url];
    const fetching = urls.map((url) => ResourceFetcher.fetch(undefined, url));
    await pause(250);
    await ResourceFetcher.cancelFetching(...urls);
    expect(await Promise.all(fetching)).toEqual([null, null]);
    await pause(50);
    expect((await ResourceFetcher.storage()).entries).toEqual([]);
  });
});

describe('the store', () => {
  test('is listed, measured, emptied', async () => {
    expect(await ResourceFetcher.listDownloadedFiles()).toEqual([]);
    const model = publish();
    const json = publish({}, new TextEncoder().encode('{"labels":[]}'), 'labels.json');
    await ResourceFetcher.fetch(undefined, model.url, json.url);
    expect((await ResourceFetcher.listDownloadedFiles()).sort()).toEqual(
      [json.url, model.url].sort(),
    );
    expect(await ResourceFetcher.listDownloadedModels()).toEqual([model.url]);
    context.hub.forget();
    expect(await ResourceFetcher.getFilesTotalSize(model.url, json.url)).toBe(SIZE + 13);
    expect(context.hub.requests).toEqual([]);
    const unknown = publish().url;
    expect(await ResourceFetcher.getFilesTotalSize(unknown, `${unknown}-none`)).toBe(SIZE);
    await ResourceFetcher.deleteResources(model.url, json.url, unknown);
    expect((await ResourceFetcher.storage()).entries).toEqual([]);
    // Leases of the downloads that were cancelled before go when their uses have come to their end.
    for (let i = 0; i < 100 && readdirSync(directory).length > 0; i++) await pause(50);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('configure', () => {
  test.each([
    { store: 'disk' },
    { endpoint: 'huggingface.co' },
    { headers: { host: 'X-Key: 1' } },
    { accessToken: 7 },
    { pins: { a: { sha256: 'abc' } } },
    { download: { patience: 1 } },
    { download: { delay: -1 } },
    { revision: '../x' },
    { mirror: 'https://x.org' },
  ])('refuses %j', (settings) => {
    expect(() => configure(settings as never)).toThrow(
      expect.objectContaining({ code: ErrorCode.InvalidConfig }) as unknown as Error,
    );
  });
  test('never tells a secret', () => {
    expect(() => configure({ accessToken: ['s3cret'] as never })).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('s3cret'),
      }) as unknown as Error,
    );
  });
});
