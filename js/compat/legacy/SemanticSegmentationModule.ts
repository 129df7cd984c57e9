import type { ResourceSource } from '../../base/types.js';
import { DeeplabLabel } from '../../constants/index.js';
import type { SegmentationModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { ImageSegmentationModule as Segmenter } from '../../modules/ImageSegmentationModule.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { customModel, labelKeys, SelfieSegmentationLabel, type LabelEnum } from './labels.js';
import {
  LegacyModule,
  loaded,
  type CustomModelConfig,
  type LabelledModelSource,
  type Progress,
  type Translated,
} from './legacy-module.js';

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
export class SemanticSegmentationModule<_T = unknown> extends LegacyModule<
  LabelledModelSource,
  SegmentationModel,
  Segmenter
> {
  private isSelfie = false;

  constructor() {
    super(new Segmenter());
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromModelName(
    model: LabelledModelSource & { modelName: string },
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule> {
    return loaded(new SemanticSegmentationModule(), () => model, onDownloadProgress);
  }

  /** @throws RnExecutorchError with the codes of 0.9. */
  static fromCustomModel<L extends LabelEnum>(
    modelSource: ResourceSource,
    config: CustomModelConfig<L>,
    onDownloadProgress?: Progress,
  ): Promise<SemanticSegmentationModule<L>> {
    const model = () => ({ modelSource, ...customModel(config) });
    return loaded(new SemanticSegmentationModule<L>(), model, onDownloadProgress);
  }

  /** @param resizeToInput false: maps have the model's size. */
  forward<K extends string = string>(
    input: ImageSource,
    classesOfInterest: readonly K[] = [],
    resizeToInput = true,
  ): Promise<SemanticSegmentationResult<K>> {
    return withLegacyErrors(async () => {
      const result = await this.ours.forward(input, classesOfInterest, resizeToInput);
      // The root's answer as number[] does; 0.8's were typed arrays, and so are views of them.
      const plain = Object.entries(result).map(([label, map]) => [label, map && plainMap(map)]);
      const maps = Object.fromEntries(plain) as SemanticSegmentationResult<K>;
      const argmax: Int32Array = maps.ARGMAX;
      if (this.isSelfie) argmax.forEach((one, i) => (argmax[i] = selfieClass(one)));
      return maps;
    });
  }

  /** A model without labels and name has PASCAL's classes. */
  protected translate(model: LabelledModelSource): Translated<SegmentationModel> {
    const { modelName, labels, ...rest } = model ?? {};
    if (rest.modelSource === undefined) throw noDescription();
    this.isSelfie = typeof modelName === 'string' && modelName.startsWith('selfie');
    return [{ ...rest, labels: labels ?? (this.isSelfie ? OURS_OF_SELFIE : PASCAL) }];
  }
}

/** The names of DeeplabLabel without ARGMAX, which is no class. */
const PASCAL = /* @__PURE__ */ labelKeys(DeeplabLabel).filter((key) => key !== 'ARGMAX');

function selfieClass(ours = 0): number {
  return ours === 0 ? SelfieSegmentationLabel.BACKGROUND : SelfieSegmentationLabel.SELFIE;
}

/** The same memory as a typed array like any other. */
function plainMap(map: Int32Array | Float32Array): Int32Array | Float32Array {
  const { buffer, byteOffset, length } = map;
  return map instanceof Int32Array
    ? new Int32Array(buffer, byteOffset, length)
    : new Float32Array(buffer, byteOffset, length);
}
