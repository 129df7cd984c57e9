import type { ResourceSource } from '../../base/types.js';
import type { ImageSource } from '../../images/types.js';
import type { EmbeddingsModel } from '../../constants/model-types.js';
import { ImageEmbeddingsModule as Embedder } from '../../modules/ImageEmbeddingsModule.js';
import { noDescription, withLegacyErrors } from './errors.js';

type Progress = (progress: number) => void;

/** A model of 0.7 (its file alone) or of 0.8 and later (with its name). */
export type ImageEmbeddingsModelSource = EmbeddingsModel & { modelName?: string };

/** ImageEmbeddingsModule of 0.7 (`new`, then `load`) and of 0.8 to 0.10's legacy API (factories). */
export class ImageEmbeddingsModule {
  private readonly embedder = new Embedder();

  /** @throws RnExecutorchError with the codes of 0.9. */
  static async fromModelName(
    model: ImageEmbeddingsModelSource,
    onDownloadProgress?: Progress,
  ): Promise<ImageEmbeddingsModule> {
    const made = new ImageEmbeddingsModule();
    await made.load(model, onDownloadProgress);
    return made;
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel(
    modelSource: ResourceSource,
    onDownloadProgress?: Progress,
  ): Promise<ImageEmbeddingsModule> {
    return ImageEmbeddingsModule.fromModelName({ modelSource }, onDownloadProgress);
  }

  /** 0.7: loads the model; `options` beyond it. */
  load(
    model: ImageEmbeddingsModelSource,
    onDownloadProgress?: Progress,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    return withLegacyErrors(() => {
      const { modelSource, preprocessor } = model ?? {};
      if (modelSource === undefined) throw noDescription();
      const known = preprocessor ? { modelSource, preprocessor } : { modelSource };
      return this.embedder.load(known, onDownloadProgress, options);
    });
  }

  /** The embedding of a picture. */
  forward(input: ImageSource): Promise<Float32Array> {
    return withLegacyErrors(() => this.embedder.forward(input));
  }

  /** Frees the model. */
  delete(): void {
    this.embedder.delete();
  }
}
