// Every model of tests/fixtures/pte, one operator or layout each, against the outputs of PyTorch.
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '../../js/core/engine.js';
import { bytesOf, elements, scalarTypeOf } from '../lib/elements.js';
import { createEngine, pieces } from '../lib/engine.js';
import { fixtures, type Fixture, type FixtureRun } from '../lib/shared.mjs';

const all = fixtures();

/** Largest difference of all runs; NaN equals NaN, infinities themselves. */
function worst(engine: Engine, fixture: Fixture): number {
  const runs: FixtureRun[] = [fixture, ...(fixture.then ?? [])];
  const found = runs.flatMap(({ inputs, outputs }) => {
    const actual = engine.run(
      inputs.map(({ sizes, scalarType, data }) => ({
        sizes,
        scalarType: scalarTypeOf(scalarType),
        data: bytesOf(data),
      })),
    );
    expect(actual.map(({ sizes }) => sizes)).toEqual(outputs.map(({ sizes }) => sizes));
    return outputs.flatMap(({ data }, i) => {
      const expected = elements(actual[i]!.scalarType, bytesOf(data));
      return elements(actual[i]!.scalarType, actual[i]!.data).map((value, k) =>
        Object.is(value, expected[k]) ? 0 : Math.abs(value - expected[k]!),
      );
    });
  });
  return found.reduce((most, value) => (value > most || Number.isNaN(value) ? value : most), 0);
}

describe.each(['simd', 'relaxed'] as const)('fixtures, %s', (variant) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(variant);
  });

  test('there are some', () => expect(all.length).toBeGreaterThan(50));

  test.each(all.map((fixture) => [fixture.name, fixture] as const))('%s', async (_, fixture) => {
    await engine.load(pieces(fixture.bytes, 1000), { method: fixture.method });
    expect(worst(engine, fixture)).toBeLessThanOrEqual(fixture.tolerance);
  });
});
