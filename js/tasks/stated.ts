/** What a `.tflite` says of its picture and its classes. Fetched for models that say anything. */
import type { ModelInfo } from '../core/types.js';
import type { Preprocessor } from '../images/types.js';

/**
 * The normalisation that a model states for its picture, as the core takes it: of pixels from 0 to 1. u8 inputs take
 * pixels as they are, whatever is stated. Undefined: pixels from 0 to 1, or what an 8-bit input's own scale says.
 */
export function preprocessorOf({ inputs: [input], metadata }: ModelInfo): Preprocessor | undefined {
  const { mean, std } = metadata?.inputs?.[0] ?? {};
  if (!mean || !std || input?.type === 'u8') return undefined;
  const three = (list: readonly number[]) =>
    [0, 1, 2].map((i) => (list[list.length === 1 ? 0 : i] ?? 0) / 255);
  const normStd = three(std);
  return normStd.includes(0) ? undefined : { normMean: three(mean), normStd };
}

/** Names of the classes of output 0: of several languages those that the file names first. */
export function labelsOf({ metadata, outputs }: ModelInfo): string[] | undefined {
  const lines = metadata?.outputs?.[0]?.files?.find(({ kind }) => kind === 'axisLabels')?.lines;
  if (!lines || lines.length === 0) return undefined;
  /* A last line without a name is an editor's, not a class. */
  const isExtra = lines.at(-1) === '' && !outputs[0]?.sizes.includes(lines.length);
  return isExtra ? lines.slice(0, -1) : lines;
}
