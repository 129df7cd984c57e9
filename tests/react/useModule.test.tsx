import { beforeEach, describe, expect, test } from '@jest/globals';
import { act, render, renderHook } from '@testing-library/react';
import { StrictMode, useEffect, version, type ReactNode } from 'react';
import { ErrorCode, ExecutorchError } from '../../js/base/errors.js';
import { useModule, type UseModuleOptions } from '../../js/hooks/useModule.js';
import type { ModelPool } from '../../js/hooks/controller.js';
import { FakeModule, fakePool, grace, settle, sleep, type FakeModel } from './fake-module.js';

let pool: ModelPool<FakeModel, FakeModule>;
beforeEach(() => {
  pool = fakePool();
});

type Props = UseModuleOptions & { source?: FakeModel['modelSource'] };

const IDLE = { error: null, isReady: false, isGenerating: false, downloadProgress: 0 };
const LOADED = { error: null, isReady: true, isGenerating: false, downloadProgress: 1 };

/** act() around something that takes a while. */
const during = (work: () => unknown) => act(async () => void (await work()));

async function finishLoad(module = FakeModule.last) {
  await during(async () => {
    module.finishLoad();
    await settle();
  });
}

async function finishRun(module = FakeModule.last) {
  await during(async () => {
    module.finishRun();
    await settle();
  });
}

