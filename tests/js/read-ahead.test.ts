/** Reading ahead: the same bytes in fewer reads. */
import { describe, expect, test } from '@jest/globals';
import { readAhead } from '../../js/sources/read-ahead.js';

const PIECE = 1 << 20;

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

  test('the next piece is asked for before it is wanted; a failure of it is seen when it is', async () => {
    const { reads, source } = counted(2 * PIECE);
    const ahead = readAhead({
      ...source,
      read: (offset, length) =>
        offset > 0 ? Promise.reject(new Error('gone')) : source.read(offset, length),
    });
    await ahead.read(0, 10);
    expect(reads).toEqual([[0, PIECE]]);
    await ahead.read(PIECE - 1, 1);
    await expect(ahead.read(PIECE, 1)).rejects.toThrow('gone');

    const healthy = counted(2 * PIECE);
    await readAhead(healthy.source).read(0, 10);
    expect(healthy.reads).toEqual([
      [0, PIECE],
      [PIECE, PIECE],
    ]);
  });

  test('a piece is given back when the next one is wanted', async () => {
    const { source } = counted(3 * PIECE);
    const back: number[] = [];
    const ahead = readAhead({ ...source, recycle: (piece) => void back.push(piece.byteOffset) });
    await ahead.read(0, 1);
    expect(back).toEqual([]);
    await ahead.read(PIECE, 1);
    expect(back).toEqual([0]);
    await ahead.read(2 * PIECE, 1);
    expect(back).toEqual([0, PIECE]);
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
