import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ErrorCode, ExecutorchError } from '../../js/base/errors.js';
import { modelKey } from '../../js/hooks/model-key.js';
import type { ModelPool } from '../../js/hooks/controller.js';
import { FakeModule, fakePool, grace, settle, sleep, type FakeModel } from './fake-module.js';

let pool: ModelPool<FakeModel, FakeModule>;
beforeEach(() => {
  pool = fakePool();
});
afterEach(() => void jest.restoreAllMocks());

function lease(name = 'a') {
  const controller = pool.controller(name, { modelSource: name });
  const states: string[] = [];
  const listener = () => states.push(controller.state.status);
  return { controller, states, release: controller.acquire(listener) };
}

async function ready(name = 'a') {
  const held = lease(name);
  FakeModule.last.finishLoad();
  await settle();
  return held;
}

describe('loading', () => {
  test('goes idle → loading → ready, with progress in between', async () => {
    const { controller, states } = lease();
    expect(controller.state).toEqual({ status: 'loading', progress: 0, error: null });
    FakeModule.last.progress(0.5);
    expect(controller.state).toEqual({ status: 'loading', progress: 0.5, error: null });
    FakeModule.last.finishLoad();
    await settle();
    expect(controller.state).toEqual({ status: 'ready', progress: 1, error: null });
    expect(states).toEqual(['loading', 'loading', 'ready']);
  });

  test('many leases load once', async () => {
    await ready();
    lease();
    lease();
    expect(FakeModule.all).toHaveLength(1);
    expect(pool.size).toBe(1);
  });

  test('progress never goes back, stays in 0..1, and is reported at most every 50 ms', async () => {
    const { controller, states } = lease();
    const reports = [0.1, 0.05, Number.NaN, -1, 0.2, 0.3];
    for (const value of reports) FakeModule.last.progress(value);
    expect(controller.state.progress).toBe(0.1);
    await sleep(60);
    FakeModule.last.progress(0.35);
    expect(controller.state.progress).toBe(0.35);
    for (let i = 0; i < 500; i++) FakeModule.last.progress(0.4 + i / 1000);
    FakeModule.last.progress(7);
    expect(controller.state.progress).toBe(1);
    expect(states.length).toBeLessThan(8);
  });

  test('a failure is kept with its code; the next lease tries again', async () => {
    const first = lease();
    FakeModule.last.progress(0.25);
    FakeModule.last.failLoad(new ExecutorchError(ErrorCode.InvalidProgram, 'it is no model'));
    await settle();
    expect(first.controller.state).toMatchObject({ status: 'failed', progress: 0.25 });
    expect(first.controller.state.error).toMatchObject({ code: ErrorCode.InvalidProgram });
    expect(FakeModule.all[0]!.deletes).toBe(1);
    lease();
    expect(first.controller.state.status).toBe('loading');
    FakeModule.last.finishLoad();
    await settle();
    expect(first.controller.state.status).toBe('ready');
    expect(FakeModule.all).toHaveLength(2);
  });

  test('what is no ExecutorchError becomes one and keeps its message and cause', async () => {
    const { controller } = lease();
    const cause = new TypeError('Failed to fetch');
    FakeModule.last.failLoad(cause);
    await settle();
    expect(controller.state.error).toBeInstanceOf(ExecutorchError);
    expect(controller.state.error).toMatchObject({ message: 'Failed to fetch', cause });
  });
});

