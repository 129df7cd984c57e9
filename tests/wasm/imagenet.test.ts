// Twenty photos through decoder, resize and model, against PyTorch's results.
import { createHash } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import type { Engine } from '../../js/core/engine.js';
import type { Picture } from '../../js/images/types.js';
import { createEngine, pieces } from '../lib/engine.js';
import { differences, referencePixels } from '../lib/pictures.mjs';
import { hasShared, readJson, readShared } from '../lib/shared.mjs';

interface Golden {
  width: number;
  height: number;
  rgb_sha256: string;
  resized_sha256: string;
  top5: { index: number; p: number }[];
  native_top5?: { index: number }[];
  true_index: number;
}

jest.setTimeout(60_000);

const FLOAT = 'mobilenet_v2_imagenet1k_fp32';
const SIZE = { width: 224, height: 224 };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const top1 = (p: Float32Array) => p.reduce((best, value, i) => (value > p[best]! ? i : best), 0);

function classify(engine: Engine, picture: Picture) {
  const image = engine.decode(picture);
  const resized = engine.resize(image, SIZE);
  const hash = sha256(engine.pixels(resized));
  engine.setImage(image);
  engine.execute();
  const pixels = engine.pixels(image);
  engine.freeImage(resized);
  engine.freeImage(image);
  return {
    probabilities: new Float32Array(engine.task('classify', image, [])[0]!.data),
    hash,
    pixels,
  };
}

(hasShared ? describe : describe.skip)('MobileNetV2 on 20 ImageNet photos', () => {
  const goldens = (model: string): [string, Golden][] =>
    Object.entries(
      readJson(`models/real/${model}.images.json`).images as Record<string, Golden>,
    ).filter(([file]) => /^n\d+_/.test(file));
  const golden = hasShared ? goldens(FLOAT) : [];

  async function load(variant: 'simd' | 'relaxed', model = FLOAT) {
    const engine = await createEngine(variant);
    await engine.load(pieces(readShared(`models/real/${model}.pte`)));
    return engine;
  }

  test.each(['simd', 'relaxed'] as const)('our own decoder, %s', async (variant) => {
    const engine = await load(variant);
    let [equalTop1, correct, equalBytes, bytes, largest, deltaP] = [0, 0, 0, 0, 0, 0];
    for (const [file, expected] of golden) {
      const encoded = readShared(`data/images/imagenet/${file}`);
      const { probabilities, pixels } = classify(engine, { bytes: encoded });
      const found = differences(pixels, (await referencePixels(encoded)).rgb);
      equalBytes += pixels.length - found.different;
      largest = Math.max(largest, found.largest);
      bytes += pixels.length;
      const best = top1(probabilities);
      if (best === expected.top5[0]!.index) equalTop1++;
      if (best === expected.true_index) correct++;
      for (const { index, p } of expected.top5) {
        deltaP = Math.max(deltaP, Math.abs(probabilities[index]! - p));
      }
    }
    console.log(
      `${variant}: top-1 equal ${equalTop1}/20, correct ${correct}/20; bytes equal to libjpeg-turbo ` +
        `${((100 * equalBytes) / bytes).toFixed(2)} %, largest difference ${largest}; largest |dp| ${deltaP.toFixed(5)}`,
    );
    expect(golden).toHaveLength(20);
    expect(equalTop1).toBe(20);
    expect(correct).toBe(19);
    expect(deltaP).toBeLessThan(0.05);
  });

  test.each(['simd', 'relaxed'] as const)("the golden's own pixels, %s", async (variant) => {
    const engine = await load(variant);
    let [sameSource, sameResized, deltaP] = [0, 0, 0];
    for (const [file, expected] of golden) {
      const { rgb: data } = await referencePixels(readShared(`data/images/imagenet/${file}`));
      if (sha256(data) === expected.rgb_sha256) sameSource++;
      const { width, height } = expected;
      const { probabilities, hash } = classify(engine, { data, width, height, channels: 3 });
      if (hash === expected.resized_sha256) sameResized++;
      for (const { index, p } of expected.top5) {
        deltaP = Math.max(deltaP, Math.abs(probabilities[index]! - p));
      }
    }
    console.log(
      `${variant}: resized equal ${sameResized}/20, largest |dp| ${deltaP.toExponential(1)}`,
    );
    expect(sameSource).toBe(20);
    expect(sameResized).toBe(20);
    expect(deltaP).toBeLessThanOrEqual(1e-5);
  });

  test.each(
    (['simd', 'relaxed'] as const).flatMap((variant) =>
      ['int8', 'int8_fused'].map((kind) => [kind, variant] as const),
    ),
  )('%s against native XNNPACK, %s', async (kind, variant) => {
    const model = `mobilenet_v2_imagenet1k_${kind}`;
    const engine = await load(variant, model);
    let [equal, sameFive, correct] = [0, 0, 0];
    const pictures = goldens(model);
    for (const [file, { width, height, native_top5: native, true_index: index }] of pictures) {
      const { rgb: data } = await referencePixels(readShared(`data/images/imagenet/${file}`));
      const { probabilities } = classify(engine, { data, width, height, channels: 3 });
      const ranked = [...probabilities.keys()].sort(
        (a, b) => probabilities[b]! - probabilities[a]!,
      );
      const expected = native!.map((entry) => entry.index);
      // Of quantised outputs several may be largest: any of them is right.
      if (probabilities[expected[0]!] === probabilities[ranked[0]!]) equal++;
      if (expected.every((class_) => probabilities[class_]! >= probabilities[ranked[4]!]!))
        sameFive++;
      if (ranked[0] === index) correct++;
    }
    console.log(
      `${kind}, ${variant}: top-1 equal to native XNNPACK's ${equal}/20, top-5 sets ${sameFive}/20, correct ${correct}/20`,
    );
    expect(pictures).toHaveLength(20);
    expect(equal).toBeGreaterThanOrEqual(19);
  });
});
