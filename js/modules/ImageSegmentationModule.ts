import { DeeplabLabel } from '../constants/index.js';
import type { SegmentationModel } from '../constants/model-types.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ModelInfo } from '../core/types.js';
import { prepareImage } from '../images/prepare.js';
import type { ImageSource } from '../images/types.js';
import { asClassMap, asProbabilityMap } from '../tasks/masks.js';
import {
  BaseModule,
  describeTensor,
  expectPictureInput,
  expectPreprocessor,
  pick,
  type ImageForwardOptions,
  type LoadOptions,
  type ProgressCallback,
} from './base-module.js';

/** Classes of PASCAL VOC with the background; DeeplabLabel.ARGMAX is no class of the model. */
const PASCAL_CLASSES = 21;

type ClassMaps = {
  [label in Exclude<DeeplabLabel, DeeplabLabel.ARGMAX>]?: Float32Array;
};

/**
 * Maps of a picture, row-major: under DeeplabLabel.ARGMAX (or 'ARGMAX' with labels of one's own) the class of
 * each pixel, always; under each class of interest its probability, 0..1, per pixel.
 */
export interface SegmentationResult extends ClassMaps {
  [DeeplabLabel.ARGMAX]?: Int32Array;
  ARGMAX?: Int32Array;
  /** With `labels` in the model: the map of the class of this name. */
  [label: string]: Float32Array | Int32Array | undefined;
}

/** Width and height of the maps of the last result, in pixels. */
export interface MapSize {
  width: number;
  height: number;
}

/**
 * Tells which pixels belong to what.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1, and gives logits
 * [1, classes, height, width]. As in React Native ExecuTorch, softmax and argmax (ties to the lowest class)
 * are taken at the model's size; only then, if asked for, maps are resized to the picture: ARGMAX by nearest
 * neighbour, probabilities bilinearly.
 */
export class ImageSegmentationModule extends BaseModule {
  private model: SegmentationModel | undefined;
  private classes = 0;
  private lastSize: MapSize | undefined;

  /** Size of the maps that the last forward() resolved to; undefined before. */
  get mapSize(): MapSize | undefined {
    return this.lastSize;
  }

  /**
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, InvalidConfig when the model is no segmenter of these classes, Aborted.
   */
  async load(
    model: SegmentationModel,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    expectPreprocessor(model.preprocessor);
    let classes = 0;
    const check = (info: ModelInfo) => {
      classes = classesOf(info, model.labels);
    };
    await this.loadModel(model.modelSource, onDownloadProgressCallback, options, check);
    this.model = model;
    this.classes = classes;
    this.lastSize = undefined;
  }

  /**
   * @param classesOfInterest Classes whose probability maps are wanted, as DeeplabLabel, index or label.
   * Default: none, ARGMAX only.
   * @param resize True: maps have the (upright) picture's size. Default: the model's.
   * @throws ExecutorchError ModuleNotLoaded, FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge,
   * InvalidUserInput (unknown class), InvalidModelOutput, Aborted.
   */
  async forward(
    imageSource: ImageSource,
    classesOfInterest: readonly (DeeplabLabel | number | string)[] = [],
    resize = false,
    options: ImageForwardOptions = {},
  ): Promise<SegmentationResult> {
    const { host } = this.loaded();
    const { labels, preprocessor } = this.model ?? {};
    const wanted = new Set(classesOfInterest.map((one) => classIndex(one, labels, this.classes)));
    wanted.delete(-1);
    const classes = [...wanted];
    const { region, rotation, maxPixels, signal } = options;
    const settings = { ...pick({ region, rotation, maxPixels, preprocessor }), classes, resize };
    const image = await prepareImage(imageSource);
    const found = this.timed(await host.segment(image, settings, pick({ signal })));
    this.lastSize = { width: found.width, height: found.height };
    const entries: [string | number, Int32Array | Float32Array | undefined][] = classes.map(
      (index, i) => [labels?.[index] ?? index, asProbabilityMap(found.planes[i] as Float32Array)],
    );
    entries.push([labels ? 'ARGMAX' : DeeplabLabel.ARGMAX, asClassMap(found.argmax)]);
    return Object.fromEntries(entries);
  }
}

/** Index of a class; -1 for ARGMAX, which is always returned. */
function classIndex(
  one: number | string,
  labels: readonly string[] | undefined,
  classes: number,
): number {
  if (one === 'ARGMAX' || (!labels && one === Number(DeeplabLabel.ARGMAX))) return -1;
  const names = labels ?? Array.from({ length: PASCAL_CLASSES }, (_, i) => DeeplabLabel[i] ?? '');
  const index = typeof one === 'string' ? names.indexOf(one) : one;
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw new ExecutorchError(
    ErrorCode.InvalidUserInput,
    `classesOfInterest: '${one}' is not a class of this model, which has ${classes} (0 to ${classes - 1}).`,
  );
}

/** Number of classes of a segmenter; a single plane of foreground probabilities counts as two. */
function classesOf(info: ModelInfo, labels: readonly string[] | undefined): number {
  expectPictureInput(info, 'segmentation');
  const [output] = info.outputs;
  const shape = output ? describeTensor(output) : 'nothing';
  const { sizes = [], type } = output ?? {};
  const isMap = type === 'f32' && (sizes.length === 3 || (sizes.length === 4 && sizes[0] === 1));
  if (!isMap) {
    const advice =
      sizes.length === 2
        ? ' It looks like a classifier or an embedder: use ClassificationModule or ImageEmbeddingsModule.'
        : '';
    throw new ExecutorchError(
      ErrorCode.InvalidConfig,
      `This model is no segmenter: its output is ${shape}, not f32 [1, classes, height, width].${advice}`,
    );
  }
  const planes = sizes[sizes.length - 3] ?? 0;
  const classes = planes === 1 ? 2 : planes;
  const wanted = labels?.length ?? PASCAL_CLASSES;
  if (classes === wanted) return classes;
  throw new ExecutorchError(
    ErrorCode.InvalidConfig,
    `This model has ${classes} classes (its output is ${shape}), not ${wanted}. ` +
      `Give ${classes} names: load({ modelSource, labels }).`,
  );
}
