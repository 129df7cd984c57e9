import type { EmbeddingsModel } from '../constants/model-types.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ModelInfo } from '../core/types.js';
import { prepareImage } from '../images/prepare.js';
import type { ImageSource } from '../images/types.js';
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

/**
 * Turns a picture into a vector; vectors of similar pictures point in similar directions.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1. Its first output is handed on as it is:
 * the published CLIP models normalise inside the graph.
 */
export class ImageEmbeddingsModule extends BaseModule {
  private model: EmbeddingsModel | undefined;

  /**
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, InvalidConfig when the model is no embedder, Aborted.
   */
  async load(
    model: EmbeddingsModel,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    expectPreprocessor(model.preprocessor);
    await this.loadModel(model.modelSource, onDownloadProgressCallback, options, expectVector);
    this.model = model;
  }

  /**
   * The embedding: 512 numbers of length 1 for CLIP.
   *
   * @throws ExecutorchError ModuleNotLoaded, FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge,
   * InvalidUserInput, Aborted.
   */
  async forward(
    imageSource: ImageSource,
    options: ImageForwardOptions = {},
  ): Promise<Float32Array> {
    const { host } = this.loaded();
    const { region, rotation, maxPixels, signal } = options;
    const settings = pick({ region, rotation, maxPixels, preprocessor: this.model?.preprocessor });
    const image = await prepareImage(imageSource);
    return this.timed(await host.embed(image, settings, pick({ signal }))).embedding;
  }
}

function expectVector(info: ModelInfo): void {
  expectPictureInput(info, 'embeddings');
  const [output] = info.outputs;
  const { type, sizes = [] } = output ?? {};
  // All but one dimension are 1.
  const isVector =
    sizes.length > 0 && Math.max(...sizes) === sizes.reduce((n, size) => n * size, 1);
  if (type === 'f32' && isVector) return;
  const shape = output ? describeTensor(output) : 'nothing';
  const advice =
    sizes.length === 4 ? ' It looks like a segmenter: use ImageSegmentationModule.' : '';
  throw new ExecutorchError(
    ErrorCode.InvalidConfig,
    `This model is no embedder: its output is ${shape}, not f32 [1, dimensions].${advice}`,
  );
}
