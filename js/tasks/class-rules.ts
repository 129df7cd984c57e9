/**
 * Which classes of a result are wanted, and what their scores are. The rules are those of TensorFlow Lite's Task Library.
 *
 * This module is fetched while a classifier loads, so that pages without one do not have it.
 */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { nearNames } from '../base/options.js';
import type { ModelInfo, TensorMetadata } from '../core/types.js';
import {
  describeTensor,
  expectPictureInput,
  isReal,
  sizesForOne,
  statedLabels,
  unfit,
} from './task.js';

/** Which classes of a result are wanted; all optional. */
export interface ClassSelection {
  /** Keep the k most probable classes only; a negative number keeps all. Default: all. */
  topk?: number;
  /** Keep classes with at least this score, 0..1. Default: the threshold of the model's metadata, if it has one. */
  scoreThreshold?: number;
  /** Keep these labels only; names that the model does not have are passed over. Default, and []: all. */
  allowlist?: readonly string[];
  /** Drop these labels, likewise; not together with an allowlist. Default: none. */
  denylist?: readonly string[];
  /** Language of the names to display, such as 'de', for models with labels in several. Default 'en'. */
  displayNamesLocale?: string;
}

/** One class of a picture. */
export interface ClassScore {
  /** Name of the class. */
  label: string;
  /** Its place in the model's output. */
  index: number;
  /** Its probability, 0..1. */
  score: number;
  /** Its name in the language asked for; not there when the model has none in it. */
  displayName?: string;
}

/** What is known of a loaded classifier. */
export interface Classifier {
  labels: readonly string[];
  /** What the metadata says about the scores. */
  stated: TensorMetadata | undefined;
  /** Calibrated score of a class for what the model gives; undefined for models without calibration. */
  calibrate: ((score: number, index: number) => number) | undefined;
}

/**
 * Refuses models that do not give one score per label.
 *
 * @param labels The caller's; undefined: the file's, or the thousand of ImageNet.
 * @throws ExecutorchError InvalidConfig.
 */
export async function classifierOf(
  info: ModelInfo,
  labels: readonly string[] | undefined,
): Promise<Classifier> {
  const names = labels ?? statedLabels(info) ?? (await usualLabels());
  expectClasses(info, names, labels === undefined);
  const stated = info.metadata?.outputs?.[0];
  return { labels: names, stated, calibrate: stated && calibration(stated, names.length) };
}

/** They are half as big as all the rest. */
async function usualLabels(): Promise<readonly string[]> {
  return (await import('../constants/generated/imagenet.js')).IMAGENET1K_LABELS;
}

function expectClasses(info: ModelInfo, labels: readonly string[], isDefault: boolean): void {
  expectPictureInput(info, 'classification');
  const [output] = info.outputs;
  const sizes = output ? sizesForOne(output) : [];
  const count = sizes.reduce((product, size) => product * size, 1);
  if (isReal(output) && count === labels.length) return;
  throw unfit(
    `This model cannot classify with ${labels.length} labels: its output is ${describeTensor(output)}. ` +
      adviceOnOutput(output?.type, sizes, isDefault),
  );
}

function adviceOnOutput(type: string | undefined, sizes: readonly number[], isDefault: boolean) {
  if (sizes.length === 4 && Math.max(...sizes.slice(2)) > 1) {
    return 'It looks like a segmenter: use ImageSegmentationModule.';
  }
  if (type !== 'f32' && type !== 'u8' && type !== 'i8')
    return 'Its type must be f32: convert the last node of the model to float32.';
  if (sizes.length > 1 && sizes[0] !== 1) return 'Its batch must be 1: export it for one picture.';
  const count = sizes.reduce((product, size) => product * size, 1);
  return isDefault
    ? 'Give the names of its classes: load({ modelSource, labels }).'
    : `Give ${count} labels.`;
}

/* --- calibration ---------------------------------------------------------------------------------------- */

/** Parameters of one class: scale, slope, offset and, optionally, the least score that is calibrated. */
type Sigmoid = readonly number[];

/**
 * What metadata says of scores as a function; undefined when it says nothing.
 *
 * @throws ExecutorchError InvalidConfig when it cannot be meant.
 */
function calibration(
  { scoreCalibration: options, files }: TensorMetadata,
  count: number,
): Classifier['calibrate'] {
  if (!options) return undefined;
  const lines = files?.find(({ kind }) => kind === 'scoreCalibration')?.lines;
  if (!lines)
    throw unfit('The metadata calibrates scores, but the file with the parameters is missing.');
  const sigmoids = lines.map(sigmoidOf);
  // An editor's last line more, or a last class without parameters whose line has no end.
  const extra = sigmoids.length - count;
  if (Math.abs(extra) > 1 || (extra === 1 && sigmoids.at(-1) !== undefined)) {
    throw unfit(`The metadata calibrates ${lines.length} classes; the model has ${count}.`);
  }
  const { transformation, defaultScore } = options;
  return (score, index) => {
    const sigmoid = sigmoids[index];
    if (!sigmoid || score < (sigmoid[3] ?? -Infinity)) return defaultScore ?? 0;
    const [scale = 0, slope = 0, offset = 0] = sigmoid;
    return scale * logistic(slope * transformed(score, transformation) + offset);
  };
}

