/** What one component sees of one shared model: a snapshot for React, and its guarded forward(). */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { IDLE, notLoadedError } from './controller.js';
import type { LoadableModule, ModelController, ModelPool } from './controller.js';
import { modelKey } from './model-key.js';

/** The part of a hook's result that is state. Field by field react-native-executorch 0.6. */
export interface ModuleState {
  /** Message of what went wrong while loading, or null. Failures of forward() are not kept here. */
  readonly error: string | null;
  /** The same as an error with its code; null where `error` is. Beyond 0.6. */
  readonly failure: ExecutorchError | null;
  /** True once the model is loaded and forward() may be called. */
  readonly isReady: boolean;
  /** True while a forward() of this component runs. */
  readonly isGenerating: boolean;
  /** Share of the model that has been downloaded, 0..1. */
  readonly downloadProgress: number;
}

/** Before anything happened, on servers, and with preventLoad. */
export const IDLE_STATE: ModuleState = Object.freeze({
  error: null,
  failure: null,
  isReady: false,
  isGenerating: false,
  downloadProgress: 0,
});

export class ModelSession<Model, Module extends LoadableModule<Model>> {
  private controller: ModelController<Model, Module> | null = null;
  private readonly listeners = new Set<() => void>();
  private running = 0;
  private snapshot = IDLE_STATE;
  /** Rejects with ModelGenerating while another run of this session goes on. */
  readonly forward: Module['forward'];
  /** Waits for the runs before it instead. */
  readonly enqueue: Module['forward'];

  constructor(
    private readonly pool: ModelPool<Model, Module>,
    private readonly key: string,
    readonly model: Model,
  ) {
    type Args = Parameters<Module['forward']>;
    this.forward = ((...args: Args) => this.run(args, false)) as Module['forward'];
    this.enqueue = ((...args: Args) => this.run(args, true)) as Module['forward'];
  }

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
    };
    if (!sameState(this.snapshot, next)) this.snapshot = next;
    return this.snapshot;
  };

  private async run(args: Parameters<Module['forward']>, queue: boolean) {
    const { controller } = this;
    if (controller?.state.status !== 'ready') throw notLoadedError(controller?.state ?? IDLE);
    if (this.running > 0 && !queue) {
      throw new ExecutorchError(
        ErrorCode.ModelGenerating,
        'ModelGenerating: the model is running; wait for the previous forward() to finish, or let calls queue.',
      );
    }
    this.count(1);
    try {
      return await controller.run(args);
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
  return (
    a.failure === b.failure &&
    a.isReady === b.isReady &&
    a.isGenerating === b.isGenerating &&
    a.downloadProgress === b.downloadProgress
  );
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
