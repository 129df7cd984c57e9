/** Every name that a living version of React Native ExecuTorch exports is exported here, and stand-ins say what they are. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as root from '../../../js/index.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import * as cv from '../../../js/compat/generated/cv.js';
import * as llm from '../../../js/compat/generated/llm.js';
import * as math from '../../../js/compat/generated/math.js';
import * as nlp from '../../../js/compat/generated/nlp.js';
import * as schema from '../../../js/compat/generated/schema.js';
import * as speech from '../../../js/compat/generated/speech.js';
import * as standInsOfLegacy from '../../../js/compat/generated/legacy.js';
import * as standInsOfRoot from '../../../js/compat/generated/root.js';
import * as fetcher from '../../../js/compat/resource-fetcher.js';
import { ErrorCode, isExecutorchError } from '../../../js/base/errors.js';

interface Fact {
  kind: string;
  fields?: Kinds;
  methods?: Kinds;
  statics?: Kinds;
  returns?: string;
  value?: unknown;
  groups?: Record<string, string[]>;
  members?: Record<string, Fact>;
  values?: Record<string, number>;
}
type Kinds = Record<string, string>;
type Facts = Record<string, Record<string, Fact>>;

const peers = JSON.parse(
  readFileSync(new URL('../../../js/compat/peers.json', import.meta.url), 'utf8'),
) as Facts;

const APIS: [api: string, ours: Record<string, unknown>, isError: (error: unknown) => boolean][] = [
  ['0.6', root, isV6Error],
  ['0.10', root, isV10Error],
  ['0.7', legacy, isLegacyError],
  ['0.8', legacy, isLegacyError],
  ['0.9', legacy, isLegacyError],
  ['0.10/legacy', legacy, isLegacyError],
  ['0.10/cv', cv, isV10Error],
  ['0.10/llm', llm, isV10Error],
  ['0.10/math', math, isV10Error],
  ['0.10/nlp', nlp, isV10Error],
  ['0.10/schema', schema, isV10Error],
  ['0.10/speech', speech, isV10Error],
];

const ABSENT = /^[\w.():]+ is not available on the web\. .*docs\/migration\.md/;

function isV6Error(error: unknown): boolean {
  return isExecutorchError(error, ErrorCode.PlatformNotSupported) && ABSENT.test(error.message);
}

function isLegacyError(error: unknown): boolean {
  const isOne = error instanceof legacy.RnExecutorchError && error.code === 119;
  return isOne && ABSENT.test(error.message);
}

function isV10Error(error: unknown): boolean {
  return root.isRnExecuTorchError(error) && ABSENT.test(error.message);
}

/** Codes that 0.9 renumbered; legacy has 0.9's. */
const RENUMBERED = new Set(['InvalidModelSource', 'UnexpectedNumInputs', 'TokenizerError']);

const valuesOf = (api: string) =>
  Object.entries(peers[api] ?? {}).filter(([, { kind }]) => kind !== 'type');

/** What a value of a kind is like, as long as nothing is loaded. */
const SORTS: Record<string, (value: unknown) => boolean> = {
  boolean: (value) => value === false,
  number: (value) => value === 0,
  string: (value) => value === '',
  array: (value) => Array.isArray(value) && value.length === 0,
  null: (value) => value === null,
  undefined: (value) => value === undefined,
  void: (value) => value === undefined,
};

/** Whether what a function of this kind gives, or throws, is right for a screen that renders it or awaits it. */
async function answersAs(
  kind: string,
  call: () => unknown,
  isError: (error: unknown) => boolean,
): Promise<boolean> {
  const [, result = ''] = kind.split('()');
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return !/promise|iterable|void/.test(result) && isError(error);
  }
  if (result === 'iterable') return isError(await reasonOfStream(value as AsyncIterable<unknown>));
  if (result !== 'promise') return SORTS[result]?.(value) ?? false;
  return (value as Promise<unknown>).then(() => false, isError);
}

