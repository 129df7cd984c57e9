/**
 * Which classes of a result are wanted, and what their scores are. The rules are those of TensorFlow Lite's Task Library.
 *
 * A file of its own, which is fetched while a classifier loads: pages without one do not have it. So nothing is imported
 * here that must be the same thing everywhere, such as the class of errors: what is wrong is returned as a sentence.
 */
import { counted, kindOf, didYouMean, quoted, shownValue } from '../base/option-words.js';
import type { ModelInfo, TensorMetadata } from '../core/types.js';
import { countOf, describeTensor, isReal, sizesForOne } from './tensors.js';

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
}

/** What is wrong with the model as a classifier; undefined: nothing, it gives one score per label. */
export function problemOf(
  info: ModelInfo,
  labels: readonly string[],
  isDefault: boolean,
): string | undefined {
  const [output] = info.outputs;
  const sizes = sizesForOne(output);
  const count = countOf(sizes);
  if (!isReal(output) || count !== labels.length) {
    return (
      `This model cannot classify with ${counted(labels.length, 'label')}: its output is ${describeTensor(output)}. ` +
      adviceOnOutput(output?.type, sizes, isDefault) +
      (isDefault && info.warnings ? ` Of the file: ${info.warnings.join('; ')}.` : '')
    );
  }
  return problemOfCalibration(info.metadata?.outputs?.[0], count);
}

const isWhole = (type: string | undefined) => type === 'i64' || type === 'i32';

function adviceOnOutput(type: string | undefined, sizes: readonly number[], isDefault: boolean) {
  const isMap = sizes.length - sizes.filter((size) => size === 1).length > 1;
  if (isMap && sizes.length >= (isWhole(type) ? 3 : 4)) {
    return 'It looks like a segmenter: use ImageSegmentationModule.';
  }
  if (type !== 'f32' && type !== 'u8' && type !== 'i8')
    return 'Its type must be f32: convert the last node of the model to float32.';
  if (sizes.length > 1 && sizes[0] !== 1) return 'Its batch must be 1: export it for one picture.';
  return isDefault
    ? 'Give the names of its classes: load({ modelSource, labels }).'
    : `Give ${counted(countOf(sizes), 'label')}.`;
}

/* --- calibration ---------------------------------------------------------------------------------------- */

/** Parameters of a class: scale, slope, offset and, optionally, the least score that is calibrated. */
type Sigmoid = readonly number[];

/** A line without parameters leaves its class without calibration; 'bad' is one that says nothing. */
function sigmoidOf(line: string): Sigmoid | undefined | 'bad' {
  if (line === '') return undefined;
  const values = line.split(',').map((text) => (text.trim() === '' ? NaN : Number(text)));
  const isComplete = values.length === 3 || values.length === 4;
  return isComplete && values.every(Number.isFinite) && values[0]! >= 0 ? values : 'bad';
}

function linesOf({ files }: TensorMetadata): readonly string[] | undefined {
  return files?.find(({ kind }) => kind === 'scoreCalibration')?.lines;
}

/** Metadata that calibrates scores must have a line per class; one may be missing or empty at the end. */
function problemOfCalibration(stated: TensorMetadata | undefined, count: number) {
  if (!stated?.scoreCalibration) return undefined;
  const lines = linesOf(stated);
  if (!lines) return 'The metadata calibrates scores, but the file with the parameters is missing.';
  const extra = lines.length - count;
  if (Math.abs(extra) > 1 || (extra === 1 && lines.at(-1) !== '')) {
    return `The metadata calibrates ${lines.length} classes; the model has ${count}.`;
  }
  const bad = lines.findIndex((line) => sigmoidOf(line) === 'bad');
  if (bad < 0) return undefined;
  return (
    `Line ${bad + 1} of the score calibration is '${lines[bad]!.slice(0, 80)}'; ` +
    'it must be scale, slope, offset and, optionally, the least score, with a scale of at least 0.'
  );
}

