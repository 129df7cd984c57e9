/** Label maps of custom models, and the stand-ins of models as what hooks are given at each render. */
import { describe, expect, test } from '@jest/globals';
import * as root from '../../../js/index.js';
import { RnExecutorchErrorCode } from '../../../js/compat/legacy/errors.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import { customSegmenter, labelKeys, type LabelEnum } from '../../../js/compat/legacy/labels.js';
import { preprocessorOf } from '../../../js/compat/legacy/segmenter.js';

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

test('planes of a segmenter are named in the order of the keys, as there', () => {
  enum FromOne {
    SKY = 1,
    SEA = 2,
  }
  const labelsOf = (labelMap: LabelEnum) => customSegmenter({ labelMap }).labels;
  expect(labelsOf(FromOne)).toEqual(['SKY', 'SEA']);
  expect(labelsOf({ DOG: 1, CAT: 0 })).toEqual(['DOG', 'CAT']);
  expect(labelsOf({ SKY: 'sky', SEA: 'sea' })).toEqual(['SKY', 'SEA']);
});

test('the name of a segmenter says how pictures are normalised; those of files of 0.6 and 0.7 are not', () => {
  const imagenet = { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] };
  const { DEEPLAB_V3_RESNET50: ofV6, DEEPLAB_V3_RESNET50_QUANTIZED: ofV9 } = legacy;
  expect(preprocessorOf('deeplab-v3-resnet50', 'https://example.org/mine.pte')).toEqual(imagenet);
  expect(preprocessorOf('deeplab-v3-resnet50', 5)).toEqual(imagenet);
  expect(preprocessorOf(ofV9.modelName, ofV9.modelSource)).toEqual(ofV9.preprocessor);
  expect(preprocessorOf(ofV6.modelName, ofV6.modelSource)).toBe(ofV6.preprocessor);
  for (const other of ['selfie-segmentation', 'deeplab', undefined, 5]) {
    expect(preprocessorOf(other, 'https://example.org/mine.pte')).toBeUndefined();
  }
  const named = Object.values(legacy.MODEL_REGISTRY.ALL_MODELS).filter(
    (one) => 'preprocessor' in one && one.preprocessor,
  );
  expect(named).toHaveLength(11);
  for (const { modelName } of named) expect(preprocessorOf(modelName, 'm.pte')).toEqual(imagenet);
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