/** Hooks must behave the same with and without StrictMode's second mount. */
describe.each([
  ['plain', false],
  ['StrictMode', true],
])('%s', (_name, strict) => {
  const wrapper = strict ? StrictMode : ({ children }: { children: ReactNode }) => children;
  const mount = (initialProps: Props = {}) =>
    renderHook(
      ({ source = 'a', ...options }: Props) => useModule(pool, { modelSource: source }, options),
      { initialProps, wrapper },
    );
  const mountReady = async (props: Props = {}) => {
    const view = mount(props);
    await finishLoad();
    return view;
  };

  test('has the fields of react-native-executorch 0.6, and those that docs name beyond it', () => {
    const { result } = mount();
    expect(result.current).toStrictEqual({
      ...IDLE,
      forward: expect.any(Function),
      ...{ failure: null, retry: expect.any(Function) },
      ...{ info: undefined, timings: undefined, mapSize: undefined },
    });
  });

  test('idle → loading → ready', async () => {
    const { result } = mount();
    expect(FakeModule.all).toHaveLength(1);
    await during(() => FakeModule.last.progress(0.25));
    expect(result.current).toMatchObject({ isReady: false, downloadProgress: 0.25 });
    await finishLoad();
    expect(result.current).toMatchObject(LOADED);
    expect(FakeModule.all).toHaveLength(1);
  });

  test('loading → failed: the message, and where the progress stopped', async () => {
    const { result } = mount();
    await during(async () => {
      FakeModule.last.progress(0.5);
      FakeModule.last.failLoad(new ExecutorchError(ErrorCode.DownloadInterrupted, 'Cut off.'));
      await settle();
    });
    expect(result.current).toMatchObject({ ...IDLE, error: 'Cut off.', downloadProgress: 0.5 });
    await expect(result.current.forward('x')).rejects.toMatchObject({
      code: ErrorCode.ModuleNotLoaded,
    });
  });

  test('inline literals of the same value do not reload', async () => {
    const { result, rerender } = await mountReady({ source: { uri: 'a' } });
    const { forward } = result.current;
    for (let i = 0; i < 5; i++) rerender({ source: { uri: 'a' } });
    await during(grace);
    expect(FakeModule.all).toHaveLength(1);
    expect(result.current.forward).toBe(forward);
  });

  test('the result is the same object as long as nothing changed', async () => {
    const { result, rerender } = await mountReady();
    const before = result.current;
    rerender({ source: 'a' });
    expect(result.current).toBe(before);
  });

  test('runs: isGenerating is true from the call to the result', async () => {
    const { result } = await mountReady();
    let answer: Promise<string>;
    await during(async () => {
      answer = result.current.forward('x');
      await settle();
    });
    expect(result.current).toMatchObject({ ...LOADED, isGenerating: true });
    await finishRun();
    await expect(answer!).resolves.toBe('x by a');
    expect(result.current).toMatchObject(LOADED);
  });

  test('a failed run rejects, is not an error of the hook, and the next one works', async () => {
    const { result } = await mountReady();
    await during(async () => {
      const answer = result.current.forward('x');
      await settle();
      FakeModule.last.failRun(new ExecutorchError(ErrorCode.InvalidImage, 'No image.'));
      await expect(answer).rejects.toMatchObject({ code: ErrorCode.InvalidImage });
    });
    expect(result.current).toMatchObject(LOADED);
    await during(async () => {
      const answer = result.current.forward('y');
      await settle();
      FakeModule.last.finishRun();
      await expect(answer).resolves.toBe('y by a');
    });
  });

  test('forward before ready rejects with ModuleNotLoaded', async () => {
    const { result } = mount();
    const outcome = result.current.forward('x');
    await expect(outcome).rejects.toBeInstanceOf(ExecutorchError);
    await expect(outcome).rejects.toMatchObject({
      code: ErrorCode.ModuleNotLoaded,
      codeName: 'ModuleNotLoaded',
    });
  });

  test('two calls in one tick of one render: the second rejects with ModelGenerating', async () => {
    const { result } = await mountReady();
    const { forward } = result.current;
    await during(async () => {
      const first = forward('x');
      await expect(forward('y')).rejects.toMatchObject({ code: ErrorCode.ModelGenerating });
      await settle();
      FakeModule.last.finishRun();
      await expect(first).resolves.toBe('x by a');
      const third = forward('z');
      await settle();
      FakeModule.last.finishRun();
      await expect(third).resolves.toBe('z by a');
    });
    expect(FakeModule.last.started).toEqual(['x', 'z']);
  });

  test('queue: calls wait for each other and isGenerating lasts until the last', async () => {
    const { result } = await mountReady({ queue: true });
    const { forward } = result.current;
    let answers: Promise<string[]>;
    await during(async () => {
      answers = Promise.all([forward('x'), forward('y')]);
      await settle();
    });
    expect(FakeModule.last.started).toEqual(['x']);
    await finishRun();
    expect(result.current.isGenerating).toBe(true);
    await finishRun();
    await expect(answers!).resolves.toEqual(['x by a', 'y by a']);
    expect(result.current.isGenerating).toBe(false);
  });

  test('a forward() kept from before the model was ready works once it is', async () => {
    const { result } = mount();
    const { forward } = result.current;
    await finishLoad();
    await during(async () => {
      const answer = forward('x');
      await settle();
      FakeModule.last.finishRun();
      await expect(answer).resolves.toBe('x by a');
    });
  });

  test('A → B: not ready in the very render, A is freed, B is loaded', async () => {
    const { result, rerender } = await mountReady();
    const seen: unknown[] = [];
    const a = FakeModule.last;
    rerender({ source: 'b' });
    seen.push(result.current.isReady);
    expect(seen).toEqual([false]);
    await finishLoad();
    expect(result.current).toMatchObject(LOADED);
    await during(grace);
    expect(a.deletes).toBe(1);
    expect(FakeModule.alive.map(({ source }) => source)).toEqual(['b']);
  });

  test('A → B → A settles on A, whichever load ends last', async () => {
    const { result, rerender } = mount({ source: 'a' });
    rerender({ source: 'b' });
    rerender({ source: 'a' });
    const [a, b] = FakeModule.all;
    expect(FakeModule.all).toHaveLength(2);
    await finishLoad(a);
    await finishLoad(b);
    await during(grace);
    expect(result.current).toMatchObject(LOADED);
    expect(FakeModule.alive).toEqual([a]);
    await during(async () => {
      const answer = result.current.forward('x');
      await settle();
      a!.finishRun();
      await expect(answer).resolves.toBe('x by a');
    });
  });

  test('A → B → A, slowly: B is aborted, A is loaded anew', async () => {
    const { result, rerender } = await mountReady();
    rerender({ source: 'b' });
    const b = FakeModule.last;
    await during(grace);
    rerender({ source: 'a' });
    await during(grace);
    expect(b.signal!.aborted).toBe(true);
    await finishLoad();
    expect(result.current).toMatchObject(LOADED);
    expect(FakeModule.alive.map(({ source }) => source)).toEqual(['a']);
    expect(FakeModule.all).toHaveLength(3);
  });

  test('a forward() of A rejects while B is shown, and works again with A', async () => {
    const { result, rerender } = await mountReady();
    const { forward } = result.current;
    rerender({ source: 'b' });
    await finishLoad();
    await expect(forward('x')).rejects.toMatchObject({ code: ErrorCode.ModuleNotLoaded });
    rerender({ source: 'a' });
    expect(result.current.forward).toBe(forward);
    await during(async () => {
      const answer = forward('x');
      await settle();
      FakeModule.all[0]!.finishRun();
      await expect(answer).resolves.toBe('x by a');
    });
  });

  test('unmount while loading aborts and leaves nothing behind', async () => {
    const { unmount } = mount();
    unmount();
    await grace();
    expect(FakeModule.last.signal!.aborted).toBe(true);
    expect(FakeModule.alive).toHaveLength(0);
    expect(FakeModule.last.deletes).toBe(1);
    expect(pool.size).toBe(0);
  });

  test('unmount when ready frees, and forward() rejects afterwards', async () => {
    const { result, unmount } = await mountReady();
    unmount();
    await expect(result.current.forward('x')).rejects.toMatchObject({
      code: ErrorCode.ModuleNotLoaded,
    });
    await grace();
    expect(FakeModule.last.deletes).toBe(1);
  });

  test('unmount during a run: the result arrives, then the model is freed', async () => {
    const { result, unmount } = await mountReady();
    let answer: Promise<string>;
    await during(async () => {
      answer = result.current.forward('x');
      await settle();
    });
    unmount();
    await grace();
    expect(FakeModule.last.deletes).toBe(0);
    FakeModule.last.finishRun();
    await expect(answer!).resolves.toBe('x by a');
    await settle();
    expect(FakeModule.last.deletes).toBe(1);
    expect(FakeModule.last.deletedDuringRun).toBe(false);
  });

  describe('preventLoad', () => {
    test('from the start: nothing happens, forward() rejects', async () => {
      const { result } = mount({ preventLoad: true });
      await during(grace);
      expect(FakeModule.all).toHaveLength(0);
      expect(result.current).toMatchObject(IDLE);
      await expect(result.current.forward('x')).rejects.toMatchObject({
        code: ErrorCode.ModuleNotLoaded,
      });
    });

    test('true → false loads', async () => {
      const { result, rerender } = mount({ preventLoad: true });
      const { forward } = result.current;
      rerender({ preventLoad: false });
      await finishLoad();
      expect(result.current).toMatchObject(LOADED);
      expect(result.current.forward).toBe(forward);
    });

    test('false → true while loading aborts', async () => {
      const { result, rerender } = mount();
      rerender({ preventLoad: true });
      expect(result.current).toMatchObject(IDLE);
      await during(grace);
      expect(FakeModule.last.signal!.aborted).toBe(true);
      expect(result.current).toMatchObject(IDLE);
    });

    test('false → true when ready is not ready any more, and frees', async () => {
      const { result, rerender } = await mountReady();
      rerender({ preventLoad: true });
      expect(result.current).toMatchObject(IDLE);
      await expect(result.current.forward('x')).rejects.toMatchObject({
        code: ErrorCode.ModuleNotLoaded,
      });
      await during(grace);
      expect(FakeModule.last.deletes).toBe(1);
    });

    test('false → true after a failure clears it; true → false tries again', async () => {
      const { result, rerender } = mount();
      await during(async () => {
        FakeModule.last.failLoad(new Error('offline'));
        await settle();
      });
      expect(result.current.error).toBe('offline');
      rerender({ preventLoad: true });
      expect(result.current).toMatchObject(IDLE);
      rerender({ preventLoad: false });
      expect(result.current).toMatchObject(IDLE);
      await finishLoad();
      expect(result.current).toMatchObject(LOADED);
    });

    test('false → true during a run: it ends, then the model is freed', async () => {
      const { result, rerender } = await mountReady();
      let answer: Promise<string>;
      await during(async () => {
        answer = result.current.forward('x');
        await settle();
      });
      rerender({ preventLoad: true });
      expect(result.current).toMatchObject(IDLE);
      await during(grace);
      await finishRun();
      await expect(answer!).resolves.toBe('x by a');
      expect(FakeModule.last.deletes).toBe(1);
    });

    test('with a model that changes meanwhile: nothing is loaded', async () => {
      const { rerender } = mount({ preventLoad: true, source: 'a' });
      rerender({ preventLoad: true, source: 'b' });
      rerender({ preventLoad: true, source: 'a' });
      await during(grace);
      expect(FakeModule.all).toHaveLength(0);
    });
  });

  test('a crash of the worker is shown as error, and mounting again loads', async () => {
    const view = await mountReady();
    await during(async () => {
      const answer = view.result.current.forward('x');
      await settle();
      FakeModule.last.failRun(new ExecutorchError(ErrorCode.WorkerFailed, 'Crashed.'));
      await expect(answer).rejects.toMatchObject({ code: ErrorCode.WorkerFailed });
    });
    expect(view.result.current).toMatchObject({ error: 'Crashed.', isReady: false });
    expect(view.result.current.isGenerating).toBe(false);
    view.unmount();
    const again = await mountReady();
    expect(again.result.current).toMatchObject(LOADED);
  });

  test('ten components with one model: one load, one instance, own isGenerating', async () => {
    const views = Array.from({ length: 10 }, () => mount());
    expect(FakeModule.all).toHaveLength(1);
    await finishLoad();
    for (const { result } of views) expect(result.current).toMatchObject(LOADED);
    let answers: Promise<string[]>;
    await during(async () => {
      answers = Promise.all(views.map(({ result }, i) => result.current.forward(`${i}`)));
      await settle();
    });
    // One instance runs one picture at a time; the others wait.
    expect(FakeModule.last.started).toEqual(['0']);
    for (let i = 0; i < 10; i++) await finishRun();
    await expect(answers!).resolves.toHaveLength(10);
    for (const { unmount } of views.slice(1)) unmount();
    await during(grace);
    expect(views[0]!.result.current).toMatchObject(LOADED);
    expect(FakeModule.alive).toHaveLength(1);
    views[0]!.unmount();
    await grace();
    expect(FakeModule.alive).toHaveLength(0);
  });

  test('isGenerating of one component is not that of another', async () => {
    const first = await mountReady();
    const second = mount();
    await during(async () => {
      void first.result.current.forward('x');
      await settle();
    });
    expect(first.result.current.isGenerating).toBe(true);
    expect(second.result.current.isGenerating).toBe(false);
    await finishRun();
  });

  test('a component that comes later joins the load, and sees its progress', async () => {
    mount();
    await during(async () => {
      FakeModule.last.progress(0.5);
      await sleep(1);
    });
    const second = mount();
    expect(second.result.current.downloadProgress).toBe(0.5);
    await finishLoad();
    expect(second.result.current).toMatchObject(LOADED);
    expect(FakeModule.all).toHaveLength(1);
  });
});

