/** Differences between engines that no engine at hand shows: played by stand-ins. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { toBitmap } from '../../js/images/bitmap.js';
import { openOpfsFolder } from '../../js/downloads/store/opfs-folder.js';

const scope = globalThis as unknown as Record<string, unknown>;
const before = { createImageBitmap: scope.createImageBitmap, navigator: scope.navigator };
function replace(name: keyof typeof before, value: unknown) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
afterEach(() => {
  for (const [name, value] of Object.entries(before)) replace(name as keyof typeof before, value);
});

describe('bitmaps', () => {
  const source = {} as ImageBitmap;

  test("where 'from-image' is no orientation, the bitmap is made without it", async () => {
    const asked: (ImageBitmapOptions | undefined)[] = [];
    replace('createImageBitmap', (_: unknown, options?: ImageBitmapOptions) => {
      asked.push(options);
      return options?.imageOrientation === 'from-image'
        ? Promise.reject(new TypeError("'from-image' is not a valid value of ImageOrientation"))
        : Promise.resolve('bitmap');
    });
    expect(await toBitmap(source, { resizeWidth: 8 })).toBe('bitmap');
    const plain = { premultiplyAlpha: 'none', colorSpaceConversion: 'none', resizeWidth: 8 };
    expect(asked).toEqual([{ ...plain, imageOrientation: 'from-image' }, plain]);
  });

  test('other failures are those of the picture', async () => {
    const cause = new DOMException('broken', 'InvalidStateError');
    replace('createImageBitmap', () => Promise.reject(cause));
    await expect(toBitmap(source)).rejects.toBe(cause);
  });
});

describe('files of OPFS that somebody else has open', () => {
  /** A file system whose files are busy for some attempts, in an engine's own words. */
  function busyFor(attempts: number, name: string) {
    let left = attempts;
    const handle = { getSize: () => 0, close: () => undefined };
    const createSyncAccessHandle = () =>
      left-- > 0
        ? Promise.reject(new DOMException('Some access handle is active.', name))
        : Promise.resolve(handle);
    const folder = { getFileHandle: () => Promise.resolve({ createSyncAccessHandle }) };
    const root = { getDirectoryHandle: () => Promise.resolve(folder) };
    replace('navigator', { storage: { getDirectory: () => Promise.resolve(root) } });
  }

  test.each(['NoModificationAllowedError', 'InvalidStateError'])('%s: waited for', async (name) => {
    busyFor(3, name);
    await expect(openOpfsFolder()).resolves.toBeDefined();
  });

  test('NotAllowedError: told at once', async () => {
    busyFor(1, 'NotAllowedError');
    await expect(openOpfsFolder()).rejects.toMatchObject({ name: 'NotAllowedError' });
  });
});
