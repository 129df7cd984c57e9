// Numbers at the ends of their types, where XNNPACK's WebAssembly kernels have no room left.
import { describe, expect, jest, test } from '@jest/globals';
import { leastWeights } from '../fixtures/tflite/extremes.mjs';
import { api, useVariant } from '../lib/product.mjs';

jest.setTimeout(120_000);

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
});
