// Kernels written for WebAssembly alone, against plain loops or XNNPACK's: programs built beside the core.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { ROOT } from '../lib/shared.mjs';

jest.setTimeout(120_000);

const PROGRAMS = {
  int8_gemm_test: '8-bit products',
  float_gemm_test: 'products of few rows',
  bytes_test: 'tables and planes of bytes',
  depthwise_wide_test: 'depthwise 5x5',
};

for (const variant of ['simd', 'relaxed']) {
  for (const [name, title] of Object.entries(PROGRAMS)) {
    const program = join(ROOT, `build/wasm-${variant}/tests/kernels/${name}.cjs`);
    const run = existsSync(program) ? test : test.skip;
    run(`${title}, ${variant}`, () => {
      const options = ['--experimental-wasm-relaxed-simd', program];
      const output = execFileSync(process.execPath, options, { encoding: 'utf8' });
      expect(output).toMatch(/\d{4,} passed, 0 failed/);
    });
  }
}
