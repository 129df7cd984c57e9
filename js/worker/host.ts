/** What modules ask of an engine, wherever it lives: in a worker or in this thread. */
import type {
  EngineLoadOptions,
  ModelInfo,
  OperatorTime,
  TensorData,
  Timings,
} from '../core/types.js';
import type { ExecutorchError } from '../base/errors.js';
import type { ImageOptions, WireImage } from '../images/types.js';
import type { Variant } from '../base/probes.js';
import type { Freshness } from '../base/resource-config.js';
import type { StoredVersion } from '../downloads/freshness.js';
import type { ResourceReport, RetryNotice } from '../sources/source.js';
import type { ResourceSource } from '../base/types.js';

/** Facts about a model that has been loaded. */
export interface LoadedModel {
  /** What the model is made of. */
  info: ModelInfo;
  /** Build of the core that it runs on. */
  variant: Variant;
  /** Threads that it may use, at most. */
  threads: number;
  /** Milliseconds from the call to readiness. */
  loadTime: number;
  /** Milliseconds of it that passed after the last byte was there. */
  finishTime: number;
  /** How a download went, with the milliseconds that the engine waited for bytes; absent for other sources. */
  resource?: ResourceReport & { waitTime: number };
}

/** Options of a task on a picture. */
export interface TaskOptions extends ImageOptions {
  /** Arguments of the task for the core (src/task/tasks.def). */
  numbers: readonly number[];
}

export interface TaskResult {
  /** The core's tensors. */
  outputs: TensorData[];
  timings: Timings;
}

/** Frames that go straight to the engine, or a track of which it makes them. */
export type FrameSource = ReadableStream<VideoFrame> | MediaStreamTrack;

/** A stream of frames has a number that its opener chooses. */
export type FramesRequest =
  | { open: number; source: FrameSource }
  /** Wants the task's result for a frame that is newer than the last one. */
  | { next: number; name: string; options: TaskOptions }
  | { close: number };

/** A task's result for one frame of a video. */
export interface FrameResult extends TaskResult {
  /** Seconds, on the clock of the video. */
  mediaTime: number;
  width: number;
  height: number;
  /** Frames that the source has shown so far. */
  seen: number;
  /** When the frame was there, and when work on it began: milliseconds since 1970. */
  shownAt: number;
  takenAt: number;
}

/** Milliseconds that pending calls have when a host is closed. */
export const CLOSE_MS = 3000;

export interface MemoryUse {
  /** Bytes of wasm memory. */
  heapBytes: number;
}

export interface HostCallbacks {
  signal?: AbortSignal;
  onProgress?: (fraction: number) => void;
  onRetry?: (notice: RetryNotice) => void;
  /** Refuses a model by throwing, before its file is accepted: see load(). */
  check?: (info: ModelInfo) => void | Promise<void>;
}

/** What load() of a host takes: for the engine, and for the store. */
export interface HostLoadOptions extends EngineLoadOptions {
  freshness?: Freshness;
  /** The data file (`.ptd`) of a model that has one. */
  dataSource?: ResourceSource;
  /** Names of what the caller's model has: those that mean nothing are told on the console. */
  fields?: readonly string[];
}

/**
 * One model. Calls are answered in the order in which they were made; each can be aborted, in the queue or
 * between its steps. After {@link ModelHost.close} calls reject with ModuleNotLoaded.
 */
export interface ModelHost {
  /** Called when the host is lost without a call that could tell. */
  onFailure?: ((error: ExecutorchError) => void) | undefined;
  /**
   * Loads a model. A stored file that the engine or `check` refuses is fetched once more, unless something that the
   * caller said is to blame.
   */
  load(
    source: ResourceSource,
    options: HostLoadOptions,
    callbacks?: HostCallbacks,
  ): Promise<LoadedModel>;
  run(inputs: readonly TensorData[], callbacks?: HostCallbacks): Promise<TensorData[]>;
  /** Runs the model on a picture and computes the result of a task: a row of src/task/tasks.def. */
  task(
    name: string,
    image: WireImage,
    options: TaskOptions,
    callbacks?: HostCallbacks,
  ): Promise<TaskResult>;
  /**
   * Opens, uses or closes a stream of frames. Waiting for a frame holds up no other call.
   *
   * @returns For `next`: its result; undefined when no frame will come any more.
   */
  frames(
    request: FramesRequest,
    callbacks?: HostCallbacks,
    transfer?: Transferable[],
  ): Promise<FrameResult | undefined>;
  /**
   * Asks the server whether it has another file than the stored one, and stores that for the next load.
   *
   * @returns What is stored then, and what identifies the file in the store; undefined when nothing is.
   */
  refresh(url: string): Promise<(StoredVersion & { key: string }) | undefined>;
  profile(): Promise<OperatorTime[]>;
  /** The graph as text. */
  dump(): Promise<string>;
  memory(): Promise<MemoryUse>;
  /** Waits for pending calls, {@link CLOSE_MS} at most, then frees everything. */
  close(): Promise<void>;
}
