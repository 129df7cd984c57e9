/** The documentation's examples compile and run; only the import's package is another. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { act, renderHook, waitFor } from '@testing-library/react';
import { readFileSync } from 'node:fs';
import { asModule, examples, parts, type Example } from './seeds.js';
import {
  GOLDFISH,
  MODELS,
  TABBY,
  importPackage,
  shared,
  sharedPath,
  withEngine,
  type Package,
} from './shared.js';
import { complaints, hasIndex, withoutTypes } from './typecheck.js';

const all = examples();
const named = all.map((example): [string, Example] => [example.name, example]);

(hasIndex && all.length > 0 ? describe : describe.skip)('compile', () => {
  test('eight examples were found', () => expect(all).toHaveLength(8));

  test('all of them', () => {
    const sources = all.map((example, i) => [`seed-${i}.ts`, asModule(example)] as const);
    // As in an app: strict, but indexed access is not taken for possibly undefined.
    const options = { noUncheckedIndexedAccess: false, types: ['node'] };
    expect(complaints([], Object.fromEntries(sources), { options })).toEqual([]);
  });
});

/** Requests for the published models are answered with small models of the same kind. */
const STAND_INS: [RegExp, string][] = [
  [/efficientnet/, MODELS.classifier],
  [/deeplab/, MODELS.segmenter],
  [/clip/, MODELS.embedder],
];

withEngine('run', () => {
  let ew: Package;
  const asked: string[] = [];
  const { fetch } = globalThis;
  beforeAll(async () => {
    ew = await importPackage();
    globalThis.fetch = (async (input: unknown) => {
      const url = String(input);
      asked.push(url);
      const found = STAND_INS.find(([pattern]) => pattern.test(url));
      return answer(readFileSync(sharedPath(found ? found[1] : TABBY)), found !== undefined);
    }) as unknown as typeof globalThis.fetch;
  });
  afterAll(() => {
    globalThis.fetch = fetch;
  });

  test.each(named.filter(([, { code }]) => !code.startsWith('type ')))('%s', async (_, example) => {
    const { render, press } = parts(example);
    const results: unknown[] = [];
    const errors: unknown[] = [];
    const names = {
      ...ew,
      catImage: shared(TABBY),
      dogImage: shared(GOLDFISH),
      console: {
        log: (text: unknown) => results.push(text),
        error: (e: unknown) => errors.push(e),
      },
    };
    if (render || press.includes('model.')) {
      const hook = evaluate(render || ASSUMED, { ...names }, ['model']);
      const { result } = renderHook(() => (hook() as { model: Model }).model);
      await waitFor(() => expect(result.current.isReady || result.current.error).toBeTruthy(), {
        timeout: 30_000,
      });
      expect(result.current.error).toBeNull();
      const model = { ...result.current, forward: keep(result.current.forward, results) };
      await act(async () => void (await evaluate(press, { ...names, model }, [], true)()));
    } else {
      const done = await evaluate(press, names, ['classesWithProbabilities'], true)();
      results.push((done as Record<string, unknown>).classesWithProbabilities);
    }
    expect(errors).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
    expect(results[0]).toBeTruthy();
  });

  test('the published models were what was asked for', () => {
    const models = asked.filter((url) => url.endsWith('.pte')).map((url) => new URL(url));
    expect(new Set(models.map(({ host }) => host))).toEqual(new Set(['huggingface.co']));
    const files = new Set(models.map(({ pathname }) => pathname.split('/').pop()));
    expect([...files].sort()).toEqual([
      'clip-vit-base-patch32-vision_xnnpack.pte',
      'deeplabV3_xnnpack_fp32.pte',
      'efficientnet_v2_s_xnnpack.pte',
    ]);
  });
});

/** One example takes its model from the one before. */
const ASSUMED = 'const model = useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE });';

interface Model {
  isReady: boolean;
  error: string | null;
  forward: (...args: never[]) => Promise<unknown>;
}

/** forward() that notes its results. */
function keep(forward: Model['forward'], results: unknown[]): Model['forward'] {
  return async (...args) => {
    const result = await forward(...args);
    results.push(result);
    return result;
  };
}

/** A function of the statements, with `names` in scope; it returns the variables `wanted`. */
function evaluate(
  statements: string,
  names: Record<string, unknown>,
  wanted: string[],
  isAsync = false,
): () => unknown {
  // The pictures of the documentation are on its author's disk.
  const placed = statements.replace(
    /'(file:+\/\/\/?Users\/[^']*|path\/to\/[^']*)'/g,
    JSON.stringify(shared(TABBY)),
  );
  const wrapped = `const run = ${isAsync ? 'async ' : ''}() => {\n${placed}\nreturn {${wanted.join()}};\n};`;
  const code = withoutTypes(wrapped);
  return new Function(...Object.keys(names), `${code}\nreturn run;`)(...Object.values(names));
}

function answer(bytes: Uint8Array, isModel: boolean) {
  const type = isModel ? 'application/octet-stream' : 'image/jpeg';
  const headers = new Map([
    ['content-type', type],
    ['content-length', String(bytes.byteLength)],
  ]);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { ok: true, status: 200, headers, body: null, arrayBuffer: async () => buffer };
}
