/** `models` of 0.9: functions that give a model's description, by task and name. Only what runs on the web is there. */
import { ErrorCode, ExecutorchError } from '../../base/errors.js';
import { quoted } from '../../base/option-words.js';
import { withAbsentModels } from '../absent-registry.js';
import {
  CLIP_VIT_BASE_PATCH32_IMAGE,
  CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED,
  CLIP_VIT_BASE_PATCH32_TEXT,
  DEEPLAB_V3_MOBILENET_V3_LARGE,
  DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED,
  DEEPLAB_V3_RESNET101,
  DEEPLAB_V3_RESNET101_QUANTIZED,
  DEEPLAB_V3_RESNET50,
  DEEPLAB_V3_RESNET50_QUANTIZED,
  EFFICIENTNET_V2_S,
  EFFICIENTNET_V2_S_QUANTIZED,
  FCN_RESNET101,
  FCN_RESNET101_QUANTIZED,
  FCN_RESNET50,
  FCN_RESNET50_QUANTIZED,
  LRASPP_MOBILENET_V3_LARGE,
  LRASPP_MOBILENET_V3_LARGE_QUANTIZED,
  SELFIE_SEGMENTATION,
  SELFIE_SEGMENTATION_LANDSCAPE,
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

/** A function, so that an app which does not name `models` does not carry it. */
export function accessors(asError: AsError = legacyError) {
  const accessor = accessorsThat(asError);
  return {
    classification: {
      efficientnet_v2_s: accessor<NamedModel>(EFFICIENTNET_V2_S, EFFICIENTNET_V2_S_QUANTIZED),
    },
    semantic_segmentation: {
      deeplab_v3_resnet50: accessor<NamedModel>(DEEPLAB_V3_RESNET50, DEEPLAB_V3_RESNET50_QUANTIZED),
      deeplab_v3_resnet101: accessor<NamedModel>(
        DEEPLAB_V3_RESNET101,
        DEEPLAB_V3_RESNET101_QUANTIZED,
      ),
      deeplab_v3_mobilenet_v3_large: accessor<NamedModel>(
        DEEPLAB_V3_MOBILENET_V3_LARGE,
        DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED,
      ),
      lraspp_mobilenet_v3_large: accessor<NamedModel>(
        LRASPP_MOBILENET_V3_LARGE,
        LRASPP_MOBILENET_V3_LARGE_QUANTIZED,
      ),
      fcn_resnet50: accessor<NamedModel>(FCN_RESNET50, FCN_RESNET50_QUANTIZED),
      fcn_resnet101: accessor<NamedModel>(FCN_RESNET101, FCN_RESNET101_QUANTIZED),
      selfie_segmentation: accessor<NamedModel>(SELFIE_SEGMENTATION),
    },
    image_embedding: {
      clip_vit_base_patch32_image: accessor<NamedModel>(
        CLIP_VIT_BASE_PATCH32_IMAGE,
        CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED,
      ),
    },
    text_embedding: {
      clip_vit_base_patch32_text: accessor(CLIP_VIT_BASE_PATCH32_TEXT),
    },
  } as const;
}

/** 0.9's functions by task and name; what cannot run on the web is a stand-in. */
export const models = /* @__PURE__ */ withAbsentModels(/* @__PURE__ */ accessors());

/** 0.8's list of all models. */
export const MODEL_REGISTRY = /* @__PURE__ */ registry();

/** The name of the published model at this address; undefined for others. */
export function getModelNameForUrl(url: string): string | undefined {
  const all = Object.values(MODEL_REGISTRY.ALL_MODELS);
  return all.find(({ modelSource }) => modelSource === url)?.modelName;
}

function registry() {
  const ALL_MODELS: Record<string, NamedModel> = {
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
  return { ALL_MODELS };
}
