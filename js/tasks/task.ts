/** What tasks have in common. A task is a row of what differs; modules, hosts and hooks know no task. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { PictureModel } from '../constants/model-types.js';
import type { ModelInfo, TensorData, TensorInfo } from '../core/types.js';
import type { Preprocessor } from '../images/types.js';

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
   * The core's arguments (src/task/tasks.h) for options of the caller, which are checked here.
   *
   * @throws ExecutorchError InvalidUserInput.
   */
  run(known: Known, options: Options): readonly number[];
  /** What the caller gets for the core's tensors. */
  present(outputs: readonly TensorData[], known: Known, options: Options): Result;
}

/** 'f32 [1, 3, 224, 224]' for messages; 'nothing' for what is not there. */
export function describeTensor(tensor: TensorInfo | undefined): string {
  return tensor ? `${tensor.type} [${tensor.sizes.join(', ')}]` : 'nothing';
}

/** The error of a model that cannot be used for a task. */
export function unfit(message: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidConfig, message);
}

/**
 * Sizes of a tensor as they are in a run on one picture: a dynamic batch is 1.
 *
 * The format tells only that some dimension is dynamic; a batch is the first of four (a picture) or of two.
 */
export function sizesForOne({ sizes, dynamic }: TensorInfo): readonly number[] {
  return dynamic && sizes.length > 1 && sizes[0] !== 1 ? [1, ...sizes.slice(1)] : sizes;
}

/**
 * Refuses models whose input is no picture.
 *
 * @throws ExecutorchError InvalidConfig.
 */
export function expectPictureInput(info: ModelInfo, task: string): void {
  const [input] = info.inputs;
  const sizes = input?.sizes ?? [];
  const isPicture = info.inputs.length === 1 && sizes.length >= 3 && sizes.slice(-3).includes(3);
  if (isPicture && isPictureType(input?.type) && isOne(input!)) return;
  const inputs = info.inputs.map(describeTensor).join(', ') || 'nothing';
  throw unfit(
    `This model cannot be used for ${task}: it takes ${inputs}, not ${adviceOnInput(isPicture, input)}`,
  );
}

/** 8-bit pictures are those of quantised models. */
function isPictureType(type: string | undefined): boolean {
  return type === 'f32' || type === 'u8' || type === 'i8';
}

/** Whether the numbers of an output stand for reals: floats, or 8 bits with a scale. */
export function isReal(output: TensorInfo | undefined): boolean {
  return output?.type === 'f32' || output?.scale !== undefined;
}

/** Whether the picture, and maps with it, have their channels last: [1, height, width, 3]. */
export function hasChannelsLast({ inputs: [input] }: ModelInfo): boolean {
  return input?.sizes.length === 4 && input.sizes[3] === 3 && input.sizes[1] !== 3;
}

/**
 * The normalisation that a `.tflite` states for its picture, as the core takes it: of pixels from 0 to 1. u8 inputs take
 * pixels as they are, whatever is stated. Undefined: pixels from 0 to 1, or what an 8-bit input's own scale says.
 */
export function statedPreprocessor({
  inputs: [input],
  metadata,
}: ModelInfo): Preprocessor | undefined {
  const { mean, std } = metadata?.inputs?.[0] ?? {};
  if (!mean || !std || input?.type === 'u8') return undefined;
  const three = (list: readonly number[]) =>
    [0, 1, 2].map((i) => (list[list.length === 1 ? 0 : i] ?? 0) / 255);
  const normStd = three(std);
  return normStd.includes(0) ? undefined : { normMean: three(mean), normStd };
}

/** Names of the classes of output 0 that a `.tflite` carries: of several languages those that it names first. */
export function statedLabels({ metadata, outputs }: ModelInfo): string[] | undefined {
  const lines = metadata?.outputs?.[0]?.files?.find(({ kind }) => kind === 'axisLabels')?.lines;
  if (!lines || lines.length === 0) return undefined;
  /* A last line without a name is an editor's, not a class. */
  const isExtra = lines.at(-1) === '' && !outputs[0]?.sizes.includes(lines.length);
  return isExtra ? lines.slice(0, -1) : lines;
}

function isOne(tensor: TensorInfo): boolean {
  return sizesForOne(tensor)
    .slice(0, -3)
    .every((size) => size === 1);
}

function adviceOnInput(isPicture: boolean, input: TensorInfo | undefined): string {
  const wanted = '(f32 [1, 3, height, width]). ';
  if (isPicture && input && !isOne(input)) {
    return `one picture ${wanted}Export it with a batch of 1, or use ExecutorchModule for raw tensors.`;
  }
  if (isPicture) {
    return `a picture of floats ${wanted}Export it with float inputs, or use ExecutorchModule for raw tensors.`;
  }
  return `a picture ${wanted}Use ExecutorchModule for raw tensors.`;
}

/**
 * Refuses normalisations that cannot be meant.
 *
 * @throws ExecutorchError InvalidConfig.
 */
export function expectPreprocessor(preprocessor: Preprocessor | undefined): void {
  const { normMean, normStd } = preprocessor ?? {};
  for (const [name, list] of Object.entries({ normMean, normStd })) {
    if (list === undefined) continue;
    const isTriple = Array.isArray(list) && list.length === 3 && list.every(Number.isFinite);
    if (isTriple && !(name === 'normStd' && list.includes(0))) continue;
    throw unfit(
      `preprocessor.${name} is [${String(list)}]; it must be three finite numbers${name === 'normStd' ? ' other than 0' : ''}.`,
    );
  }
}

/** The numbers of a tensor of the core. */
export function floatsOf(tensor: TensorData | undefined): Float32Array {
  return new Float32Array(tensor?.data ?? new ArrayBuffer(0));
}
