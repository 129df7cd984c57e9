/** What version 0.10's root exports and does not collide with 0.6. */
export {
  createResourceScope,
  defaultWorkletRuntime,
  getRegisteredBackends,
  inspectModel,
  loadModel,
  setTelemetryEnabled,
  tensor,
  wrapAsync,
  type DType,
  type Model,
  type Tensor,
} from './core.js';
export { download, type DownloadOptions } from './download.js';
export {
  isRnExecuTorchError,
  RnExecuTorchError,
  VALID_ERROR_CODES,
  type RnExecuTorchErrorCode,
} from './errors.js';
export {
  useClassifier,
  useImageEmbedder,
  useModel,
  useResourceDownload,
  useSemanticSegmenter,
  useTextEmbedder,
  type ResourceOptions,
} from './hooks.js';
export type { ImageBuffer, ImageFormat } from './image.js';
export { IMAGENET_NORM, models, PASCAL_VOC_LABELS } from './models.js';
export { schema } from './schema.js';
export {
  createClassifier,
  createImageEmbedder,
  createSemanticSegmenter,
  createTextEmbedder,
  type Classification,
  type Classifier,
  type ClassifierModel,
  type ColorMap,
  type ImageEmbedder,
  type ImageEmbedderModel,
  type SemanticSegmentationResult,
  type SemanticSegmenter,
  type SemanticSegmenterModel,
  type TextEmbedder,
  type TextEmbedderModel,
} from './tasks.js';