/** The scores as the metadata wants them. */
function calibrated(
  stated: TensorMetadata | undefined,
  scores: ArrayLike<number>,
): ArrayLike<number> {
  const options = stated?.scoreCalibration;
  if (!options) return scores;
  const lines = linesOf(stated) ?? [];
  return Array.from(scores, (score, index) => {
    const sigmoid = sigmoidOf(lines[index] ?? '');
    if (!sigmoid || sigmoid === 'bad' || score < (sigmoid[3] ?? -Infinity)) {
      return options.defaultScore ?? 0;
    }
    const [scale = 0, slope = 0, offset = 0] = sigmoid;
    return scale * logistic(slope * transformed(score, options.transformation) + offset);
  });
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

/** What is wrong with options of a caller; undefined: nothing. */
export function problemOfSelection(
  options: ClassSelection,
  { labels, stated }: Classifier,
): string | undefined {
  const { topk, scoreThreshold, allowlist, denylist, displayNamesLocale: locale } = options;
  if (topk !== undefined && !(Number.isInteger(topk) && topk !== 0)) {
    return `topk is a whole number other than 0, got ${typeof topk === 'string' ? `'${topk}'` : quoted(topk)}`;
  }
  const isShare = typeof scoreThreshold === 'number' && scoreThreshold >= 0 && scoreThreshold <= 1;
  if (scoreThreshold !== undefined && !isShare) {
    return `scoreThreshold is a number from 0 to 1, got ${shownValue(scoreThreshold)}`;
  }
  if (locale !== undefined && typeof locale !== 'string') {
    return `displayNamesLocale is a language such as 'en', got ${typeof locale}`;
  }
  if (allowlist?.length && denylist?.length) return 'allowlist and denylist exclude each other';
  const names = displayNames(stated, locale);
  if (names && names.length !== labels.length) {
    return `the model has ${names.length} names in '${locale ?? USUAL_LOCALE}' for ${labels.length} classes`;
  }
  return (
    problemOfList('allowlist', allowlist, labels) ?? problemOfList('denylist', denylist, labels)
  );
}

/** Longer lists are mistakes, such as one with an entry at an index of billions: walking them would take minutes. */
const MOST_NAMES = 1_000_000;

/** A list that names no class of the model is a mistake. */
function problemOfList(name: string, list: unknown, labels: readonly string[]) {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return `${name} is a list of labels, got ${kindOf(list)}`;
  if (list.length > MOST_NAMES) return `${name} has ${list.length} entries, which is too many`;
  const known = new Set<unknown>(labels);
  if (list.length === 0 || list.some((label) => known.has(label))) return undefined;
  const [first] = list as unknown[];
  return list.length === 1
    ? `'${quoted(first)}' is not a label of this model${didYouMean(first, labels)}`
    : `${name} names no label of this model: '${quoted(first)}' …${didYouMean(first, labels)}`;
}

const USUAL_LOCALE = 'en';

/** Names in a language; undefined when the model has none in it. A last line without a name is an editor's. */
function displayNames(stated: TensorMetadata | undefined, locale = USUAL_LOCALE) {
  const lines = stated?.files?.find(
    (file) => file.kind === 'axisLabels' && file.locale === locale,
  )?.lines;
  return lines?.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/**
 * The classes that are wanted of all: most probable first, equal ones in the model's order.
 *
 * @param scores What the model gives, a number per class.
 * @param unique Of classes with the same label only the last one counts.
 */
export function select(
  scores: ArrayLike<number>,
  classifier: Classifier,
  options: ClassSelection,
  unique: boolean,
): ClassScore[] {
  const { topk = -1, scoreThreshold, allowlist = [], denylist = [], displayNamesLocale } = options;
  const { labels, stated } = classifier;
  const least = scoreThreshold ?? stated?.scoreThreshold ?? -Infinity;
  const allowed = new Set(allowlist);
  const denied = new Set(denylist);
  const isWanted = (label: string) =>
    !denied.has(label) && (allowed.size === 0 || allowed.has(label));
  const values = calibrated(stated, scores);
  const score = (index: number) => values[index] ?? 0;
  // Objects are made of what is left: there may be thousands of classes.
  const kept = (unique ? lastOfEach(labels) : [...labels.keys()]).filter(
    (index) => score(index) >= least && isWanted(labels[index]!),
  );
  const first = byScore(kept, score).slice(0, topk < 0 ? undefined : topk);
  const names = displayNames(stated, displayNamesLocale);
  return first.map((index) => {
    const displayName = names?.[index];
    const one = { label: labels[index]!, index, score: score(index) };
    return displayName ? { ...one, displayName } : one;
  });
}

/** What {@link lastOfEach} has found; labels of a model stay the same. */
const lastPlaces = new WeakMap<readonly string[], readonly number[]>();

/** Places of the labels, the last one of those that are equal, in the order of the first. */
function lastOfEach(labels: readonly string[]): readonly number[] {
  let places = lastPlaces.get(labels);
  if (!places) {
    places = [...new Map(labels.map((label, index) => [label, index])).values()];
    lastPlaces.set(labels, places);
  }
  return places;
}

/** More classes than any model has: what is left of 53 bits beside the 32 of a float. */
const PLACES = 2 ** 20;

/**
 * Places by falling score, equal ones as they are. Numbers sort many times faster than by a function that compares, so a
 * float and its place become one number.
 */
function byScore(places: number[], score: (place: number) => number): number[] {
  const floats = new Float32Array(places.length);
  places.forEach((place, i) => (floats[i] = score(place)));
  const areFloats =
    places.length <= PLACES && places.every((place, i) => floats[i] === score(place));
  if (!areFloats) return places.sort((a, b) => score(b) - score(a));
  const keys = new Float64Array(places.length);
  // The bits of floats are in their order, but for the sign.
  new Int32Array(floats.buffer).forEach((bits, i) => {
    const rank = bits < 0 ? -(bits & 0x7fffffff) : bits;
    keys[i] = rank * PLACES + (PLACES - 1 - i);
  });
  keys.sort().reverse();
  const sorted: number[] = [];
  for (const key of keys) {
    const rest = key - Math.floor(key / PLACES) * PLACES;
    sorted.push(places[PLACES - 1 - rest]!);
  }
  return sorted;
}
