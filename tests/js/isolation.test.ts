/** Isolation where there is no page: on servers that render apps. Pages are in tests/browser/isolation. */
import { expect, test } from '@jest/globals';
import { ErrorCode } from '../../js/base/errors.js';
import { endIsolation, isolate, type IsolationOptions } from '../../js/isolation.js';

test('nothing happens but that the reason is told', async () => {
  await expect(isolate()).resolves.toEqual({ isolated: false, reason: 'there is no page here' });
  await expect(endIsolation()).resolves.toBeUndefined();
});

test.each([
  [{ embedder: 'none' }, /embedder is/],
  [{ wokerUrl: 'sw.js' }, /no option 'wokerUrl'/],
  [{ workerUrl: 'http://' }, /no address: 'http:/],
])('%j is refused', async (options, message) => {
  const refused = { code: ErrorCode.InvalidArgument, message: expect.stringMatching(message) };
  await expect(isolate(options as IsolationOptions)).rejects.toMatchObject(refused);
  await expect(endIsolation(options as IsolationOptions)).rejects.toMatchObject(refused);
});
