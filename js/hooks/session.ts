/** What one component sees of one shared model: a snapshot for React, and its guarded forward(). */
import { ErrorCode, worded, type ExecutorchError } from '../base/errors.js';
import type { ModelInfo, Timings } from '../core/types.js';
import type { MapSize } from '../tasks/map-rules.js';
import {
  IDLE,
  notLoadedError,
  type LoadableModule,
  type ModelController,
  type ModelPool,
} from './controller.js';
import { modelKey } from './model-key.js';

/** The part of a hook's result that is state: the fields of react-native-executorch 0.6, and some more. */
export interface ModuleState {
  /** Message of what went wrong while loading, or null. Failures of forward() are not kept here. */
  readonly error: string | null;
  /** The same as an error object, with its `code`. Beyond 0.6, as are `info`, `timings` and `mapSize`. */
  readonly failure: ExecutorchError | null;
  /** True once the model is loaded and forward() may be called. */
  readonly isReady: boolean;
  /** True while a forward() of this component runs. */
  readonly isGenerating: boolean;
  /** Share of the model that has been downloaded, 0..1. */
  readonly downloadProgress: number;
  /** What the loaded model is made of; undefined unless ready. */
  readonly info: ModelInfo | undefined;
  /** Milliseconds of each stage of this component's last run on a picture. */
  readonly timings: Timings | undefined;
  /** Width and height of the maps of this component's last segmentation. */
  readonly mapSize: MapSize | undefined;
}

/** Before anything happened, on servers, and with preventLoad. */
export const IDLE_STATE: ModuleState = /* @__PURE__ */ Object.freeze({
  error: null,
  failure: null,
  isReady: false,
  isGenerating: false,
  downloadProgress: 0,
  info: undefined,
  timings: undefined,
  mapSize: undefined,
});

/** Functions of a module that run the model, such as forward(). */
type Runs = (...args: never[]) => Promise<unknown>;

export class ModelSession<Model, Module extends LoadableModule<Model>> {
  private controller: ModelController<Model, Module> | null = null;
  private readonly listeners = new Set<() => void>();
  private running = 0;
  private snapshot = IDLE_STATE;
  private lastRun: Pick<ModuleState, 'timings' | 'mapSize'> = IDLE_STATE;
  private readonly functions = new Map<string, Runs>();

  constructor(
    private readonly pool: ModelPool<Model, Module>,
    private readonly key: string,
    readonly model: Model,
  ) {}

  /**
   * The module's function of this name, guarded: the same one at every call. With `queue` it waits for the runs
   * before it, else it rejects with ModelGenerating during another run of this session.
   */
  runner<Name extends keyof Module & string>(name: Name, queue: boolean): Module[Name] {
    const key = `${name} ${queue}`;
    const found =
      this.functions.get(key) ??
      ((...args: never[]) => this.run((module) => (module[name] as Runs)(...args), queue));
    this.functions.set(key, found);
    return found as Module[Name];
  }

  /** Loads again after a failure. */
  readonly retry = (): void => this.controller?.retry();

  /** True while a component is subscribed. */
  get isOpen(): boolean {
    return this.controller !== null;
  }

  /** Subscribing is what loads the model, unsubscribing what lets go of it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    const controller = this.pool.controller(this.key, this.model);
    this.controller = controller;
    const release = controller.acquire(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.controller = null;
      release();
    };
  };

  /** The same object as long as nothing changed. */
  readonly getSnapshot = (): ModuleState => {
    const { status, progress, error } = this.controller?.state ?? IDLE;
    const next: ModuleState = {
      error: error ? error.message : null,
      failure: error,
      isReady: status === 'ready',
      isGenerating: this.running > 0,
      downloadProgress: progress,
      info: this.controller?.module?.info,
      timings: this.lastRun.timings,
      mapSize: this.lastRun.mapSize,
    };
    if (!sameState(this.snapshot, next)) this.snapshot = next;
    return this.snapshot;
  };

  private async run(start: (module: Module) => Promise<unknown>, queue: boolean) {
    const { controller } = this;
    if (controller?.state.status !== 'ready') throw await notLoadedError(controller?.state ?? IDLE);
    if (this.running > 0 && !queue) {
      throw await worded(ErrorCode.ModelGenerating, import('./words.js'), (words) =>
        words.ofRunning(),
      );
    }
    this.count(1);
    try {
      return await controller.run(async (module) => {
        const result = await start(module);
        this.lastRun = { timings: module.timings, mapSize: module.mapSize };
        return result;
      });
    } finally {
      this.count(-1);
    }
  }

  private count(step: number): void {
    this.running += step;
    for (const listener of [...this.listeners]) listener();
  }
}

function sameState(a: ModuleState, b: ModuleState): boolean {
  return (Object.keys(b) as (keyof ModuleState)[]).every((name) => Object.is(a[name], b[name]));
}

/**
 * The sessions of one component, one per model that it has shown lately: a forward() that was kept from before
 * works again when the component returns to its model.
 */
export class SessionCache<Model, Module extends LoadableModule<Model>> {
  private static readonly LIMIT = 8;
  private readonly sessions = new Map<string, ModelSession<Model, Module>>();

  constructor(private readonly pool: ModelPool<Model, Module>) {}

  /** The session of a model. Only a look-up as far as rendering is concerned: nothing is loaded by it. */
  of(model: Model): ModelSession<Model, Module> {
    const key = modelKey(model);
    const found = this.sessions.get(key);
    if (found) return found;
    const made = new ModelSession(this.pool, key, model);
    this.sessions.set(key, made);
    if (this.sessions.size > SessionCache.LIMIT) this.forgetOldest();
    return made;
  }

  private forgetOldest(): void {
    for (const [key, session] of this.sessions) {
      if (!session.isOpen) {
        this.sessions.delete(key);
        return;
      }
    }
  }
}
