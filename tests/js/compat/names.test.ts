/** Every name that a living version of React Native ExecuTorch exports is exported here, and stand-ins say what they are. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as root from '../../../js/index.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import * as fetcher from '../../../js/compat/resource-fetcher.js';
import { ErrorCode, isExecutorchError } from '../../../js/base/errors.js';

interface Fact {
  kind: string;
  fields?: Record<string, string>;
  methods?: string[];
  values?: Record<string, number>;
}
type Facts = Record<string, Record<string, Fact>>;

const peers = JSON.parse(
  readFileSync(new URL('../../../js/compat/peers.json', import.meta.url), 'utf8'),
) as Facts;

const APIS: [api: string, ours: Record<string, unknown>][] = [
  ['0.6', root],
  ['0.10', root],
  ['0.7', legacy],
  ['0.8', legacy],
  ['0.9', legacy],
  ['0.10/legacy', legacy],
];

const REAL_HOOKS = new Set([
  'useClassification',
  'useClassifier',
  'useExecutorchModule',
  'useImageEmbedder',
  'useImageEmbeddings',
  'useImageSegmentation',
  'useModel',
  'useResourceDownload',
  'useSemanticSegmentation',
  'useSemanticSegmenter',
  'useTextEmbedder',
  'useTextEmbeddings',
]);

/** Codes that 0.9 renumbered; legacy has 0.9's. */
const RENUMBERED = new Set(['InvalidModelSource', 'UnexpectedNumInputs', 'TokenizerError']);

const valuesOf = (api: string) =>
  Object.entries(peers[api] ?? {}).filter(([, { kind }]) => kind !== 'type');

describe.each(APIS)('%s', (api, ours) => {
  test('no value is missing', () => {
    const names = valuesOf(api).map(([name]) => name);
    const missing = names.filter((name) => ours[name] === undefined);
    console.log(`${api}: ${names.length} values exported, ${missing.length} missing`);
    expect(names.length).toBeGreaterThan(60);
    expect(missing).toEqual([]);
  });

  test('every hook has the fields of theirs', () => {
    const hooks = valuesOf(api).filter(([, { kind }]) => kind === 'hook');
    for (const [name, { fields = {} }] of hooks) {
      const hook = ours[name] as () => Record<string, unknown>;
      if (REAL_HOOKS.has(name)) continue; // It needs React: tests/react/compat.test.tsx.
      const result = hook();
      expect([name, Object.keys(fields).filter((field) => !(field in result))]).toEqual([name, []]);
      expect([name, hook()]).toEqual([name, result]);
    }
  });

  test('enumerations have their values', () => {
    for (const [name, { kind, values = {} }] of valuesOf(api)) {
      if (kind !== 'enum') continue;
      for (const [key, value] of Object.entries(values)) {
        const found = (ours[name] as Record<string, unknown>)[key];
        if (RENUMBERED.has(key) && /^0\.[78]$/.test(api)) continue;
        expect([name, key, found]).toEqual([name, key, value]);
      }
    }
  });
});

