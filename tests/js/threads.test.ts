/** How many threads 'auto' stands for. */
import { expect, test } from '@jest/globals';
import { usefulThreads } from '../../js/core/locate.js';

// WebKit tells of 4 processors where there are 2: four threads there take 50 times as long as two.
test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 2],
  [6, 3],
  [8, 4],
  [64, 4],
])('%i processors: %i threads', (processors, threads) => {
  expect(usefulThreads(processors)).toBe(threads);
});
