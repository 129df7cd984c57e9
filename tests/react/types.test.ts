/** @jest-environment node */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { complaints, hasIndex } from './typecheck.js';

// Declarations of the package itself; tests/types/README.md tells how to get them.
const published = process.env.EW_RNE_TYPES ?? '';
const ours = hasIndex ? describe : describe.skip;

ours('types of the names shared with react-native-executorch 0.6', () => {
  test('equal the facts, or differ as stated', () => {
    expect(complaints(['shared-names.ts'])).toEqual([]);
  });

  (existsSync(published) ? test : test.skip)('equal the published declarations', () => {
    const theirs = join(published, 'lib/typescript/index.d.ts');
    expect(complaints(['shared-names.ts'], {}, { theirs })).toEqual([]);
  });

  test('an app that uses all of the documented interface compiles', () => {
    expect(complaints(['app.tsx'])).toEqual([]);
  });

  test('what is wrong does not compile', () => {
    const wrong = {
      'a.ts': `import { useClassification } from 'executorch-web'; useClassification({});`,
      'b.ts': `import { useClassification } from 'executorch-web';
        useClassification({ model: { modelSource: true } });`,
      'c.ts': `import { useImageEmbeddings, CLIP_VIT_BASE_PATCH32_IMAGE } from 'executorch-web';
        useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE }).forward();`,
      'd.ts': `import { useExecutorchModule } from 'executorch-web';
        useExecutorchModule({ modelSource: 'm.pte' }).isReady = true;`,
      'e.ts': `import type { Equal, Expect } from './assert.js';
        import type { ResourceSource } from 'executorch-web';
        export type No = Expect<Equal<ResourceSource, string>>;`,
    };
    const found = [...new Set(complaints([], wrong).map((text) => text.slice(0, 4)))];
    expect(found).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts']);
  });
});
