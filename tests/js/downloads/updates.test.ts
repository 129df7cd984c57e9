/** What modules hear of newer files: each is asked for once per page, and told to those who use an older one. */
import { expect, jest, test } from '@jest/globals';
import { newerVersion } from '../../../js/modules/updates.js';
import type { ModelHost } from '../../../js/worker/host.js';

const stored = (sha256: string, key = 'https://x.test/') => ({
  key,
  sha256,
  size: 5,
  isChecked: true,
});
/** A host whose server answers as told. */
function hostWith(refresh: ModelHost['refresh']): { host: ModelHost; refresh: jest.Mock } {
  const mock = jest.fn(refresh);
  return { host: { refresh: mock } as unknown as ModelHost, refresh: mock as jest.Mock };
}

test('several modules of one file share the question and the answer', async () => {
  const { host, refresh } = hostWith(async (url) => stored('b', `${url}?key`));
  const url = 'https://x.test/shared.pte';
  const all = await Promise.all(['a', 'a', 'b'].map((used) => newerVersion(host, url, used)));
  const update = { url: `${url}?key`, sha256: 'b', size: 5 };
  expect(all).toEqual([update, update, undefined]);
  expect(refresh).toHaveBeenCalledTimes(1);
});

test('what is loaded after the answer is as new as the answer, or newer', async () => {
  const { host, refresh } = hostWith(async () => stored('b'));
  const url = 'https://x.test/later.pte';
  expect(await newerVersion(host, url, 'a')).toBeDefined();
  expect(await newerVersion(host, url, 'c')).toBeUndefined();
  expect(refresh).toHaveBeenCalledTimes(1);
});

test('a host that is closed before it has an answer leaves the question to the next', async () => {
  const url = 'https://x.test/closed.pte';
  const closed = hostWith(() => Promise.reject(new Error('closed')));
  expect(await newerVersion(closed.host, url, 'a')).toBeUndefined();
  const { host } = hostWith(async () => stored('b'));
  expect(await newerVersion(host, url, 'a')).toMatchObject({ sha256: 'b' });
});
