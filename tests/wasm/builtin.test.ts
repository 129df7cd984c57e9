/** The built-in models on the sample pictures beside them. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { api, useVariant } from '../lib/product.mjs';

jest.setTimeout(180_000);

const FOLDER = fileURLToPath(new URL('../../models/builtin/', import.meta.url));
const SAMPLES = join(FOLDER, 'samples');

/** Held-out figures of the side files that a new training must reach. */
const PROMISED: Record<string, number> = {
  accuracy: 0.98,
  retrievalTop1: 0.98,
  pixelAccuracy: 0.98,
  meanIoU: 0.93,
};

interface Side {
  file: string;
  size: number;
  sha256: string;
  labels: string[];
  accuracy: Record<string, number>;
}

interface Sample {
  file: string;
  kinds: string[];
}

const readJson = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;
const side = (name: string) => readJson<Side>(join(FOLDER, `${name}.json`));
const picture = (file: string) => readFileSync(join(SAMPLES, file));
const samples = readJson<Sample[]>(join(SAMPLES, 'samples.json'));
const singles = samples.filter(({ kinds }) => kinds.length === 1);
const scenes = samples.filter(({ kinds }) => kinds.length > 1);
const sourceOf = (name: string) => ({
  modelSource: join(FOLDER, side(name).file),
  labels: side(name).labels,
});

beforeAll(() => useVariant('simd'));

const MODELS = [
  'classifier_fp32',
  'classifier_int8',
  'embedder_fp32',
  'embedder_int8',
  'segmenter_fp32',
  'segmenter_int8',
];
const of = (task: string) => MODELS.filter((name) => name.startsWith(task));

describe('built-in models', () => {
  test('are all listed here', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.pte'));
    expect(files.sort()).toEqual(MODELS.map((name) => `${name}.pte`));
  });

  test.each(MODELS)('%s is the file that its side file describes, 300 kB at most', (name) => {
    const { file, size, sha256, accuracy } = side(name);
    const bytes = readFileSync(join(FOLDER, file));
    expect(bytes.byteLength).toBe(size);
    expect(size).toBeLessThanOrEqual(300_000);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    for (const [figure, value] of Object.entries(accuracy)) {
      expect([figure, value >= PROMISED[figure]!]).toEqual([figure, true]);
    }
  });

  test.each(of('classifier'))('%s names every sample', async (name) => {
    const module = new api.ClassificationModule();
    await module.load(sourceOf(name));
    const found: [string, string][] = [];
    for (const { file } of singles) {
      const [label] = Object.keys(await module.forward(picture(file), { topk: 1 }));
      found.push([file, label ?? '']);
    }
    module.delete();
    expect(found).toEqual(singles.map(({ file, kinds }) => [file, kinds[0]]));
  });

  test.each(of('segmenter'))('%s finds what is in the scenes', async (name) => {
    const { labels } = side(name);
    const module = new api.ImageSegmentationModule();
    await module.load(sourceOf(name));
    for (const { file, kinds } of scenes) {
      const map = (await module.forward(picture(file)))['ARGMAX'] as Int32Array;
      const pixels = new Map<string, number>();
      for (const one of map) pixels.set(labels[one]!, (pixels.get(labels[one]!) ?? 0) + 1);
      pixels.delete('background');
      const ranked = [...pixels].sort(([, a], [, b]) => b - a).map(([label]) => label);
      expect([file, ranked.slice(0, kinds.length).sort()]).toEqual([file, [...kinds].sort()]);
    }
    module.delete();
  });

  test.each(of('embedder'))('%s: nearest neighbours are of the same kind', async (name) => {
    const module = new api.ImageEmbeddingsModule();
    await module.load(sourceOf(name));
    const vectors: Float32Array[] = [];
    for (const { file } of singles) vectors.push(await module.forward(picture(file)));
    module.delete();
    const norms = vectors.map((vector) => Math.sqrt(api.dotProduct(vector, vector)));
    expect(Math.max(...norms.map((norm) => Math.abs(norm - 1)))).toBeLessThan(1e-5);
    const wrong = singles.filter(({ kinds }, i) => {
      const scores = vectors.map((other, j) => (i === j ? -2 : api.dotProduct(vectors[i]!, other)));
      return singles[scores.indexOf(Math.max(...scores))]!.kinds[0] !== kinds[0];
    });
    expect(wrong).toEqual([]);
  });
});