async function reasonOfStream(stream: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const one of stream) return one;
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Names of the members of an object that are not as their kinds say. */
async function strange(target: object, kinds: Kinds, isError: (error: unknown) => boolean) {
  const found: string[] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    if (!(name in target)) found.push(`${name} is missing`);
    const value = (target as Record<string, unknown>)[name];
    const [absent = '', result] = kind.split('()');
    const isFunction = result !== undefined && absent === '';
    const isRight = isFunction
      ? typeof value === 'function' && (await answersAs(kind, value as () => unknown, isError))
      : SORTS[absent]?.(value);
    if (!isRight) found.push(`${name}: ${kind}`);
  }
  return found;
}

const STAND_INS = new Map<object, object>([
  [root, standInsOfRoot],
  [legacy, standInsOfLegacy],
  // Nothing of it is one; see below.
  [schema, {}],
]);
const isStandIn = (name: string, ours: object) => name in (STAND_INS.get(ours) ?? ours);

describe.each(APIS)('%s', (api, ours, isError) => {
  const kinds = (kind: string) =>
    valuesOf(api).filter(([name, fact]) => fact.kind === kind && isStandIn(name, ours));

  test('no value is missing', () => {
    const names = valuesOf(api).map(([name]) => name);
    const missing = names.filter((name) => ours[name] === undefined);
    const standIns = names.filter((name) => isStandIn(name, ours));
    console.log(
      `${api}: ${names.length} values exported, ${standIns.length} of them stand-ins, ${missing.length} missing`,
    );
    expect(names.length).toBeGreaterThan(2);
    expect(missing).toEqual([]);
  });

  test('every hook has the whole shape of theirs, and says why it is not ready', async () => {
    for (const [name, { fields = {} }] of kinds('hook')) {
      const hook = ours[name] as (given?: unknown) => Record<string, unknown>;
      const given = api === '0.6' ? { model: {}, tokenizer: {} } : 'm.pte';
      const { error, ...others } = fields;
      expect(error).toBeDefined();
      expect([name, await strange(hook(given), others, isError)]).toEqual([name, []]);
      const told = hook(given).error;
      expect(api === '0.6' ? ABSENT.test(told as string) : isError(told)).toBe(true);
      // The same at each render.
      expect(hook(given)).toBe(hook(given));
    }
  });

  test('every class has their methods and factories', async () => {
    for (const [name, { methods = {}, statics = {} }] of kinds('class')) {
      const Class = ours[name] as new () => object;
      // Camera frames are null everywhere.
      const own = Object.entries(methods).filter(([method]) => method !== 'runOnFrame');
      expect([name, await strange(new Class(), Object.fromEntries(own), isError)]).toEqual([
        name,
        [],
      ]);
      expect([name, await strange(Class, statics, isError)]).toEqual([name, []]);
    }
  });

  test('functions fail as their results let them', async () => {
    const members = kinds('namespace').flatMap(([name, { members = {} }]) =>
      Object.entries(members).map(
        ([one, fact]) =>
          [`${name}.${one}`, fact, (ours[name] as Record<string, unknown>)[one]] as const,
      ),
    );
    const functions = kinds('function').map(([name, fact]) => [name, fact, ours[name]] as const);
    for (const [name, { kind, returns, value }, found] of [...members, ...functions]) {
      if (kind === 'data') expect([name, found]).toEqual([name, value]);
      if (kind !== 'function') continue;
      const kindOfCall = `()${returns === 'promise' || returns === 'void' ? returns : 'object'}`;
      expect([name, await answersAs(kindOfCall, found as () => unknown, isError)]).toEqual([
        name,
        true,
      ]);
    }
  });

  test('constants that are data have their values', () => {
    for (const [name, { value }] of kinds('data')) {
      // Prompts, addresses, which are of a version, and lists that the declarations do not tell.
      const isText = value === '' || /^https:/.test(String(value));
      if (isText || (Array.isArray(value) && value.length === 0)) {
        expect([name, typeof ours[name]]).toEqual([name, typeof value]);
      } else expect([name, ours[name]]).toEqual([name, value]);
    }
  });

  test('descriptions of models have all their fields, of the right sort', () => {
    for (const [name, { value }] of kinds('model')) {
      expect([name, shapeOf(ours[name], value)]).toEqual([name, shapeOf(value, value)]);
    }
  });

  test('enumerations have their values, both ways', () => {
    for (const [name, { kind, values = {} }] of valuesOf(api)) {
      if (kind !== 'enum') continue;
      const found = ours[name] as Record<string, unknown>;
      for (const [key, value] of Object.entries(values)) {
        if (RENUMBERED.has(key) && /^0\.[78]$/.test(api)) continue;
        expect([name, key, found[key]]).toEqual([name, key, value]);
        if (typeof value === 'number') expect(values[found[value] as string]).toBe(value);
      }
    }
  });

  test('every model of theirs can be named', () => {
    for (const [name, { groups = {} }] of valuesOf(api)) {
      for (const [group, models] of Object.entries(groups)) {
        const found = (ours[name] as Record<string, Record<string, unknown>>)[group] ?? {};
        expect([name, group, models.filter((one) => found[one] === undefined)]).toEqual([
          name,
          group,
          [],
        ]);
      }
    }
  });
});

