/** Descriptions of models as versions from 0.8 on write them: with `modelName`. */
import {
  EFFICIENTNET_V2_S as EFFICIENTNET_V2_S_FILE,
  EFFICIENTNET_V2_S_QUANTIZED as EFFICIENTNET_V2_S_QUANTIZED_FILE,
  DEEPLAB_V3_RESNET50 as DEEPLAB_V3_RESNET50_FILE,
  DEEPLAB_V3_RESNET50_QUANTIZED as DEEPLAB_V3_RESNET50_QUANTIZED_FILE,
  DEEPLAB_V3_RESNET101 as DEEPLAB_V3_RESNET101_FILE,
  DEEPLAB_V3_RESNET101_QUANTIZED as DEEPLAB_V3_RESNET101_QUANTIZED_FILE,
  DEEPLAB_V3_MOBILENET_V3_LARGE as DEEPLAB_V3_MOBILENET_V3_LARGE_FILE,
  DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED as DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED_FILE,
  LRASPP_MOBILENET_V3_LARGE as LRASPP_MOBILENET_V3_LARGE_FILE,
  LRASPP_MOBILENET_V3_LARGE_QUANTIZED as LRASPP_MOBILENET_V3_LARGE_QUANTIZED_FILE,
  FCN_RESNET50 as FCN_RESNET50_FILE,
  FCN_RESNET50_QUANTIZED as FCN_RESNET50_QUANTIZED_FILE,
  FCN_RESNET101 as FCN_RESNET101_FILE,
  FCN_RESNET101_QUANTIZED as FCN_RESNET101_QUANTIZED_FILE,
  SELFIE_SEGMENTATION as SELFIE_SEGMENTATION_FILE,
  SELFIE_SEGMENTATION_LANDSCAPE as SELFIE_SEGMENTATION_LANDSCAPE_FILE,
  CLIP_VIT_BASE_PATCH32_IMAGE as CLIP_VIT_BASE_PATCH32_IMAGE_FILE,
  CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED as CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED_FILE,
  CLIP_VIT_BASE_PATCH32_TEXT as CLIP_VIT_BASE_PATCH32_TEXT_FILE,
} from '../../constants/generated/models.js';
import type { Preprocessor } from '../../images/types.js';

/** A value per colour: red, green, blue. */
export type Triple<T> = readonly [T, T, T];

/** Mean of ImageNet's colours, RGB in 0..1. */
export const IMAGENET1K_MEAN: Triple<number> = [0.485, 0.456, 0.406];
/** Standard deviation of ImageNet's colours, RGB in 0..1. */
export const IMAGENET1K_STD: Triple<number> = [0.229, 0.224, 0.225];

/** A model by its name: 'efficientnet-v2-s' is EFFICIENTNET_V2_S. */
export interface NamedModel<Name extends string = string> {
  /** The name. */
  readonly modelName: Name;
  /** Address of the file. */
  readonly modelSource: string;
  /** Normalisation that the model does not contain. */
  readonly preprocessor?: Preprocessor;
}

function named<Name extends string>(
  modelName: Name,
  { modelSource, preprocessor }: { modelSource: string; preprocessor?: Preprocessor },
): NamedModel<Name> {
  return { modelName, modelSource, ...(preprocessor ? { preprocessor } : {}) };
}

/** A function, so that apps which do not name the model do not carry it. */
function namedText<Name extends string>(
  modelName: Name,
  { modelSource, tokenizerSource }: { modelSource: string; tokenizerSource: string },
) {
  return { modelName, modelSource, tokenizerSource } as const;
}

