import type { ResourceSource } from '../../base/types.js';
import type { ClassificationModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { ClassificationModule as Classifier } from '../../modules/ClassificationModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { customModel, imagenetKeys, type LabelEnum } from './labels.js';
import {
  LegacyModule,
  loaded,
  type CustomModelConfig,
  type LabelledModelSource,
  type Progress,
  type Translated,
} from './legacy-module.js';

/**
 * ClassificationModule of 0.7 (`new`, then `load`) and of 0.8 to 0.10's legacy API (factories).
 *
 * Results are keyed by label key (`TENCH`) where the model has a name or a label map, and by ImageNet's labels
 * (`tench, Tinca tinca`) where it has neither, as 0.7's were.
 */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- others' code names a type argument
export class ClassificationModule<_T = unknown> extends LegacyModule<
  LabelledModelSource,
  ClassificationModel,
  Classifier
> {
  constructor() {
    super(new Classifier());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName(
    model: LabelledModelSource & { modelName: string },
    onDownloadProgress?: Progress,
  ): Promise<ClassificationModule> {
    return loaded(new ClassificationModule(), () => model, onDownloadProgress);
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel<L extends LabelEnum>(
    modelSource: ResourceSource,
    config: CustomModelConfig<L>,
    onDownloadProgress?: Progress,
  ): Promise<ClassificationModule<L>> {
    const model = () => ({ modelSource, ...customModel(config) });
    return loaded(new ClassificationModule<L>(), model, onDownloadProgress);
  }

  /** Probability per class. */
  forward(input: ImageSource): Promise<Record<string, number>> {
    return withLegacyErrors(() => this.ours.forward(input));
  }

  protected async translate(model: LabelledModelSource): Promise<Translated<ClassificationModel>> {
    const { modelName, labels, ...rest } = model ?? {};
    if (rest.modelSource === undefined) throw noDescription();
    const keys = labels ?? (modelName === undefined ? undefined : await usualKeys());
    return [keys ? { ...rest, labels: keys } : rest];
  }
}

/** The names come when they are needed, as in ClassificationModule of the root entry. */
async function usualKeys(): Promise<string[]> {
  const { IMAGENET1K_LABELS } = await import('../../constants/generated/imagenet.js');
  return imagenetKeys(IMAGENET1K_LABELS);
}
