/**
 * The state machine of a shared model: idle → loading → ready | failed. Runs queue in the model's host.
 *
 * A pool keeps one controller per model, whoever asks for it. Controllers count their leases: the first one
 * loads, and some time after the last one is given back the model is freed. Nothing here knows React.
 */
import { ErrorCode, toExecutorchError, worded, type ExecutorchError } from '../base/errors.js';
import type { ModelInfo, Timings } from '../core/types.js';
import { steadyProgress } from '../sources/progress.js';
import type { MapSize } from '../tasks/map-rules.js';

/** What a controller needs of ClassificationModule and its like. */
export interface LoadableModule<Model> {
  /** Loads the model; progress is 0..1. Must reject soon after `signal` aborts. */
  load(
    model: Model,
    onDownloadProgress?: (progress: number) => void,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
  /** Runs the model, after the runs that were asked for before. */
  forward(...args: never[]): Promise<unknown>;
  /** Frees what load() made, in 3 s at most; harmless when there is nothing. */
  delete(): void;
  /** Called when the loaded model is lost without anybody having asked anything of it. */
  onLost?: ((error: ExecutorchError) => void) | undefined;
  /** About the loaded model, and about the run that has just resolved. */
  readonly info?: ModelInfo | undefined;
  readonly timings?: Timings | undefined;
  readonly mapSize?: MapSize | undefined;
}

/** Where a model is on its way. States are never changed, only replaced. */
export interface ControllerState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  /** Share of the download that has arrived, 0..1; grows only, 1 when ready. */
  readonly progress: number;
  /** Why loading failed, or why the loaded model was lost; null unless failed. */
  readonly error: ExecutorchError | null;
}

export const IDLE: ControllerState = /* @__PURE__ */ Object.freeze({
  status: 'idle',
  progress: 0,
  error: null,
});

/**
 * Milliseconds that a model outlives its last lease. Enough for StrictMode's second mount and for a screen that
 * replaces another; short, because two big models at once are what kills a tab on a phone.
 */
const GRACE_MS = 100;

/** Milliseconds for pending runs when nobody wants the model any more. */
const LEAVE_MS = 3000;

/** One call of load(). Late results of an attempt that is no longer the controller's are discarded. */
interface Attempt<Module> {
  readonly module: Module;
  readonly abort: AbortController;
  /** Progress that has been shown. */
  progress: number;
}

interface ControllerOptions<Model, Module> {
  create: () => Module;
  model: Model;
  graceMs: number;
  /** Called when the model has been given up; the controller is back in state idle. */
  onFree: () => void;
}

export class ModelController<Model, Module extends LoadableModule<Model>> {
  private current: ControllerState = IDLE;
  /** Set while loading or ready. */
  private attempt: Attempt<Module> | null = null;
  private readonly listeners = new Set<() => void>();
  private leaveTimer: ReturnType<typeof setTimeout> | undefined;
  /** True when nobody has wanted the model for the grace time: pending runs end, then the model is freed. */
  private leaving = false;
  private pendingRuns = 0;

  constructor(private readonly options: ControllerOptions<Model, Module>) {}

  /** The loaded module; undefined unless ready. */
  get module(): Module | undefined {
    return this.current.status === 'ready' ? this.attempt?.module : undefined;
  }

  get state(): ControllerState {
    return this.current;
  }

  /**
   * Takes a lease: loads the model unless it is loaded or loading; after a failure this is the retry.
   * `listener` is told of every change of state. Returns what gives the lease back.
   */
  acquire(listener: () => void): () => void {
    const entry = () => listener();
    this.listeners.add(entry);
    clearTimeout(this.leaveTimer);
    this.leaving = false;
    if (this.attempt === null) this.startLoad();
    return () => this.release(entry);
  }

  /** Loads again after a failure; harmless in every other state. */
  retry(): void {
    if (this.current.status === 'failed' && this.listeners.size > 0) this.startLoad();
  }

