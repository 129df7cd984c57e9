// What the demo tells of times where the clock ticks in whole milliseconds.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { measureTick } from '../../demo/js/lib/clock.js';
import { formatMs, typical } from '../../demo/js/lib/format.js';

/** What a clock of whole steps says of runs of `length` milliseconds, one after another. */
function readings(length, tick, count) {
  const at = (i) => Math.floor(((i + 0.37) * length) / tick) * tick;
  return Array.from({ length: count }, (_, i) => at(i + 1) - at(i));
}

describe('times of the demo', () => {
  for (const length of [0.1, 0.3, 0.55, 0.9, 1.4, 7.5]) {
    test(`${length} ms, on a clock of 1 ms`, () => {
      const found = typical(readings(length, 1, 24), 1);
      assert.ok(Math.abs(found - length) <= 0.15, `${found}`);
    });
  }

  test('a run that was interrupted does not count, whatever the clock', () => {
    assert.equal(typical([1, 1, 1, 1, 1, 1, 1, 40], 1), 1);
    assert.equal(typical([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 40], 0.1).toFixed(3), '0.300');
  });

  test('less than the clock can see is not printed', () => {
    assert.equal(formatMs(0, 1), '<1 ms');
    assert.equal(formatMs(0.9, 1), '<1 ms');
    assert.equal(formatMs(0.4, 0.29), '0.40 ms');
    assert.equal(formatMs(0, 0.1), '<0.1 ms');
    assert.equal(formatMs(0, 0.01), '<0.01 ms');
  });

  for (const tick of [1, 0.1, 0.02]) {
    test(`a clock of ${tick} ms is seen through`, () => {
      let time = 1000.4;
      // Every fifth look comes late.
      const now = () => Math.floor((time += time % 5 < 1 ? tick * 1.3 : tick / 7) / tick) * tick;
      assert.ok(Math.abs(measureTick(now) - tick) < tick * 0.02);
    });
  }
});
