/**
 * Which maps of a result are wanted, and how they are presented. A file of its own, which is fetched while a segmenter loads:
 * pages without one do not have it.
 */
import { DeeplabLabel } from '../constants/generated/pascal.js';
import type { ModelInfo, TensorData, TensorInfo } from '../core/types.js';
import { MAP_SIZES } from './map-sizes.js';
import { asClassMap, asProbabilityMap, type ClassMap, type ProbabilityMap } from './masks.js';
import { isReal, sizesForOne, takesPicture } from './tensors.js';

/** Classes of PASCAL VOC with the background; DeeplabLabel.ARGMAX is no class of the model. */
const PASCAL_CLASSES = 21;

/** What the caller asks of a segmenter. */
export interface MapSelection {
  classesOfInterest: readonly (number | string)[];
  resize: boolean;
  /**
   * True: the planes of all classes, whatever else is listed, and at the model's size even if `resize` has the class map
   * resized: all planes of a photograph are a gigabyte.
   */
  everyClass?: boolean;
}

/** Width and height of the maps of the last result, in pixels. */
export interface MapSize {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
}

type ClassMaps = {
  [label in Exclude<DeeplabLabel, DeeplabLabel.ARGMAX>]?: ProbabilityMap;
};

/**
 * Maps of a picture, row-major: under 'ARGMAX' (and, for models without labels of their own, under
 * DeeplabLabel.ARGMAX) the class of each pixel, always; under each class of interest its probability, 0..1, per
 * pixel.
 */
export interface SegmentationResult extends ClassMaps {
  [DeeplabLabel.ARGMAX]?: ClassMap;
  /** The class of each pixel, row by row: its place in the output of the model. */
  ARGMAX: ClassMap;
  /** With `labels` in the model: the map of the class of this name. */
  [label: string]: ProbabilityMap | ClassMap | undefined;
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
  /** Size of the planes, where it may be another. */
  planeSize: MapSize;
}

/** Classes of a model (undefined when it is no segmenter), and how many it is to have. */
export function countClasses(info: ModelInfo, labels: readonly string[] | undefined) {
  const wanted = labels?.length ?? PASCAL_CLASSES;
  return { wanted, classes: takesPicture(info) ? classesOf(info, wanted) : undefined };
}

/** Longer lists of classes are mistakes. */
export const MOST_MAPS = 1 << 16;

/** The core's arguments; undefined when something of the selection cannot be. */
export function argumentsOf(
  known: Segmenter,
  { classesOfInterest, resize, everyClass = false }: MapSelection,
): number[] | undefined {
  if (typeof resize !== 'boolean' || !Array.isArray(classesOfInterest)) return undefined;
  if (classesOfInterest.length > MOST_MAPS) return undefined;
  const { model, picture, classMapAlone } = MAP_SIZES;
  if (everyClass) return [resize ? classMapAlone : model, ...allIndices(known)];
  const indices = classIndices(known, classesOfInterest);
  return indices && [resize ? picture : model, ...indices];
}

const allIndices = ({ classes }: Segmenter) => Array.from({ length: classes }, (_, i) => i);

/** What the caller gets for the core's tensors. */
export function present(
  [argmax, ...planes]: readonly TensorData[],
  known: Segmenter,
  { classesOfInterest, everyClass = false }: MapSelection,
): Maps {
  const map = asClassMap(new Int32Array(argmax?.data ?? new ArrayBuffer(0)));
  const wanted = everyClass ? allIndices(known) : (classIndices(known, classesOfInterest) ?? []);
  const maps: [string | number, ProbabilityMap | ClassMap][] = wanted.map((index, i) => [
    known.labels?.[index] ?? index,
    asProbabilityMap(new Float32Array(planes[i]?.data ?? new ArrayBuffer(0))),
  ]);
  if (!known.labels) maps.push([DeeplabLabel.ARGMAX, map]);
  const result = Object.fromEntries([...maps, ['ARGMAX', map]]) as SegmentationResult;
  // One map under two names: it is listed, and cloned, once.
  if (!known.labels) Object.defineProperty(result, 'ARGMAX', { value: map, enumerable: false });
  return { result, size: sizeOf(argmax), planeSize: sizeOf(planes[0] ?? argmax) };
}

function sizeOf(map: TensorData | undefined): MapSize {
  const [height = 0, width = 0] = map?.sizes ?? [];
  return { width, height };
}

/** Classes whose planes are wanted, each once; undefined when one of them is no class. */
function classIndices(known: Segmenter, classes: readonly unknown[]): number[] | undefined {
  const wanted = new Set<number>();
  for (const one of classes) {
    const index = classIndex(one, known);
    if (index === undefined) return undefined;
    wanted.add(index);
  }
  wanted.delete(-1);
  return [...wanted];
}

/** Index of a class; -1 for ARGMAX, which is always returned. */
function classIndex(one: unknown, known: Segmenter): number | undefined {
  const { labels, classes } = known;
  if (one === 'ARGMAX' || (!labels && one === Number(DeeplabLabel.ARGMAX))) return -1;
  const index = typeof one === 'string' ? namesOf(known).indexOf(one) : (one as number);
  return Number.isInteger(index) && index >= 0 && index < classes ? index : undefined;
}

/** Names of the classes: the caller's, the file's, or PASCAL's. */
export function namesOf({ labels }: Segmenter): readonly string[] {
  return labels ?? Array.from({ length: PASCAL_CLASSES }, (_, i) => DeeplabLabel[i] ?? '');
}

/** Number of classes of a segmenter, undefined for other models; a single plane, the foreground, counts as two. */
function classesOf(info: ModelInfo, wanted: number): number | undefined {
  const [output] = info.outputs;
  const sizes = sizesForOne(output);
  const isMap = sizes.length === 3 || (sizes.length === 4 && sizes[0] === 1);
  if (!isMap) return undefined;
  if (isClassMap(output, sizes)) return wanted;
  if (!isReal(output)) return undefined;
  const planes = planesOf(info, sizes);
  return planes === 1 ? 2 : planes;
}

function planesOf({ channelsLast }: ModelInfo, sizes: readonly number[]): number {
  return sizes[sizes.length - (sizes.length === 4 && channelsLast ? 1 : 3)] ?? 0;
}

/** Whether a segmenter has one plane, that of the foreground. */
export function hasOnePlane(info: ModelInfo): boolean {
  const [output] = info.outputs;
  const sizes = sizesForOne(output);
  return !isClassMap(output, sizes) && planesOf(info, sizes) === 1;
}

/** A map of class numbers: the model has chosen the class of each pixel itself. */
function isClassMap(output: TensorInfo | undefined, sizes: readonly number[]): boolean {
  const isInteger = output?.type === 'i32' || output?.type === 'i64';
  return isInteger && sizes[0] === 1 && (sizes.length === 3 || sizes[3] === 1);
}
