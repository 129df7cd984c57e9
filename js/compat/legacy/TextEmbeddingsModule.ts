import type { ResourceSource } from '../../base/types.js';
import type { TextEmbeddingsModel } from '../../constants/model-types.js';
import { TextEmbeddingsModule as Embedder } from '../../modules/TextEmbeddingsModule.js';
import { withLegacyErrors } from './errors.js';
import { LegacyModule, loaded, type Progress, type Translated } from './legacy-module.js';

/** A model of 0.7 (its files alone) or of 0.8 and later (with its name). */
export type TextEmbeddingsModelSource = TextEmbeddingsModel & { modelName?: string };

/** TextEmbeddingsModule of 0.7 (`new`, then `load`) and of 0.8 to 0.10's legacy API (factories). */
export class TextEmbeddingsModule extends LegacyModule<
  TextEmbeddingsModelSource,
  TextEmbeddingsModel,
  Embedder
> {
  constructor() {
    super(new Embedder());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName(
    model: TextEmbeddingsModelSource,
    onDownloadProgress?: Progress,
  ): Promise<TextEmbeddingsModule> {
    return loaded(new TextEmbeddingsModule(), () => model, onDownloadProgress);
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel(
    modelSource: ResourceSource,
    tokenizerSource: ResourceSource,
    onDownloadProgress?: Progress,
  ): Promise<TextEmbeddingsModule> {
    const model = { modelSource, tokenizerSource };
    return TextEmbeddingsModule.fromModelName(model, onDownloadProgress);
  }

  /** The embedding of a text. */
  forward(input: string): Promise<Float32Array> {
    return withLegacyErrors(() => this.ours.forward(input));
  }

  protected translate(model: TextEmbeddingsModelSource): Translated<TextEmbeddingsModel> {
    const { modelSource, tokenizerSource } = model ?? {};
    return [{ modelSource, tokenizerSource }];
  }
}
