/** Hooks of other versions without an engine: what they say when something goes wrong. */
import { describe, expect, test } from '@jest/globals';
import { act, renderHook, waitFor } from '@testing-library/react';
import { ErrorCode } from '../../js/base/errors.js';
import { RnExecutorchError, RnExecutorchErrorCode } from '../../js/compat/legacy/errors.js';
import { useLegacyModule } from '../../js/compat/legacy/hooks.js';
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
