// The task modules on pretrained models and photos, against the stored results of PyTorch.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import type {
  ImageEmbeddingsModule,
  ImageSegmentationModule,
  SegmentationResult,
} from '../../js/core.js';
import {
  argmaxOf,
  bilinear,
  compareMaps,
  largestDifference,
  nearest,
  softmaxPlanes,
} from '../lib/maps.mjs';
import { referencePixels } from '../lib/pictures.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { SHARED, hasShared, readJson, readShared } from '../lib/shared.mjs';

jest.setTimeout(180_000);
const withShared = hasShared ? describe : describe.skip;
const { DeeplabLabel } = api;

const SEGMENTER = 'deeplabv3_mobilenet_v2_pascal_fp32';
const EMBEDDER = 'mobilenet_v2_embedding_fp32';
const HORSES = 'data/images/photos/support_segmentation_input_rotation0.jpg';

interface Golden {
  width: number;
  height: number;
  mask: string;
}

type Comparison = ReturnType<typeof compareMaps>;

function imagesOf(model: string): [string, Golden][] {
  if (!hasShared) return [];
  const { images } = readJson(`models/real/${model}.images.json`) as {
    images: Record<string, Golden>;
  };
  return Object.entries(images).filter(([file]) => pathOf(file) !== undefined);
}

function pathOf(file: string): string | undefined {
  const paths = [`data/images/imagenet/${file}`, `data/images/photos/${file}`];
  return paths.find((path) => existsSync(join(SHARED, path)));
}

/** Pixels as PyTorch's were: libjpeg-turbo's; BMPs are not known to libvips, but have no choice of decoders. */
async function goldenPicture(file: string) {
  const bytes = readShared(pathOf(file)!);
  if (file.endsWith('.bmp')) return bytes;
  const { rgb, width, height } = await referencePixels(bytes);
  return { data: rgb, width, height, channels: 3 as const };
}