/** The sorts of the fields that `wanted` has. */
function shapeOf(value: unknown, wanted: unknown): unknown {
  if (Array.isArray(wanted)) return Array.isArray(value) ? 'array' : typeof value;
  if (typeof wanted !== 'object' || wanted === null) return typeof value;
  const fields = Object.keys(wanted) as (keyof typeof wanted)[];
  return Object.fromEntries(
    fields.map((name) => [
      name,
      shapeOf((value as typeof wanted | undefined)?.[name], wanted[name]),
    ]),
  );
}

describe('stand-ins', () => {
  test('a stream that one version awaits and another reads fails either way, and only then', async () => {
    const { stream } = legacy.useSpeechToText();
    await expect(Promise.resolve(stream())).rejects.toThrow(ABSENT);
    await expect(stream().catch((error: Error) => Promise.reject(error))).rejects.toThrow(ABSENT);
    expect(isLegacyError(await reasonOfStream(stream()))).toBe(true);
    stream();
  });

  test("in the root, 0.10's hooks give an error object; of names that 0.6 has too, what they are given tells", () => {
    const errorOf = (hook: unknown, given: unknown) =>
      (hook as (given: unknown) => { error: unknown })(given).error;
    const absent = {
      code: 'LOAD_FAILED',
      etRuntimeErrorCode: ErrorCode.PlatformNotSupported,
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

test("0.10's schema is data, made while modules are read; comparing a model with it is not here", () => {
  const { constraint, DynamicDim, EnumDim, f32, i64, method, RangeDim, validateSpec } = root.schema;
  const image = f32(1, 3, 'H', DynamicDim('W'));
  expect(image).toEqual({
    kind: 'Tensor',
    dtype: 'float32',
    shape: [
      { kind: 'constant', value: 1 },
      { kind: 'constant', value: 3 },
      { kind: 'static', symbol: 'H' },
      { kind: 'dynamic', symbol: 'W' },
    ],
  });
  expect(i64(RangeDim(1, 8), EnumDim([2, 4])).shape).toEqual([
    { kind: 'range', range: { min: 1, max: 8, step: 1 } },
    { kind: 'enum', choices: [2, 4] },
  ]);
  const dim = { paramSide: 'input', tensorIdx: 0, dimIdx: 2 } as const;
  const equal = constraint.equality(dim, { ...dim, dimIdx: 3 });
  expect(method('forward', [image], [], [equal])).toEqual({
    forward: { inputs: [image], outputs: [], runtimeConstraints: [equal] },
  });
  expect(constraint.linear(dim, dim, 2).coefficients).toEqual([2, 0]);
  expect(() => f32(0)).toThrow(/whole numbers above 0/);
  expect(() => validateSpec({}, {})).toThrow(ABSENT);
});

describe('constants whose values no declaration tells', () => {
  test('labels of privacy filters, settings of chats', () => {
    expect(root.PRIVACY_FILTER_OPENAI_LABELS).toHaveLength(33);
    expect(root.PRIVACY_FILTER_NEMOTRON_LABELS).toHaveLength(221);
    expect(root.PRIVACY_FILTER_OPENAI_LABELS.slice(0, 3)).toEqual([
      'O',
      'B-account_number',
      'I-account_number',
    ]);
    expect(root.DEFAULT_CHAT_CONFIG).toEqual({
      systemPrompt: '',
      initialMessageHistory: [],
      contextWindowLength: 5,
    });
    expect([...root.DEFAULT_MESSAGE_HISTORY]).toEqual([]);
    expect(root.SPECIAL_TOKENS.BOS_TOKEN).toBe('bos_token');
    expect(legacy.SPECIAL_TOKENS.EOT_TOKEN).toBe('eot_token');
    expect(root.KOKORO_SAMPLE_RATE / 2).toBe(12_000);
  });

  test('formats of pictures, pauses of speech', () => {
    expect(cv.FORMAT_CHANNELS.bgra).toBe(4);
    expect(root.cv.FORMAT_CONVERSION.rgb.bgr).toBe('RGB2BGR');
    expect(cv.FORMAT_CONVERSION.gray.gray).toBeNull();
    expect(root.speech.KOKORO_PAUSE_MS['.']).toBe(375);
    expect(speech.KOKORO_TICKS_PER_DURATION).toBe(600);
  });
});

describe('absent models given to what is here', () => {
  const RF_DETR = 'models.objectDetection.RFDETR_NANO.DEFAULT';

  test('descriptions are objects of data, functions are those of 0.9', () => {
    const { DEFAULT } = root.models.objectDetection.RFDETR_NANO as { DEFAULT: object };
    expect({ ...DEFAULT }).toMatchObject({
      modelPath: `unavailable:${RF_DETR}`,
      modelOpts: { labels: [] },
    });
    expect(root.models.objectDetection.RFDETR_NANO.DEFAULT).toBe(DEFAULT);
    expect({ ...(root.models.llm.llama3_2_1b() as object) }).toMatchObject({
      modelSource: 'unavailable:models.llm.llama3_2_1b',
    });
    const embedder = root.models.textEmbeddings.ALL_MINILM_L6_V2.DEFAULT as Record<string, string>;
    expect(embedder.tokenizerPath).toBe(embedder.modelPath);
  });

  test.each<[string, () => Promise<unknown>, (error: unknown) => boolean]>([
    [
      'downloads of 0.6',
      () => root.ResourceFetcher.fetch(undefined, root.WHISPER_TINY.encoderSource),
      isV6Error,
    ],
    [
      'downloads of 0.9',
      () => legacy.ResourceFetcher.fetch(undefined, legacy.WHISPER_TINY.modelSource),
      isLegacyError,
    ],
    ['download', () => root.download(root.models.objectDetection.RFDETR_NANO.DEFAULT), isV10Error],
    [
      'download of several',
      () => root.download({ m: root.models.llm.QWEN3_0_6B.DEFAULT }),
      isV10Error,
    ],
  ])('%s: the error says that it is absent', async (_, call, isError) => {
    const error: unknown = await call().then(
      () => 'nothing',
      (reason: unknown) => reason,
    );
    expect([String(error), isError(error)]).toEqual([String(error), true]);
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

test.each([undefined, { paths: null }, { paths: 'x' }, 'x', [1], 5])(
  'an adapter that gives %p is named as what is wrong',
  async (given) => {
    const readAsString = () => Promise.resolve('');
    const fetch = () => Promise.resolve(given as never);
    legacy.initExecutorch({ resourceFetcher: { fetch, readAsString } });
    const error: unknown = await legacy.ResourceFetcher.fetch(undefined, 'm.pte').catch(
      (reason: unknown) => reason,
    );
    legacy.cleanupExecutorch();
    expect(error).toBeInstanceOf(legacy.RnExecutorchError);
    expect(error).toMatchObject({ code: 180, message: expect.stringMatching(/^The adapter/) });
  },
);
