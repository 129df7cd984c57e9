/** Label maps of custom models, and the stand-ins of models as what hooks are given at each render. */
import { describe, expect, test } from '@jest/globals';
import * as root from '../../../js/index.js';
import { RnExecutorchErrorCode } from '../../../js/compat/legacy/errors.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import { labelKeys, type LabelEnum } from '../../../js/compat/legacy/labels.js';

describe('label maps', () => {
  test('values are places in the output, in any order and with holes', () => {
    expect(labelKeys({ DOG: 1, FISH: 3, CAT: 0 })).toEqual(['CAT', 'DOG', '', 'FISH']);
    expect(labelKeys({ CAT: 1, DOG: 2 })).toEqual(['', 'CAT', 'DOG']);
    enum Both {
      CAT,
      DOG,
    }
    expect(labelKeys(Both)).toEqual(['CAT', 'DOG']);
  });

  test.each<[string, LabelEnum]>([
    ['twice', { CAT: 0, DOG: 0 }],
    ['negative', { CAT: -1, DOG: 0 }],
    ['between', { CAT: 0.5 }],
    ['far out', { CAT: 0, DOG: 4e9 }],
    ['a text', { CAT: 'cat' }],
  ])('values that are no places are refused: %s', (_, labelMap) => {
    const wanted = expect.objectContaining({ code: RnExecutorchErrorCode.InvalidUserInput });
    expect(() => labelKeys(labelMap)).toThrow(wanted as unknown as Error);
  });
});

describe('models that are not here', () => {
  const absent = [
    () => root.models as unknown as Record<string, Record<string, { DEFAULT: unknown }>>,
    () => legacy.models as unknown as Record<string, Record<string, { DEFAULT: unknown }>>,
  ];

  test.each(absent)('are the same object at each render, and have a JSON', (models) => {
    for (const group of ['objectDetection', 'classification']) {
      const first = models()[group]?.NO_SUCH_MODEL;
      expect(models()[group]?.NO_SUCH_MODEL).toBe(first);
      expect(first?.DEFAULT).toBe(models()[group]?.NO_SUCH_MODEL?.DEFAULT);
      expect(JSON.stringify(first?.DEFAULT)).toMatch(/^"unavailable:models\./);
    }
  });
});
