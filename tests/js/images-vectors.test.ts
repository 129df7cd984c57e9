import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '../../js/base/errors.js';
import { cosineSimilarity, dotProduct, nearestNeighbours } from '../../js/tasks/vectors.js';

const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code, message };
  }
  return undefined;
};

describe('vectors', () => {
  test('dot product and cosine', () => {
    expect(dotProduct([1, 2, 3], new Float32Array([4, 5, 6]))).toBe(32);
    expect(cosineSimilarity([1, 0], [0, 2])).toBe(0);
    expect(cosineSimilarity([3, 4], [6, 8])).toBe(1);
    expect(cosineSimilarity([1, 1], [-2, -2])).toBe(-1);
    expect(cosineSimilarity([0, 0], [1, 1])).toBe(0);
    expect(dotProduct([], [])).toBe(0);
  });

  test('vectors of different lengths are refused', () => {
    const message = 'Vectors of lengths 2 and 3 have no dot product.';
    const error = { code: ErrorCode.WrongDimensions, message };
    expect(thrown(() => dotProduct([1, 2], [1, 2, 3]))).toEqual(error);
    expect(thrown(() => nearestNeighbours([1, 2], [[1, 2, 3]]))).toEqual(error);
  });

  test('neighbours in a list and in a matrix, equal ones in their order', () => {
    const list = [
      [0, 1],
      [1, 0],
      [2, 0],
      [-1, 0],
      [1, 1],
    ];
    const expected = [
      { index: 1, similarity: 1 },
      { index: 2, similarity: 1 },
      { index: 4, similarity: Math.SQRT1_2 },
    ];
    for (const embeddings of [list, new Float32Array(list.flat())]) {
      const found = nearestNeighbours([1, 0], embeddings, 3);
      expect(found.map(({ index }) => index)).toEqual([1, 2, 4]);
      found.forEach(({ similarity }, i) =>
        expect(similarity).toBeCloseTo(expected[i]!.similarity, 12),
      );
    }
    expect(nearestNeighbours([1, 0], list, 99)).toHaveLength(5);
    expect(nearestNeighbours([1, 0], [])).toEqual([]);
  });

  test('a torn matrix and a strange k are refused', () => {
    expect(thrown(() => nearestNeighbours([1, 0], new Float32Array(5)))).toEqual({
      code: ErrorCode.WrongDimensions,
      message: 'A matrix of length 5 has no whole number of rows of length 2.',
    });
    for (const k of [0, -1, 1.5, NaN]) {
      const message = `k is a positive integer, got ${k}.`;
      expect(thrown(() => nearestNeighbours([1], [[1]], k))).toEqual({
        code: ErrorCode.InvalidUserInput,
        message,
      });
    }
  });
});
