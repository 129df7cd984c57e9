/** The photo model: what it says of the photos beside it, and of twenty of ImageNet's. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { IMAGENET1K_LABELS } from '../../js/constants/generated/imagenet.js';
import { pteToTflite } from '../../scripts/lib/pte-to-tflite.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { hasShared, SHARED } from '../lib/shared.mjs';

jest.setTimeout(180_000);

const FOLDER = fileURLToPath(new URL('../../models/photo/', import.meta.url));
const side = JSON.parse(readFileSync(join(FOLDER, 'efficientnet_lite0_int8.json'), 'utf8')) as {
  file: string;
  size: number;
  sha256: string;
};
const modelSource = join(FOLDER, side.file);
const sample = (name: string) => join(FOLDER, 'samples', name);

beforeAll(() => useVariant('simd'));

async function best(paths: string[]): Promise<string[]> {
  const module = new api.ClassificationModule();
  await module.load({ modelSource });
  const found: string[] = [];
  for (const path of paths) found.push(Object.keys(await module.forward(path, { topk: 1 }))[0]!);
  module.delete();
  return found;
}

describe('EfficientNet-Lite0 as the .tflite that the site writes', () => {
  test('gives the scores of the .pte, to the bit', async () => {
    const photos = ['espresso.jpg', 'admiral.jpg', 'cat.jpg'].map(sample);
    const scores = async (source: string | Uint8Array) => {
      const module = new api.ClassificationModule();
      await module.load({ modelSource: source, labels: IMAGENET1K_LABELS });
      const found = [];
      for (const photo of photos) found.push(await module.classify(photo, { topk: 1000 }));
      module.delete();
      return found;
    };
    const tflite = pteToTflite(readFileSync(modelSource));
    expect(await scores(tflite)).toEqual(await scores(modelSource));
  });

  test('is refused of a .pte that is another kind of network', () => {
    const bytes = readFileSync(
      fileURLToPath(new URL('../fixtures/pte/attention.pte', import.meta.url)),
    );
    expect(() => pteToTflite(bytes)).toThrow(/cannot be written as a \.tflite/);
  });
});

describe('EfficientNet-Lite0, int8', () => {
  test('is the file that its side file describes, and small enough', () => {
    const bytes = readFileSync(modelSource);
    expect(bytes.length).toBe(side.size);
    expect(bytes.length).toBeLessThanOrEqual(5_500_000);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(side.sha256);
  });

  test('recognises a cup of espresso, a uniform and a cat', async () => {
    const names = ['espresso.jpg', 'admiral.jpg', 'cat.jpg'];
    const expected = ['espresso', 'military uniform', 'Egyptian cat'];
    expect(await best(names.map(sample))).toEqual(expected);
  });

  test('method embed: unit vectors of 1280 numbers, nearer for the same photo scaled', async () => {
    const module = new api.ImageEmbeddingsModule();
    await module.load({ modelSource }, undefined, { method: 'embed' });
    const region = { x: 20, y: 20, width: 380, height: 240 };
    const cat = await module.forward(sample('cat.jpg'));
    const crop = await module.forward(sample('cat.jpg'), { region });
    const cup = await module.forward(sample('espresso.jpg'));
    module.delete();
    expect(cat).toHaveLength(1280);
    expect(Math.hypot(...cat)).toBeCloseTo(1, 3);
    const [near, far] = [api.cosineSimilarity(cat, crop), api.cosineSimilarity(cat, cup)];
    console.log(
      `cosine of a cat and its crop ${near.toFixed(3)}, of a cat and a cup ${far.toFixed(3)}`,
    );
    expect(near).toBeGreaterThan(far + 0.2);
  });

  (hasShared ? test : test.skip)('top-1 of 20 ImageNet photos: at least 18', async () => {
    const folder = join(SHARED, 'data/images/imagenet');
    const files = readdirSync(folder).filter((name) => /^n\d+_/.test(name));
    const wanted = files.map((name) => name.replace(/^n\d+_|\.JPEG$/g, '').replaceAll('_', ' '));
    const found = await best(files.map((name) => join(folder, name)));
    const isRight = (label: string, i: number) =>
      label.toLowerCase().split(', ').includes(wanted[i]!.toLowerCase());
    const wrong = found.flatMap((label, i) =>
      isRight(label, i) ? [] : [`${wanted[i]}: ${label}`],
    );
    console.log(`${files.length - wrong.length} of ${files.length} right; ${wrong.join('; ')}`);
    expect(files).toHaveLength(20);
    expect(IMAGENET1K_LABELS).toHaveLength(1000);
    expect(wrong.length).toBeLessThanOrEqual(2);
  });
});
