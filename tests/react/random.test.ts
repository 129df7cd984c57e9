/** Thousands of random lives of components, models and runs; what must hold is checked after every step. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ErrorCode, ExecutorchError } from '../../js/base/errors.js';
import { SessionCache, type ModelSession } from '../../js/hooks/session.js';
import type { ModelPool } from '../../js/hooks/controller.js';
import { FakeModule, GRACE, fakePool, type FakeModel } from './fake-module.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Lets promises settle; nothing here waits for more than a few links of a chain. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Numbers in 0..1, the same ones for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A component without React: it shows one model, or none, and calls forward(). */
class Component {
  session: ModelSession<FakeModel, FakeModule> | null = null;
  renders = 0;
  private unsubscribe = () => {};
  private readonly sessions: SessionCache<FakeModel, FakeModule>;

  constructor(pool: ModelPool<FakeModel, FakeModule>) {
    this.sessions = new SessionCache(pool);
  }

  show(source: string | null): void {
    this.unsubscribe();
    this.session = source === null ? null : this.sessions.of({ modelSource: source });
    this.unsubscribe = this.session?.subscribe(() => void this.renders++) ?? (() => {});
  }
}

class World {
  readonly pool = fakePool();
  readonly components = [1, 2, 3].map(() => new Component(this.pool));
  /** Outcomes of all runs: each must come. */
  readonly runs: { settled: boolean }[] = [];

  constructor(private readonly random: () => number) {}

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }

  /** One thing that can happen. */
  step(): string {
    const component = this.pick(this.components);
    const module = FakeModule.all.length > 0 ? this.pick(FakeModule.all) : null;
    const busy = module && module.started.length > module.ended ? module : null;
    const happenings: Record<string, () => void> = {
      show: () => component.show(this.pick(['a', 'b', 'c'])),
      hide: () => component.show(null),
      remount: () => {
        const { session } = component;
        component.show(null);
        if (session) component.show(session.model.modelSource as string);
      },
      load: () => module?.finishLoad(),
      fail: () => module?.failLoad(new Error('offline')),
      progress: () => module?.progress(this.random()),
      run: () => this.run(component, 'forward'),
      queue: () => this.run(component, 'enqueue'),
      result: () => busy?.finishRun(),
      reject: () => busy?.failRun(new ExecutorchError(ErrorCode.InvalidImage)),
      crash: () => busy?.failRun(new ExecutorchError(ErrorCode.WorkerFailed)),
      time: () => jest.advanceTimersByTime(this.random() * 2 * GRACE),
    };
    const name = this.pick(Object.keys(happenings));
    happenings[name]!();
    return name;
  }

  private run(component: Component, how: 'forward' | 'enqueue'): void {
    if (!component.session) return;
    const outcome = { settled: false };
    this.runs.push(outcome);
    component.session
      .runner(
        'forward',
        how === 'enqueue',
      )('x')
      .then(
        () => void (outcome.settled = true),
        () => void (outcome.settled = true),
      );
  }

  check(): void {
    for (const source of ['a', 'b', 'c']) {
      const held = FakeModule.alive.filter((module) => module.source === source);
      expect(held.length).toBeLessThanOrEqual(1);
    }
    for (const module of FakeModule.all) {
      expect(module.deletedDuringRun).toBe(false);
      expect(module.started.length - module.ended).toBeLessThanOrEqual(1);
    }
    for (const { session } of this.components) {
      if (!session) continue;
      const state = session.getSnapshot();
      expect(session.getSnapshot()).toBe(state);
      expect(state.isReady && state.error !== null).toBe(false);
      const instance = FakeModule.alive.find(({ source }) => source === session.model.modelSource);
      if (state.isReady) expect(instance).toBeDefined();
    }
    const wanted = new Set(
      this.components.flatMap(({ session }) => session?.model.modelSource ?? []),
    );
    expect(this.pool.size).toBeGreaterThanOrEqual(wanted.size);
  }

  /** Everybody leaves, everything that is under way ends. */
  async end(): Promise<void> {
    for (const component of this.components) component.show(null);
    for (let i = 0; i < 50; i++) {
      jest.advanceTimersByTime(GRACE);
      await settle();
      for (const module of FakeModule.all)
        if (module.started.length > module.ended) module.finishRun();
    }
    expect(FakeModule.alive).toEqual([]);
    expect(this.pool.size).toBe(0);
    expect(this.runs.filter(({ settled }) => !settled)).toEqual([]);
    for (const module of FakeModule.all) expect(module.deletes).toBe(1);
  }
}

test.each(Array.from({ length: 20 }, (_, i) => [i * 1000 + 1]))('seed %i', async (first) => {
  for (let seed = first; seed < first + 10; seed++) {
    const random = randomNumbers(seed);
    const world = new World(random);
    const history: string[] = [];
    try {
      for (let i = 0; i < 120; i++) {
        history.push(world.step());
        await settle();
        world.check();
      }
      await world.end();
    } catch (error) {
      throw new Error(`seed ${seed}: ${history.join(' ')}`, { cause: error });
    }
  }
});

test('components that show a model settle on it, whatever happened before', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const world = new World(randomNumbers(seed));
    for (let i = 0; i < 60; i++) {
      world.step();
      await settle();
    }
    for (const [i, component] of world.components.entries()) component.show('abc'[i]!);
    for (let i = 0; i < 10; i++) {
      for (const module of FakeModule.all) module.finishLoad();
      jest.advanceTimersByTime(GRACE);
      await settle();
    }
    for (const { session } of world.components) {
      expect(session!.getSnapshot()).toMatchObject({ isReady: true, error: null });
    }
    expect(new Set(FakeModule.alive.map(({ source }) => source))).toEqual(new Set(['a', 'b', 'c']));
  }
});
