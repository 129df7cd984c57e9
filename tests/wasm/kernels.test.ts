// Kernels written for WebAssembly alone, against plain loops: programs built beside the core.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { ROOT } from '../lib/shared.mjs';

jest.setTimeout(120_000);

for (const variant of ['simd', 'relaxed']) {
  const program = join(ROOT, `build/wasm-${variant}/tests/kernels/int8_gemm_test.cjs`);
  const run = existsSync(program) ? test : test.skip;
  run(`8-bit products, ${variant}`, () => {
    const options = ['--experimental-wasm-relaxed-simd', program];
    const output = execFileSync(process.execPath, options, { encoding: 'utf8' });
    expect(output).toMatch(/\d{4,} passed, 0 failed/);
  });
}