async function greyPixels(path: string): Promise<Uint8Array> {
  const grey = sharp(readShared(path)).toColourspace('b-w').raw();
  return new Uint8Array(await grey.toBuffer());
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

withShared('segmentation with DeepLabV3', () => {
  let module: ImageSegmentationModule;
  beforeAll(async () => {
    useVariant('simd');
    module = new api.ImageSegmentationModule();
    await module.load({ modelSource: readShared(`models/real/${SEGMENTER}.pte`) });
  });
  afterAll(() => module.delete());

  const maskOf = (result: SegmentationResult) => result[DeeplabLabel.ARGMAX]!;

  test('class maps equal the stored ones', async () => {
    const images = imagesOf(SEGMENTER);
    const rows: { file: string; same: Comparison; own: Comparison }[] = [];
    for (const [file, golden] of images) {
      const expected = await greyPixels(`models/real/${golden.mask}`);
      const same = compareMaps(maskOf(await module.forward(await goldenPicture(file))), expected);
      const own = compareMaps(maskOf(await module.forward(readShared(pathOf(file)!))), expected);
      rows.push({ file, same, own });
    }
    const least = (key: 'same' | 'own') => Math.min(...rows.map((row) => row[key].agreement));
    console.log(
      `${rows.length} pictures; pixels of the golden: mean IoU ${mean(rows.map((row) => row.same.meanIou))}, ` +
        `least mean IoU ${Math.min(...rows.map((row) => row.same.meanIou))}, least agreement ${least('same')}; ` +
        `own decoder: mean agreement ${mean(rows.map((row) => row.own.agreement))}, least ${least('own')}`,
    );
    expect(images.length).toBeGreaterThanOrEqual(40);
    for (const { file, same, own } of rows) {
      expect([file, same.meanIou >= 0.999, same]).toEqual([file, true, same]);
      expect([file, own.agreement >= 0.99, own]).toEqual([file, true, own]);
    }
  });

  test("the photo's golden mask", async () => {
    const golden = await greyPixels('data/images/photos/support_segmentation_golden_rotation0.png');
    const expected = golden.map((value) => value / 10);
    const found = compareMaps(maskOf(await module.forward(readShared(HORSES))), expected);
    console.log(`golden mask of the horses: ${JSON.stringify(found)}`);
    expect(new Set(expected)).toEqual(
      new Set([DeeplabLabel.BACKGROUND, DeeplabLabel.HORSE, DeeplabLabel.PERSON]),
    );
    expect(found.leastIou).toBeGreaterThanOrEqual(0.99);
  });

  test('planes and both resizes equal values computed here', async () => {
    const raw = new api.ExecutorchModule();
    await raw.load(readShared(`models/real/${SEGMENTER}.pte`));
    const file = 'tfex_coffee.jpg';
    const bytes = readShared(pathOf(file)!);
    const { rgb, width, height } = await referencePixels(bytes);
    const picture = { data: rgb, width, height, channels: 3 as const };
    const all = Array.from({ length: 21 }, (_, i) => i);
    const small = await module.forward(picture, all);
    expect(module.mapSize).toEqual({ width: 257, height: 257 });
    const large = await module.forward(
      picture,
      [DeeplabLabel.BOTTLE, DeeplabLabel.BACKGROUND],
      true,
    );
    expect(module.mapSize).toEqual({ width, height });

    // The same resized pixels as the module's, by sharp's own decode and our proven stretch.
    const tensor = await inputTensor(picture);
    const [logits] = await raw.forward(tensor);
    raw.delete();
    const planes = softmaxPlanes(new Float32Array(logits!.dataPtr as ArrayBuffer), 21);
    const argmax = argmaxOf(planes);

    const deltas = all.map((c) => largestDifference(small[c as 0]!, planes[c]!));
    const from = [257, 257] as const;
    const to = [width, height] as const;
    const bilinearDelta = [DeeplabLabel.BOTTLE, DeeplabLabel.BACKGROUND].map((label) =>
      largestDifference(large[label as 0]!, bilinear(small[label as 0]!, from, to)),
    );
    console.log(
      `planes: largest difference ${Math.max(...deltas)}; resized to ${width} x ${height}: ${Math.max(...bilinearDelta)}`,
    );
    expect(maskOf(small)).toEqual(argmax);
    expect(maskOf(large)).toEqual(nearest(argmax, from, to));
    expect(Math.max(...deltas)).toBeLessThan(1e-6);
    expect(Math.max(...bilinearDelta)).toBeLessThan(1e-6);
    expect(Object.keys(large).sort()).toEqual(['0', '21', '5']);
    expect(large[DeeplabLabel.BOTTLE]).toBeInstanceOf(Float32Array);
    expect(maskOf(large)).toBeInstanceOf(Int32Array);
    expect(maskOf(large)).toHaveLength(width * height);
  });

  async function inputTensor(picture: { data: Uint8Array; width: number; height: number }) {
    const { createEngine } = await import('../lib/engine.js');
    const engine = await createEngine();
    const image = engine.resize(engine.decode({ ...picture, channels: 3 }), {
      width: 257,
      height: 257,
    });
    const pixels = engine.pixels(image);
    const data = new Float32Array(3 * 257 * 257);
    for (let i = 0; i < 257 * 257; i++) {
      for (let c = 0; c < 3; c++) data[c * 257 * 257 + i] = pixels[3 * i + c]! / 255;
    }
    return { dataPtr: data, sizes: [1, 3, 257, 257], scalarType: api.ScalarType.FLOAT };
  }

  test('only what was asked for, ARGMAX always; names and ARGMAX itself are understood', async () => {
    const bytes = readShared(HORSES);
    expect(Object.keys(await module.forward(bytes))).toEqual(['21']);
    expect(Object.keys(await module.forward(bytes, [DeeplabLabel.ARGMAX]))).toEqual(['21']);
    const named = await module.forward(bytes, ['PERSON', DeeplabLabel.PERSON, 'ARGMAX']);
    expect(Object.keys(named)).toEqual(['15', '21']);
  });

  test('unknown classes are refused with the number of classes', async () => {
    const message = "classesOfInterest: '22' is not a class of this model, which has 21 (0 to 20).";
    const call = module.forward(readShared(HORSES), [22 as 0]);
    await expect(call).rejects.toMatchObject({ code: api.ErrorCode.InvalidUserInput, message });
    await expect(module.forward(readShared(HORSES), ['unicorn'])).rejects.toMatchObject({
      code: api.ErrorCode.InvalidUserInput,
    });
  });

  test('labels of one own key the result', async () => {
    const labels = Array.from({ length: 21 }, (_, i) => `class-${i}`);
    const own = new api.ImageSegmentationModule();
    await own.load({ modelSource: readShared(`models/real/${SEGMENTER}.pte`), labels });
    const result = await own.forward(readShared(HORSES), ['class-15', 13]);
    expect(Object.keys(result)).toEqual(['class-15', 'class-13', 'ARGMAX']);
    const same = await module.forward(readShared(HORSES), [15]);
    expect(result['class-15']).toEqual(same[15]);
    own.delete();
    const wrong = own.load({
      modelSource: readShared(`models/real/${SEGMENTER}.pte`),
      labels: ['a'],
    });
    await expect(wrong).rejects.toMatchObject({
      code: api.ErrorCode.InvalidConfig,
      message:
        'This model has 21 classes (its output is f32 [1, 21, 257, 257]), not 1. ' +
        'Give 21 names: load({ modelSource, labels }).',
    });
  });
});

withShared('embeddings with MobileNetV2', () => {
  test('equal the stored ones, and neighbours are found', async () => {
    useVariant('simd');
    const { order } = readJson(`models/real/${EMBEDDER}.images.json`) as { order: string[] };
    const stored = new Float32Array(
      new Uint8Array(readShared(`models/real/${EMBEDDER}.images.f32`)).buffer,
    );
    const module: ImageEmbeddingsModule = new api.ImageEmbeddingsModule();
    await module.load({ modelSource: readShared(`models/real/${EMBEDDER}.pte`) });
    let [same, own, count, length] = [1, 1, 0, 0];
    for (const [file] of imagesOf(EMBEDDER)) {
      const at = order.indexOf(file);
      const expected = stored.subarray(1280 * at, 1280 * (at + 1));
      const embedding = await module.forward(await goldenPicture(file));
      const decoded = await module.forward(readShared(pathOf(file)!));
      same = Math.min(same, api.cosineSimilarity(embedding, expected));
      own = Math.min(own, api.cosineSimilarity(decoded, expected));
      length = Math.max(length, Math.abs(Math.sqrt(api.dotProduct(embedding, embedding)) - 1));
      const [first] = api.nearestNeighbours(decoded, stored, 3);
      expect([file, first!.index]).toEqual([file, at]);
      count++;
    }
    module.delete();
    console.log(
      `${count} pictures: least cosine ${same} with the golden's pixels, ${own} with our decoder; length off by ${length}`,
    );
    expect(count).toBeGreaterThanOrEqual(40);
    expect(same).toBeGreaterThanOrEqual(0.99999);
    expect(own).toBeGreaterThanOrEqual(0.999);
    expect(length).toBeLessThan(1e-5);
  });
});

withShared('a model for another task is refused', () => {
  const load = (
    name: 'ClassificationModule' | 'ImageSegmentationModule' | 'ImageEmbeddingsModule',
    model: string,
  ) => new api[name]().load({ modelSource: readShared(`models/${model}.pte`) });
  const refused = (message: string) => ({ code: api.ErrorCode.InvalidConfig, message });

  test('a segmenter as classifier and as embedder', async () => {
    await expect(load('ClassificationModule', `real/${SEGMENTER}`)).rejects.toMatchObject(
      refused(
        'This model cannot classify with 1000 labels: its output is f32 [1, 21, 257, 257]. ' +
          'It looks like a segmenter: use ImageSegmentationModule.',
      ),
    );
    await expect(load('ImageEmbeddingsModule', `real/${SEGMENTER}`)).rejects.toMatchObject(
      refused(
        'This model is no embedder: its output is f32 [1, 21, 257, 257], not f32 [1, dimensions]. ' +
          'It looks like a segmenter: use ImageSegmentationModule.',
      ),
    );
  });

  test('a classifier as segmenter, an embedder as classifier', async () => {
    await expect(
      load('ImageSegmentationModule', 'real/mobilenet_v2_imagenet1k_fp32'),
    ).rejects.toMatchObject(
      refused(
        'This model is no segmenter: its output is f32 [1, 1000], not f32 [1, classes, height, width]. ' +
          'It looks like a classifier or an embedder: use ClassificationModule or ImageEmbeddingsModule.',
      ),
    );
    await expect(load('ClassificationModule', `real/${EMBEDDER}`)).rejects.toMatchObject(
      refused(
        'This model cannot classify with 1000 labels: its output is f32 [1, 1280]. ' +
          'Give the names of its classes: load({ modelSource, labels }).',
      ),
    );
  });
});

/** Pattern A of the collection as a picture of the model's size: its tensor is the pattern itself. */
function patternPicture(size: number) {
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % size, Math.floor(i / (3 * size)), i % 3];
    return (x * 7 + y * 13 + c * 29 + ((x * y) >> 3)) & 255;
  });
  return { data, width: size, height: size };
}