describe('releasing', () => {
  test('frees after the grace, once', async () => {
    const { release } = await ready();
    release();
    release();
    expect(FakeModule.alive).toHaveLength(1);
    await grace();
    expect(FakeModule.all[0]!.deletes).toBe(1);
    expect(pool.size).toBe(0);
  });

  test('a lease within the grace keeps the instance', async () => {
    const { release } = await ready();
    release();
    const second = lease();
    await grace();
    expect(second.controller.state.status).toBe('ready');
    expect(FakeModule.all).toHaveLength(1);
    expect(FakeModule.all[0]!.deletes).toBe(0);
  });

  test('one of two leases is not the last', async () => {
    const first = await ready();
    lease();
    first.release();
    await grace();
    expect(FakeModule.alive).toHaveLength(1);
  });

  test('aborts a load that nobody waits for and frees what it made', async () => {
    const { controller, release } = lease();
    release();
    expect(FakeModule.last.signal!.aborted).toBe(false);
    await grace();
    expect(FakeModule.last.signal!.aborted).toBe(true);
    expect(FakeModule.last.deletes).toBe(1);
    expect(controller.state.status).toBe('idle');
    expect(pool.size).toBe(0);
  });

  test('a load that ignores the abort is freed when it ends', async () => {
    const { release } = lease();
    const module = FakeModule.last;
    jest.spyOn(module, 'delete');
    // It finishes in the very tick in which the abort comes.
    module.finishLoad();
    release();
    await grace();
    expect(module.held).toBe(false);
    expect(module.delete).toHaveBeenCalledTimes(1);
  });

  test('late progress of an abandoned load is not shown', async () => {
    const { release } = lease();
    const old = FakeModule.last;
    release();
    await grace();
    const next = lease();
    old.progress(0.9);
    expect(next.controller.state.progress).toBe(0);
    expect(FakeModule.all).toHaveLength(2);
  });

  test('a run in flight is waited for, then the model is freed', async () => {
    const { controller, release } = await ready();
    const run = controller.run((module) => module.forward('x'));
    await settle();
    release();
    await grace();
    const module = FakeModule.last;
    expect(module.deletes).toBe(0);
    module.finishRun();
    await expect(run).resolves.toBe('x by a');
    await settle();
    expect(module.deletes).toBe(1);
    expect(module.deletedDuringRun).toBe(false);
    expect(pool.size).toBe(0);
  });

  test('runs that were asked for before may end, then the model is freed', async () => {
    const { controller, release } = await ready();
    const runs = ['x', 'y'].map((input) => controller.run((module) => module.forward(input)));
    release();
    await grace();
    FakeModule.last.finishRun();
    FakeModule.last.finishRun();
    await expect(Promise.all(runs)).resolves.toEqual(['x by a', 'y by a']);
    await settle();
    expect(FakeModule.last.deletes).toBe(1);
    expect(FakeModule.last.deletedDuringRun).toBe(false);
  });

  test('runs that do not end keep the model for three seconds at most', async () => {
    const { controller, release } = await ready();
    void controller.run((module) => module.forward('x'));
    const queued = controller.run((module) => module.forward('y'));
    const outcome = expect(queued).rejects.toMatchObject({ code: ErrorCode.ModuleNotLoaded });
    release();
    await sleep(2800);
    expect(FakeModule.last.deletes).toBe(0);
    await sleep(500);
    expect(FakeModule.last.deletes).toBe(1);
    expect(pool.size).toBe(0);
    await outcome;
  });

  test('a lease while the last run ends takes the instance over', async () => {
    const { controller, release } = await ready();
    const run = controller.run((module) => module.forward('x'));
    release();
    await grace();
    const second = lease();
    FakeModule.last.finishRun();
    await run;
    await grace();
    expect(second.controller.state.status).toBe('ready');
    expect(FakeModule.all).toHaveLength(1);
    expect(FakeModule.alive).toHaveLength(1);
  });

  test('a module whose delete() throws harms nobody', async () => {
    const { release } = await ready();
    jest.spyOn(FakeModule.last, 'delete').mockImplementation(() => {
      throw new Error('worker is stubborn');
    });
    release();
    await grace();
    expect(pool.size).toBe(0);
  });
});

