/** Sizes of inputs that a file leaves to the caller (`.tflite`: -1 in a tensor's shape). */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { quoted } from '../base/option-words.js';
import type { PictureSize } from '../images/types.js';
import type { TensorInfo } from './types.js';

type Shape = readonly number[];

/** Whether the inputs have these shapes already, or cannot have them at all. */
export function sameShapes(inputs: readonly TensorInfo[], shapes: readonly Shape[]): boolean {
  const isPossible =
    inputs.length === shapes.length && inputs.every((one, i) => fits(one, shapes[i]!));
  return (
    !isPossible || inputs.every(({ sizes }, i) => sizes.every((size, d) => size === shapes[i]![d]))
  );
}

function fits({ sizes, freeDims = [] }: TensorInfo, shape: Shape): boolean {
  const isFree = (d: number) => freeDims.includes(d);
  return shape.length === sizes.length && shape.every((size, d) => size === sizes[d] || isFree(d));
}

/**
 * Shapes for a model whose only input is a picture.
 *
 * @param picture Size that the input gets when nothing else is wanted, in pixels.
 * @throws ExecutorchError InvalidConfig when a size is wanted that the model cannot have.
 */
export function shapesFor(
  inputs: readonly TensorInfo[],
  picture: PictureSize,
  wanted: PictureSize | undefined,
): Shape[] {
  if (wanted && !isSize(wanted)) {
    throw new ExecutorchError(
      ErrorCode.InvalidConfig,
      'inputSize is { width, height } in whole pixels, got a width of ' +
        `${quoted(wanted.width)} and a height of ${quoted(wanted.height)}.`,
    );
  }
  const [input] = inputs;
  const sizes = [...(input?.sizes ?? [])];
  const rank = sizes.length;
  const [y, x] =
    sizes[rank - 1] === 3 && sizes[rank - 3] !== 3 ? [rank - 3, rank - 2] : [rank - 2, rank - 1];
  for (const [d, own, size] of [
    [y, picture.height, wanted?.height],
    [x, picture.width, wanted?.width],
  ] as const) {
    if (input?.freeDims?.includes(d)) sizes[d] = size ?? own;
    if (!isSide(sizes[d]) || (size !== undefined && size !== sizes[d]))
      throw impossible(input, wanted);
  }
  return [sizes];
}

/** Whether this is a size that a picture can have: what comes from a caller is not checked while a model loads. */
export function isSize(size: PictureSize | undefined): boolean {
  return isSide(size?.width) && isSide(size?.height);
}

function isSide(size: number | undefined): boolean {
  return Number.isInteger(size) && size! > 0;
}

function impossible(input: TensorInfo | undefined, wanted: PictureSize | undefined) {
  const shape = input ? `${input.type} [${input.sizes.join(', ')}]` : 'no picture';
  return new ExecutorchError(
    ErrorCode.InvalidConfig,
    `inputSize is ${String(wanted?.width)} x ${String(wanted?.height)}; the model takes ${shape}` +
      (input?.freeDims ? `, with dimensions ${input.freeDims.join(', ')} free.` : '.'),
  );
}
