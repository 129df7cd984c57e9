import { guarded } from '../base/errors.js';
import type { ClassificationModel } from '../constants/model-types.js';
import type { ImageSource } from '../images/types.js';
import type { ClassScore, ClassSelection } from '../tasks/class-rules.js';
import { classification, type ClassQuery, type LoadedClassifier } from '../tasks/classification.js';
import type { VideoCallback, VideoOptions, VideoSource, VideoTotals } from '../video/types.js';
import { PictureModule, type ImageForwardOptions } from './picture-module.js';

/** Extras of classification; all optional. */
export interface ClassificationOptions extends ImageForwardOptions, ClassSelection {}

/** Extras of classification on videos; all optional. */
export interface ClassificationVideoOptions extends ClassificationOptions, VideoOptions {}

/**
 * Probability per label (its display name, when `displayNamesLocale` is given). An object, so two things cannot be told by it: of classes with the same label only the
 * last is there, and labels that are whole numbers ('0' … '9') come first, in their order. classify() has neither
 * limit.
 */
export type ClassificationResult = Record<string, number>;

const OWN_OPTIONS = ['topk', 'scoreThreshold', 'allowlist', 'denylist', 'displayNamesLocale'];

/**
 * Tells what is in a picture.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1, and gives one logit per class; the
 * softmax is computed here, as React Native ExecuTorch does. Models that end in probabilities, and `.tflite` files
 * with channels last, 8-bit pictures, labels, thresholds and score calibration are taken as they are.
 *
 * @example
 * ```ts
 * const classifier = new ClassificationModule();
 * await classifier.load(EFFICIENTNET_V2_S, (progress) => console.log(progress));
 * const [best] = await classifier.classify(picture, { topk: 5 });
 * console.log(best?.label, best?.score);
 * classifier.delete();
 * ```
 */
export class ClassificationModule extends PictureModule<
  ClassificationModel,
  LoadedClassifier,
  ClassQuery,
  ClassScore[]
> {
  constructor() {
    super(classification);
  }

  /**
   * Classes of a picture, most probable first (equal ones in the model's order): all of them, or those that the
   * options keep.
   *
   * @throws ExecutorchError ModuleNotLoaded, FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge,
   * InvalidUserInput, InvalidModelOutput, Aborted.
   */
  classify(imageSource: ImageSource, options?: ClassificationOptions): Promise<ClassScore[]> {
    return this.classes(imageSource, options, false);
  }

  /**
   * The same as an object of label → probability, as in React Native ExecuTorch: see {@link ClassificationResult}
   * for what that costs.
   *
   * @throws ExecutorchError the codes of classify().
   */
  async forward(
    imageSource: ImageSource,
    options?: ClassificationOptions,
  ): Promise<ClassificationResult> {
    const classes = await this.classes(imageSource, options, true);
    const { displayNamesLocale } = options ?? {};
    return Object.fromEntries(
      classes.map(({ label, displayName, score }) => [
        (displayNamesLocale !== undefined && displayName) || label,
        score,
      ]),
    );
  }

  private classes(
    imageSource: ImageSource,
    options: ClassificationOptions | undefined,
    unique: boolean,
  ): Promise<ClassScore[]> {
    return guarded(() => this.apply(imageSource, { ...options, unique }, options, OWN_OPTIONS));
  }

  /**
   * Runs on a video, a track or the camera, frame by frame: the newest frame is taken when the one before is done,
   * and those between are dropped. The callback gets what classify() gives.
   *
   * @returns When the video has ended or `signal` has aborted. Hidden pages pause.
   * @throws ExecutorchError AccessFailed (camera refused or lost, video broken), NotFound (no camera),
   * PlatformNotSupported, InvalidUserInput, InvalidImage (no picture, or another origin's), ModuleNotLoaded,
   * WorkerFailed, and what the callback throws.
   */
  runOnVideo(
    source: VideoSource,
    callback: VideoCallback<ClassScore[]>,
    options?: ClassificationVideoOptions,
  ): Promise<VideoTotals> {
    return this.watch(source, callback, options, {
      own: OWN_OPTIONS,
      select: (settings) => ({ ...settings, unique: false }),
    });
  }
}
