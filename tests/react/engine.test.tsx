/** The hooks with the real engine, from the built package, in jsdom. */
import { pathToFileURL } from 'node:url';
import { TextEncoder } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { act, renderHook, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { statedClassifier } from '../fixtures/tflite/tasks.mjs';
import {
  GOLDFISH,
  MODELS,
  TABBY,
  TENCH,
  importPackage,
  shared,
  withEngine,
  type Package,
} from './shared.js';

withEngine('hooks on the real engine, under StrictMode', () => {
  let ew: Package;
  beforeAll(async () => {
    ew = await importPackage();
  });
  const wrapper = StrictMode;

  interface View {
    result: { current: { isReady: boolean; error: string | null } };
  }
  const until = (condition: () => boolean) =>
    waitFor(() => expect(condition()).toBe(true), { timeout: 30_000 });
  /** Waits until the hook is ready, and shows why when it will not be. */
  const ready = async ({ result }: View) => {
    await until(() => result.current.isReady || result.current.error !== null);
    expect(result.current).toMatchObject({ error: null, isReady: true });
  };

  test('classification: progress, result, switch of models and back, unmount', async () => {
    const progress: number[] = [];
    const view = renderHook(
      ({ modelSource }) => {
        const model = ew.useClassification({ model: { modelSource } });
        progress.push(model.downloadProgress);
        return model;
      },
      { wrapper, initialProps: { modelSource: shared(MODELS.classifier) } },
    );
    const { result, rerender, unmount } = view;
    expect(Object.keys(result.current).sort()).toEqual(
      [
        ...['downloadProgress', 'error', 'forward', 'isGenerating', 'isReady'],
        ...['classify', 'failure', 'info', 'mapSize', 'retry', 'runOnVideo', 'timings'],
      ].sort(),
    );
    await ready(view);
    expect(result.current.downloadProgress).toBe(1);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
    const best = async (picture: string) => {
      let scores: Record<string, number> = {};
      await act(async () => {
        scores = await result.current.forward(shared(picture));
      });
      return Object.entries(scores).sort(([, a], [, b]) => b - a)[0];
    };
    const [label, score] = (await best(TENCH))!;
    expect(label).toBe('tench, Tinca tinca');
    expect(score).toBeCloseTo(0.945236, 3);
    rerender({ modelSource: shared('models/real/mobilenet_v2_imagenet1k_int8.pte') });
    expect(result.current.isReady).toBe(false);
    rerender({ modelSource: shared(MODELS.classifier) });
    await ready(view);
    expect((await best(GOLDFISH))![0]).toMatch(/goldfish/);
    const { forward } = result.current;
    unmount();
    await expect(forward(shared(TENCH))).rejects.toMatchObject({
      code: ew.ErrorCode.ModuleNotLoaded,
    });
  });

  test('two components share one instance: the second is ready without loading', async () => {
    const props = { model: { modelSource: shared(MODELS.classifier) } };
    const first = renderHook(() => ew.useClassification(props), { wrapper });
    await ready(first);
    const second = renderHook(() => ew.useClassification({ model: { ...props.model } }), {
      wrapper,
    });
    expect(second.result.current.isReady).toBe(true);
    await act(async () => {
      const [a, b] = await Promise.all([
        first.result.current.forward(shared(TENCH)),
        second.result.current.forward(shared(TENCH)),
      ]);
      expect(a).toEqual(b);
    });
  });

  test('a second forward while one runs rejects with ModelGenerating; queued ones run', async () => {
    const model = { modelSource: shared(MODELS.classifier) };
    const plain = renderHook(() => ew.useClassification({ model }), { wrapper });
    const queued = renderHook(() => ew.useClassification({ model, queue: true }), { wrapper });
    await ready(queued);
    await act(async () => {
      const running = plain.result.current.forward(shared(TENCH));
      await expect(plain.result.current.forward(shared(TENCH))).rejects.toMatchObject({
        code: ew.ErrorCode.ModelGenerating,
      });
      const both = [TENCH, TABBY].map((picture) => queued.result.current.forward(shared(picture)));
      const [tench, tabby] = await Promise.all(both);
      expect(Object.keys(tench!)[0]).toMatch(/tench/);
      expect(Object.keys(tabby!)[0]).toMatch(/tabby|tiger cat|Egyptian/);
      await running;
    });
    expect(plain.result.current.isGenerating).toBe(false);
  });

  test('classification by a .tflite file: labels and layout are its own', async () => {
    // The writer of models wants one, and jsdom has none.
    Object.assign(globalThis, { TextEncoder });
    const modelSource = statedClassifier({
      files: [{ name: 'labels.txt', type: 'axisLabels', content: 'red\ngreen\nblue\n' }],
    });
    const model = { modelSource };
    const view = renderHook(() => ew.useClassification({ model }), { wrapper });
    await ready(view);
    const { result } = view;
    expect(result.current.info?.format).toBe('tflite');
    await act(async () => {
      const green = { data: Uint8Array.of(0, 255, 0), width: 1, height: 1, channels: 3 as const };
      const [first] = await result.current.classify(green, { topk: 1 });
      expect(first).toMatchObject({ label: 'green', index: 1 });
      const scores = await result.current.forward(green, { denylist: ['blue'] });
      expect(Object.keys(scores)).toEqual(['green', 'red']);
    });
  });

  test('a quantised MobileNetV2 in a .tflite file', async () => {
    const model = {
      modelSource: shared('data/tflite/support_mobilenet_v2_1.0_224_quant.tflite'),
      labels: Array.from({ length: 1001 }, (_, index) => `class ${index}`),
    };
    const view = renderHook(() => ew.useClassification({ model }), { wrapper });
    await ready(view);
    await act(async () => {
      const [first] = await view.result.current.classify(shared(TENCH), { topk: 1 });
      /* The first of its classes is the background. */
      expect(first).toMatchObject({ label: 'class 1', index: 1 });
    });
  });

  test('segmentation', async () => {
    const model = { modelSource: shared(MODELS.segmenter) };
    const view = renderHook(() => ew.useImageSegmentation({ model }), { wrapper });
    await ready(view);
    const { result } = view;
    await act(async () => {
      const { CAT, ARGMAX } = ew.DeeplabLabel;
      const maps = await result.current.forward(shared(TABBY), [CAT], true);
      const classes = maps[ARGMAX]!;
      expect(Object.prototype.toString.call(classes)).toBe('[object Int32Array]');
      expect(Object.prototype.toString.call(maps[CAT])).toBe('[object Float32Array]');
      expect(maps[CAT]).toHaveLength(classes.length);
      const cats = classes.filter((id) => id === Number(CAT)).length;
      expect(cats / classes.length).toBeGreaterThan(0.1);
    });
  });

  test('embeddings', async () => {
    const model = { modelSource: shared(MODELS.embedder) };
    const view = renderHook(() => ew.useImageEmbeddings({ model }), { wrapper });
    await ready(view);
    const { result } = view;
    await act(async () => {
      const a = await result.current.forward(shared(TENCH));
      const b = await result.current.forward(shared(TENCH));
      expect(a.length).toBeGreaterThan(100);
      expect([...a]).toEqual([...b]);
    });
  });

  test('raw tensors', async () => {
    const modelSource = shared(MODELS.classifier);
    const view = renderHook(() => ew.useExecutorchModule({ modelSource }), { wrapper });
    await ready(view);
    const { result } = view;
    await act(async () => {
      const [output] = await result.current.forward([
        {
          dataPtr: new Float32Array(3 * 224 * 224),
          sizes: [1, 3, 224, 224],
          scalarType: ew.ScalarType.FLOAT,
        },
      ]);
      expect(output).toMatchObject({ sizes: [1, 1000], scalarType: ew.ScalarType.FLOAT });
    });
  });

  test('a model with a data file', async () => {
    const fixture = (name: string) => pathToFileURL(`tests/fixtures/ptd/${name}`).href;
    const [modelSource, dataSource] = [fixture('xnnpack.pte'), fixture('xnnpack.ptd')];
    const view = renderHook(() => ew.useExecutorchModule({ modelSource, dataSource }), { wrapper });
    await ready(view);
    const { result } = view;
    await act(async () => {
      const input = {
        dataPtr: new Float32Array(8),
        sizes: [2, 4],
        scalarType: ew.ScalarType.FLOAT,
      };
      const [output] = await result.current.forward([input]);
      expect(output!.sizes).toEqual([2, 3]);
    });
  });

  test('what is no model is an error of the hook; the right one loads after it', async () => {
    const view = renderHook(
      ({ path }) => ew.useClassification({ model: { modelSource: shared(path) } }),
      { wrapper, initialProps: { path: TENCH } },
    );
    const { result, rerender } = view;
    await until(() => result.current.error !== null);
    expect(result.current.isReady).toBe(false);
    rerender({ path: MODELS.classifier });
    expect(result.current.error).toBeNull();
    await ready(view);
  });
});
