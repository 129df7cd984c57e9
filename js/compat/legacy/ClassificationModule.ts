import type { ResourceSource } from '../../base/types.js';
import type { ClassificationModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { ClassificationModule as Classifier } from '../../modules/ClassificationModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { customModel, imagenetKeys, type ClassificationScores, type LabelEnum } from './labels.js';
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
export class ClassificationModule<Labels = unknown> extends LegacyModule<
  LabelledModelSource,
  ClassificationModel,
  Classifier
> {
  private byLabel: object | undefined;

  constructor() {
    super(new Classifier());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName<Name extends string>(
    model: LabelledModelSource & { modelName: Name },
    onDownloadProgress?: Progress,
  ): Promise<ClassificationModule<Name>> {
    return loaded(new ClassificationModule<Name>(), () => model, onDownloadProgress);
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

  /** Probability per class; models with a name answer to ImageNet's labels as well, as 0.7's constants did. */
  forward(input: ImageSource): Promise<ClassificationScores<Labels>> {
    return withLegacyErrors(async () => {
      const scores = await this.ours.forward(input);
      if (this.byLabel) Object.setPrototypeOf(scores, this.byLabel);
      return scores as ClassificationScores<Labels>;
    });
  }

  protected async translate(model: LabelledModelSource): Promise<Translated<ClassificationModel>> {
    const { modelName, labels, ...rest } = model ?? {};
    if (rest.modelSource === undefined) throw noDescription();
    this.byLabel = undefined;
    if (labels) return [{ ...rest, labels }];
    if (modelName === undefined) return [rest];
    // The names come when they are needed, as in ClassificationModule of the root entry.
    const { IMAGENET1K_LABELS } = await import('../../constants/generated/imagenet.js');
    const keys = imagenetKeys(IMAGENET1K_LABELS);
    this.byLabel = lookUp(IMAGENET1K_LABELS, keys);
    return [{ ...rest, labels: keys }];
  }
}

/** A prototype of scores by key, from which they can be read by label; nothing of it is enumerated. */
function lookUp(labels: readonly string[], keys: readonly string[]): object {
  const byLabel = labels.map((label, i) => {
    const get = function (this: Record<string, number>) {
      return this[keys[i] ?? ''];
    };
    return [label, { get }] as const;
  });
  return Object.create(Object.prototype, Object.fromEntries(byLabel)) as object;
}
