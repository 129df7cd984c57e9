/**
 * What a `.tflite` says of its picture and its classes. Fetched for models that say anything; so nothing is imported here
 * that must be the same thing everywhere, such as the class of errors: what is wrong is returned as a sentence.
 */
import type { ModelInfo } from '../core/types.js';
import type { Preprocessor } from '../images/types.js';

/**
 * What is wrong with the normalisation that a model states for its picture: the mean and standard deviation of each
 * channel, or of all. The core tells what is no finite number as null.
 */
export function problemOfNormalisation({ inputs: [input], metadata }: ModelInfo) {
  const { mean, std } = metadata?.inputs?.[0] ?? {};
  if ((!mean && !std) || input?.type === 'u8') return undefined;
  const counts = [mean?.length ?? 0, std?.length ?? 0];
  const isRight =
    counts[0] === counts[1] &&
    (counts[0] === 1 || counts[0] === 3) &&
    mean!.every(Number.isFinite) &&
    std!.every((one) => Number.isFinite(one) && one !== 0);
  if (isRight) return undefined;
  const [means, stds] = [mean, std].map((list) => `[${(list ?? []).map(String).join(', ')}]`);
  return `the metadata states a normalisation that cannot be: mean ${means}, std ${stds}`;
}

/** Metadata that newer readers are asked for may say more than is known here, which is version 1.5. */
export function problemOfParser({ metadata }: ModelInfo): string | undefined {
  const [major = 0, minor = 0] = (metadata?.minParserVersion ?? '').split('.').map(Number);
  if (!(major > 1 || (major === 1 && minor > 5))) return undefined;
  return `the metadata asks for a reader of version ${metadata!.minParserVersion}; this one knows 1.5`;
}

/**
 * The normalisation that a model states for its picture, as the core takes it: of pixels from 0 to 1. u8 inputs take
 * pixels as they are, whatever is stated. Undefined: pixels from 0 to 1, or what an 8-bit input's own scale says. A
 * sentence: it cannot be meant.
 */
export function preprocessorOf(info: ModelInfo): Preprocessor | string | undefined {
  const problem = problemOfNormalisation(info);
  if (problem) {
    const advice = 'Give preprocessor: { normMean, normStd } in the model object (--mean, --std).';
    return `Of this model ${problem}. ${advice}`;
  }
  const { mean, std } = info.metadata?.inputs?.[0] ?? {};
  if (!mean || !std || info.inputs[0]?.type === 'u8') return undefined;
  const three = (list: readonly number[]) =>
    [0, 1, 2].map((i) => (list[list.length === 1 ? 0 : i] ?? 0) / 255);
  return { normMean: three(mean), normStd: three(std) };
}

/** Names of the classes of output 0: of several languages those that the file names first. */
export function labelsOf({ metadata, outputs }: ModelInfo): string[] | undefined {
  const lines = metadata?.outputs?.[0]?.files?.find(({ kind }) => kind === 'axisLabels')?.lines;
  if (!lines || lines.length === 0) return undefined;
  /* A last line without a name is an editor's, not a class. */
  const isExtra = lines.at(-1) === '' && !outputs[0]?.sizes.includes(lines.length);
  return isExtra ? lines.slice(0, -1) : lines;
}
