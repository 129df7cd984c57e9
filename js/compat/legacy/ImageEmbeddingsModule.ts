import type { ResourceSource } from '../../base/types.js';
import type { EmbeddingsModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { ImageEmbeddingsModule as Embedder } from '../../modules/ImageEmbeddingsModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { LegacyModule, loaded, type Progress, type Translated } from './legacy-module.js';

/** A model of 0.7 (its file alone) or of 0.8 and later (with its name). */
export type ImageEmbeddingsModelSource = EmbeddingsModel & { modelName?: string };

/** ImageEmbeddingsModule of 0.7 (`new`, then `load`) and of 0.8 to 0.10's legacy API (factories). */
export class ImageEmbeddingsModule extends LegacyModule<
  ImageEmbeddingsModelSource,
  EmbeddingsModel,
  Embedder
> {
  constructor() {
    super(new Embedder());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName(
    model: ImageEmbeddingsModelSource,
    onDownloadProgress?: Progress,
  ): Promise<ImageEmbeddingsModule> {
    return loaded(new ImageEmbeddingsModule(), () => model, onDownloadProgress);
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel(
    modelSource: ResourceSource,
    onDownloadProgress?: Progress,
  ): Promise<ImageEmbeddingsModule> {
    return ImageEmbeddingsModule.fromModelName({ modelSource }, onDownloadProgress);
  }

  /** The embedding of a picture. */
  forward(input: ImageSource): Promise<Float32Array> {
    return withLegacyErrors(() => this.ours.forward(input));
  }

  protected translate(model: ImageEmbeddingsModelSource): Translated<EmbeddingsModel> {
    const { modelSource, preprocessor } = model ?? {};
    if (modelSource === undefined) throw noDescription();
    return [preprocessor ? { modelSource, preprocessor } : { modelSource }];
  }
}
