// Times of operators: those of portable kernels are as fine as those of XNNPACK's.
import { expect, test } from '@jest/globals';
import { elementwise } from '../fixtures/tflite/kinds.mjs';
import { api, useVariant } from '../lib/product.mjs';

const COUNT = 20_000;

test('kernels that take less than a millisecond are measured in microseconds', async () => {
  useVariant('simd');
  const module = new api.ExecutorchModule();
  await module.load(elementwise('FLOOR_MOD', 'f32', [COUNT], 2), undefined, { profile: true });
  const operand = () => ({
    dataPtr: Float32Array.from({ length: COUNT }, (_, i) => i + 1),
    sizes: [COUNT],
    scalarType: 6,
  });
  const times: number[] = [];
  for (let run = 0; run < 8; run++) {
    await module.forward([operand(), operand()]);
    const [kernel] = (await module.profile()).filter(({ segment }) => segment === null);
    times.push(kernel!.microseconds);
  }
  module.delete();
  // Every run takes some; a clock of whole milliseconds would give 0 or a multiple of 1000 for each.
  expect(Math.min(...times)).toBeGreaterThan(0);
  expect(times.some((time) => time % 1000 !== 0)).toBe(true);
});
