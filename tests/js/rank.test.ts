/** rank() refuses what would give silent nonsense. */
import { describe, expect, test } from '@jest/globals';
import { ErrorCode, isExecutorchError } from '../../js/base/errors.js';
import { rank } from '../../js/tasks/vectors.js';

const CASES: [string, () => unknown][] = [
  ['numbers that are none', () => rank([NaN, 1], { a: [1, 0] })],
  ['numbers too large to be multiplied', () => rank([1e200, 1e200], { a: [1e200, 1] })],
  [
    'objects of text and embedding',
    () => rank([1, 0], [{ text: 'a', embedding: [1, 0] }] as never),
  ],
  ['texts without embeddings', () => rank([1, 0], ['a', 'b'] as never)],
  [
    'embeddings without texts',
    () =>
      rank([1, 0], [
        [1, 0],
        [0, 1],
      ] as never),
  ],
  ['nothing', () => rank([1, 0], undefined as never)],
  ['a text', () => rank([1, 0], 'ab' as never)],
];

describe('rank()', () => {
  test.each(CASES)('refuses %s', (_, call) => {
    let error: unknown;
    try {
      call();
    } catch (reason) {
      error = reason;
    }
    expect(isExecutorchError(error, ErrorCode.InvalidUserInput)).toBe(true);
    expect((error as Error).message).toMatch(/^rank\(\): /);
  });

  test('takes objects, pairs and maps alike', () => {
    const object = { cat: [1, 0], dog: [0, 1] };
    const wanted = ['cat', 'dog'];
    for (const texts of [object, Object.entries(object), new Map(Object.entries(object))]) {
      const ranked = rank([1, 0.5], texts);
      expect(ranked.map(({ text }) => text)).toEqual(wanted);
      expect(ranked.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
    }
  });
});