/** EFFICIENTNET_V2_S of the root entry, with its name. */
export const EFFICIENTNET_V2_S = /* @__PURE__ */ named('efficientnet-v2-s', EFFICIENTNET_V2_S_FILE);
/** EFFICIENTNET_V2_S_QUANTIZED of the root entry, with its name. */
export const EFFICIENTNET_V2_S_QUANTIZED = /* @__PURE__ */ named(
  'efficientnet-v2-s-quantized',
  EFFICIENTNET_V2_S_QUANTIZED_FILE,
);
/** DEEPLAB_V3_RESNET50 of the root entry, with its name. */
export const DEEPLAB_V3_RESNET50 = /* @__PURE__ */ named(
  'deeplab-v3-resnet50',
  DEEPLAB_V3_RESNET50_FILE,
);
/** DEEPLAB_V3_RESNET50_QUANTIZED of the root entry, with its name. */
export const DEEPLAB_V3_RESNET50_QUANTIZED = /* @__PURE__ */ named(
  'deeplab-v3-resnet50-quantized',
  DEEPLAB_V3_RESNET50_QUANTIZED_FILE,
);
/** DEEPLAB_V3_RESNET101 of the root entry, with its name. */
export const DEEPLAB_V3_RESNET101 = /* @__PURE__ */ named(
  'deeplab-v3-resnet101',
  DEEPLAB_V3_RESNET101_FILE,
);
/** DEEPLAB_V3_RESNET101_QUANTIZED of the root entry, with its name. */
export const DEEPLAB_V3_RESNET101_QUANTIZED = /* @__PURE__ */ named(
  'deeplab-v3-resnet101-quantized',
  DEEPLAB_V3_RESNET101_QUANTIZED_FILE,
);
/** DEEPLAB_V3_MOBILENET_V3_LARGE of the root entry, with its name. */
export const DEEPLAB_V3_MOBILENET_V3_LARGE = /* @__PURE__ */ named(
  'deeplab-v3-mobilenet-v3-large',
  DEEPLAB_V3_MOBILENET_V3_LARGE_FILE,
);
/** DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED of the root entry, with its name. */
export const DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED = /* @__PURE__ */ named(
  'deeplab-v3-mobilenet-v3-large-quantized',
  DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED_FILE,
);
/** LRASPP_MOBILENET_V3_LARGE of the root entry, with its name. */
export const LRASPP_MOBILENET_V3_LARGE = /* @__PURE__ */ named(
  'lraspp-mobilenet-v3-large',
  LRASPP_MOBILENET_V3_LARGE_FILE,
);
/** LRASPP_MOBILENET_V3_LARGE_QUANTIZED of the root entry, with its name. */
export const LRASPP_MOBILENET_V3_LARGE_QUANTIZED = /* @__PURE__ */ named(
  'lraspp-mobilenet-v3-large-quantized',
  LRASPP_MOBILENET_V3_LARGE_QUANTIZED_FILE,
);
/** FCN_RESNET50 of the root entry, with its name. */
export const FCN_RESNET50 = /* @__PURE__ */ named('fcn-resnet50', FCN_RESNET50_FILE);
/** FCN_RESNET50_QUANTIZED of the root entry, with its name. */
export const FCN_RESNET50_QUANTIZED = /* @__PURE__ */ named(
  'fcn-resnet50-quantized',
  FCN_RESNET50_QUANTIZED_FILE,
);
/** FCN_RESNET101 of the root entry, with its name. */
export const FCN_RESNET101 = /* @__PURE__ */ named('fcn-resnet101', FCN_RESNET101_FILE);
/** FCN_RESNET101_QUANTIZED of the root entry, with its name. */
export const FCN_RESNET101_QUANTIZED = /* @__PURE__ */ named(
  'fcn-resnet101-quantized',
  FCN_RESNET101_QUANTIZED_FILE,
);
/** SELFIE_SEGMENTATION of the root entry, with its name. */
export const SELFIE_SEGMENTATION = /* @__PURE__ */ named(
  'selfie-segmentation',
  SELFIE_SEGMENTATION_FILE,
);
/** SELFIE_SEGMENTATION_LANDSCAPE of the root entry, with its name. */
export const SELFIE_SEGMENTATION_LANDSCAPE = /* @__PURE__ */ named(
  'selfie-segmentation-landscape',
  SELFIE_SEGMENTATION_LANDSCAPE_FILE,
);
/** CLIP_VIT_BASE_PATCH32_IMAGE of the root entry, with its name. */
export const CLIP_VIT_BASE_PATCH32_IMAGE = /* @__PURE__ */ named(
  'clip-vit-base-patch32-image',
  CLIP_VIT_BASE_PATCH32_IMAGE_FILE,
);
/** CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED of the root entry, with its name. */
export const CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED = /* @__PURE__ */ named(
  'clip-vit-base-patch32-image-quantized',
  CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED_FILE,
);
/** CLIP_VIT_BASE_PATCH32_TEXT of the root entry, with its name. */
export const CLIP_VIT_BASE_PATCH32_TEXT = /* @__PURE__ */ namedText(
  'clip-vit-base-patch32-text',
  CLIP_VIT_BASE_PATCH32_TEXT_FILE,
);
