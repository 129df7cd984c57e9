// The examples that the demo shows below its tabs: there is one of each kind for every tab, they parse, and what they import exists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { CODE } from '../../demo/js/ui/code.js';
import { ROOT } from '../../scripts/lib/cache.mjs';

const page = readFileSync(join(ROOT, 'demo/index.html'), 'utf8');
const tabs = [...page.matchAll(/id="tab-(\w+)"/g)].map(([, tab]) => tab);
const exported = {
  'executorch-web': await import('../../dist/index.js'),
  'executorch-web/core': await import('../../dist/core.js'),
};

test('every tab has its code', () => {
  assert.deepEqual(Object.keys(CODE).sort(), [...tabs].sort());
});

for (const [tab, kinds] of Object.entries(CODE)) {
  for (const [kind, code] of Object.entries(kinds)) {
    test(`${tab}, ${kind}`, async () => {
      await transform(code, { loader: 'jsx', format: 'esm', target: 'es2022' });
      const imports = [...code.matchAll(/import \{([^}]*)\}\s*from '([^']+)'/g)];
      assert.ok(imports.length > 0);
      for (const [, names, from] of imports) {
        if (!(from in exported)) continue;
        for (const name of names.split(',').map((one) => one.trim()))
          assert.ok(name in exported[from], `${name} of ${from}`);
        // Whatever is imported is used.
        for (const name of names.split(',').map((one) => one.trim()))
          assert.ok(code.split(name).length > 2, `${name} is used`);
      }
    });
  }
}
