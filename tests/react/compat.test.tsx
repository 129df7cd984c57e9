/** Screens of other versions on the real engine: the same pictures, the results in the shape that each version gave. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { renderHook, waitFor } from '@testing-library/react';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDecoder, TextEncoder } from 'node:util';
import type * as Legacy from '../../js/compat/legacy/index.js';
import {
  importPackage,
  withEngine,
  MODELS,
  shared,
  sharedPath,
  TENCH,
  type Package,
} from './shared.js';
import { ROOT } from './typecheck.js';

let ew: Package;
let legacy: typeof Legacy;

withEngine('on the real engine', () => {
  beforeAll(async () => {
    ew = await importPackage();
    const address = pathToFileURL(join(ROOT, 'dist/legacy.js')).href;
    legacy = (await import(address)) as typeof Legacy;
  });

  describe('absent models given to what is here', () => {
    const said = /^[\w.]+ is not available on the web/;

    test('classes say so, with the code of their version', async () => {
      const ofV6 = { name: 'ExecutorchError', code: 119, message: expect.stringMatching(said) };
      await expect(
        new ew.ClassificationModule().load(ew.STYLE_TRANSFER_CANDY),
      ).rejects.toMatchObject(ofV6);
      await expect(new ew.TextEmbeddingsModule().load(ew.ALL_MINILM_L6_V2)).rejects.toMatchObject(
        ofV6,
      );
      const error: unknown = await legacy.TextEmbeddingsModule.fromModelName(
        legacy.ALL_MINILM_L6_V2,
      ).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(legacy.RnExecutorchError);
      expect(error).toMatchObject({ code: 119, message: expect.stringMatching(said) });
      const { DEFAULT } = ew.models.objectDetection.RFDETR_NANO;
      const { DEFAULT: text } = ew.models.textEmbeddings.ALL_MINILM_L6_V2;
      for (const call of [() => ew.createClassifier(DEFAULT), () => ew.createTextEmbedder(text)]) {
        const reason: unknown = await call().catch((one: unknown) => one);
        expect([String(reason), ew.isRnExecuTorchError(reason, 'LOAD_FAILED')]).toEqual([
          expect.stringContaining('is not available on the web'),
          true,
        ]);
      }
    });

    test('hooks say so, and render a few times only', async () => {
      let renders = 0;
      const { result } = renderHook(() => {
        renders++;
        return [
          ew.useClassification({ model: ew.STYLE_TRANSFER_CANDY }).error,
          legacy.useTextEmbeddings({ model: legacy.ALL_MINILM_L6_V2 }).error,
          ew.useTextEmbedder(ew.models.textEmbeddings.ALL_MINILM_L6_V2.DEFAULT).error,
          ew.useClassifier(ew.models.objectDetection.RFDETR_NANO.DEFAULT).error,
          ew.useModel(ew.createObjectDetector, ew.models.objectDetection.RFDETR_NANO.DEFAULT).error,
        ];
      });
      await waitFor(() => expect(result.current.every(Boolean)).toBe(true));
      for (const error of result.current) {
        expect(typeof error === 'string' ? error : error?.message).toMatch(said);
      }
      expect(result.current[1]).toBeInstanceOf(legacy.RnExecutorchError);
      expect(renders).toBeLessThan(30);
    });

    test('errors of loading have the same code in hooks as in classes', async () => {
      const modelSource = new Uint8Array(64);
      const model = { modelName: 'efficientnet-v2-s', modelSource };
      const withoutTokenizer = { modelSource } as never;
      const { result } = renderHook(() => [
        legacy.useClassification({ model }).error,
        legacy.useTextEmbeddings({ model: withoutTokenizer }).error,
      ]);
      await waitFor(() => expect(result.current.every(Boolean)).toBe(true));
      expect(result.current.map((error) => error?.code)).toEqual([35, 120]);
    });
  });

  describe('0.8 to 0.10 legacy', () => {
    const named = { modelName: 'efficientnet-v2-s', modelSource: shared(MODELS.classifier) };

    test('useClassification is keyed by label key, with an error object and no worklet', async () => {
      const { result } = renderHook(() => legacy.useClassification({ model: named }));
      expect(result.current).toMatchObject({ error: null, isReady: false, runOnFrame: null });
      await waitFor(() => expect(result.current.isReady).toBe(true), { timeout: 20_000 });
      const scores = await result.current.forward(shared(TENCH));
      expect(Object.keys(scores)).toHaveLength(1000);
      expect(Object.entries(scores)[0]).toEqual(['TENCH', expect.any(Number)]);
      expect(scores.TENCH).toBeGreaterThan(0.5);
      // 0.7's code, which cannot be told from 0.8's, looks labels up.
      expect(scores['tench, Tinca tinca']).toBe(scores.TENCH);
      expect(scores['no such label']).toBeUndefined();
    });

    test('what fails gives `code` and `message`, with the numbers of 0.9', async () => {
      const model = { modelName: 'efficientnet-v2-s', modelSource: shared('no/such.pte') };
      const { result } = renderHook(() => legacy.useClassification({ model }));
      await waitFor(() => expect(result.current.error).not.toBeNull());
      const { error } = result.current;
      expect(error).toBeInstanceOf(legacy.RnExecutorchError);
      expect(error?.message).toMatch(/such\.pte/);
      await expect(
        new legacy.ClassificationModule().load({ modelSource: '' }),
      ).rejects.toMatchObject({ code: legacy.RnExecutorchErrorCode.InvalidModelSource });
    });

    test('fromCustomModel takes a label map', async () => {
      const labelMap = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`K${i}`, i]));
      const module = await legacy.ClassificationModule.fromCustomModel(named.modelSource, {
        labelMap,
      });
      const [first] = Object.entries(await module.forward(shared(TENCH)));
      expect(first?.[0]).toBe('K0');
      module.delete();
    });

    test('segmentation: names as keys, resized to the picture by default', async () => {
      const module = await legacy.SemanticSegmentationModule.fromModelName({
        modelName: 'deeplab-v3-resnet50',
        modelSource: shared(MODELS.segmenter),
      });
      const image = { data: new Uint8Array(40 * 30 * 3).fill(90), width: 40, height: 30 } as const;
      const result = await module.forward({ ...image, channels: 3 }, ['CAT']);
      expect(Object.keys(result).sort()).toEqual(['ARGMAX', 'CAT']);
      expect(result.ARGMAX).toHaveLength(1200);
      expect(result.CAT).toHaveLength(1200);
      // 0.8's are plain typed arrays, and what is made of them is one, too.
      expect(result.ARGMAX.map((one) => one + 1).constructor).toBe(Int32Array);
      expect(await module.getInputShape('forward', 0)).toEqual([1, 3, 257, 257]);
      expect(module.runOnFrame).toBeNull();
      const small = await module.forward({ ...image, channels: 3 }, [], false);
      expect(small.ARGMAX.length).toBeGreaterThan(10_000);
      module.delete();
    });

    test('0.7: new and load, keyed by ImageNet labels', async () => {
      const module = new legacy.ClassificationModule();
      await module.load({ modelSource: named.modelSource });
      const [first] = Object.entries(await module.forward(shared(TENCH)));
      expect(first?.[0]).toBe('tench, Tinca tinca');
      module.delete();
    });
  });

  describe('0.10', () => {
    const image = { width: 224, height: 224, format: 'rgb', layout: 'hwc' } as const;
    const pixels = new Uint8Array(224 * 224 * 3).map((_, i) => (i * 7) & 255);
    const labels = Array.from({ length: 1000 }, (_, i) => ({ id: i }));

    test('createClassifier: labels of any type, best first, as many as asked for', async () => {
      const classifier = await ew.createClassifier({
        modelPath: shared(MODELS.classifier),
        modelOpts: { labels, normalizeOpts: { alpha: 1 / 255 } },
      });
      const found = await classifier.classify({ ...image, data: pixels }, { topk: 3 });
      expect(found).toHaveLength(3);
      expect(labels).toContain(found[0]?.label);
      const scores = found.map(({ confidence }) => confidence);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(() => classifier.classifyWorklet()).toThrow(/not available on the web/);
      classifier.dispose();
    });

    test('blue and red change places for bgr', async () => {
      const embedder = await ew.createImageEmbedder({
        modelPath: shared(MODELS.embedder),
        modelOpts: {},
      });
      const swapped = pixels.map((_, i) => pixels[i - (i % 3) + (2 - (i % 3))] ?? 0);
      const rgb = await embedder.embed({ ...image, data: pixels });
      const bgr = await embedder.embed({ ...image, format: 'bgr', data: swapped });
      expect(bgr).toEqual(rgb);
      embedder.dispose();
    });

    test('useSemanticSegmenter paints classes at the size of the picture', async () => {
      const config = {
        modelPath: shared(MODELS.segmenter),
        modelOpts: { labels: ew.PASCAL_VOC_LABELS },
      };
      const { result } = renderHook(() => ew.useSemanticSegmenter(config));
      await waitFor(() => expect(result.current.isReady).toBe(true), { timeout: 20_000 });
      const input = { width: 20, height: 10, format: 'rgba', layout: 'hwc' } as const;
      const found = await result.current.segment?.({ ...input, data: new Uint8Array(800) });
      expect(found?.buffer).toMatchObject({ width: 20, height: 10, format: 'rgba' });
      expect(found?.buffer.data).toHaveLength(800);
      expect(found?.colormap?.background).toEqual([0, 0, 0, 0]);
    });

    test('alpha and beta are the mean and deviation that they state', async () => {
      const file = { modelPath: shared(MODELS.embedder) };
      const { alpha, beta } = ew.IMAGENET_NORM;
      const one = await ew.createImageEmbedder({
        ...file,
        modelOpts: { normalizeOpts: { alpha, beta } },
      });
      const two = new ew.ImageEmbeddingsModule();
      await two.load({
        modelSource: file.modelPath,
        preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
      });
      const a = await one.embed({ ...image, data: pixels });
      const b = await two.forward({ data: pixels, width: 224, height: 224, channels: 3 });
      const gap = Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
      console.log(`largest difference of two ways to normalise: ${gap}`);
      expect(gap).toBeLessThan(1e-5);
    });

    test('wrong pictures are refused by a word', async () => {
      const embedder = await ew.createImageEmbedder({
        modelPath: shared(MODELS.embedder),
        modelOpts: {},
      });
      const call = embedder.embed({ ...image, data: new Uint8Array(5) });
      const error: unknown = await call.catch((reason: unknown) => reason);
      expect(ew.isRnExecuTorchError(error, 'INVALID_ARGUMENT')).toBe(true);
    });

    test('a raw model: tensors in, tensors out', async () => {
      const model = await ew.wrapAsync(ew.loadModel)(shared(MODELS.embedder));
      const sizes = model.schema.outputs[0]?.sizes ?? [];
      const output = ew.tensor('float32', sizes);
      const input = ew.tensor('float32', [1, 3, 224, 224]);
      await ew.wrapAsync(model.execute)('forward', [input], [output]);
      const values = output.getData(new Float32Array(output.numel));
      expect(values.some((value) => value !== 0)).toBe(true);
      expect(() => ew.tensor('int32', [2], new Int32Array(3))).toThrow(/2 elements/);
      model.dispose();
    });
  });

  describe('text embeddings', () => {
    const text = (file: string) => pathToFileURL(join(ROOT, 'models/text', file)).href;
    const modelSource = text('text_encoder_fp32.pte');
    const tokenizerSource = text('tokenizer.json');
    const sentence = 'a photo of a boat';

    test('every form gives the same vector', async () => {
      // jsdom lacks what every browser has; and Jest cannot import several modules at the same time.
      Object.assign(globalThis, { TextDecoder, TextEncoder });
      await ew.ResourceFetcher.storage();
      const root = renderHook(() =>
        ew.useTextEmbeddings({ model: { modelSource, tokenizerSource } }),
      );
      await waitFor(() => expect(root.result.current.isReady).toBe(true), { timeout: 20_000 });
      const wanted = await root.result.current.forward(sentence);
      expect(wanted).toHaveLength(64);

      const model = { modelName: 'clip-vit-base-patch32-text', modelSource, tokenizerSource };
      const hook = renderHook(() => legacy.useTextEmbeddings({ model }));
      await waitFor(() => expect(hook.result.current.isReady).toBe(true), { timeout: 20_000 });
      expect(await hook.result.current.forward(sentence)).toEqual(wanted);
      const named = await legacy.TextEmbeddingsModule.fromModelName(model);
      expect(await named.forward(sentence)).toEqual(wanted);
      const own = await legacy.TextEmbeddingsModule.fromCustomModel(modelSource, tokenizerSource);
      expect(await own.forward(sentence)).toEqual(wanted);

      const embedder = await ew.createTextEmbedder({
        modelPath: modelSource,
        tokenizerPath: tokenizerSource,
        defaultPrompt: 'a photo of ',
      });
      expect(await embedder.embed('a boat')).toEqual(wanted);
      expect(await embedder.embed('boat', 'a photo of a ')).toEqual(wanted);
      for (const one of [named, own]) one.delete();
      embedder.dispose();
    });

    test('errors have the codes of each version', async () => {
      const load = legacy.TextEmbeddingsModule.fromCustomModel(modelSource, modelSource);
      const { TokenizerError } = legacy.RnExecutorchErrorCode;
      await expect(load).rejects.toMatchObject({ name: 'RnExecutorchError', code: TokenizerError });
      expect(TokenizerError).toBe(122);
      const create = ew.createTextEmbedder({ modelPath: modelSource, tokenizerPath: modelSource });
      await expect(create).rejects.toMatchObject({ code: 'LOAD_FAILED', etRuntimeErrorCode: 167 });
    });
  });

  test('the picture is there', () => expect(readFileSync(sharedPath(TENCH)).length).toBe(100_582));
});