  /**
   * Calls what runs the model.
   *
   * @throws ExecutorchError ModuleNotLoaded, and whatever the function rejects with.
   */
  async run<Value>(start: (module: Module) => Promise<Value>): Promise<Value> {
    const { attempt, module } = this;
    if (attempt === null || !module) throw await notLoadedError(this.current);
    this.pendingRuns++;
    try {
      return await start(module);
    } catch (error) {
      // The instance died with its worker; the next lease loads a new one.
      if (codeOf(error) === ErrorCode.WorkerFailed) this.fail(attempt, error);
      throw error;
    } finally {
      this.pendingRuns--;
      if (this.leaving && this.pendingRuns === 0) this.free();
    }
  }

  private startLoad(): void {
    const module = this.options.create();
    const attempt = { module, abort: new AbortController(), progress: 0 };
    module.onLost = (error) => this.fail(attempt, error);
    this.attempt = attempt;
    this.set({ status: 'loading', progress: 0, error: null });
    void this.load(attempt);
  }

  private async load(attempt: Attempt<Module>): Promise<void> {
    const { module, abort } = attempt;
    try {
      const onProgress = steadyProgress((progress: number) => this.report(attempt, progress));
      await module.load(this.options.model, onProgress, { signal: abort.signal });
    } catch (error) {
      if (this.attempt === attempt) this.fail(attempt, error);
      else discard(module);
      return;
    }
    if (this.attempt === attempt) this.set({ status: 'ready', progress: 1, error: null });
    else discard(module);
  }

  private report(attempt: Attempt<Module>, progress: number): void {
    if (this.attempt !== attempt || this.current.status !== 'loading') return;
    attempt.progress = progress;
    this.set({ status: 'loading', progress, error: null });
  }

  private fail(attempt: Attempt<Module>, error: unknown): void {
    if (this.attempt !== attempt) return;
    this.attempt = null;
    discard(attempt.module);
    this.set({ status: 'failed', progress: attempt.progress, error: toExecutorchError(error) });
  }

  private release(entry: () => void): void {
    if (!this.listeners.delete(entry) || this.listeners.size > 0) return;
    this.leaveTimer = setTimeout(() => this.leave(), this.options.graceMs);
  }

  private leave(): void {
    this.leaving = true;
    if (this.pendingRuns === 0) this.free();
    else this.leaveTimer = setTimeout(() => this.free(), LEAVE_MS);
  }

  private free(): void {
    const { attempt } = this;
    const wasLoading = this.current.status === 'loading';
    clearTimeout(this.leaveTimer);
    this.leaving = false;
    this.attempt = null;
    this.current = IDLE;
    this.options.onFree();
    if (attempt === null) return;
    // An aborted load discards its module itself, when it has come to its end.
    if (wasLoading) attempt.abort.abort();
    else discard(attempt.module);
  }

  private set(state: ControllerState): void {
    this.current = state;
    for (const listener of [...this.listeners]) listener();
  }
}

/** One controller per model: whoever uses the same key shares one instance. */
export class ModelPool<Model, Module extends LoadableModule<Model>> {
  private readonly controllers = new Map<string, ModelController<Model, Module>>();

  /** @param create makes the module, unloaded; @param graceMs see {@link GRACE_MS}. */
  constructor(
    private readonly create: () => Module,
    private readonly graceMs = GRACE_MS,
  ) {}

  /** Models that are held, loading or in their time of grace. */
  get size(): number {
    return this.controllers.size;
  }

  /** The controller of `key`; take a lease at once, it is dropped when its last one ends. */
  controller(key: string, model: Model): ModelController<Model, Module> {
    const found = this.controllers.get(key);
    if (found) return found;
    const made = new ModelController<Model, Module>({
      create: this.create,
      model,
      graceMs: this.graceMs,
      onFree: () => {
        if (this.controllers.get(key) === made) this.controllers.delete(key);
      },
    });
    this.controllers.set(key, made);
    return made;
  }
}

/** Errors of other entries have another class and the same code. */
function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

/** Why a model in this state cannot run. */
export function notLoadedError({ status, error }: ControllerState): Promise<ExecutorchError> {
  const say = (words: typeof import('./words.js')) => words.ofState(status, error?.message);
  return worded(ErrorCode.ModuleNotLoaded, import('./words.js'), say, error);
}

/** Frees a module that nobody will see again; its troubles must not hide the reason why. */
function discard(module: { delete(): void }): void {
  try {
    module.delete();
  } catch {
    // Nothing can be done about a worker that refuses to end.
  }
}
