// Tasks on .tflite models as they are: layout, 8-bit pictures and outputs, labels, normalisation, probabilities.
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  colourClassifier,
  colourSegmenter,
  quantisedClassifier,
} from '../fixtures/tflite/tasks.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { SHARED, hasShared } from '../lib/shared.mjs';

jest.setTimeout(120_000);
const withShared = hasShared ? describe : describe.skip;

const COLOURS = { r: [255, 0, 0], g: [0, 255, 0], b: [0, 0, 255] };

/** A picture of 4 x 2 pixels from letters of COLOURS. */
function picture(letters: string) {
  const data = Uint8Array.from([...letters].flatMap((c) => COLOURS[c as keyof typeof COLOURS]));
  return { data, width: 4, height: 2, channels: 3 as const };
}

beforeAll(() => useVariant('simd'));

describe('classification', () => {
  test('labels and normalisation come from the metadata; a softmax is not taken twice', async () => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: colourClassifier() });
    const scores = await module.forward(picture('rrrrrrrr'));
    const [e, f] = [Math.exp(1), Math.exp(-1)];
    expect(Object.keys(scores)).toEqual(['red', 'green', 'blue']);
    expect(scores.red).toBeCloseTo(e / (e + 2 * f), 6);
    expect(scores.blue).toBeCloseTo(f / (e + 2 * f), 6);
    expect(
      module.info!.metadata!.outputs![0]!.files!.map(({ locale, lines }) => [locale, lines]),
    ).toEqual([
      [undefined, ['red', 'green', 'blue']],
      ['de', ['rot', 'grün', 'blau']],
    ]);
    module.delete();
  });

  test.each(['u8', 'i8'] as const)('pictures and scores of 8 bits: %s', async (type) => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: quantisedClassifier(type), labels: ['red', 'green', 'blue'] });
    const scores = await module.forward(picture('rrrrrrgg'));
    expect(scores.red).toBeCloseTo(191 / 255, 5);
    expect(scores.green).toBeCloseTo(64 / 255, 5);
    expect(scores.blue).toBe(0);
    module.delete();
  });
});

describe('segmentation', () => {
  const labels = ['red', 'green', 'blue'];

  test('maps with channels last', async () => {
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource: colourSegmenter(), labels });
    const result = await module.forward(picture('rrggbbbr'), ['green'], false);
    expect([...result.ARGMAX]).toEqual([0, 0, 1, 1, 2, 2, 2, 0]);
    const e = Math.E;
    expect(result.green![2]).toBeCloseTo(e / (e + 2), 6);
    expect(result.green![0]).toBeCloseTo(1 / (e + 2), 6);
    module.delete();
  });

  test('maps of class numbers', async () => {
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource: colourSegmenter({ chosen: true }), labels });
    const result = await module.forward(picture('rrggbbbr'), ['blue'], false);
    expect([...result.ARGMAX]).toEqual([0, 0, 1, 1, 2, 2, 2, 0]);
    expect([...(result.blue as Float32Array)]).toEqual([0, 0, 0, 0, 1, 1, 1, 0]);
    module.delete();
  });
});

withShared('pretrained models', () => {
  const shared = (name: string) => join(SHARED, 'data/tflite', name);
  const beagle = join(SHARED, 'data/images/imagenet/n02088364_beagle.JPEG');

  test.each([
    'support_mobilenet_v2_1.0_224_quant.tflite',
    'coral_tf2_mobilenet_v2_1.0_224_ptq.tflite',
    'deeplabv3_257_mv_gpu.tflite',
  ])('%s loads for its task', async (name) => {
    if (name.startsWith('deeplab')) {
      const module = new api.ImageSegmentationModule();
      await module.load({ modelSource: shared(name) });
      const { ARGMAX } = await module.forward(beagle, [], false);
      expect(ARGMAX).toHaveLength(257 * 257);
      /* 12 is PASCAL's dog. */
      expect(ARGMAX.filter((c) => c === 12).length).toBeGreaterThan(257 * 257 * 0.1);
      module.delete();
      return;
    }
    const module = new api.ClassificationModule();
    const labels = Array.from({ length: 1001 }, (_, i) => String(i));
    await module.load({ modelSource: shared(name), labels });
    /* 163 is the beagle of the 1001 classes that begin with the background. */
    expect(Object.keys(await module.forward(beagle, { topk: 1 }))).toEqual(['163']);
    module.delete();
  });
});
