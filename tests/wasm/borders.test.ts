// Depthwise 8-bit filters with rows and columns of zeros around them, which are dropped where padding allows it.
import { describe, expect, jest, test } from '@jest/globals';
import { depthwise, depthwiseSums, type Depthwise } from '../fixtures/tflite/borders.mjs';
import { api, useVariant } from '../lib/product.mjs';

jest.setTimeout(120_000);

const SIZES = [1, 8, 7, 3];

async function run(model: Depthwise, input: Int8Array) {
  const module = new api.ExecutorchModule();
  await module.load(depthwise(model), undefined, { profile: true });
  const [output] = await module.forward([{ dataPtr: input.slice(), sizes: SIZES, scalarType: 1 }]);
  const operators = (await module.profile()).map(({ name }) => name);
  module.delete();
  return { output: new Int8Array(output!.dataPtr as ArrayBuffer), operators };
}

/** Sums stay below 128: weights and inputs are -2 to 2, and 24 products at most. */
const small = (i: number) => ((i * 7 + 3) % 5) - 2;
const INPUT = Int8Array.from({ length: 168 }, (_, i) => small(i * i + i));
const weight = (y: number, x: number, channel: number) => small(y * 11 + x * 5 + channel);

const CASES: Omit<Depthwise, 'weight'>[] = [
  { taps: [4, 4], zeros: [1, 0, 1, 0], stride: 2, dilation: 1 },
  { taps: [6, 6], zeros: [1, 0, 1, 0], stride: 2, dilation: 1 },
  { taps: [6, 6], zeros: [1, 1, 1, 1], stride: 1, dilation: 1 },
  { taps: [5, 5], zeros: [2, 1, 0, 2], stride: 1, dilation: 1 },
  { taps: [5, 4], zeros: [1, 1, 1, 1], stride: 1, dilation: 2 },
  { taps: [5, 5], zeros: [0, 2, 2, 0], stride: 2, dilation: 2 },
  { taps: [3, 3], zeros: [1, 1, 1, 1], stride: 1, dilation: 1 },
  { taps: [3, 3], zeros: [3, 0, 0, 0], stride: 1, dilation: 1 },
  // Padding is too small for what could be dropped.
  { taps: [4, 4], zeros: [3, 0, 3, 0], stride: 1, dilation: 1 },
  { taps: [2, 2], zeros: [1, 0, 1, 0], stride: 2, dilation: 1 },
];

describe.each(['simd', 'relaxed'] as const)('%s', (variant) => {
  test.each(CASES)('$taps with zeros $zeros, stride $stride, dilation $dilation', async (kind) => {
    useVariant(variant);
    const model = { ...kind, weight };
    expect((await run(model, INPUT)).output).toEqual(depthwiseSums(model, INPUT));
  });

  test('6x6 that is 5x5 runs by a depthwise kernel, 6x6 does not', async () => {
    useVariant(variant);
    const kind = { taps: [6, 6] as [number, number], stride: 2, dilation: 1, weight };
    const wide = await run({ ...kind, zeros: [0, 0, 0, 0] }, INPUT);
    const trimmed = await run({ ...kind, zeros: [1, 0, 1, 0] }, INPUT);
    const isDepthwise = (name: string) => name.includes('DWConv');
    expect(wide.operators.some(isDepthwise)).toBe(false);
    expect(trimmed.operators.some(isDepthwise)).toBe(true);
  });

  test('weights of -128 that become neighbours', async () => {
    useVariant(variant);
    // XNNPACK adds pairs of taps, counted down the columns: of 4 rows none is -128 twice, of the 3 that are left some are.
    const model: Depthwise = {
      taps: [4, 4],
      zeros: [1, 0, 0, 0],
      stride: 1,
      dilation: 1,
      scale: 4096,
      weight: (y, x) => (y === 3 || (y === 1 && x % 2 === 1) ? -128 : 0),
    };
    const input = new Int8Array(168).fill(-128);
    expect((await run(model, input)).output).toEqual(depthwiseSums(model, input));
  });
});
