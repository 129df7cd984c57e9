/** `models` of the root entry: 0.10's descriptions (upper case) and 0.9's functions (lower case) in one object. */
import { IMAGENET1K_LABELS } from '../../constants/generated/imagenet.js';
import { DeeplabLabel } from '../../constants/index.js';
import { CLIP_VIT_BASE_PATCH32_TEXT, type NamedModel } from '../legacy/constants.js';
import { toExecutorchError } from '../../base/errors.js';
import { accessors, CLASSIFIERS, eachModel, EMBEDDERS, SEGMENTERS } from '../legacy/models.js';
import { withAbsentModels } from '../absent-registry.js';
import type { LegacyModelNames, ModelNames } from '../generated/model-names.js';
import type { NormalizeOptions } from './image.js';

/** PASCAL VOC's classes, the background first. */
type PascalVocLabels = readonly [
  'background',
  'aeroplane',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'bus',
  'car',
  'cat',
  'chair',
  'cow',
  'diningtable',
  'dog',
  'horse',
  'motorbike',
  'person',
  'pottedplant',
  'sheep',
  'sofa',
  'train',
  'tvmonitor',
];

/** Names of PASCAL VOC's classes, the background first, in small letters. */
export const PASCAL_VOC_LABELS = /* @__PURE__ */ pascalLabels();

function pascalLabels(): PascalVocLabels {
  const keys = Object.keys(DeeplabLabel).filter((key) => Number.isNaN(Number(key)));
  const names = keys.filter((key) => key !== 'ARGMAX').map((key) => key.toLowerCase());
  return names as readonly string[] as PascalVocLabels;
}

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

/** Each model in its precisions; DEFAULT is int8 where it was published. */
function variants<Name extends string, Key extends string, Extra extends object>(
  names: readonly Name[],
  keyOf: (name: Name) => Key,
  extraOf: (model: NamedModel) => Extra,
) {
  return eachModel(names, keyOf, (fp32, int8 = fp32) => {
    const XNNPACK_FP32 = described(fp32, extraOf(fp32));
    const XNNPACK_INT8 = int8 === fp32 ? XNNPACK_FP32 : described(int8, extraOf(int8));
    return { DEFAULT: XNNPACK_INT8, XNNPACK_FP32, XNNPACK_INT8 };
  });
}

const same = <Name extends string>(name: Name) => name;

const SELFIES = ['SELFIE_SEGMENTATION', 'SELFIE_SEGMENTATION_LANDSCAPE'] as const;
const isOfPascal = (
  name: (typeof SEGMENTERS)[number],
): name is Exclude<(typeof SEGMENTERS)[number], 'SELFIE_SEGMENTATION'> =>
  name !== 'SELFIE_SEGMENTATION';

/** A function, so that an app which does not name `models` does not carry the labels. */
function known() {
  const clipText = {
    modelPath: CLIP_VIT_BASE_PATCH32_TEXT.modelSource,
    tokenizerPath: CLIP_VIT_BASE_PATCH32_TEXT.tokenizerSource,
  };
  const functions = accessors(toExecutorchError);
  return {
    classification: {
      ...functions.classification,
      ...variants(CLASSIFIERS, same, () => ({ labels: IMAGENET1K_LABELS })),
    },
    semanticSegmentation: {
      ...variants(SEGMENTERS.filter(isOfPascal), same, () => ({
        labels: PASCAL_VOC_LABELS,
        outInterpolation: 'nearest',
      })),
      ...variants(SELFIES, same, () => ({
        labels: ['background', 'person'] as const,
        outInterpolation: 'linear',
      })),
    },
    semantic_segmentation: functions.semantic_segmentation,
    imageEmbeddings: variants(
      EMBEDDERS,
      () => 'CLIP_VIT_BASE_PATCH32' as const,
      () => ({}),
    ),
    image_embedding: functions.image_embedding,
    textEmbeddings: {
      CLIP_VIT_BASE_PATCH32_TEXT: { DEFAULT: clipText, XNNPACK_FP32: clipText },
    },
    text_embedding: functions.text_embedding,
  };
}

/** All published models; what cannot run on the web is a stand-in. */
export const models = /* @__PURE__ */ withAbsentModels<
  ModelNames & LegacyModelNames,
  ReturnType<typeof known>
>(/* @__PURE__ */ known());
