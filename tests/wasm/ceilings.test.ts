// Sums of sizes that do not fit into WebAssembly's 32 bits: what wrapped around would pass for small.
import { describe, expect, test } from '@jest/globals';
import { CEILINGS } from '../fixtures/tflite/ceilings.mjs';
import { api, useVariant } from '../lib/product.mjs';

describe.each(['simd', 'relaxed'] as const)('%s', (variant) => {
  test.each(CEILINGS)('$name: refused at load', async ({ bytes, code, message }) => {
    useVariant(variant);
    const module = new api.ExecutorchModule();
    await expect(module.load(bytes)).rejects.toMatchObject({
      code: api.ErrorCode[code],
      message: expect.stringContaining(message),
    });
    module.delete();
  });
});