describe('running', () => {
  test('rejects before the model is ready, with the reason', async () => {
    const { controller } = lease();
    await expect(controller.run((module) => module.forward('x'))).rejects.toMatchObject({
      code: ErrorCode.ModuleNotLoaded,
      message: expect.stringMatching(/^ModuleNotLoaded.*still loading/),
    });
    const cause = new ExecutorchError(ErrorCode.InvalidProgram, 'it is no model');
    FakeModule.last.failLoad(cause);
    await settle();
    await expect(controller.run((module) => module.forward('x'))).rejects.toMatchObject({
      code: ErrorCode.ModuleNotLoaded,
      message: expect.stringContaining('it is no model'),
      cause,
    });
  });

  test('never overlaps runs, and keeps their order', async () => {
    const { controller } = await ready();
    const runs = ['x', 'y', 'z'].map((input) => controller.run((module) => module.forward(input)));
    await settle();
    expect(FakeModule.last.started).toEqual(['x']);
    FakeModule.last.finishRun();
    await settle();
    expect(FakeModule.last.started).toEqual(['x', 'y']);
    FakeModule.last.failRun(new ExecutorchError(ErrorCode.InvalidImage));
    await expect(runs[1]).rejects.toMatchObject({ code: ErrorCode.InvalidImage });
    await settle();
    FakeModule.last.finishRun();
    await expect(Promise.all([runs[0], runs[2]])).resolves.toEqual(['x by a', 'z by a']);
    expect(controller.state.status).toBe('ready');
  });

  test('a crash of the worker is an error of the model; the next lease loads again', async () => {
    const { controller } = await ready();
    const crashed = FakeModule.last;
    const run = controller.run((module) => module.forward('x'));
    const queued = controller.run((module) => module.forward('y'));
    await settle();
    crashed.failRun(new ExecutorchError(ErrorCode.WorkerFailed, 'The worker has crashed.'));
    await expect(run).rejects.toMatchObject({ code: ErrorCode.WorkerFailed });
    await expect(queued).rejects.toMatchObject({ code: ErrorCode.WorkerFailed });
    expect(controller.state).toMatchObject({ status: 'failed' });
    expect(controller.state.error).toMatchObject({ message: 'The worker has crashed.' });
    expect(crashed.deletes).toBe(1);
    await ready();
    expect(controller.state.status).toBe('ready');
    const again = controller.run((module) => module.forward('z'));
    await settle();
    FakeModule.last.finishRun();
    await expect(again).resolves.toBe('z by a');
  });

  test('the end of an idle worker is an error of the model at once, and retry() loads again', async () => {
    const { controller } = await ready();
    const lost = FakeModule.last;
    lost.lose(new ExecutorchError(ErrorCode.WorkerFailed, 'The browser has ended it.'));
    expect(controller.state).toMatchObject({ status: 'failed' });
    expect(controller.state.error).toMatchObject({ code: ErrorCode.WorkerFailed });
    expect(lost.deletes).toBe(1);
    controller.retry();
    expect(controller.state).toMatchObject({ status: 'loading', error: null });
    FakeModule.last.finishLoad();
    await settle();
    controller.retry();
    expect(controller.state).toMatchObject({ status: 'ready' });
    expect(FakeModule.all).toHaveLength(2);
  });
});

describe('keys', () => {
  const blob = new Blob(['x']);
  test.each([
    [{ modelSource: 'u' }, { modelSource: 'u' }],
    [
      { a: 1, b: [true, null, { c: 'x' }] },
      { b: [true, null, { c: 'x' }], a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [new URL('https://example.org/m.pte'), 'https://example.org/m.pte'],
    [{ modelSource: blob }, { modelSource: blob }],
    [JSON.parse('{"uri":"x"}'), Object.assign(Object.create(null), { uri: 'x' })],
  ])('%# equal by value', (a, b) => expect(modelKey(a)).toBe(modelKey(b)));

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  test.each([
    [{ modelSource: 'u' }, { modelSource: 'v' }],
    [{ modelSource: 5 }, { modelSource: '5' }],
    [{ a: '1,"b":2' }, { a: 1, b: 2 }],
    [{ modelSource: blob }, { modelSource: new Blob(['x']) }],
    [new ArrayBuffer(4), new ArrayBuffer(4)],
    [new Uint8Array(4), new Uint8Array(4)],
    [
      [1, [2]],
      [[1], 2],
    ],
    [null, undefined],
    [cyclic, {}],
  ])('%# different', (a, b) => expect(modelKey(a)).not.toBe(modelKey(b)));
});
