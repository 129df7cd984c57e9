/** `models` of 0.9: functions that give a model's description, by task and name. Only what runs on the web is there. */
import { ErrorCode, ExecutorchError } from '../../base/errors.js';
import { quoted } from '../../base/option-words.js';
import { tellStrangeNames } from '../../base/strange-names.js';
import { withAbsentModels } from '../absent-registry.js';
import type { LegacyModelNames, RegistryNames } from '../generated/model-names.js';
import {
  EFFICIENTNET_V2_S,
  EFFICIENTNET_V2_S_QUANTIZED,
  DEEPLAB_V3_RESNET50,
  DEEPLAB_V3_RESNET50_QUANTIZED,
  DEEPLAB_V3_RESNET101,
  DEEPLAB_V3_RESNET101_QUANTIZED,
  DEEPLAB_V3_MOBILENET_V3_LARGE,
  DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED,
  LRASPP_MOBILENET_V3_LARGE,
  LRASPP_MOBILENET_V3_LARGE_QUANTIZED,
  FCN_RESNET50,
  FCN_RESNET50_QUANTIZED,
  FCN_RESNET101,
  FCN_RESNET101_QUANTIZED,
  SELFIE_SEGMENTATION,
  SELFIE_SEGMENTATION_LANDSCAPE,
  CLIP_VIT_BASE_PATCH32_IMAGE,
  CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED,
  CLIP_VIT_BASE_PATCH32_TEXT,
  type NamedModel,
} from './constants.js';
import { legacyError } from './errors.js';

/** Options of the functions in {@link models}. */
export interface ModelOpts {
  /** False: full precision. Default: quantised where such a file was published. */
  quant?: boolean;
  /** Only 'xnnpack' runs on the web. */
  backend?: string;
}

/** Gives the description of a model. @throws for a backend other than XNNPACK: the error of the entry. */
export type ModelAccessor<C> = (options?: ModelOpts) => C;

/** How an entry throws what went wrong. */
type AsError = (error: unknown) => Error;

function accessorsThat(asError: AsError) {
  return <C>(base: C, quantised: C = base): ModelAccessor<C> =>
    (options = {}) => {
      try {
        return isQuantised(options) ? quantised : base;
      } catch (error) {
        throw asError(error);
      }
    };
}

/** @throws ExecutorchError InvalidConfig, InvalidUserInput. */
function isQuantised(options: ModelOpts): boolean {
  const { quant = true, backend = 'xnnpack' } = options;
  tellStrangeNames('models', options, ['quant', 'backend']);
  if (backend !== 'xnnpack') {
    throw new ExecutorchError(
      ErrorCode.InvalidConfig,
      `Backend '${quoted(backend)}' is not available on the web; XNNPACK is: leave the option out.`,
    );
  }
  if (typeof quant === 'boolean') return quant;
  const message = `quant is true or false, got ${quoted(quant)}.`;
  throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
}

/** Every model by the name of its constant. A function: bundlers keep an object of the module itself, even where nobody uses it. */
function allModels() {
  return {
    EFFICIENTNET_V2_S,
    EFFICIENTNET_V2_S_QUANTIZED,
    DEEPLAB_V3_RESNET50,
    DEEPLAB_V3_RESNET50_QUANTIZED,
    DEEPLAB_V3_RESNET101,
    DEEPLAB_V3_RESNET101_QUANTIZED,
    DEEPLAB_V3_MOBILENET_V3_LARGE,
    DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED,
    LRASPP_MOBILENET_V3_LARGE,
    LRASPP_MOBILENET_V3_LARGE_QUANTIZED,
    FCN_RESNET50,
    FCN_RESNET50_QUANTIZED,
    FCN_RESNET101,
    FCN_RESNET101_QUANTIZED,
    SELFIE_SEGMENTATION,
    SELFIE_SEGMENTATION_LANDSCAPE,
    CLIP_VIT_BASE_PATCH32_IMAGE,
    CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED,
    CLIP_VIT_BASE_PATCH32_TEXT,
  };
}

/** Names of the constants of a task's models; a quantised twin has `_QUANTIZED` behind its name. */
export const CLASSIFIERS = ['EFFICIENTNET_V2_S'] as const;
export const SEGMENTERS = [
  'DEEPLAB_V3_RESNET50',
  'DEEPLAB_V3_RESNET101',
  'DEEPLAB_V3_MOBILENET_V3_LARGE',
  'LRASPP_MOBILENET_V3_LARGE',
  'FCN_RESNET50',
  'FCN_RESNET101',
  'SELFIE_SEGMENTATION',
] as const;
export const EMBEDDERS = ['CLIP_VIT_BASE_PATCH32_IMAGE'] as const;

/** {key of a name: what `make` gives for the model and its quantised twin}. */
export function eachModel<Name extends string, Key extends string, T>(
  names: readonly Name[],
  keyOf: (name: Name) => Key,
  make: (fp32: NamedModel, int8: NamedModel | undefined) => T,
): Readonly<Record<Key, T>> {
  const all: Record<string, NamedModel | undefined> = allModels();
  const entries = names.map((name) => {
    const fp32 = all[name] as NamedModel;
    return [keyOf(name), make(fp32, all[`${name}_QUANTIZED`])] as const;
  });
  return Object.fromEntries(entries) as Record<Key, T>;
}

type All = ReturnType<typeof allModels>;

/** A model, and its quantised twin, with their names: the keys of results follow from those. */
type DescriptionOf<Name extends keyof All> =
  All[Name] | (`${Name}_QUANTIZED` extends infer Twin extends keyof All ? All[Twin] : never);

type Accessors<Name extends keyof All> = {
  readonly [One in Name as Lowercase<One>]: ModelAccessor<DescriptionOf<One>>;
};

const inSmall = <Name extends string>(name: Name) => name.toLowerCase() as Lowercase<Name>;

/** A function, so that an app which does not name `models` does not carry it. */
export function accessors(asError: AsError = legacyError) {
  const accessor = accessorsThat(asError);
  const each = <Name extends keyof All>(names: readonly Name[]) =>
    eachModel(names, inSmall, (fp32, int8) => accessor(fp32, int8)) as unknown as Accessors<Name>;
  return {
    classification: each(CLASSIFIERS),
    semantic_segmentation: each(SEGMENTERS),
    image_embedding: each(EMBEDDERS),
    text_embedding: { clip_vit_base_patch32_text: accessor(CLIP_VIT_BASE_PATCH32_TEXT) },
  } as const;
}

/** 0.9's functions by task and name; what cannot run on the web is a stand-in. */
export const models = /* @__PURE__ */ withAbsentModels<
  LegacyModelNames,
  ReturnType<typeof accessors>
>(/* @__PURE__ */ accessors());

/** 0.8's list of all models. */
export const MODEL_REGISTRY = /* @__PURE__ */ registry();

/** The name of the published model at this address; undefined for others. */
export function getModelNameForUrl(url: string): string | undefined {
  const all: NamedModel[] = Object.values(allModels());
  return all.find(({ modelSource }) => modelSource === url)?.modelName;
}

function registry() {
  return withAbsentModels<RegistryNames, { ALL_MODELS: ReturnType<typeof allModels> }>(
    { ALL_MODELS: allModels() },
    'MODEL_REGISTRY',
  );
}
