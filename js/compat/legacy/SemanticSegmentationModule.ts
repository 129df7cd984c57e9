import type { ResourceSource } from '../../base/types.js';
import { DeeplabLabel } from '../../constants/index.js';
import type { SegmentationModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { noDescription, withLegacyErrors } from './errors.js';
import {
  customSegmenter,
  labelKeys,
  SelfieSegmentationLabel,
  type LabelEnum,
  type SegmentationKeys,
} from './labels.js';
import {
  LegacyModule,
  loaded,
  type CustomModelConfig,
  type LabelledModelSource,
  type Progress,
  type Translated,
} from './legacy-module.js';
import { preprocessorOf, Segmenter } from './segmenter.js';

/** The class of each pixel, and the probabilities of the classes that were asked for. */
export type SemanticSegmentationResult<K extends PropertyKey = string> = Record<
  'ARGMAX',
  Int32Array
> &
  Record<K, Float32Array>;

/** SemanticSegmentationModule of 0.8 to 0.10's legacy API: keyed by label, resized to the picture by default. */
export class SemanticSegmentationModule<Labels = unknown> extends LegacyModule<
  LabelledModelSource,
  SegmentationModel,
  Segmenter
> {
  constructor() {
    super(new Segmenter());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName<Name extends string>(
    model: LabelledModelSource & { modelName: Name },
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule<Name>> {
    return loaded(new SemanticSegmentationModule<Name>(), () => model, onDownloadProgress);
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel<L extends LabelEnum>(
    modelSource: ResourceSource,
    config: CustomModelConfig<L>,
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule<L>> {
    const model = () => ({ modelSource, ...customSegmenter(config) });
    return loaded(new SemanticSegmentationModule<L>(), model, onDownloadProgress);
  }

  /**
   * The class of each pixel, and planes of probabilities. Those of all classes are made when they are read: at the size of a
   * photograph they are large.
   *
   * @param classesOfInterest Labels of the planes that are wanted. Default, and []: all.
   * @param resizeToInput false: maps have the model's size.
   */
  forward<K extends SegmentationKeys<Labels> = SegmentationKeys<Labels>>(
    input: ImageSource,
    classesOfInterest: readonly K[] = [],
    resizeToInput = true,
  ): Promise<SemanticSegmentationResult<K>> {
    return withLegacyErrors(
      () =>
        this.ours.forward(input, classesOfInterest, resizeToInput) as Promise<
          SemanticSegmentationResult<K>
        >,
    );
  }

  /** A model without labels has those of its name, or PASCAL's. */
  protected translate(model: LabelledModelSource): Translated<SegmentationModel> {
    const { modelName, labels, ...rest } = model ?? {};
    if (rest.modelSource === undefined) throw noDescription();
    const isSelfie = typeof modelName === 'string' && modelName.startsWith('selfie');
    const preprocessor = rest.preprocessor ?? preprocessorOf(modelName, rest.modelSource);
    return [
      {
        ...rest,
        labels: labels ?? (isSelfie ? labelKeys(SelfieSegmentationLabel) : PASCAL),
        ...(preprocessor ? { preprocessor } : {}),
      },
    ];
  }
}

/** The names of DeeplabLabel without ARGMAX, which is no class. */
const PASCAL = /* @__PURE__ */ labelKeys(DeeplabLabel).filter((key) => key !== 'ARGMAX');