/** A line without parameters leaves its class without calibration. */
function sigmoidOf(line: string, index: number): Sigmoid | undefined {
  if (line === '') return undefined;
  const values = line.split(',').map((text) => (text.trim() === '' ? NaN : Number(text)));
  const isComplete = values.length === 3 || values.length === 4;
  if (isComplete && values.every(Number.isFinite) && values[0]! >= 0) return values;
  throw unfit(
    `Line ${index + 1} of the score calibration is '${line.slice(0, 80)}'; ` +
      'it must be scale, slope, offset and, optionally, the least score, with a scale of at least 0.',
  );
}

function transformed(
  score: number,
  kind: NonNullable<TensorMetadata['scoreCalibration']>['transformation'],
): number {
  if (kind === 'identity') return score;
  return kind === 'log' ? safeLog(score) : safeLog(score) - safeLog(1 - score);
}

/** Scores below are as far from it as their mirror images above: order is kept, and nothing is infinite. */
const LEAST = 1e-16;
function safeLog(x: number): number {
  return x < LEAST ? 2 * Math.log(LEAST) - Math.log(2 * LEAST - x) : Math.log(x);
}

/** Without a power that overflows. */
function logistic(x: number): number {
  const power = Math.exp(-Math.abs(x));
  return (x < 0 ? power : 1) / (1 + power);
}

/* --- selection ------------------------------------------------------------------------------------------ */

/** @throws ExecutorchError InvalidUserInput. */
export function checkSelection(options: ClassSelection, { labels }: Classifier): void {
  const { topk, scoreThreshold, allowlist, denylist, displayNamesLocale } = options;
  if (topk !== undefined && !(Number.isInteger(topk) && topk !== 0)) {
    throw invalid(`topk is a whole number other than 0, got ${String(topk)}`);
  }
  if (scoreThreshold !== undefined && !(scoreThreshold >= 0 && scoreThreshold <= 1)) {
    throw invalid(`scoreThreshold is a number from 0 to 1, got ${String(scoreThreshold)}`);
  }
  if (displayNamesLocale !== undefined && typeof displayNamesLocale !== 'string') {
    throw invalid(
      `displayNamesLocale is a language such as 'en', got ${typeof displayNamesLocale}`,
    );
  }
  if (allowlist?.length && denylist?.length) {
    throw invalid('allowlist and denylist exclude each other');
  }
  checkLabels('allowlist', allowlist, labels);
  checkLabels('denylist', denylist, labels);
}

/** A list that names no class of the model is a mistake. */
function checkLabels(name: string, list: unknown, labels: readonly string[]): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw invalid(`${name} is a list of labels, got ${typeof list}`);
  const known = new Set<unknown>(labels);
  if (list.length === 0 || list.some((label) => known.has(label))) return;
  const [first] = list as unknown[];
  throw invalid(
    list.length === 1
      ? `'${String(first)}' is not a label of this model${nearNames(first, labels)}`
      : `${name} names no label of this model: '${String(first)}' …${nearNames(first, labels)}`,
  );
}

/** All classes of the model's scores, in its order. */
export function classesOf(
  { labels, stated, calibrate }: Classifier,
  scores: ArrayLike<number>,
  { displayNamesLocale = 'en' }: ClassSelection,
): ClassScore[] {
  const names = displayNames(stated, displayNamesLocale, labels.length);
  return labels.map((label, index) => {
    const score = scores[index] ?? 0;
    const displayName = names?.[index];
    return {
      label,
      index,
      score: calibrate ? calibrate(score, index) : score,
      ...(displayName && { displayName }),
    };
  });
}

/** @throws ExecutorchError InvalidConfig when there are too few or too many. */
function displayNames(
  stated: TensorMetadata | undefined,
  locale: string,
  count: number,
): readonly string[] | undefined {
  const isAsked = (file: { kind: string; locale?: string }) =>
    file.kind === 'axisLabels' && file.locale === locale;
  const lines = stated?.files?.find(isAsked)?.lines;
  const names = lines?.length === count + 1 && lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  if (!names || names.length === count) return names;
  throw unfit(`The metadata has ${names.length} names in '${locale}' for ${count} classes.`);
}

/** Those that are wanted of all classes: most probable first, equal ones in the model's order. */
export function select(
  classes: readonly ClassScore[],
  { stated }: Classifier,
  { topk = -1, scoreThreshold, allowlist = [], denylist = [] }: ClassSelection,
): ClassScore[] {
  const least = scoreThreshold ?? stated?.scoreThreshold ?? -Infinity;
  const allowed = new Set(allowlist);
  const denied = new Set(denylist);
  return classes
    .filter(
      ({ label, score }) =>
        score >= least && !denied.has(label) && (allowed.size === 0 || allowed.has(label)),
    )
    .sort((a, b) => b.score - a.score)
    .slice(0, topk < 0 ? undefined : topk);
}

/** Of classes with the same label the last one stays. */
export function lastOfEachLabel(classes: readonly ClassScore[]): ClassScore[] {
  return [...new Map(classes.map((one) => [one.label, one])).values()];
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `Classification: ${reason}.`);
}
