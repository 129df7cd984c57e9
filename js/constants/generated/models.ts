// Generated from models/registry.json by scripts/generate-models.mjs. Do not edit.

import type {
  ClassificationModel,
  EmbeddingsModel,
  SegmentationModel,
  TextEmbeddingsModel,
} from '../model-types.js';

/** EfficientNetV2-S, fp32, v0.6.0; BSD-3-Clause. */
export const EFFICIENTNET_V2_S: ClassificationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-efficientnet-v2-s/resolve/v0.6.0/xnnpack/efficientnet_v2_s_xnnpack.pte',
};

/** EfficientNetV2-S, int8, v0.9.0; BSD-3-Clause. */
export const EFFICIENTNET_V2_S_QUANTIZED: ClassificationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-efficientnet-v2-s/resolve/v0.9.0/xnnpack/efficientnet_v2_s_xnnpack_int8.pte',
};

/** DeepLabV3, ResNet-50, fp32, v0.6.0; BSD-3-Clause. */
export const DEEPLAB_V3_RESNET50: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.6.0/xnnpack/deeplabV3_xnnpack_fp32.pte',
};

/** DeepLabV3, ResNet-50, int8, v0.9.0; BSD-3-Clause. */
export const DEEPLAB_V3_RESNET50_QUANTIZED: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.9.0/xnnpack/deeplab_v3_resnet50_xnnpack_int8.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** DeepLabV3, ResNet-101, fp32, v0.9.0; BSD-3-Clause. */
export const DEEPLAB_V3_RESNET101: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.9.0/xnnpack/deeplab_v3_resnet101_xnnpack_fp32.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** DeepLabV3, ResNet-101, int8, v0.9.0; BSD-3-Clause. */
export const DEEPLAB_V3_RESNET101_QUANTIZED: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.9.0/xnnpack/deeplab_v3_resnet101_xnnpack_int8.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** DeepLabV3, MobileNetV3-Large, fp32, v0.9.0; BSD-3-Clause. */
export const DEEPLAB_V3_MOBILENET_V3_LARGE: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.9.0/xnnpack/deeplab_v3_mobilenet_v3_large_xnnpack_fp32.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** DeepLabV3, MobileNetV3-Large, int8, v0.9.0; BSD-3-Clause. */
export const DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED: SegmentationModel & { modelSource: string } =
  {
    modelSource:
      'https://huggingface.co/software-mansion/react-native-executorch-deeplab-v3/resolve/v0.9.0/xnnpack/deeplab_v3_mobilenet_v3_large_xnnpack_int8.pte',
    preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
  };

/** LR-ASPP, MobileNetV3-Large, fp32, v0.9.0; BSD-3-Clause. */
export const LRASPP_MOBILENET_V3_LARGE: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-lraspp/resolve/v0.9.0/xnnpack/lraspp_mobilenet_v3_large_xnnpack_fp32.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** LR-ASPP, MobileNetV3-Large, int8, v0.9.0; BSD-3-Clause. */
export const LRASPP_MOBILENET_V3_LARGE_QUANTIZED: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-lraspp/resolve/v0.9.0/xnnpack/lraspp_mobilenet_v3_large_xnnpack_int8.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** FCN, ResNet-50, fp32, v0.9.0; BSD-3-Clause. */
export const FCN_RESNET50: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-fcn/resolve/v0.9.0/xnnpack/fcn_resnet50_xnnpack_fp32.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** FCN, ResNet-50, int8, v0.9.0; BSD-3-Clause. */
export const FCN_RESNET50_QUANTIZED: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-fcn/resolve/v0.9.0/xnnpack/fcn_resnet50_xnnpack_int8.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** FCN, ResNet-101, fp32, v0.9.0; BSD-3-Clause. */
export const FCN_RESNET101: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-fcn/resolve/v0.9.0/xnnpack/fcn_resnet101_xnnpack_fp32.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** FCN, ResNet-101, int8, v0.9.0; BSD-3-Clause. */
export const FCN_RESNET101_QUANTIZED: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-fcn/resolve/v0.9.0/xnnpack/fcn_resnet101_xnnpack_int8.pte',
  preprocessor: { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] },
};

/** Selfie segmentation, fp32, v0.9.0; see the model card. */
export const SELFIE_SEGMENTATION: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-selfie-segmentation/resolve/v0.9.0/xnnpack/selfie_segmentation_xnnpack_fp32.pte',
  labels: ['background', 'person'],
};

/** Selfie segmentation, landscape, fp32, v0.10.0; see the model card. */
export const SELFIE_SEGMENTATION_LANDSCAPE: SegmentationModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-selfie-segmentation/resolve/v0.10.0/xnnpack/selfie_segmentation_landscape_xnnpack_fp32.pte',
  labels: ['background', 'person'],
};

/** CLIP ViT-B/32, image encoder, fp32, v0.6.0; MIT. */
export const CLIP_VIT_BASE_PATCH32_IMAGE: EmbeddingsModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-clip-vit-base-patch32/resolve/v0.6.0/clip-vit-base-patch32-vision_xnnpack.pte',
};

/** CLIP ViT-B/32, image encoder, int8, v0.9.0; MIT. */
export const CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED: EmbeddingsModel & { modelSource: string } = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-clip-vit-base-patch32/resolve/v0.9.0/xnnpack/clip_vit_base_patch32_image_xnnpack_int8.pte',
};

/** EfficientNet-Lite0, int8, this package's own file; Apache-2.0. */
export const EFFICIENTNET_LITE0_QUANTIZED: ClassificationModel & { modelSource: string } = {
  modelSource:
    'https://cdn.jsdelivr.net/npm/executorch-web@0.1.0/dist/models/efficientnet_lite0_int8.pte',
};

/** EfficientNet-Lite0, before its last layer, int8, this package's own file; Apache-2.0. */
export const EFFICIENTNET_LITE0_EMBEDDINGS_QUANTIZED: EmbeddingsModel & { modelSource: string } = {
  modelSource:
    'https://cdn.jsdelivr.net/npm/executorch-web@0.1.0/dist/models/efficientnet_lite0_int8.pte',
  method: 'embed',
};

/** CLIP ViT-B/32, text encoder, fp32, v0.6.0; MIT. */
export const CLIP_VIT_BASE_PATCH32_TEXT: TextEmbeddingsModel & {
  modelSource: string;
  tokenizerSource: string;
} = {
  modelSource:
    'https://huggingface.co/software-mansion/react-native-executorch-clip-vit-base-patch32/resolve/v0.6.0/clip-vit-base-patch32-text_xnnpack.pte',
  tokenizerSource:
    'https://huggingface.co/software-mansion/react-native-executorch-clip-vit-base-patch32/resolve/v0.6.0/tokenizer.json',
};
