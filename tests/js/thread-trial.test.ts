/** How many threads a model's runs use after the first ones. */
import { expect, test } from '@jest/globals';
import { ThreadTrial } from '../../js/core/thread-trial.js';

/** Runs a model whose runs take `times[threads]`; resolves to the threads of each run, then those of the last. */
function threadsOfRuns(most: number, times: Record<number, number>, noise: readonly number[] = []) {
  let [clock, threads] = [0, 0];
  const trial = new ThreadTrial(
    most,
    (count) => (threads = count),
    () => clock,
  );
  const used: number[] = [];
  for (let run = 0; run < 40; run++) {
    const result = trial.time(() => {
      used.push(threads);
      clock += times[threads]! + (noise[run % noise.length] ?? 0);
      return run;
    });
    expect(result).toBe(run);
  }
  return used;
}

test('one thread is never changed', () => {
  expect(new Set(threadsOfRuns(1, { 1: 5 }))).toEqual(new Set([1]));
});

test('each number has its turns, and the quickest stays', () => {
  const used = threadsOfRuns(4, { 1: 12, 2: 7, 4: 9 });
  expect(used.slice(0, 16)).toEqual([4, 4, 4, 4, 4, 2, 1, 4, 2, 1, 4, 2, 1, 4, 2, 1]);
  expect(new Set(used.slice(16))).toEqual(new Set([2]));
});

test('small models run alone, large ones with all', () => {
  expect(threadsOfRuns(2, { 1: 0.2, 2: 0.5 }).at(-1)).toBe(1);
  expect(threadsOfRuns(2, { 1: 20, 2: 11 }).at(-1)).toBe(2);
  expect(threadsOfRuns(3, { 1: 20, 3: 9 }).at(-1)).toBe(3);
});

test('threads stay where they make hardly a difference', () => {
  expect(threadsOfRuns(4, { 1: 10, 2: 10, 4: 10.8 }).at(-1)).toBe(4);
  expect(threadsOfRuns(4, { 1: 10, 2: 10, 4: 11.2 }).at(-1)).toBe(2);
});

test('runs that something else made longer do not decide', () => {
  expect(threadsOfRuns(2, { 1: 20, 2: 11 }, [0, 40, 15, 0, 90, 0, 0, 31]).at(-1)).toBe(2);
});

test('a run that fails counts for nothing', () => {
  let threads = 0;
  const trial = new ThreadTrial(2, (count) => (threads = count));
  for (let i = 0; i < 100; i++) {
    expect(() =>
      trial.time(() => {
        throw new Error('refused');
      }),
    ).toThrow('refused');
  }
  expect(threads).toBe(2);
});
