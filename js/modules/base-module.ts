/** What all modules share: one model, loaded into a host of its own. */
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  guarded,
  notLoaded,
  textOf,
  throwIfAborted,
} from '../base/errors.js';
import { following } from '../base/following.js';
import type { EngineLoadOptions, ModelInfo, OperatorTime, Timings } from '../core/types.js';
import {
  beginLoad,
  endDownload,
  isInterruption,
  type PausableDownload,
} from '../downloads/pausable.js';
import {
  harmless,
  wrongCallback,
  wrongChoice,
  wrongOptions,
  wrongSignal,
  wrongType,
  type Refusal,
} from '../base/options.js';
import { createHost } from '../worker/create.js';
import type { HostLoadOptions, LoadedModel, ModelHost } from '../worker/host.js';
import { FRESHNESS, type Freshness } from '../base/resource-config.js';
import type { ModelUpdate, RetryNotice } from '../sources/source.js';
import { newerVersion } from './updates.js';
import type { ResourceSource } from '../base/types.js';
import type { PictureSize } from '../images/types.js';
import { absoluteSource } from '../sources/model-source.js';

/** Extras of load(); all optional. */
export interface LoadOptions extends Pick<
  EngineLoadOptions,
  'method' | 'profile' | 'maxOutputBytes'
> {
  /** Aborts the download and the load; load() then rejects with Aborted. */
  signal?: AbortSignal;
  /** The data file (`.ptd`) with weights that the model does not hold itself. Default: none. */
  dataSource?: ResourceSource;
  /** Whether a stored file is compared with the server's. Default: as configured, else 'background'. */
  freshness?: Freshness;
  /** Told when the server had another file, which has been stored and is what the next load uses. */
  onUpdate?: (update: ModelUpdate) => void;
  /** Told of every failure of the network after which the download tries again. */
  onRetry?: (notice: RetryNotice) => void;
}

/** A model and what belongs to it; constants of models are such objects, too. */
export interface ModelFiles extends Pick<
  LoadOptions,
  'dataSource' | 'freshness' | 'method' | 'onUpdate' | 'onRetry'
> {
  /** The file: its address, a File or Blob, bytes, or what a bundler makes of importing it. */
  modelSource: ResourceSource;
  /** Size that pictures will have, where the file leaves it free. */
  inputSize?: PictureSize;
}

/** Told the share of a download that has arrived, 0..1. */
export type ProgressCallback = (progress: number) => void;

export abstract class BaseModule {
  private host: ModelHost | undefined;
  private loadedModel: LoadedModel | undefined;
  private loading: AbortController | undefined;
  private lastTimings: Timings | undefined;
  private newer: ModelUpdate | undefined;

  /** Called when the worker that holds the loaded model has ended by itself: load() brings the model back. */
  onLost: ((error: ExecutorchError) => void) | undefined;

  /** Everything known about the loaded model; undefined before. */
  get info(): ModelInfo | undefined {
    return this.loadedModel?.info;
  }

  /** How and how fast the model was loaded; undefined before. */
  get loadReport(): Omit<LoadedModel, 'info'> | undefined {
    return this.loadedModel;
  }

  /** The newer file that the next load will use, once the server has been asked; undefined while there is none. */
  get update(): ModelUpdate | undefined {
    return this.newer;
  }

  /** Milliseconds of each stage of the last forward(); undefined before. */
  get timings(): Timings | undefined {
    return this.lastTimings;
  }

  /**
   * Shape of an input, with the upper bounds of dynamic dimensions, and -1 for those that any size will do for.
   *
   * @throws ExecutorchError ModuleNotLoaded, NotFound (another method), UnexpectedNumInputs.
   */
  getInputShape(methodName: string, index: number): Promise<number[]> {
    return guarded(() => {
      const { info } = this.loaded();
      if (methodName !== info.method) {
        const message = `Method '${textOf(methodName)}' is not loaded; '${info.method}' is.`;
        throw new ExecutorchError(ErrorCode.NotFound, message);
      }
      const input = Number.isInteger(index) ? info.inputs[index] : undefined;
      if (!input) {
        const message = `The model has no input ${textOf(index)}; it has ${info.inputs.length}.`;
        throw new ExecutorchError(ErrorCode.UnexpectedNumInputs, message);
      }
      return input.sizes.map((size, d) => (input.freeDims?.includes(d) ? -1 : size));
    });
  }

  /** Time per operator of the last run; needs `load(…, { profile: true })`. */
  profile(): Promise<OperatorTime[]> {
    return guarded(() => this.loaded().host.profile());
  }

  /** Bytes of WebAssembly memory that the model holds. */
  memoryUse(): Promise<number> {
    return guarded(async () => (await this.loaded().host.memory()).heapBytes);
  }

  /** The graph as text, for bug reports. */
  dump(): Promise<string> {
    return guarded(() => this.loaded().host.dump());
  }

