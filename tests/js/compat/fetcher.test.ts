/** ResourceFetcher of 0.8 to 0.10's legacy API on downloads: what it gives, and what pausing does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure } from '../../../js/base/config.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import { BareResourceFetcher as fetcher } from '../../../js/compat/resource-fetcher.js';
import { fakeModel } from '../../lib/hub.mjs';
import { CHUNK, QUICK, withHub } from '../downloads/file-tools.js';

const context = withHub();
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ew-legacy-fetcher-'));
  configure({ ...QUICK, store: 'files', storeDirectory: directory });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let last = 0;
const publish = (how = {}) =>
  context.hub.put(`/o/r/resolve/main/legacy${++last}.pte`, fakeModel(6 * CHUNK), how);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const { DownloadInterrupted, ResourceFetcherAlreadyPaused } = legacy.RnExecutorchErrorCode;

test("an adapter's answer is the list of 0.8, and has the members of 0.9", async () => {
  const { url } = publish();
  const seen: number[] = [];
  const first = await fetcher.fetch((share) => seen.push(share), url);
  expect([...first]).toEqual([url]);
  expect(Array.isArray(first)).toBe(true);
  expect(first).toMatchObject({ length: 1, paths: [url], wasDownloaded: [true] });
  expect(seen.at(-1)).toBe(1);
  expect((await fetcher.fetch(undefined, url)).wasDownloaded).toEqual([false]);
  expect(await legacy.ResourceFetcher.fetch(undefined, url)).toEqual([url]);
});

test('a paused download is awaited, and given when it was resumed', async () => {
  const { url } = publish({ rate: 1_000_000 });
  let isDone = false;
  const fetching = legacy.ResourceFetcher.fetch(undefined, url).finally(() => (isDone = true));
  await sleep(250);
  await fetcher.pauseFetching(url);
  await expect(fetcher.pauseFetching(url)).rejects.toMatchObject({
    code: ResourceFetcherAlreadyPaused,
  });
  await sleep(150);
  expect(isDone).toBe(false);
  await fetcher.resumeFetching(url);
  expect([...(await fetching)]).toEqual([url]);
  expect(await fetcher.listDownloadedFiles()).toContain(url);
});

test.each(['while it runs', 'while it is paused'])('a download is cancelled %s', async (when) => {
  const { url } = publish({ rate: 1_000_000 });
  const fetching = fetcher.fetch(undefined, url).then(
    () => 'given',
    ({ code }: { code: number }) => code,
  );
  await sleep(250);
  if (when === 'while it is paused') await fetcher.pauseFetching(url);
  await fetcher.cancelFetching(url);
  expect(await fetching).toBe(DownloadInterrupted);
  expect(await fetcher.listDownloadedFiles()).not.toContain(url);
});