describe('stand-ins', () => {
  test('hooks are never ready and say why, as text in the root and as an error in legacy', async () => {
    const inRoot = (root.useOCR as () => Record<string, never>)();
    expect(inRoot).toMatchObject({ isReady: false, downloadProgress: 0 });
    expect(inRoot.error).toMatch(/^useOCR is not available on the web/);
    const inLegacy = (legacy.useOCR as () => Record<string, never>)();
    expect(inLegacy.error).toMatchObject({ code: ErrorCode.PlatformNotSupported });
    const call = (inLegacy.forward as unknown as () => Promise<unknown>)();
    await expect(call).rejects.toMatchObject({ code: ErrorCode.PlatformNotSupported });
  });

  test("in the root, 0.10's hooks give an error object; of names that 0.6 has too, what they are given tells", () => {
    const errorOf = (hook: unknown, given: unknown) =>
      (hook as (given: unknown) => { error: unknown })(given).error;
    const absent = {
      code: ErrorCode.PlatformNotSupported,
      message: expect.stringMatching('not available') as unknown,
    };
    expect(errorOf(root.useLLMChatSession, { modelPath: 'm.pte' })).toMatchObject(absent);
    expect(errorOf(root.useStyleTransfer, { modelPath: 'm.pte' })).toMatchObject(absent);
    expect(errorOf(root.useStyleTransfer, { model: { modelSource: 'm.pte' } })).toMatch(
      /not available/,
    );
    expect(errorOf(root.useTokenizer, 'tokenizer.json')).toMatchObject(absent);
    expect(errorOf(root.useTokenizer, { tokenizer: {} })).toMatch(/not available/);
  });

  test('their result is the same object at each render', () => {
    const hook = legacy.useLLM as () => unknown;
    expect(hook()).toBe(hook());
    expect(hook()).toMatchObject({ messageHistory: [], response: '', isGenerating: false });
  });

  test('classes can be made; what they do rejects, and freeing them is harmless', async () => {
    const made = new (legacy.OCRModule as new () => Record<string, () => Promise<unknown>>)();
    expect(made.delete!()).toBeUndefined();
    const error: unknown = await made.forward!().catch((reason: unknown) => reason);
    expect(isExecutorchError(error, ErrorCode.PlatformNotSupported)).toBe(true);
    const { fromModelName } = legacy.OCRModule as Record<string, () => Promise<unknown>>;
    await expect(fromModelName!()).rejects.toThrow(/OCRModule\.fromModelName is not available/);
  });

  test('a model of another task can be named, called and read on', () => {
    const models = root.models as unknown as Record<string, never>;
    const { llm, classification, textToImage } = models as never as {
      llm: { llama3_2_1b: () => { modelSource: string } };
      classification: { EFFICIENTNET_V2_S: { DEFAULT: { modelPath: string } } };
      textToImage: { SDXS: { DEFAULT: { modelSource: string } } };
    };
    expect(llm.llama3_2_1b().modelSource).toMatch(/^unavailable:models\.llm\.llama3_2_1b/);
    expect(textToImage.SDXS.DEFAULT.modelSource).toMatch(/^unavailable:/);
    expect(classification.EFFICIENTNET_V2_S.DEFAULT.modelPath).toMatch(/int8\.pte$/);
  });
});

describe('legacy constants', () => {
  test('have the names of 0.8 and later', () => {
    expect(legacy.EFFICIENTNET_V2_S.modelName).toBe('efficientnet-v2-s');
    expect(legacy.SELFIE_SEGMENTATION.modelName).toBe('selfie-segmentation');
    expect(legacy.models.classification.efficientnet_v2_s({ quant: false })).toEqual(
      legacy.EFFICIENTNET_V2_S,
    );
    expect(legacy.getModelNameForUrl(legacy.EFFICIENTNET_V2_S.modelSource)).toBe(
      'efficientnet-v2-s',
    );
  });

  test('a backend of another platform is refused by name', () => {
    const call = () => legacy.models.classification.efficientnet_v2_s({ backend: 'coreml' });
    expect(call).toThrow(/'coreml' is not available on the web/);
  });
});

test('the fetcher packages have a place to be aliased to', () => {
  expect(fetcher.ExpoResourceFetcher).toBe(fetcher.BareResourceFetcher);
  legacy.initExecutorch({ resourceFetcher: fetcher.ExpoResourceFetcher });
  expect(legacy.ResourceFetcher.getAdapter()).toBe(fetcher.ExpoResourceFetcher);
  legacy.cleanupExecutorch();
  expect(legacy.ResourceFetcher.getAdapter()).toBeDefined();
});

test('ImageNet classes are found by number, too', () => {
  expect(legacy.Imagenet1kLabel[0]).toBe('TENCH');
  expect(legacy.Imagenet1kLabel.TENCH).toBe(0);
  expect(Object.keys(legacy.Imagenet1kLabel)).toHaveLength(2000);
});
