import { expect, test } from '@jest/globals';
import { Pacer } from '../../../js/video/pace.js';
import { Cadence } from '../../../js/worker/cadence.js';

/** Results of `seconds` of frames at `rate`, each of which takes `work` milliseconds; jitter is at most 4 ms. */
function results(rate: number, maxRate: number | undefined, work = 5, seconds = 20): number {
  const pacer = new Pacer(maxRate);
  let [count, free, seed] = [0, 0, 1];
  for (let frame = 0; frame < rate * seconds; frame++) {
    seed = (seed * 48271) % 2147483647;
    const time = (frame * 1000) / rate + (seed % 4);
    if (time < free || pacer.delay(time) > 0) continue;
    pacer.taken(time);
    free = time + work;
    count += 1;
  }
  return count / seconds;
}

test('without a limit every frame is taken', () => {
  expect(results(30, undefined)).toBe(30);
});

test.each([
  [30, 10],
  [30, 20],
  [30, 25],
  [60, 24],
  [25, 7],
  [30, 0.5],
])('of %d frames a second, %d are taken on average, not the next divisor', (rate, maxRate) => {
  const found = results(rate, maxRate);
  expect(found).toBeLessThanOrEqual(maxRate + 0.11);
  expect(found).toBeGreaterThanOrEqual(maxRate - 0.11);
});

test('a limit above the rate of the frames takes none away', () => {
  expect(results(30, 100)).toBe(30);
});

test('time in which no frame came is not made up for', () => {
  const pacer = new Pacer(10);
  pacer.taken(0);
  pacer.taken(10_000);
  expect(pacer.delay(10_000)).toBe(0);
  pacer.taken(10_001);
  expect(pacer.delay(10_002)).toBeGreaterThan(90);
});

/** Frames that are counted when each run lasts so many frames, and the buffer holds four. Times jitter by up to a third. */
function counted(run: number, frames = 300): number {
  const cadence = new Cadence(4);
  let seed = 7;
  const times = Array.from({ length: frames }, (_, i) => {
    seed = (seed * 48271) % 2147483647;
    return i * 33 + (seed % 11);
  });
  for (let at = 0; at + run <= frames; at += run) {
    for (const time of times.slice(at, at + run).slice(-4)) cadence.add(time);
    cadence.taken();
  }
  return cadence.count;
}

test.each([1, 2, 3, 4, 5])('runs of %d frames: each one that was read counts once', (run) => {
  expect(counted(run)).toBeGreaterThanOrEqual(300 - 4);
  expect(counted(run)).toBeLessThanOrEqual(run < 4 ? 300 : 303);
});

test.each([6, 12, 30])('runs of %d frames: those that a full buffer lost count, too', (run) => {
  expect(counted(run) / 300).toBeGreaterThan(0.9);
  expect(counted(run) / 300).toBeLessThan(1.1);
});

test('a burst after a pause of a slow stream has lost nothing', () => {
  const cadence = new Cadence(4);
  let time = 0;
  for (let frame = 0; frame < 100; frame++) {
    cadence.add((time += frame % 10 === 0 ? 200 : 10));
    cadence.taken();
  }
  expect(cadence.count).toBe(100);
});
