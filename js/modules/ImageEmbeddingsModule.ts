import type { EmbeddingsModel } from '../constants/model-types.js';
import type { ImageSource } from '../images/types.js';
import { embeddings } from '../tasks/embeddings.js';
import type { VideoCallback, VideoOptions, VideoSource, VideoTotals } from '../video/types.js';
import { PictureModule, type ImageForwardOptions } from './picture-module.js';

/**
 * Turns a picture into a vector; vectors of similar pictures point in similar directions.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1. Its first output is handed on as it is:
 * the published CLIP models normalise inside the graph.
 *
 * @example
 * ```ts
 * const embedder = new ImageEmbeddingsModule();
 * await embedder.load(CLIP_VIT_BASE_PATCH32_IMAGE);
 * const vector = await embedder.forward(picture);
 * embedder.delete();
 * ```
 */
export class ImageEmbeddingsModule extends PictureModule<
  EmbeddingsModel,
  void,
  object,
  Float32Array
> {
  constructor() {
    super(embeddings);
  }

  /**
   * The embedding: 512 numbers of length 1 for CLIP.
   *
   * @throws ExecutorchError ModuleNotLoaded, FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge,
   * InvalidUserInput, Aborted.
   */
  forward(imageSource: ImageSource, options?: ImageForwardOptions): Promise<Float32Array> {
    return this.apply(imageSource, {}, options);
  }

  /**
   * Runs on a video, a track or the camera, frame by frame: the newest frame is taken when the one before is done,
   * and those between are dropped. The callback gets what forward() gives.
   *
   * @returns When the video has ended or `signal` has aborted. Hidden pages pause.
   * @throws ExecutorchError the codes of {@link ClassificationModule.runOnVideo}.
   */
  runOnVideo(
    source: VideoSource,
    callback: VideoCallback<Float32Array>,
    options?: ImageForwardOptions & VideoOptions,
  ): Promise<VideoTotals> {
    return this.watch(source, callback, options, { own: [], select: () => ({}) });
  }
}