withShared('full-size models through the task modules', () => {
  beforeAll(() => useVariant('simd'));

  test('DeepLabV3-ResNet50', async () => {
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource: readShared('models/full/deeplabv3_resnet50_fp32.pte') });
    const found = await module.forward(patternPicture(224));
    const expected = readShared('models/full/deeplabv3_resnet50_fp32.A.out.argmax.u8');
    const { agreement } = compareMaps(found[DeeplabLabel.ARGMAX]!, expected);
    console.log(`DeepLabV3-ResNet50: agreement ${agreement}, ${JSON.stringify(module.timings)}`);
    module.delete();
    expect(agreement).toBeGreaterThanOrEqual(0.9999);
  });

  test.each([
    ['fp32', 'out', 1e-4],
    // Activations are quantised while it runs: the last bit before a rounding moves a whole quantum.
    ['int8', 'native', 5e-3],
  ])('CLIP ViT-B/32 %s', async (precision, reference, limit) => {
    const file = `models/full/clip_vit_b32_image_${precision}`;
    const module = new api.ImageEmbeddingsModule();
    await module.load({ modelSource: readShared(`${file}.pte`) });
    const embedding = await module.forward(patternPicture(224));
    const expected = new Float32Array(
      new Uint8Array(readShared(`${file}.A.${reference}.f32`)).buffer,
    );
    const delta = largestDifference(embedding, expected);
    console.log(
      `CLIP ${precision}: largest difference ${delta}, ${JSON.stringify(module.timings)}`,
    );
    module.delete();
    expect(embedding).toHaveLength(512);
    expect(delta).toBeLessThan(limit);
  });

  test('output that is not finite is refused', async () => {
    const module = new api.ImageEmbeddingsModule();
    // Pixels of 1e37 and more overflow inside of the model.
    const preprocessor = { normStd: [1e-38, 1e-38, 1e-38] };
    const modelSource = readShared('models/full/clip_vit_b32_image_int8.pte');
    await module.load({ modelSource, preprocessor });
    await expect(module.forward(patternPicture(224))).rejects.toMatchObject({
      code: api.ErrorCode.InvalidModelOutput,
      message: expect.stringMatching(
        /^value \d+ of the model's 512 outputs is -?(nan|inf): the model or its input is damaged$/,
      ),
    });
    module.delete();
  });
});
