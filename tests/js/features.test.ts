/** What getCapabilities() tells at once is what wasm-feature-detect finds out. */
import { expect, test } from '@jest/globals';
import * as detect from 'wasm-feature-detect';
import { detectCapabilities } from '../../js/base/features.js';

test('SIMD, relaxed SIMD and threads', async () => {
  const { simd, relaxedSimd, threads, reasons } = detectCapabilities();
  expect(simd).toBe(await detect.simd());
  expect(relaxedSimd).toBe(await detect.relaxedSimd());
  // Node is never cross-origin isolated.
  expect(await detect.threads()).toBe(true);
  expect(threads).toBe(false);
  expect(reasons.threads).toMatch(/not cross-origin isolated/);
  expect(reasons.relaxedSimd === undefined).toBe(relaxedSimd);
});
