/** Segmentation in the order of classes that 0.8 to 0.10's legacy API have: of one plane, the foreground is the first class. */
import type { ModelInfo } from '../../core/types.js';
import type { SegmentationModel } from '../../constants/model-types.js';
import type { ResourceSource } from '../../base/types.js';
import type { ImageSource, Preprocessor } from '../../images/types.js';
import { PictureModule } from '../../modules/picture-module.js';
import type { MapSelection, Maps } from '../../tasks/map-rules.js';
import { segmentation, type LoadedSegmenter } from '../../tasks/segmentation.js';
import type { Task } from '../../tasks/task.js';
import { IMAGENET1K_MEAN, IMAGENET1K_STD } from './constants.js';

interface Known extends LoadedSegmenter {
  hasOnePlane: boolean;
}

/** A function: bundles without segmentation would keep a copy of the task. */
function legacySegmentation(): Task<SegmentationModel, Known, MapSelection, Maps> {
  return {
    ...segmentation,
    async check(info, model) {
      const { hasOnePlane } = await import('../../tasks/map-rules.js');
      if (!hasOnePlane(info)) return known(info, model, false);
      // Ours has the background first, and names for both; theirs may leave out that of the background.
      const { labels: [foreground = '', background = '', ...others] = [] } = model;
      return known(info, { ...model, labels: [background, foreground, ...others] }, true);
    },
    present(outputs, known, selection) {
      const maps = segmentation.present(outputs, known, selection);
      const { ARGMAX } = maps.result;
      if (known.hasOnePlane) ARGMAX.forEach((ours, i) => (ARGMAX[i] = 1 - ours));
      return maps;
    },
  };
}

async function known(info: ModelInfo, model: SegmentationModel, hasOnePlane: boolean) {
  return { ...(await segmentation.check(info, model)), hasOnePlane };
}

/** The maps of a picture by label; those of all classes come when they are read. */
export type LabelledMaps = Record<'ARGMAX', Int32Array> & Record<string, Float32Array>;

export class Segmenter extends PictureModule<SegmentationModel, Known, MapSelection, Maps> {
  constructor() {
    super(legacySegmentation());
  }

  /** @param classesOfInterest []: all. */
  async forward(
    picture: ImageSource,
    classesOfInterest: readonly string[],
    resize: boolean,
  ): Promise<LabelledMaps> {
    const isEvery = Array.isArray(classesOfInterest) && classesOfInterest.length === 0;
    const selection = { classesOfInterest, resize, everyClass: isEvery };
    const { result, size, planeSize } = await this.apply(picture, selection, undefined);
    const { resizePlane } = await import('./resize-plane.js');
    const { ARGMAX, ...planes } = result as Record<string, Int32Array | Float32Array>;
    const maps = { ARGMAX: plainMap(ARGMAX!) };
    for (const [label, plane] of Object.entries(planes)) {
      // A class without a name is one that nobody listed.
      if (label === '') continue;
      defineLate(maps, label, () => resizePlane(plainMap(plane) as Float32Array, planeSize, size));
    }
    return maps as LabelledMaps;
  }
}

/** A member that is made when it is read first; listing, copying and cloning read it. */
function defineLate(target: object, name: string, make: () => unknown): void {
  const define = (value: unknown) =>
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  Object.defineProperty(target, name, {
    get() {
      const made = make();
      define(made);
      return made;
    },
    set: define,
    enumerable: true,
    configurable: true,
  });
}

/** The same memory as a typed array like any other: the root's answers as number[] does. */
function plainMap(map: Int32Array | Float32Array): Int32Array | Float32Array {
  const { buffer, byteOffset, length } = map;
  return map instanceof Int32Array
    ? new Int32Array(buffer, byteOffset, length)
    : new Float32Array(buffer, byteOffset, length);
}

/**
 * From 0.8 on the name says how pictures are normalised, wherever the file comes from. Files published with 0.6 and 0.7 take
 * pixels / 255.
 */
export function preprocessorOf(
  modelName: unknown,
  source: ResourceSource,
): Preprocessor | undefined {
  const ofPascal =
    /^(deeplab-v3-(resnet50|resnet101|mobilenet-v3-large)|lraspp-mobilenet-v3-large|fcn-resnet(50|101))(-quantized)?$/;
  if (typeof modelName !== 'string' || !ofPascal.test(modelName)) return undefined;
  if (typeof source === 'string' && /\/resolve\/v0\.[67]\.0\//.test(source)) return undefined;
  return { normMean: [...IMAGENET1K_MEAN], normStd: [...IMAGENET1K_STD] };
}
