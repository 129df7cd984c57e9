// Generated from js/compat/peers.json by scripts/generate-compat.mjs. Do not edit.
/* eslint-disable @typescript-eslint/no-explicit-any -- models of any shape */

/** 0.9, and 0.10's `/legacy`. */
export interface LegacyModelNames {
  classification: { efficientnet_v2_s: any };
  image_embedding: { clip_vit_base_patch32_image: any };
  image_generation: { bk_sdm_tiny_vpred_256: any; bk_sdm_tiny_vpred_512: any };
  instance_segmentation: { fastsam_s: any; fastsam_x: any; rf_detr_nano: any; yolo26l: any; yolo26m: any; yolo26n: any; yolo26s: any; yolo26x: any };
  llm: { bielik_v3_0_1_5b: any; gemma4_e2b: any; gemma4_e2b_multimodal: any; hammer2_1_0_5b: any; hammer2_1_1_5b: any; hammer2_1_3b: any; lfm2_5_1_2b_instruct: any; lfm2_5_350m: any; lfm2_5_vl_1_6b: any; lfm2_5_vl_450m: any; llama3_2_1b: any; llama3_2_3b: any; phi_4_mini_4b: any; qwen2_5_0_5b: any; qwen2_5_1_5b: any; qwen2_5_3b: any; qwen3_0_6b: any; qwen3_1_7b: any; qwen3_4b: any; qwen3_5_0_8b: any; qwen3_5_2b: any; smollm2_1_135m: any; smollm2_1_1_7b: any; smollm2_1_360m: any };
  object_detection: { rf_detr_nano: any; ssdlite_320_mobilenet_v3_large: any; yolo26l: any; yolo26m: any; yolo26n: any; yolo26s: any; yolo26x: any };
  ocr: { craft: any };
  pose_estimation: { rfdetr_keypoint_preview: any; yolo26n: any };
  privacy_filter: { nemotron: any; openai: any };
  semantic_segmentation: { deeplab_v3_mobilenet_v3_large: any; deeplab_v3_resnet101: any; deeplab_v3_resnet50: any; fcn_resnet101: any; fcn_resnet50: any; lraspp_mobilenet_v3_large: any; selfie_segmentation: any };
  speech_to_text: { whisper_base: any; whisper_base_en: any; whisper_small: any; whisper_small_en: any; whisper_tiny: any; whisper_tiny_en: any };
  style_transfer: { candy: any; mosaic: any; rain_princess: any; udnie: any };
  text_embedding: { all_minilm_l6_v2: any; all_mpnet_base_v2: any; clip_vit_base_patch32_text: any; distiluse_base_multilingual_cased_v2: any; multi_qa_minilm_l6_cos_v1: any; multi_qa_mpnet_base_dot_v1: any; paraphrase_multilingual_minilm_l12_v2: any };
  text_to_speech: { kokoro: any };
  vad: { fsmn_vad: any };
}

/** 0.10. */
export interface ModelNames {
  classification: { EFFICIENTNET_V2_S: any };
  imageEmbeddings: { CLIP_VIT_BASE_PATCH32: any };
  instanceSegmentation: { FASTSAM: any; RFDETR_NANO: any; YOLO26: any };
  keypointDetection: { BLAZEFACE: any; RFDETR_KEYPOINT: any; YOLO26_POSE: any };
  llm: { BIELIK_V3_1_5B: any; GEMMA4_E2B: any; HAMMER2_1_0_5B: any; HAMMER2_1_1_5B: any; HAMMER2_1_3B: any; LFM2_5_1_2B: any; LFM2_5_350M: any; LFM2_5_VL_1_6B: any; LFM2_5_VL_450M: any; LLAMA3_2_1B: any; LLAMA3_2_3B: any; PHI4_MINI: any; QWEN2_5_0_5B: any; QWEN2_5_1_5B: any; QWEN2_5_3B: any; QWEN3_0_6B: any; QWEN3_1_7B: any; QWEN3_4B: any; SMOLLM2_135M: any; SMOLLM2_1_7B: any; SMOLLM2_360M: any };
  objectDetection: { RFDETR_NANO: any; SSDLITE320_MOBILENET_V3_LARGE: any; YOLO26: any };
  ocr: { PADDLE: any };
  privacyFilter: { NEMOTRON: any; OPENAI: any };
  semanticSegmentation: { DEEPLAB_V3_MOBILENET_V3_LARGE: any; DEEPLAB_V3_RESNET101: any; DEEPLAB_V3_RESNET50: any; FCN_RESNET101: any; FCN_RESNET50: any; LRASPP_MOBILENET_V3_LARGE: any; SELFIE_SEGMENTATION: any; SELFIE_SEGMENTATION_LANDSCAPE: any };
  speechToText: { WHISPER: any };
  styleTransfer: { CANDY: any; MOSAIC: any; RAIN_PRINCESS: any; UDNIE: any };
  textEmbeddings: { ALL_MINILM_L6_V2: any; ALL_MPNET_BASE_V2: any; CLIP_VIT_BASE_PATCH32_TEXT: any; DISTILUSE_BASE_MULTILINGUAL_CASED_V2: any; LFM2_5_EMBEDDING_350M: any; MULTI_QA_MINILM_L6_COS_V1: any; MULTI_QA_MPNET_BASE_DOT_V1: any; PARAPHRASE_MULTILINGUAL_MINILM_L12_V2: any };
  textToImage: { SDXS_512_DREAMSHAPER: any };
  textToSpeech: { KOKORO: any; SUPERTONIC: any };
  tokenizer: { ALL_MINILM_L6_V2: any };
  voiceActivityDetection: { FSMN_VAD: any };
}

