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
  TABBY,
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

    test('segmentation without a list gives the planes of all classes, at the size of the picture', async () => {
      const module = await legacy.SemanticSegmentationModule.fromModelName({
        modelName: 'deeplab-v3-resnet50',
        modelSource: shared(MODELS.segmenter),
      });
      const names = Object.keys(legacy.DeeplabLabel).filter((one) => /[A-Z]/.test(one));
      const every = await module.forward(shared(TABBY));
      // DeeplabLabel of 0.7, which this entry has, lists ARGMAX, too.
      expect(Object.keys(every).sort()).toEqual(names.sort());
      const { CAT, DOG, ARGMAX } = await module.forward(shared(TABBY), ['CAT', 'DOG']);
      expect(every.ARGMAX).toEqual(ARGMAX);
      // Made when they are read, by other code: equal to the bit, and the same at each reading.
      expect(every.CAT).toEqual(CAT);
      expect(every.DOG).toEqual(DOG);
      expect(every.CAT).toBe(every.CAT);
      expect(Object.values({ ...every }).every(ArrayBuffer.isView)).toBe(true);
      const small = await module.forward<'CAT'>(shared(TABBY), [], false);
      expect(small.CAT).toEqual((await module.forward(shared(TABBY), ['CAT'], false)).CAT);
      expect(Object.keys(await module.forward(shared(TABBY), ['ARGMAX' as never]))).toEqual([
        'ARGMAX',
      ]);
      module.delete();
    });

    test('the name of a model says how its pictures are normalised', async () => {
      const modelSource = shared(MODELS.segmenter);
      const planeOf = async (model: {
        modelSource: string;
        modelName: string;
        preprocessor?: object;
      }) => {
        const module = await legacy.SemanticSegmentationModule.fromModelName(model);
        const { CAT } = await module.forward(shared(TABBY), ['CAT'], false);
        module.delete();
        return CAT;
      };
      const preprocessor = { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] };
      const plain = await planeOf({ modelName: 'mine', modelSource });
      const normal = await planeOf({ modelName: 'mine', modelSource, preprocessor });
      expect(normal).not.toEqual(plain);
      expect(await planeOf({ modelName: 'fcn-resnet50-quantized', modelSource })).toEqual(normal);
      expect(await planeOf({ modelName: 'selfie', modelSource }).catch(String)).toMatch(
        /21 classes/,
      );
    });

    test('of a model with one plane the first label is the foreground', async () => {
      const modelSource = shared('data/tflite/mediapipe_selfie_segmentation.tflite');
      const root = new ew.ImageSegmentationModule();
      await root.load({ modelSource, labels: ['background', 'person'] });
      const wanted = await root.forward(shared(TENCH), ['person'], true);
      root.delete();
      const custom = legacy.SemanticSegmentationModule.fromCustomModel;
      const labelMaps: Record<'PERSON', number>[] = [
        { PERSON: 0, REST: 1 } as never,
        { PERSON: 0 },
      ];
      for (const labelMap of labelMaps) {
        const module = await custom(modelSource, { labelMap });
        const maps = await module.forward(shared(TENCH));
        expect(Object.keys(maps).sort()).toEqual(['ARGMAX', ...Object.keys(labelMap)].sort());
        expect(maps.PERSON).toEqual(Float32Array.from(wanted.person ?? []));
        expect([...maps.ARGMAX]).toEqual(wanted.ARGMAX.map((one) => 1 - one));
        module.delete();
      }
      const named = await legacy.SemanticSegmentationModule.fromModelName({
        modelName: 'selfie-segmentation',
        modelSource,
      });
      const { SELFIE, BACKGROUND, ARGMAX } = await named.forward(shared(TENCH));
      expect(SELFIE).toEqual(Float32Array.from(wanted.person ?? []));
      expect(SELFIE[0]! + BACKGROUND[0]!).toBeCloseTo(1, 5);
      expect([...ARGMAX]).toEqual(wanted.ARGMAX.map((one) => 1 - one));
      named.delete();
    });

    test('a picture that cannot be read is FileReadFailed, as there', async () => {
      const module = await legacy.ClassificationModule.fromModelName(named);
      const { FileReadFailed } = legacy.RnExecutorchErrorCode;
      for (const picture of ['data:image/png;base64,AAAA', shared('no/such.png')]) {
        await expect(module.forward(picture)).rejects.toMatchObject({
          name: 'RnExecutorchError',
          code: FileReadFailed,
        });
      }
      module.delete();
    });

    test("0.7's ImageSegmentationModule has the errors of this entry", async () => {
      const module = new legacy.ImageSegmentationModule();
      const { InvalidModelSource, ModuleNotLoaded } = legacy.RnExecutorchErrorCode;
      await expect(module.forward(shared(TENCH))).rejects.toMatchObject({ code: ModuleNotLoaded });
      await expect(module.load({ modelSource: '' })).rejects.toMatchObject({
        name: 'RnExecutorchError',
        code: InvalidModelSource,
      });
      await module.load({ modelSource: shared(MODELS.segmenter) });
      const maps = await module.forward(shared(TABBY), [legacy.DeeplabLabel.CAT]);
      expect(maps[legacy.DeeplabLabel.CAT]).toHaveLength(257 * 257);
      expect(maps[legacy.DeeplabLabel.ARGMAX]).toHaveLength(257 * 257);
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

    test.each<[unknown, number | string]>([
      [undefined, 1000],
      [{}, 1000],
      [null, 1000],
      [{ topk: undefined }, 1000],
      [{ topk: 0 }, 0],
      [{ topk: 2 }, 2],
      [{ topk: 2.9 }, 2],
      [{ topk: 5000 }, 1000],
      [{ topk: Infinity }, 1000],
      [{ topk: NaN }, 0],
      [{ topk: null }, 0],
      [{ topk: '3' }, 3],
      [{ topk: -1 }, 'INVALID_ARGUMENT'],
      [{ topk: -0.5 }, 'INVALID_ARGUMENT'],
      [{ topk: -Infinity }, 'INVALID_ARGUMENT'],
      [{ topK: 3 }, 1000],
    ])('classify() with %p gives as many as there: %p', async (options, wanted) => {
      const classifier = await ew.createClassifier({
        modelPath: shared(MODELS.classifier),
        modelOpts: { labels },
      });
      const found = await classifier.classify({ ...image, data: pixels }, options as never).then(
        (classes) => classes.length,
        (error: { code: string }) => error.code,
      );
      expect(found).toBe(wanted);
      classifier.dispose();
    });

    test('labels that are not as many as the classes are an argument; another model is a schema', async () => {
      const codeOf = (made: Promise<unknown>) =>
        made.then(
          () => '',
          (error: { code: string }) => error.code,
        );
      const classify = (file: string) =>
        codeOf(ew.createClassifier({ modelPath: shared(file), modelOpts: { labels: ['a', 'b'] } }));
      const segment = (file: string) =>
        codeOf(
          ew.createSemanticSegmenter({
            modelPath: shared(file),
            modelOpts: { labels: ['a', 'b'] },
          }),
        );
      expect(await classify(MODELS.classifier)).toBe('INVALID_ARGUMENT');
      expect(await classify(MODELS.segmenter)).toBe('SCHEMA_MISMATCH');
      expect(await segment(MODELS.segmenter)).toBe('INVALID_ARGUMENT');
      expect(await segment(MODELS.classifier)).toBe('SCHEMA_MISMATCH');
    });

    test('one plane is grey whatever the labels are; a colour has four bytes', async () => {
      const modelPath = shared('data/tflite/mediapipe_selfie_segmentation.tflite');
      const one = await ew.createSemanticSegmenter({
        modelPath,
        modelOpts: { labels: ['a', 'b', 'c'] },
      });
      const { buffer, colormap } = await one.segment({ ...image, data: pixels });
      expect(colormap).toBeUndefined();
      const [red, green, blue, alpha] = buffer.data;
      expect([green, blue, alpha]).toEqual([red, red, 255]);
      one.dispose();
      const many = await ew.createSemanticSegmenter({
        modelPath: shared(MODELS.segmenter),
        modelOpts: { labels: ew.PASCAL_VOC_LABELS },
      });
      for (const cat of [[255, 0, 0], [256, 0, 0, 255], [0.5, 0, 0, 0], 'red']) {
        const call = many.segment({ ...image, data: pixels }, { cat } as never);
        await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
      many.dispose();
    });

    test('pixels are scaled to 0..1 where the model does not say how', async () => {
      const modelPath = shared(MODELS.embedder);
      const vectorOf = async (modelOpts: object) => {
        const embedder = await ew.createImageEmbedder({ modelPath, modelOpts });
        const vector = await embedder.embed({ ...image, data: pixels });
        embedder.dispose();
        return vector;
      };
      const plain = await vectorOf({ normalizeOpts: { alpha: 1 / 255, beta: 0 } });
      expect(await vectorOf({})).toEqual(plain);
      expect(await vectorOf({ normalizeOpts: { beta: 0 } })).toEqual(plain);
      expect(await vectorOf({ normalizeOpts: { alpha: 1 } })).not.toEqual(plain);
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
