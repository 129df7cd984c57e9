/** What tasks ask of a model's inputs and outputs. */
import type { ModelInfo, TensorInfo } from '../core/types.js';

/**
 * Sizes of a tensor as they are in a run on one picture: a dynamic batch is 1.
 *
 * The format tells only that some dimension is dynamic; a batch is the first of four (a picture) or of two.
 */
export function sizesForOne(tensor: TensorInfo | undefined): readonly number[] {
  const { sizes = [], dynamic = false } = tensor ?? {};
  return dynamic && sizes.length > 1 && sizes[0] !== 1 ? [1, ...sizes.slice(1)] : sizes;
}

/** 'f32 [1, 3, 224, 224]' for messages; 'nothing' for what is not there. */
export function describeTensor(tensor: TensorInfo | undefined): string {
  return tensor ? `${tensor.type} [${tensor.sizes.join(', ')}]` : 'nothing';
}

/** Number of elements of a tensor of these sizes. */
export function countOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** Whether the only input is a picture, whatever its type and batch. */
export function hasPictureShape({ inputs }: ModelInfo): boolean {
  const sizes = inputs[0]?.sizes ?? [];
  return inputs.length === 1 && sizes.length >= 3 && sizes.slice(-3).includes(3);
}

/** Whether a tensor is one picture: all dimensions before the last three are 1. */
export function isOne(tensor: TensorInfo | undefined): boolean {
  return countOf(sizesForOne(tensor).slice(0, -3)) === 1;
}

/** Whether the only input is one picture. 8-bit pictures are those of quantised models. */
export function takesPicture(info: ModelInfo): boolean {
  const [input] = info.inputs;
  return hasPictureShape(info) && isOne(input) && /^(f32|u8|i8)$/.test(input?.type ?? '');
}

/** Whether the numbers of an output stand for reals: floats, or 8 bits with a scale. */
export function isReal(output: TensorInfo | undefined): boolean {
  return output?.type === 'f32' || output?.scale !== undefined;
}

/** Whether an output is a vector of reals: all dimensions but one are 1. */
export function isVector(output: TensorInfo | undefined): boolean {
  const sizes = sizesForOne(output);
  return isReal(output) && sizes.length > 0 && Math.max(...sizes) === countOf(sizes);
}

/** Whether these can be three numbers of a normalisation; they may be left out. */
export function isTriple(list: unknown): boolean {
  return (
    list === undefined ||
    (Array.isArray(list) && list.length === 3 && list.every((one) => Number.isFinite(one)))
  );
}
