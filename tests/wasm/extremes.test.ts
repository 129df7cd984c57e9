// Numbers at the ends of their types, where XNNPACK's WebAssembly kernels have no room left.
import { describe, expect, jest, test } from '@jest/globals';
import { F32_MODELS, leastWeights } from '../fixtures/tflite/extremes.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { hasShared, readShared } from '../lib/shared.mjs';

jest.setTimeout(120_000);

const testShared = hasShared ? test : test.skip;

type Model = (typeof F32_MODELS)[number];

/** Both signs: x86 makes negative ones, JavaScript writes positive ones. */
const NANS = [0x7fc00000, 0xffc00000];

async function run(model: Model, inputs: Float32Array[]): Promise<Float32Array> {
  const module = new api.ExecutorchModule();
  await module.load(model.bytes);
  const [output] = await module.forward(
    inputs.map((dataPtr) => ({ dataPtr, sizes: [1, 4, 4, 8], scalarType: 6 })),
  );
  module.delete();
  return new Float32Array(output!.dataPtr as ArrayBuffer);
}

/** Whether element i of the output depends on element `at` of an input: both count row, column, channel. */
function sees(model: Model, i: number, at: number): boolean {
  const [row, column] = [i >> 5, (i >> 3) & 3];
  const near = Math.max(Math.abs(row - (at >> 5)), Math.abs(column - ((at >> 3) & 3)));
  return near <= model.reach && (model.mixes || i % 8 === at % 8);
}

describe.each(['simd', 'relaxed'] as const)('%s', (variant) => {
  test('depthwise weights of -128 on inputs of -128', async () => {
    useVariant(variant);
    const module = new api.ExecutorchModule();
    await module.load(leastWeights());
    const [output] = await module.forward([
      { dataPtr: new Int8Array(40).fill(-128), sizes: [1, 5, 4, 2], scalarType: 1 },
    ]);
    /* Taps on the picture: 3 or 2 rows times 3 or 2 columns; each adds 128, the centre of channel 1 takes 127 away. */
    const expected = Int8Array.from({ length: 40 }, (_, i) => {
      const [row, column] = [Math.floor(i / 8), Math.floor(i / 2) % 4];
      const taps = (row % 4 === 0 ? 2 : 3) * (column % 3 === 0 ? 2 : 3);
      return Math.round((128 * taps - (i % 2 === 1 ? 255 : 0)) / 16);
    });
    expect(new Int8Array(output!.dataPtr as ArrayBuffer)).toEqual(expected);
    module.delete();
  });

  test.each(F32_MODELS)('NaN stays NaN, and the rest as it is: $name', async (model) => {
    useVariant(variant);
    const inputs = Array.from({ length: model.inputs }, (_, k) =>
      Float32Array.from({ length: 128 }, (_, i) => 4 * Math.sin(3 * i + k)),
    );
    const plain = await run(model, inputs);
    expect(plain.some(Number.isNaN)).toBe(false);
    for (const at of [0, 45, 127]) {
      for (let k = 0; k < model.inputs; k++) {
        const spoilt = inputs.map((input) => Float32Array.from(input));
        new Uint32Array(spoilt[k]!.buffer)[at] = NANS[(at + k) % 2]!;
        const expected = plain.map((value, i) => (sees(model, i, at) ? NaN : value));
        expect(await run(model, spoilt)).toEqual(expected);
      }
    }
  });

  testShared('relu, clamp and maximum of a .pte file', async () => {
    useVariant(variant);
    const module = new api.ExecutorchModule();
    await module.load(readShared('faults/models/relu_nan.pte'));
    const input = Float32Array.of(NaN, -2, -0, 3, NaN);
    const outputs = await module.forward([{ dataPtr: input, sizes: [1, 5], scalarType: 6 }]);
    for (const { dataPtr } of outputs) {
      const values = [...new Float32Array(dataPtr as ArrayBuffer)];
      expect(values.map(Number.isNaN)).toEqual([true, false, false, false, true]);
    }
    module.delete();
  });
});
