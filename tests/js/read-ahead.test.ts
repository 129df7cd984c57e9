/** Reading ahead: the same bytes in fewer reads. */
import { describe, expect, test } from '@jest/globals';
import { readAhead } from '../../js/resources/read-ahead.js';

const PIECE = 4 << 20;

/** A source of `size` bytes whose reads are counted and give at most `most` bytes. */
function counted(size: number, most = Infinity) {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
  const reads: [number, number][] = [];
  let closed = false;
  const source = {
    size,
    read(offset: number, length: number) {
      reads.push([offset, length]);
      return Promise.resolve(bytes.subarray(offset, offset + Math.min(length, most)));
    },
    close: () => void (closed = true),
  };
  return { bytes, reads, source, isClosed: () => closed };
}

describe('readAhead', () => {
  test('many small reads front to back cost one read a piece', async () => {
    const { bytes, reads, source } = counted(PIECE + 1000);
    const ahead = readAhead(source);
    for (let offset = 0; offset < bytes.length;) {
      const part = await ahead.read(offset, 100_003);
      expect(part.length).toBeGreaterThan(0);
      expect(Buffer.compare(part, bytes.subarray(offset, offset + part.length))).toBe(0);
      offset += part.length;
    }
    expect(reads).toEqual([
      [0, PIECE],
      [PIECE, PIECE],
    ]);
  });

  test('going back, jumping and short answers give the right bytes', async () => {
    const { bytes, source } = counted(50_000, 777);
    const ahead = readAhead(source);
    for (const offset of [40_000, 40_500, 41_000, 3, 776, 0, 49_999]) {
      const part = await ahead.read(offset, 600);
      expect(part.length).toBeGreaterThan(0);
      expect(part.length).toBeLessThanOrEqual(600);
      expect(Buffer.compare(part, bytes.subarray(offset, offset + part.length))).toBe(0);
    }
  });

  test('the end is an empty read; close() reaches the source', async () => {
    const { source, isClosed } = counted(10);
    const ahead = readAhead(source);
    expect(await ahead.read(0, 100)).toHaveLength(10);
    expect(await ahead.read(10, 1)).toHaveLength(0);
    ahead.close();
    expect(isClosed()).toBe(true);
  });
});
