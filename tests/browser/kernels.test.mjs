// The 8-bit kernels for dot products (tests/kernels), where engine and processor have such; Node runs the others.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';
import { ROOT } from '../lib/shared.mjs';

const FOLDER = join(ROOT, 'build/wasm-relaxed/tests/kernels');
const PROGRAMS = { int8_gemm_test: '8-bit products', depthwise_int8_test: '8-bit depthwise' };

let browser;
before(async () => {
  browser = await startBrowser({ mounts: { '/kernels/': FOLDER } });
});
after(() => browser?.close());

for (const [name, title] of Object.entries(PROGRAMS)) {
  test(`${title} against plain loops`, async (t) => {
    if (!existsSync(join(FOLDER, `${name}.cjs`)))
      return t.skip('the relaxed SIMD build is not there');
    const page = await browser.newPage();
    const lines = await page.evaluate(async (address) => {
      const { getCapabilities } = await import('/dist/core.js');
      if (!getCapabilities().relaxedSimd) return undefined;
      return new Promise((resolve, reject) => {
        const said = [];
        const print = (line) => {
          said.push(line);
          if (/^\d+ passed/.test(line)) resolve(said);
        };
        globalThis.Module = { print, printErr: print };
        const script = document.createElement('script');
        Object.assign(script, { src: address, onerror: () => reject(new Error(address)) });
        document.head.append(script);
      });
    }, `/kernels/${name}.cjs`);
    if (!lines) return t.skip('no relaxed SIMD here');
    console.log(lines.at(-1));
    if (/^0 passed, 0 failed/.test(lines.at(-1)))
      return t.skip(lines.at(-2).replace('skipped: ', ''));
    assert.match(lines.at(-1), /^\d+ passed, 0 failed/, lines.join('\n'));
  });
}
