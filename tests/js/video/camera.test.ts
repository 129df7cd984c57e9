import { afterEach, expect, test } from '@jest/globals';
import { ErrorCode } from '../../../js/base/errors.js';
import { openCamera } from '../../../js/video/camera.js';
import { checkVideo } from '../../../js/video/run-on-video.js';

const original = globalThis.navigator as Navigator | undefined;
afterEach(() => {
  Object.defineProperty(globalThis, 'navigator', { value: original, configurable: true });
});

function give(getUserMedia?: () => Promise<unknown>): void {
  const value = { mediaDevices: getUserMedia && { getUserMedia } };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}

const never = new AbortController().signal;

test.each([
  ['NotAllowedError', ErrorCode.AccessFailed, /allow/],
  ['NotReadableError', ErrorCode.AccessFailed, /another program/],
  ['NotFoundError', ErrorCode.NotFound, /has none/],
  ['OverconstrainedError', ErrorCode.NotFound, /constraints/],
  ['StrangeError', ErrorCode.AccessFailed, /cannot be opened/],
])('%s of the browser', async (name, code, message) => {
  give(() => Promise.reject(Object.assign(new Error('theirs'), { name })));
  await expect(openCamera(undefined, never)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as unknown as string,
  });
});

test('pages without cameras are told why', async () => {
  give();
  await expect(openCamera(undefined, never)).rejects.toMatchObject({
    code: ErrorCode.PlatformNotSupported,
  });
});

test('a camera that comes after the abort is released', async () => {
  let stops = 0;
  const controller = new AbortController();
  give(() => {
    controller.abort();
    return Promise.resolve({ getTracks: () => [{ stop: () => (stops += 1) }] });
  });
  await openCamera(undefined, controller.signal);
  expect(stops).toBe(1);
});

test.each([
  [undefined, {}, /callback/],
  [() => 0, { maxRate: 0 }, /maxRate/],
  [() => 0, { maxRate: Number.NaN }, /maxRate/],
  [() => 0, { camera: 'front' }, /camera/],
  [() => 0, { signal: {} }, /signal/],
  [() => 0, { maxrate: 3 }, /did you mean 'maxRate'/],
  [() => 0, 5, /options are an object/],
])('%p with %p is refused', async (callback, options, message) => {
  await expect(checkVideo(callback, options, [])).rejects.toThrow(message);
});
