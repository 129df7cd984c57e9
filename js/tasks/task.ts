/** What tasks have in common. A task is a row of what differs; modules, hosts and hooks know no task. */
import { ErrorCode, worded, type ExecutorchError } from '../base/errors.js';
import type { PictureModel } from '../constants/model-types.js';
import type { ModelInfo, TensorData } from '../core/types.js';
import type { Preprocessor } from '../images/types.js';
import { isTriple } from './tensors.js';

/** One task: `Known` is what it remembers of a loaded model. */
export interface Task<Model extends PictureModel, Known, Options, Result> {
  /** Its row in src/task/tasks.def. */
  readonly name: string;
  /**
   * Refuses models that cannot do it.
   *
   * @throws ExecutorchError InvalidConfig.
   */
  check(info: ModelInfo, model: Model): Known | Promise<Known>;
  /**
   * The core's arguments (src/task/tasks.def) for options of the caller, which are checked here.
   *
   * @throws ExecutorchError InvalidUserInput.
   */
  run(known: Known, options: Options): readonly number[] | Promise<readonly number[]>;
  /** What the caller gets for the core's tensors. */
  present(outputs: readonly TensorData[], known: Known, options: Options): Result;
}

type Say = (words: typeof import('./words.js')) => string;

/** The error of a model that cannot be used for a task. */
export function unfit(say: Say): Promise<ExecutorchError> {
  return worded(ErrorCode.InvalidConfig, import('./words.js'), say);
}

/** The error of options that a task does not understand. */
export function misunderstood(say: Say): Promise<ExecutorchError> {
  return worded(ErrorCode.InvalidUserInput, import('./words.js'), say);
}

/** The normalisation that a model states itself. */
export async function statedPreprocessor(info: ModelInfo): Promise<Preprocessor | undefined> {
  const stated = info.metadata && (await import('./stated.js')).preprocessorOf(info);
  if (typeof stated === 'string') throw await unfit(() => stated);
  return stated;
}

/** The names of classes that a model carries. */
export async function statedLabels(info: ModelInfo): Promise<readonly string[] | undefined> {
  return info.metadata && (await import('./stated.js')).labelsOf(info);
}

/** Whether a normalisation can be meant. */
export function isPreprocessor(preprocessor: Preprocessor | undefined): boolean {
  if (preprocessor === undefined) return true;
  const { normMean, normStd } = preprocessor ?? {};
  return (
    typeof preprocessor === 'object' &&
    isTriple(normMean) &&
    isTriple(normStd) &&
    !normStd?.includes(0)
  );
}

/** The numbers of a tensor of the core. */
export function floatsOf(tensor: TensorData | undefined): Float32Array {
  return new Float32Array(tensor?.data ?? new ArrayBuffer(0));
}
