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

/** Frames that are counted when only those are seen whose number `isSeen`. */
function counted(isSeen: (frame: number) => boolean, jitter = 3): number {
  const cadence = new Cadence();
  let seed = 7;
  for (let frame = 0; frame < 300; frame++) {
    seed = (seed * 48271) % 2147483647;
    if (isSeen(frame)) cadence.add(frame * 33_333 + (seed % jitter) * 1000);
  }
  return cadence.count;
}

test('frames that are all seen are counted once each', () => {
  expect(counted(() => true)).toBe(300);
});

test('frames that a full buffer has lost are counted by the gap', () => {
  // Four of twelve are kept while a run of 400 ms goes on.
  expect(counted((frame) => frame % 12 < 4 || frame === 299)).toBe(300);
});

test('a stream that gets slower has lost nothing', () => {
  const cadence = new Cadence();
  let time = 0;
  for (let frame = 0; frame < 100; frame++) cadence.add((time += 33 + Math.min(frame / 5, 9)));
  expect(cadence.count).toBe(100);
});
