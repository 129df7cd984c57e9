import type { Preprocessor } from '../../images/types.js';
import type { ResourceSource } from '../../base/types.js';
import type { ImageSource } from '../../images/types.js';
import { ClassificationModule as Classifier } from '../../modules/ClassificationModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { customModel, imagenetKeys, type LabelEnum } from './labels.js';

type Progress = (progress: number) => void;

/** What fromCustomModel wants beside the file. */
export interface ClassificationConfig<L extends LabelEnum = LabelEnum> {
  labelMap: L;
  preprocessorConfig?: Preprocessor;
}

/** A model of 0.7 (its file alone), of 0.8 and later (with its name), or one of ours (with labels). */
export interface ClassificationModelSource {
  modelSource: ResourceSource;
  modelName?: string;
  labels?: readonly string[];
  preprocessor?: Preprocessor;
}

/**
 * ClassificationModule of 0.7 (`new`, then `load`) and of 0.8 to 0.10's legacy API (factories).
 *
 * Results are keyed by label key (`TENCH`) where the model has a name or a label map, and by ImageNet's labels
 * (`tench, Tinca tinca`) where it has neither, as 0.7's were.
 */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- others' code names a type argument
export class ClassificationModule<_T = unknown> {
  private readonly classifier = new Classifier();

  /** @throws RnExecutorchError with the codes of 0.9. */
  static async fromModelName(
    model: ClassificationModelSource & { modelName: string },
    onDownloadProgress?: Progress,
  ): Promise<ClassificationModule> {
    const made = new ClassificationModule();
    await made.load(model, onDownloadProgress);
    return made;
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel<L extends LabelEnum>(
    modelSource: ResourceSource,
    config: ClassificationConfig<L>,
    onDownloadProgress?: Progress,
  ): Promise<ClassificationModule<L>> {
    return withLegacyErrors(async () => {
      const made = new ClassificationModule<L>();
      await made.load({ modelSource, ...customModel(config) }, onDownloadProgress);
      return made;
    });
  }

  /** 0.7: loads the model; `options` beyond it. */
  load(
    model: ClassificationModelSource,
    onDownloadProgress?: Progress,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    return withLegacyErrors(async () => {
      const { modelName, labels, ...rest } = model ?? {};
      if (rest.modelSource === undefined) throw noDescription();
      const keys = labels ?? (modelName === undefined ? undefined : await usualKeys());
      const known = keys ? { ...rest, labels: keys } : rest;
      await this.classifier.load(known, onDownloadProgress, options);
    });
  }

  /** Probability per class. */
  forward(input: ImageSource): Promise<Record<string, number>> {
    return withLegacyErrors(() => this.classifier.forward(input));
  }

  /** Frees the model. */
  delete(): void {
    this.classifier.delete();
  }
}

/** The names come when they are needed, as in ClassificationModule of the root entry. */
async function usualKeys(): Promise<string[]> {
  const { IMAGENET1K_LABELS } = await import('../../constants/generated/imagenet.js');
  return imagenetKeys(IMAGENET1K_LABELS);
}