describe('more', () => {
  test('this is the version of React that the run is about', () => {
    expect(version.split('.')[0]).toBe(process.env.EW_REACT ?? '19');
  });

  test('a screen that replaces another with the same model does not reload it', async () => {
    const Screen = () => <p>{String(useModule(pool, { modelSource: 'a' }).isReady)}</p>;
    const view = render(<Screen key="one" />);
    await finishLoad();
    view.rerender(<Screen key="two" />);
    await during(grace);
    expect(view.container.textContent).toBe('true');
    expect(FakeModule.all).toHaveLength(1);
  });

  test('an effect on [forward] runs once per model, not per render', async () => {
    let effects = 0;
    const { rerender } = renderHook(
      ({ source }) => {
        const { forward } = useModule(pool, { modelSource: source });
        useEffect(() => void effects++, [forward]);
      },
      { initialProps: { source: 'a' } },
    );
    await finishLoad();
    rerender({ source: 'a' });
    expect(effects).toBe(1);
    rerender({ source: 'b' });
    expect(effects).toBe(2);
  });

  test('many reports of progress make few renders', async () => {
    let renders = 0;
    renderHook(() => {
      renders++;
      return useModule(pool, { modelSource: 'a' });
    });
    await during(async () => {
      for (let i = 0; i < 500; i++) FakeModule.last.progress(i / 500);
      await settle();
    });
    expect(renders).toBeLessThan(10);
  });

  test('a hundred models one after another leave one', async () => {
    const { rerender, unmount } = renderHook(
      ({ source }) => useModule(pool, { modelSource: source }),
      { initialProps: { source: '0' } },
    );
    for (let i = 1; i < 100; i++) {
      rerender({ source: String(i) });
      await finishLoad();
    }
    await during(grace);
    expect(FakeModule.alive.map(({ source }) => source)).toEqual(['99']);
    expect(pool.size).toBe(1);
    unmount();
    await grace();
    expect(pool.size).toBe(0);
  });

  test('hydration matches the server, then loads', async () => {
    const Page = () => <p>{String(useModule(pool, { modelSource: 'a' }).isReady)}</p>;
    const container = document.createElement('div');
    // What server.test.tsx shows a server to send.
    container.innerHTML = '<p>false</p>';
    document.body.append(container);
    const errors: unknown[] = [];
    const view = render(<Page />, {
      container,
      hydrate: true,
      onRecoverableError: (error: unknown) => errors.push(error),
    });
    await finishLoad();
    expect(errors).toEqual([]);
    expect(view.container.textContent).toBe('true');
  });
});
