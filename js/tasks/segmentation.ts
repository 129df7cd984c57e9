/** Segmentation: class map and probability planes of a picture. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { nearNames } from '../base/options.js';
import { DeeplabLabel } from '../constants/generated/pascal.js';
import type { SegmentationModel } from '../constants/model-types.js';
import type { ModelInfo, TensorInfo } from '../core/types.js';
import { asClassMap, asProbabilityMap } from './masks.js';
import {
  describeTensor,
  expectPictureInput,
  floatsOf,
  hasChannelsLast,
  isReal,
  sizesForOne,
  statedLabels,
  unfit,
  type Task,
} from './task.js';

/** Classes of PASCAL VOC with the background; DeeplabLabel.ARGMAX is no class of the model. */
const PASCAL_CLASSES = 21;

/** What the caller asks of a segmenter. */
export interface MapSelection {
  classesOfInterest: readonly (number | string)[];
  resize: boolean;
}

/** Width and height of the maps of the last result, in pixels. */
export interface MapSize {
  width: number;
  height: number;
}

type ClassMaps = {
  [label in Exclude<DeeplabLabel, DeeplabLabel.ARGMAX>]?: Float32Array;
};

/**
 * Maps of a picture, row-major: under 'ARGMAX' (and, for models without labels of their own, under
 * DeeplabLabel.ARGMAX) the class of each pixel, always; under each class of interest its probability, 0..1, per
 * pixel.
 */
export interface SegmentationResult extends ClassMaps {
  [DeeplabLabel.ARGMAX]?: Int32Array;
  ARGMAX: Int32Array;
  /** With `labels` in the model: the map of the class of this name. */
  [label: string]: Float32Array | Int32Array | undefined;
}

/** What is known of a loaded segmenter. */
export interface Segmenter {
  classes: number;
  labels: readonly string[] | undefined;
}

/** The maps and their size. */
export interface Maps {
  result: SegmentationResult;
  size: MapSize;
}

export const segmentation: Task<SegmentationModel, Segmenter, MapSelection, Maps> = {
  name: 'segment',
  check(info, { labels = statedLabels(info) }) {
    return { classes: classesOf(info, labels), labels };
  },
  run(known, { classesOfInterest, resize }) {
    if (!Array.isArray(classesOfInterest)) {
      throw invalid(`it is a list of classes, got ${typeof classesOfInterest}`);
    }
    if (typeof resize !== 'boolean') {
      const message = `forward(): resize is true or false, got ${typeof resize}.`;
      throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
    }
    return [resize ? 1 : 0, ...classIndices(known, classesOfInterest)];
  },
  present([argmax, ...planes], known, { classesOfInterest }) {
    const [height = 0, width = 0] = argmax?.sizes ?? [];
    const map = asClassMap(new Int32Array(argmax?.data ?? new ArrayBuffer(0)));
    const maps: [string | number, Float32Array | Int32Array][] = classIndices(
      known,
      classesOfInterest,
    ).map((index, i) => [known.labels?.[index] ?? index, asProbabilityMap(floatsOf(planes[i]))]);
    if (!known.labels) maps.push([DeeplabLabel.ARGMAX, map]);
    const result = Object.fromEntries([...maps, ['ARGMAX', map]]) as SegmentationResult;
    // One map under two names: it is listed, and cloned, once.
    if (!known.labels) Object.defineProperty(result, 'ARGMAX', { value: map, enumerable: false });
    return { result, size: { width, height } };
  },
};

/** Classes whose planes are wanted, each once. */
function classIndices(known: Segmenter, classes: MapSelection['classesOfInterest']): number[] {
  const wanted = new Set(classes.map((one) => classIndex(one, known)));
  wanted.delete(-1);
  return [...wanted];
}

/** Index of a class; -1 for ARGMAX, which is always returned. */
function classIndex(one: number | string, { labels, classes }: Segmenter): number {
  if (one === 'ARGMAX' || (!labels && one === Number(DeeplabLabel.ARGMAX))) return -1;
  const names = labels ?? Array.from({ length: PASCAL_CLASSES }, (_, i) => DeeplabLabel[i] ?? '');
  const index = typeof one === 'string' ? names.indexOf(one) : one;
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw invalid(
    `'${String(one)}' is not a class of this model, which has ${classes} (0 to ${classes - 1})${nearNames(one, names)}`,
  );
}

/** Number of classes of a segmenter; a single plane, the foreground, counts as two. */
function classesOf(info: ModelInfo, labels: readonly string[] | undefined): number {
  expectPictureInput(info, 'segmentation');
  const [output] = info.outputs;
  const shape = describeTensor(output);
  const sizes = output ? sizesForOne(output) : [];
  const isMap = sizes.length === 3 || (sizes.length === 4 && sizes[0] === 1);
  if (isMap && isClassMap(output, sizes)) return labels?.length ?? PASCAL_CLASSES;
  if (!isReal(output) || !isMap) {
    const advice =
      sizes.length === 2
        ? ' It looks like a classifier or an embedder: use ClassificationModule or ImageEmbeddingsModule.'
        : '';
    throw unfit(
      `This model is no segmenter: its output is ${shape}, not f32 [1, classes, height, width].${advice}`,
    );
  }
  const planes = sizes[sizes.length - (sizes.length === 4 && hasChannelsLast(info) ? 1 : 3)] ?? 0;
  const classes = planes === 1 ? 2 : planes;
  const wanted = labels?.length ?? PASCAL_CLASSES;
  if (classes === wanted) return classes;
  throw unfit(
    `This model has ${classes} classes (its output is ${shape}), not ${wanted}. ` +
      `Give ${classes} names: load({ modelSource, labels }).`,
  );
}

/** A map of class numbers: the model has chosen the class of each pixel itself. */
function isClassMap(output: TensorInfo | undefined, sizes: readonly number[]): boolean {
  const isInteger = output?.type === 'i32' || output?.type === 'i64';
  return isInteger && sizes[0] === 1 && (sizes.length === 3 || sizes[3] === 1);
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `classesOfInterest: ${reason}.`);
}
