/** A module without an engine: tests decide when its loads and runs end, and read what was called. */
import { ErrorCode, ExecutorchError, isExecutorchError } from '../../js/base/errors.js';
import { ModelPool } from '../../js/hooks/controller.js';

export interface FakeModel {
  modelSource: string | number | object;
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

export class FakeModule {
  /** Every instance since the last reset. */
  static all: FakeModule[] = [];
  /** Instances that hold memory: loaded and not deleted. */
  static get alive(): FakeModule[] {
    return FakeModule.all.filter((module) => module.held);
  }
  static get last(): FakeModule {
    return FakeModule.all[FakeModule.all.length - 1]!;
  }

  source: unknown;
  progress: (value: number) => void = () => {};
  signal: AbortSignal | undefined;
  deletes = 0;
  deletedDuringRun = false;
  held = false;
  /** Inputs of the runs that have started. */
  readonly started: string[] = [];
  /** How many runs have ended. */
  get ended(): number {
    return this.started.length - this.runs.length;
  }
  private readonly loading = deferred<void>();
  /** Runs that have started; at most one, as in a host. */
  private runs: Deferred<string>[] = [];
  /** Runs that wait for the one before. */
  private waiting: { input: string; run: Deferred<string> }[] = [];
  onLost: ((error: ExecutorchError) => void) | undefined;

  constructor() {
    FakeModule.all.push(this);
  }

  async load(
    model: FakeModel,
    onProgress: (value: number) => void = () => {},
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    this.source = model.modelSource;
    this.progress = onProgress;
    this.signal = signal;
    signal?.addEventListener('abort', () =>
      this.loading.reject(new ExecutorchError(ErrorCode.Aborted)),
    );
    await this.loading.promise;
    this.held = true;
  }

  forward(input: string): Promise<string> {
    const run = deferred<string>();
    this.waiting.push({ input, run });
    this.startNext();
    return run.promise;
  }

  private startNext(): void {
    if (this.runs.length > 0) return;
    const next = this.waiting.shift();
    if (!next) return;
    this.started.push(next.input);
    this.runs.push(next.run);
  }

  delete(): void {
    this.deletes++;
    this.deletedDuringRun ||= this.runs.length > 0;
    this.held = false;
    this.rejectWaiting(new ExecutorchError(ErrorCode.ModuleNotLoaded));
  }

  private rejectWaiting(error: unknown): void {
    for (const { run } of this.waiting.splice(0)) run.reject(error);
  }

  finishLoad(): void {
    this.loading.resolve();
  }
  failLoad(error: unknown): void {
    this.loading.reject(error);
  }
  /** Ends the oldest run with its input and the source of the model. */
  finishRun(): void {
    const input = this.started[this.ended];
    this.runs.shift()!.resolve(`${input} by ${String(this.source)}`);
    this.startNext();
  }
  /** Ends the oldest run with an error; that the worker has failed ends all that wait, too. */
  failRun(error: unknown): void {
    this.runs.shift()!.reject(error);
    if (isExecutorchError(error, ErrorCode.WorkerFailed)) this.rejectWaiting(error);
    else this.startNext();
  }
  /** The worker ends while it has nothing to do. */
  lose(error: ExecutorchError): void {
    this.rejectWaiting(error);
    this.onLost?.(error);
  }
}

export const GRACE = 30;

/** A fresh pool of fakes; forgets the instances of earlier tests. */
export function fakePool(graceMs = GRACE): ModelPool<FakeModel, FakeModule> {
  FakeModule.all = [];
  return new ModelPool<FakeModel, FakeModule>(() => new FakeModule(), graceMs);
}

/** Lets promises settle. */
export const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Waits until the time of grace is over. */
export const grace = () => sleep(GRACE * 2 + 20);
