// Options and errors of classification, on the built-in model; the default result, on ImageNet's.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ClassificationModule } from '../../js/core.js';
import { api, useVariant } from '../lib/product.mjs';
import { hasShared, readShared } from '../lib/shared.mjs';

jest.setTimeout(60_000);

const { labels } = JSON.parse(readFileSync('models/builtin/classifier_fp32.json', 'utf8')) as {
  labels: string[];
};
const modelSource = 'models/builtin/classifier_fp32.pte';
const car = 'models/builtin/samples/car-1.jpg';

describe('classification', () => {
  let module: ClassificationModule;
  let all: Record<string, number>;
  beforeAll(async () => {
    useVariant('simd');
    module = new api.ClassificationModule();
    await module.load({ modelSource, labels });
    all = await module.forward(car);
  });
  afterAll(() => module.delete());

  test('all labels, the most probable first, 1 in all', () => {
    expect(Object.keys(all).sort()).toEqual([...labels].sort());
    const scores = Object.values(all);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    expect(Object.keys(all)[0]).toBe('car');
  });

  test('topk, scoreThreshold, allowlist and denylist', async () => {
    const entries = Object.entries(all);
    const [, second, third] = entries.map(([label]) => label) as [string, string, string];
    const forward = async (options: object) => Object.entries(await module.forward(car, options));
    expect(await forward({ topk: 3 })).toEqual(entries.slice(0, 3));
    expect(await forward({ topk: 99 })).toEqual(entries);
    const threshold = all[second]!;
    expect(await forward({ scoreThreshold: threshold })).toEqual(entries.slice(0, 2));
    expect(await forward({ scoreThreshold: 1 })).toEqual(entries.filter(([, p]) => p >= 1));
    expect(await forward({ allowlist: [third, second] })).toEqual(entries.slice(1, 3));
    expect(await forward({ denylist: ['car'], topk: 1 })).toEqual(entries.slice(1, 2));
    expect(await forward({ topk: -1 })).toEqual(entries);
    expect(await forward({ allowlist: [] })).toEqual(entries);
    expect(await forward({ allowlist: ['unicorn', third, third], denylist: [] })).toEqual(
      entries.slice(2, 3),
    );
    expect(await forward({ denylist: ['unicorn', second], topk: 2 })).toEqual([
      entries[0],
      entries[2],
    ]);
  });

  test.each([
    [{ topk: 0 }, 'Classification: topk is a whole number other than 0, got 0.'],
    [{ topk: 1.5 }, 'Classification: topk is a whole number other than 0, got 1.5.'],
    [{ scoreThreshold: 2 }, 'Classification: scoreThreshold is a number from 0 to 1, got 2.'],
    [{ allowlist: ['unicorn'] }, "Classification: 'unicorn' is not a label of this model."],
    [{ denylist: ['unicorn'] }, "Classification: 'unicorn' is not a label of this model."],
    [
      { allowlist: ['unicorn', 'cas'] },
      "Classification: allowlist names no label of this model: 'unicorn' ….",
    ],
    [
      { allowlist: ['car'], denylist: ['cat'] },
      'Classification: allowlist and denylist exclude each other.',
    ],
    [
      { displayNamesLocale: 1 },
      "Classification: displayNamesLocale is a language such as 'en', got number.",
    ],
  ])('%j is refused', async (options: object, message) => {
    const code = api.ErrorCode.InvalidUserInput;
    await expect(module.forward(car, options)).rejects.toMatchObject({ code, message });
  });

  test('of two classes with one label the later one counts', async () => {
    const twins = labels.map((label, i) => (i < 2 ? 'twin' : label));
    const other = new api.ClassificationModule();
    await other.load({ modelSource, labels: twins });
    const found = await other.forward(car);
    other.delete();
    expect(Object.keys(found)).toHaveLength(11);
    expect(found.twin).toBe(all[labels[1]!]);
  });

  test('labels and normalisation that do not fit are refused at load', async () => {
    const load = (extra: object) =>
      new api.ClassificationModule().load({ modelSource, labels, ...extra });
    const refused = (message: string) => ({ code: api.ErrorCode.InvalidConfig, message });
    await expect(load({ labels: labels.slice(1) })).rejects.toMatchObject(
      refused(
        'This model cannot classify with 11 labels: its output is f32 [1, 12]. Give 12 labels.',
      ),
    );
    await expect(load({ preprocessor: { normMean: [1, 2] } })).rejects.toMatchObject(
      refused('preprocessor.normMean is [1,2]; it must be three finite numbers.'),
    );
    await expect(load({ preprocessor: { normStd: [1, 0, 1] } })).rejects.toMatchObject(
      refused('preprocessor.normStd is [1,0,1]; it must be three finite numbers other than 0.'),
    );
  });

  test('the preprocessor is applied', async () => {
    const other = new api.ClassificationModule();
    const preprocessor = { normMean: [0.5, 0.4, 0.3], normStd: [0.2, 0.3, 0.4] };
    await other.load({ modelSource, labels, preprocessor });
    const raw = new api.ExecutorchModule();
    await raw.load(modelSource);
    const colour = [200, 100, 50];
    const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => colour[i % 3]!);
    const found = await other.forward({ data: pixels, width: 64, height: 64 });
    const value = (c: number) =>
      (colour[c]! / 255 - preprocessor.normMean[c]!) / preprocessor.normStd[c]!;
    const tensor = Float32Array.from({ length: 3 * 4096 }, (_, i) => value(Math.floor(i / 4096)));
    const [output] = await raw.forward([
      { dataPtr: tensor, sizes: [1, 3, 64, 64], scalarType: api.ScalarType.FLOAT },
    ]);
    const logits = [...new Float32Array(output!.dataPtr as ArrayBuffer)];
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - Math.max(...logits)), 0);
    const delta = Math.max(
      ...labels.map((label, i) =>
        Math.abs(found[label]! - Math.exp(logits[i]! - Math.max(...logits)) / sum),
      ),
    );
    console.log(`normalised by the core and here: largest difference ${delta}`);
    expect(delta).toBeLessThan(1e-5);
    other.delete();
    raw.delete();
  });

  test('the wrong task is refused with what the output looks like', async () => {
    const segmenter = new api.ImageSegmentationModule().load({ modelSource });
    await expect(segmenter).rejects.toMatchObject({
      code: api.ErrorCode.InvalidConfig,
      message:
        'This model is no segmenter: its output is f32 [1, 12], not f32 [1, classes, height, width]. ' +
        'It looks like a classifier or an embedder: use ClassificationModule or ImageEmbeddingsModule.',
    });
  });

  (hasShared ? test : test.skip)("ImageNet's 1000 classes give 999 keys, as in 0.6", async () => {
    const imagenet = new api.ClassificationModule();
    await imagenet.load({
      modelSource: readShared('models/real/mobilenet_v2_imagenet1k_int8.pte'),
    });
    const found = await imagenet.forward(readShared('data/images/imagenet/n01440764_tench.JPEG'));
    imagenet.delete();
    expect(Object.keys(found)).toHaveLength(999);
    expect(Object.keys(found)[0]).toBe('tench, Tinca tinca');
    expect(found).toHaveProperty('crane');
  });
});