/** 0.8's MODEL_REGISTRY. */
export interface RegistryNames {
  ALL_MODELS: { ALL_MINILM_L6_V2: any; ALL_MPNET_BASE_V2: any; BK_SDM_TINY_VPRED_256: any; BK_SDM_TINY_VPRED_512: any; CLIP_VIT_BASE_PATCH32_IMAGE: any; CLIP_VIT_BASE_PATCH32_IMAGE_QUANTIZED: any; CLIP_VIT_BASE_PATCH32_TEXT: any; DEEPLAB_V3_MOBILENET_V3_LARGE: any; DEEPLAB_V3_MOBILENET_V3_LARGE_QUANTIZED: any; DEEPLAB_V3_RESNET101: any; DEEPLAB_V3_RESNET101_QUANTIZED: any; DEEPLAB_V3_RESNET50: any; DEEPLAB_V3_RESNET50_QUANTIZED: any; EFFICIENTNET_V2_S: any; EFFICIENTNET_V2_S_QUANTIZED: any; FCN_RESNET101: any; FCN_RESNET101_QUANTIZED: any; FCN_RESNET50: any; FCN_RESNET50_QUANTIZED: any; FSMN_VAD: any; HAMMER2_1_0_5B: any; HAMMER2_1_0_5B_QUANTIZED: any; HAMMER2_1_1_5B: any; HAMMER2_1_1_5B_QUANTIZED: any; HAMMER2_1_3B: any; HAMMER2_1_3B_QUANTIZED: any; LFM2_5_1_2B_INSTRUCT: any; LFM2_5_1_2B_INSTRUCT_QUANTIZED: any; LFM2_5_350M: any; LFM2_5_350M_QUANTIZED: any; LFM2_5_VL_1_6B_QUANTIZED: any; LFM2_5_VL_450M_QUANTIZED: any; LFM2_VL_1_6B_QUANTIZED: any; LFM2_VL_450M_QUANTIZED: any; LLAMA3_2_1B: any; LLAMA3_2_1B_QLORA: any; LLAMA3_2_1B_SPINQUANT: any; LLAMA3_2_3B: any; LLAMA3_2_3B_QLORA: any; LLAMA3_2_3B_SPINQUANT: any; LRASPP_MOBILENET_V3_LARGE: any; LRASPP_MOBILENET_V3_LARGE_QUANTIZED: any; MULTI_QA_MINILM_L6_COS_V1: any; MULTI_QA_MPNET_BASE_DOT_V1: any; PHI_4_MINI_4B: any; PHI_4_MINI_4B_QUANTIZED: any; QWEN2_5_0_5B: any; QWEN2_5_0_5B_QUANTIZED: any; QWEN2_5_1_5B: any; QWEN2_5_1_5B_QUANTIZED: any; QWEN2_5_3B: any; QWEN2_5_3B_QUANTIZED: any; QWEN3_0_6B: any; QWEN3_0_6B_QUANTIZED: any; QWEN3_1_7B: any; QWEN3_1_7B_QUANTIZED: any; QWEN3_4B: any; QWEN3_4B_QUANTIZED: any; RF_DETR_NANO: any; RF_DETR_NANO_SEG: any; SELFIE_SEGMENTATION: any; SMOLLM2_1_135M: any; SMOLLM2_1_135M_QUANTIZED: any; SMOLLM2_1_1_7B: any; SMOLLM2_1_1_7B_QUANTIZED: any; SMOLLM2_1_360M: any; SMOLLM2_1_360M_QUANTIZED: any; SSDLITE_320_MOBILENET_V3_LARGE: any; STYLE_TRANSFER_CANDY: any; STYLE_TRANSFER_CANDY_QUANTIZED: any; STYLE_TRANSFER_MOSAIC: any; STYLE_TRANSFER_MOSAIC_QUANTIZED: any; STYLE_TRANSFER_RAIN_PRINCESS: any; STYLE_TRANSFER_RAIN_PRINCESS_QUANTIZED: any; STYLE_TRANSFER_UDNIE: any; STYLE_TRANSFER_UDNIE_QUANTIZED: any; WHISPER_BASE: any; WHISPER_BASE_EN: any; WHISPER_BASE_EN_QUANTIZED: any; WHISPER_SMALL: any; WHISPER_SMALL_EN: any; WHISPER_SMALL_EN_QUANTIZED: any; WHISPER_TINY: any; WHISPER_TINY_EN: any; WHISPER_TINY_EN_QUANTIZED: any; YOLO26L_SEG: any; YOLO26M_SEG: any; YOLO26N_SEG: any; YOLO26S_SEG: any; YOLO26X_SEG: any };
}