  /**
   * Frees the model. Runs that were asked for before may finish, for 3 seconds; those that are not done then reject
   * with ModuleNotLoaded. Loading that has not finished is aborted. Harmless when there is nothing to free. The
   * module can load again.
   */
  delete(): void {
    this.loading?.abort();
    this.loading = undefined;
    this.release();
  }

  /** Loads; a model that was there before is freed, a pending load is aborted. `options` come before what the model states. */
  protected loadModel(
    model: ModelFiles,
    onProgress: ProgressCallback | undefined,
    options: LoadOptions | undefined,
    check: (info: ModelInfo) => void | Promise<void> = () => undefined,
  ): Promise<void> {
    return guarded(async () => {
      const { modelSource, method, dataSource, freshness, onUpdate, onRetry } = model;
      const usual = pick({ method, dataSource, freshness, onUpdate, onRetry });
      const wrong = wrongInLoad(onProgress, options) ?? wrongInLoad(undefined, usual);
      if (wrong) throw await wrong;
      const { inputSize } = model;
      const all = { ...usual, ...options, inputSize, fields: Object.keys(model) };
      return this.loadChecked(modelSource, harmless(onProgress), all, check);
    });
  }

  private async loadChecked(
    source: ResourceSource,
    onProgress: ProgressCallback | undefined,
    options: LoadOptions & Pick<HostLoadOptions, 'fields' | 'inputSize'>,
    check: (info: ModelInfo) => void | Promise<void>,
  ): Promise<void> {
    const { signal, dataSource, onUpdate, onRetry, ...rest } = options;
    throwIfAborted(signal);
    this.delete();
    const { controller: mine, stop } = following(signal);
    this.loading = mine;
    let host: ModelHost | undefined;
    let download: PausableDownload | undefined;
    try {
      const address = absoluteSource(source);
      const data = dataSource === undefined ? undefined : absoluteSource(dataSource);
      download = beginLoad(address, mine, onProgress);
      host = await createHost(mine.signal);
      throwIfAborted(mine.signal);
      const callbacks = {
        signal: mine.signal,
        ...pick({ onProgress, onRetry: harmless(onRetry) }),
        check,
      };
      const settings = pick({ ...rest, dataSource: data });
      const loaded = await host.load(address, settings, callbacks);
      if (mine.signal.aborted) throw abortError(mine.signal);
      this.host = host;
      this.loadedModel = loaded;
      host.onFailure = (error) => {
        if (this.host === host) harmless(this.onLost)?.(error);
      };
      if (loaded.resource?.mayBeOld)
        void this.lookForUpdate(host, String(address), harmless(onUpdate));
    } catch (error) {
      void host?.close();
      throw isInterruption(mine.signal) ? mine.signal.reason : error;
    } finally {
      endDownload(download);
      stop();
      if (this.loading === mine) this.loading = undefined;
    }
  }

  private async lookForUpdate(
    host: ModelHost,
    url: string,
    onUpdate: ((update: ModelUpdate) => void) | undefined,
  ): Promise<void> {
    const update = await newerVersion(host, url, this.loadedModel?.resource?.sha256);
    if (!update || this.host !== host) return;
    this.newer = update;
    onUpdate?.(update);
  }

  /** The host of the loaded model, or ModuleNotLoaded. */
  protected loaded(): { host: ModelHost; info: ModelInfo } {
    if (!this.host || !this.loadedModel) throw notLoaded();
    return { host: this.host, info: this.loadedModel.info };
  }

  /** Remembers how long the last run took. */
  protected keepTimings(timings: Timings): void {
    this.lastTimings = timings;
  }

  private release(): void {
    const { host } = this;
    this.host = undefined;
    this.loadedModel = undefined;
    this.newer = undefined;
    this.lastTimings = undefined;
    void host?.close();
  }
}

const LOAD_TYPES = {
  onUpdate: 'function',
  onRetry: 'function',
  method: 'string',
  profile: 'boolean',
  maxOutputBytes: 'number',
} as const;

function wrongInLoad(onProgress: unknown, options: LoadOptions | undefined): Refusal {
  const call = 'load()';
  const names = [...Object.keys(LOAD_TYPES), 'signal', 'dataSource', 'freshness'];
  let wrong =
    wrongCallback(call, 'onDownloadProgressCallback', onProgress) ??
    wrongOptions(call, options, names) ??
    wrongSignal(call, options?.signal) ??
    wrongChoice(call, 'freshness', options?.freshness, FRESHNESS);
  for (const [name, type] of Object.entries(LOAD_TYPES)) {
    wrong ??= wrongType(call, name, options?.[name as keyof typeof LOAD_TYPES], type);
  }
  return wrong;
}

/** Without the entries that are undefined. */
export function pick<T extends object>(entries: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const set = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { [K in keyof T]?: NonNullable<T[K]> };
}
