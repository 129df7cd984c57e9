/** The text encoder of models/text with the built-in embedder: zero-shot classification, search, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { api, useVariant } from '../lib/product.mjs';

jest.setTimeout(180_000);

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const SAMPLES = join(MODELS, 'builtin/samples');
const EMBEDDER = join(MODELS, 'builtin/embedder_fp32.pte');
const MODEL = {
  modelSource: join(MODELS, 'text/text_encoder_fp32.pte'),
  tokenizerSource: join(MODELS, 'text/tokenizer.json'),
};

interface Sample {
  file: string;
  kinds: [string, ...string[]];
}
const samples = (
  JSON.parse(readFileSync(join(SAMPLES, 'samples.json'), 'utf8')) as Sample[]
).filter(({ kinds }) => kinds.length === 1);
const kinds = [...new Set(samples.map(({ kinds: [kind] }) => kind))];

beforeAll(async () => {
  useVariant('simd');
  // Jest cannot import several modules at the same time, which a text encoder and its tokenizer do.
  await api.ResourceFetcher.storage();
  const warm = new api.ImageEmbeddingsModule();
  await warm.load({ modelSource: EMBEDDER });
  warm.delete();
});

describe('a pair of encoders', () => {
  let texts: InstanceType<typeof api.TextEmbeddingsModule>;
  const pictures = new Map<string, Float32Array>();

  beforeAll(async () => {
    const images = new api.ImageEmbeddingsModule();
    await images.load({ modelSource: EMBEDDER });
    texts = new api.TextEmbeddingsModule();
    await texts.load(MODEL);
    for (const { file } of samples) {
      pictures.set(file, await images.forward(readFileSync(join(SAMPLES, file))));
    }
    images.delete();
  });
  afterAll(() => texts.delete());

  test('names what is on each sample picture', async () => {
    const classes = new Map<string, Float32Array>();
    for (const kind of kinds) classes.set(kind, await texts.forward(`a photo of a ${kind}`));
    for (const {
      file,
      kinds: [kind],
    } of samples) {
      const ranked = api.rank(pictures.get(file)!, classes);
      expect([file, ranked[0]!.text]).toEqual([file, kind]);
      expect(ranked).toHaveLength(12);
      expect(ranked.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    }
  });

  test('finds pictures by words that no label has', async () => {
    const wanted = [
      ['an automobile', 'car'],
      ['a mug', 'cup'],
      ['my home', 'house'],
      ['a toadstool', 'mushroom'],
    ] as const;
    const files = [...pictures.keys()];
    const vectors = [...pictures.values()];
    for (const [words, kind] of wanted) {
      const [best] = api.nearestNeighbours(await texts.forward(words), vectors, 1);
      expect([words, files[best!.index]]).toEqual([words, expect.stringContaining(kind)]);
    }
  });

  test('vectors have length 1, for every length of text', async () => {
    const all = ['', 'cat', '\u{1f431}\u200d', 'car '.repeat(40), 'x'.repeat(5000)];
    for (const text of all) {
      const vector = await texts.forward(text);
      expect(vector).toHaveLength(64);
      expect(api.dotProduct(vector, vector)).toBeCloseTo(1, 5);
    }
  });

  test('what stands behind the 77th token does not count', async () => {
    const long = 'a '.repeat(75);
    expect(await texts.forward(long)).toEqual(await texts.forward(`${long}fish fish`));
    expect(await texts.forward(long)).not.toEqual(await texts.forward('a '.repeat(74)));
  });

  test('several texts at once come out right', async () => {
    const alone = [await texts.forward('a car'), await texts.forward('one big tree')];
    const together = await Promise.all([texts.forward('a car'), texts.forward('one big tree')]);
    expect(together).toEqual(alone);
  });

  test.each([[undefined], [null], [7], [['a']], [{}]])('%p is no text', async (input) => {
    await expect(texts.forward(input as unknown as string)).rejects.toMatchObject({
      code: api.ErrorCode.InvalidUserInput,
    });
  });
});

describe('loading', () => {
  const load = async (model: unknown, options?: object) => {
    const module = new api.TextEmbeddingsModule();
    try {
      await module.load(model as never, undefined, options);
    } finally {
      module.delete();
    }
  };
  const { modelSource, tokenizerSource } = MODEL;

  test.each([
    ['no tokenizer', { modelSource }, 'InvalidModelSource'],
    ['nothing', undefined, 'InvalidModelSource'],
    ['a model of pictures', { modelSource: EMBEDDER, tokenizerSource }, 'InvalidConfig'],
    ['a model as tokenizer', { modelSource, tokenizerSource: modelSource }, 'TokenizerError'],
    ['a tokenizer as model', { modelSource: tokenizerSource, tokenizerSource }, 'InvalidProgram'],
    ['no such file', { modelSource, tokenizerSource: '/no/such.json' }, 'FileReadFailed'],
  ])('%s is refused', async (_, model, code) => {
    const error: unknown = await load(model).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ExecutorchError', codeName: code });
  });

  test('a text encoder is no model of pictures, and says what it takes', async () => {
    const module = new api.ImageEmbeddingsModule();
    await expect(module.load({ modelSource })).rejects.toThrow(/it takes i64 \[1, 77\], i64/);
  });

  test('can be aborted, and needs a model before it runs', async () => {
    await expect(load(MODEL, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: api.ErrorCode.Aborted,
    });
    await expect(new api.TextEmbeddingsModule().forward('cat')).rejects.toMatchObject({
      code: api.ErrorCode.ModuleNotLoaded,
    });
  });
});
