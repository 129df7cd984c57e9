import type { DeeplabLabel } from '../constants/generated/pascal.js';
import type { SegmentationModel } from '../constants/model-types.js';
import type { ImageSource } from '../images/types.js';
import type { MapSelection, MapSize, Maps, SegmentationResult } from '../tasks/map-rules.js';
import { segmentation, type LoadedSegmenter } from '../tasks/segmentation.js';
import type {
  VideoCallback,
  VideoFrameInfo,
  VideoOptions,
  VideoSource,
  VideoTotals,
} from '../video/types.js';
import { PictureModule, type ImageForwardOptions } from './picture-module.js';

/** Extras of segmentation on videos; all optional. */
export interface SegmentationVideoOptions extends ImageForwardOptions, VideoOptions {
  /** Classes whose probability maps are wanted, as DeeplabLabel, index or label. Default: none, ARGMAX only. */
  classesOfInterest?: readonly (DeeplabLabel | number | string)[];
  /** True: maps have the frame's size. Default: the model's. */
  resize?: boolean;
}

/**
 * Tells which pixels belong to what.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1, and gives logits
 * [1, classes, height, width]. As in React Native ExecuTorch, softmax and argmax (ties to the lowest class)
 * are taken at the model's size; only then, if asked for, maps are resized to the picture: ARGMAX by nearest
 * neighbour, probabilities bilinearly. A model of one plane tells foreground (1) from background (0): as a
 * probability where its graph ends in what makes one, else as a logit.
 *
 * @example
 * ```ts
 * const segmenter = new ImageSegmentationModule();
 * await segmenter.load(DEEPLAB_V3_RESNET50);
 * const { ARGMAX, PERSON } = await segmenter.forward(picture, [DeeplabLabel.PERSON], true);
 * segmenter.delete();
 * ```
 */
export class ImageSegmentationModule extends PictureModule<
  SegmentationModel,
  LoadedSegmenter,
  MapSelection,
  Maps
> {
  private lastSize: MapSize | undefined;

  constructor() {
    super(segmentation);
  }

  /** Size of the maps that the last forward() resolved to; undefined before. */
  get mapSize(): MapSize | undefined {
    return this.lastSize;
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
    options?: ImageForwardOptions,
  ): Promise<SegmentationResult> {
    const found = await this.apply(imageSource, { classesOfInterest, resize }, options);
    this.lastSize = found.size;
    return found.result;
  }

  /**
   * Runs on a video, a track or the camera, frame by frame: the newest frame is taken when the one before is done,
   * and those between are dropped. The callback gets what forward() gives; `mapSize` is that of its maps.
   *
   * @returns When the video has ended or `signal` has aborted. Hidden pages pause.
   * @throws ExecutorchError the codes of {@link ClassificationModule.runOnVideo}.
   */
  runOnVideo(
    source: VideoSource,
    callback: VideoCallback<SegmentationResult>,
    options?: SegmentationVideoOptions,
  ): Promise<VideoTotals> {
    const show = ({ result, size }: Maps, frame: VideoFrameInfo) => {
      this.lastSize = size;
      return callback(result, frame);
    };
    return this.watch(source, typeof callback === 'function' ? show : callback, options, {
      own: ['classesOfInterest', 'resize'],
      select: ({ classesOfInterest = [], resize = false }: SegmentationVideoOptions) => ({
        classesOfInterest,
        resize,
      }),
    });
  }

  override delete(): void {
    super.delete();
    this.lastSize = undefined;
  }
}
