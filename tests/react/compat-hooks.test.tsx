/** Hooks of other versions without an engine: what they say when something goes wrong. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { act, renderHook, waitFor } from '@testing-library/react';
import { ErrorCode } from '../../js/base/errors.js';
import { RnExecutorchError, RnExecutorchErrorCode } from '../../js/compat/legacy/errors.js';
import { useLegacyModule } from '../../js/compat/legacy/hooks.js';
import { customModel } from '../../js/compat/legacy/labels.js';
import { models as legacyModels } from '../../js/compat/legacy/models.js';
import { preprocessorOf } from '../../js/compat/v10/image.js';
import { useModule } from '../../js/hooks/useModule.js';
import * as root from '../../js/index.js';
import { FakeModule, fakePool, settle } from './fake-module.js';

describe('legacy hooks', () => {
  test('give the error of the class, with its code', async () => {
    const pool = fakePool();
    const model = { modelSource: 'a' };
    const { result } = renderHook(() => useLegacyModule(pool, { model }));
    const thrown = new RnExecutorchError(RnExecutorchErrorCode.InvalidProgram, 'no program');
    await act(async () => {
      FakeModule.last.failLoad(thrown);
      await settle();
    });
    expect(result.current.error).toBe(thrown);
  });

  test('a worker that ends during a run ends the model, as in the root entry', async () => {
    const pool = fakePool();
    const model = { modelSource: 'a' };
    const { result } = renderHook(() => useLegacyModule(pool, { model }));
    await act(async () => {
      FakeModule.last.finishLoad();
      await settle();
    });
    expect(result.current.isReady).toBe(true);
    const thrown = new RnExecutorchError(ErrorCode.WorkerFailed, 'gone');
    await act(async () => {
      const run = result.current.forward('x');
      FakeModule.last.failRun(thrown);
      await expect(run).rejects.toBe(thrown);
    });
    expect(result.current).toMatchObject({ isReady: false, error: thrown });
  });
});

describe("0.10's useModel", () => {
  test.each([
    ['throws', () => Promise.reject(new Error('no'))],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
  ])('a factory that %s gives an error, not the end of the app', async (_, create) => {
    const { result } = renderHook(() => root.useModel(create, { modelPath: 'm.pte' }));
    await waitFor(() => expect(result.current.error?.message).toBe('no'));
    expect(result.current.model).toBeUndefined();
  });
});

describe('names that mean nothing are told, with what may have been meant', () => {
  const said = () => jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const model = { modelSource: 'a' };
  afterEach(() => void jest.restoreAllMocks());

  test.each<[string, () => unknown, RegExp]>([
    [
      'an option of a hook',
      () => useModule(fakePool(), model, wrong({ preventload: true })),
      /'preventLoad'/,
    ],
    [
      'one of /legacy',
      () => useLegacyModule(fakePool(), wrong({ model, prevent_load: true })),
      /'preventLoad'/,
    ],
    [
      'one of 0.10',
      () => root.useResourceDownload(undefined, wrong({ forceDownlaod: true })),
      /'forceDownload'/,
    ],
    [
      'of a list of models',
      () => legacyModels.classification.efficientnet_v2_s(wrong({ quantized: false })),
      /'quantized'/,
    ],
    [
      'of a label map',
      () => customModel(wrong({ labelMap: {}, preprocessorconfig: {} })),
      /'preprocessorConfig'/,
    ],
    [
      'of normalisation',
      () => customModel(wrong({ labelMap: {}, preprocessorConfig: { mean: [0, 0, 0] } })),
      /'mean'/,
    ],
    ['of a description', () => preprocessorOf(wrong({ normalizeOptions: {} })), /'normalizeOpts'/],
  ])('%s', async (_, call, wanted) => {
    const warned = said();
    renderHook(() => void call());
    await waitFor(() => expect(warned).toHaveBeenCalledTimes(1));
    expect(warned.mock.calls[0]?.[0]).toMatch(wanted);
  });

  test('right names are not', async () => {
    const warned = said();
    renderHook(() => useModule(fakePool(), model, { preventLoad: true, queue: true }));
    legacyModels.classification.efficientnet_v2_s({ quant: true });
    await settle();
    expect(warned).not.toHaveBeenCalled();
  });
});

describe("0.10's modelOpts", () => {
  test('pixels are 0..1 unless the model says otherwise, as there', () => {
    expect(preprocessorOf({})).toBeUndefined();
    expect(preprocessorOf({ normalizeOpts: { alpha: 1 / 255 } })).toBeUndefined();
    const raw = preprocessorOf({ normalizeOpts: { alpha: 1 } });
    expect(raw?.normStd?.[0]).toBeCloseTo(1 / 255, 12);
  });

  test.each([
    { interpolation: 'lanczos' },
    { interpolation: 'nearest' },
    { resizeMode: 'letterbox' },
    { resizeMode: 'crop' },
  ])('a way of resizing that is not here is an error: %p', (options) => {
    const [[name, value] = []] = Object.entries(options);
    const error: unknown = (() => {
      try {
        return preprocessorOf(options);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${name} '${value}' is not available on the web`),
    });
  });
});

const wrong = (options: object) => options as never;
