/** Label maps: enumerations of class names, as versions from 0.8 on describe the classes of a model. */
import { tellStrangeNames } from '../../base/strange-names.js';
import type { DeeplabLabel } from '../../constants/index.js';
import type { Preprocessor } from '../../images/types.js';
import type { Imagenet1kLabel } from '../generated/imagenet-label.js';
import { RnExecutorchError, RnExecutorchErrorCode } from './errors.js';

/** Names and numbers of classes; TypeScript's numeric enums, which name both ways, are welcome. */
export type LabelEnum = Readonly<Record<string, number | string>>;

/**
 * The keys of a label map, each at the place in the model's output that its value names; '' where none does.
 * @throws RnExecutorchError InvalidUserInput where values are no places, or two are the same.
 */
export function labelKeys(labelMap: LabelEnum): string[] {
  const labels: string[] = [];
  for (const key of namesIn(labelMap)) {
    const place = labelMap[key];
    if (!isPlace(place) || labels[place] !== undefined) throw wrongPlace(key, place);
    labels[place] = key;
  }
  return Array.from(labels, (label) => label ?? '');
}

/** The keys that are no numbers: TypeScript's enumerations have those, too. */
function namesIn(labelMap: LabelEnum): string[] {
  return Object.keys(labelMap).filter((one) => Number.isNaN(Number(one)));
}

/** More classes than any model has: a list with one entry far out would be filled up to it. */
const MOST_CLASSES = 1_000_000;

function isPlace(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MOST_CLASSES;
}

function wrongPlace(key: string, place: unknown): RnExecutorchError {
  return new RnExecutorchError(
    RnExecutorchErrorCode.InvalidUserInput,
    `labelMap: ${key} has the value ${String(place)}. Values are places in the model's output, 0, 1, 2 …, each once.`,
  );
}

/** `inputSize` and the like are of tasks that are not here. */
const CONFIG = ['labelMap', 'preprocessorConfig', 'availableInputSizes', 'defaultInputSize'];

/** What fromCustomModel of classifiers is given. */
interface CustomConfig {
  labelMap: LabelEnum;
  preprocessorConfig?: Preprocessor | undefined;
}

/** Labels, by the places that the label map gives, and preprocessor. @throws RnExecutorchError InvalidUserInput. */
export function customModel(config: CustomConfig): CustomModel {
  return described(config, labelKeys);
}

/**
 * The same for segmenters. There the order of the keys is that of the model's planes, whatever their values are.
 *
 * @throws RnExecutorchError InvalidUserInput.
 */
export function customSegmenter(config: CustomConfig): CustomModel {
  return described(config, namesIn);
}

interface CustomModel {
  labels: string[];
  preprocessor?: Preprocessor;
}

function described(config: CustomConfig, labelsOf: (map: LabelEnum) => string[]): CustomModel {
  const { labelMap, preprocessorConfig } = config ?? {};
  if (typeof labelMap !== 'object' || labelMap === null) {
    throw new RnExecutorchError(
      RnExecutorchErrorCode.InvalidUserInput,
      'fromCustomModel() takes { labelMap }: an enumeration of the classes, such as { CAT: 0, DOG: 1 }.',
    );
  }
  tellStrangeNames('fromCustomModel()', config, CONFIG);
  tellStrangeNames('preprocessorConfig', preprocessorConfig, ['normMean', 'normStd']);
  const preprocessor = preprocessorConfig ? { preprocessor: preprocessorConfig } : {};
  return { labels: labelsOf(labelMap), ...preprocessor };
}

/** Classes of the selfie segmentation model, in the order of 0.8 and 0.9. */
export enum SelfieSegmentationLabel {
  SELFIE = 0,
  BACKGROUND = 1,
}

/** The keys of a label map. */
export type KeysOf<Map> = Extract<keyof Map, string>;

/**
 * Keys of what a segmenter gives: `Labels` is the name of a published model, a label map, or unknown. As literals, so that
 * reading one is no guess for those who compile with noUncheckedIndexedAccess.
 */
export type SegmentationKeys<Labels> = unknown extends Labels
  ? string
  : Labels extends string
    ? KeysOfNamed<Labels>
    : KeysOf<Labels>;

type KeysOfNamed<Name extends string> = string extends Name
  ? string
  : Name extends `selfie${string}`
    ? KeysOf<typeof SelfieSegmentationLabel>
    : Exclude<KeysOf<typeof DeeplabLabel>, 'ARGMAX'>;

/** Probabilities by key, likewise. Published models have ImageNet's keys, and answer to its labels as well, as 0.7's did. */
export type ClassificationScores<Labels> = unknown extends Labels
  ? Record<string, number>
  : Labels extends string
    ? ScoresOfNamed<Labels>
    : Record<KeysOf<Labels>, number>;

type ScoresOfNamed<Name extends string> = string extends Name
  ? Record<string, number>
  : Record<KeysOf<typeof Imagenet1kLabel>, number> & Record<string, number>;

/** Class numbers whose key is not their first name: two cranes, two maillots, and a dog like a garment. */
const RENAMED: Readonly<Record<number, string>> = {
  134: 'CRANE_BIRD',
  474: 'CARDIGAN_474',
  517: 'CRANE_MACHINE',
  639: 'MAILLOT_639',
};

/** The key of each ImageNet class: its first name in capitals. Labels in the order of the model's output. */
export function imagenetKeys(labels: readonly string[]): string[] {
  return labels.map((label, index) => RENAMED[index] ?? keyOf(label));
}

function keyOf(label: string): string {
  const [first = ''] = label.split(',');
  return first
    .replaceAll("'", '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_');
}
