import type { Preprocessor } from '../../images/types.js';
import type { ResourceSource } from '../../base/types.js';
import { DeeplabLabel } from '../../constants/index.js';
import type { ImageSource } from '../../images/types.js';
import { ImageSegmentationModule as Segmenter } from '../../modules/ImageSegmentationModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { customModel, labelKeys, SelfieSegmentationLabel, type LabelEnum } from './labels.js';

type Progress = (progress: number) => void;

/** What fromCustomModel wants beside the file. */
export interface SemanticSegmentationConfig<L extends LabelEnum = LabelEnum> {
  labelMap: L;
  preprocessorConfig?: Preprocessor;
}

/** A model with the name that tells its classes, or one of ours with labels. */
export interface SegmentationModelSource {
  modelSource: ResourceSource;
  modelName?: string;
  labels?: readonly string[];
  preprocessor?: Preprocessor;
}

/** The class of each pixel, and the probabilities of the classes that were asked for. */
export type SemanticSegmentationResult<K extends PropertyKey = string> = Record<
  'ARGMAX',
  Int32Array
> &
  Record<K, Float32Array>;

/** Of the published selfie model ours has the background first, 0.8 and 0.9 have the person first. */
const OURS_OF_SELFIE = ['BACKGROUND', 'SELFIE'];

/** SemanticSegmentationModule of 0.8 to 0.10's legacy API: keyed by label, resized to the picture by default. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- others' code names a type argument
export class SemanticSegmentationModule<_T = unknown> {
  private readonly segmenter = new Segmenter();
  private isSelfie = false;

  /** @throws RnExecutorchError with the codes of 0.9. */
  static async fromModelName(
    model: SegmentationModelSource & { modelName: string },
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule> {
    const made = new SemanticSegmentationModule();
    await made.load(model, onDownloadProgress);
    return made;
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel<L extends LabelEnum>(
    modelSource: ResourceSource,
    config: SemanticSegmentationConfig<L>,
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule<L>> {
    return withLegacyErrors(async () => {
      const made = new SemanticSegmentationModule<L>();
      await made.load({ modelSource, ...customModel(config) }, onDownloadProgress);
      return made;
    });
  }

  /** For hooks and 0.7's way of loading; a model without labels and name has PASCAL's classes. */
  load(
    model: SegmentationModelSource,
    onDownloadProgress?: Progress,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    return withLegacyErrors(async () => {
      const { modelName, labels, ...rest } = model ?? {};
      if (rest.modelSource === undefined) throw noDescription();
      this.isSelfie = typeof modelName === 'string' && modelName.startsWith('selfie');
      const keys = labels ?? (this.isSelfie ? OURS_OF_SELFIE : PASCAL);
      await this.segmenter.load({ ...rest, labels: keys }, onDownloadProgress, options);
    });
  }

  /** @param resizeToInput false: maps have the model's size. */
  forward<K extends string = string>(
    input: ImageSource,
    classesOfInterest: readonly K[] = [],
    resizeToInput = true,
  ): Promise<SemanticSegmentationResult<K>> {
    return withLegacyErrors(async () => {
      const result = await this.segmenter.forward(input, classesOfInterest, resizeToInput);
      const argmax = result.ARGMAX;
      if (this.isSelfie && argmax) argmax.forEach((_, i) => (argmax[i] = selfieClass(argmax[i])));
      return result as SemanticSegmentationResult<K>;
    });
  }

  /** Frees the model. */
  delete(): void {
    this.segmenter.delete();
  }
}

/** The names of DeeplabLabel without ARGMAX, which is no class. */
const PASCAL = /* @__PURE__ */ labelKeys(DeeplabLabel).filter((key) => key !== 'ARGMAX');

function selfieClass(ours = 0): number {
  return ours === 0 ? SelfieSegmentationLabel.BACKGROUND : SelfieSegmentationLabel.SELFIE;
}
