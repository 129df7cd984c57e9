/** `models` of the root entry: 0.10's descriptions (upper case) and 0.9's functions (lower case) in one object. */
import { IMAGENET1K_LABELS } from '../../constants/generated/imagenet.js';
import { DeeplabLabel } from '../../constants/index.js';
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
} from '../legacy/constants.js';
import { toExecutorchError } from '../../base/errors.js';
import { accessors } from '../legacy/models.js';
import { withAbsentModels } from '../absent-registry.js';
import type { NormalizeOptions } from './image.js';

/** Names of PASCAL VOC's classes, the background first, in small letters. */
export const PASCAL_VOC_LABELS: readonly string[] = /* @__PURE__ */ Object.keys(DeeplabLabel)
  .filter((key) => Number.isNaN(Number(key)) && key !== 'ARGMAX')
  .map((key) => key.toLowerCase());

/** ImageNet's mean and standard deviation as 0.10 writes them: alpha * pixel + beta. */
export const IMAGENET_NORM = /* @__PURE__ */ imagenetNorm();

/** A function: bundlers keep arithmetic, even where nobody uses what comes of it. */
function imagenetNorm() {
  return {
    alpha: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
    beta: [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
  } as const;
}

function described<Extra extends object>(model: NamedModel, extra: Extra) {
  const normalizeOpts = model.preprocessor
    ? IMAGENET_NORM
    : ({ alpha: 1 / 255, beta: 0 } satisfies NormalizeOptions);
  return {
    modelPath: model.modelSource,
    modelOpts: { resizeMode: 'stretch', interpolation: 'linear', normalizeOpts, ...extra },
  } as const;
}

/** One model in its precisions; DEFAULT is int8 where it was published. */
function variants<Extra extends object>(fp32: NamedModel, int8: NamedModel | null, extra: Extra) {
  const XNNPACK_FP32 = described(fp32, extra);
  const XNNPACK_INT8 = int8 ? described(int8, extra) : XNNPACK_FP32;
  return { DEFAULT: XNNPACK_INT8, XNNPACK_FP32, XNNPACK_INT8 };
}

/** A function, so that an app which does not name `models` does not carry the labels. */
function known() {
  const classifier = { labels: IMAGENET1K_LABELS };
  const segmenter = { labels: PASCAL_VOC_LABELS, outInterpolation: 'nearest' };
  const selfie = { labels: ['background', 'person'], outInterpolation: 'linear' };
  const clipText = {
    modelPath: CLIP_VIT_BASE_PATCH32_TEXT.modelSource,
    tokenizerPath: CLIP_VIT_BASE_PATCH32_TEXT.tokenizerSource,
  };
  const functions = accessors(toExecutorchError);
  return {
    classification: {
      ...functions.classification,
      EFFICIENTNET_V2_S: variants(EFFICIENTNET_V2_S, EFFICIENTNET_V2_S_QUANTIZED, classifier),
    },
    semanticSegmentation: {
      DEEPLAB_V3_RESNET50: variants(DEEPLAB_V3_RESNET50, DEEPLAB_V3_RESNET50_QUANTIZED, segmenter),
      DEEPLAB_V3_RESNET101: variants(
        DEEPLAB_V3_RESNET101,
        DEEPLAB_V3_RESNET101_QUANTIZED,
        segmenter,
      ),
      DEEPLAB_V3_MOBILENET_V3_LARGE: variants(
        DEEPLAB_V3_MOBILENET_V3_LARGE,
        DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED,
        segmenter,
      ),
      LRASPP_MOBILENET_V3_LARGE: variants(
        LRASPP_MOBILENET_V3_LARGE,
        LRASPP_MOBILENET_V3_LARGE_QUANTIZED,
        segmenter,
      ),
      FCN_RESNET50: variants(FCN_RESNET50, FCN_RESNET50_QUANTIZED, segmenter),
      FCN_RESNET101: variants(FCN_RESNET101, FCN_RESNET101_QUANTIZED, segmenter),
      SELFIE_SEGMENTATION: variants(SELFIE_SEGMENTATION, null, selfie),
      SELFIE_SEGMENTATION_LANDSCAPE: variants(SELFIE_SEGMENTATION_LANDSCAPE, null, selfie),
    },
    semantic_segmentation: functions.semantic_segmentation,
    imageEmbeddings: {
      CLIP_VIT_BASE_PATCH32: variants(
        CLIP_VIT_BASE_PATCH32_IMAGE,
        CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED,
        {},
      ),
    },
    image_embedding: functions.image_embedding,
    textEmbeddings: {
      CLIP_VIT_BASE_PATCH32_TEXT: { DEFAULT: clipText, XNNPACK_FP32: clipText },
    },
    text_embedding: functions.text_embedding,
  };
}

/** All published models; what cannot run on the web is a stand-in. */
export const models = /* @__PURE__ */ withAbsentModels(/* @__PURE__ */ known());
