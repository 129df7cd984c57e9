/** What exists of the API of React Native ExecuTorch 0.7 to 0.9 and of 0.10's `/legacy`. */
export { configure, type Configuration } from '../../base/config.js';
export { ScalarType } from '../../base/scalar-type.js';
export type { ResourceSource } from '../../base/types.js';
export { DeeplabLabel } from '../../constants/index.js';
export type { PixelData } from '../../images/types.js';
export type { TensorBuffer, TensorPtr } from '../../modules/ExecutorchModule.js';
export * from './constants.js';
export { ClassificationModule } from './ClassificationModule.js';
export { RnExecutorchError, RnExecutorchErrorCode } from './errors.js';
export { ExecutorchModule } from './ExecutorchModule.js';
export {
  cleanupExecutorch,
  initExecutorch,
  isAvailable,
  ResourceFetcher,
  type ExecutorchConfig,
  type ResourceFetcherAdapter,
} from './fetcher.js';
export {
  useClassification,
  useExecutorchModule,
  useImageEmbeddings,
  useImageSegmentation,
  useSemanticSegmentation,
  useTextEmbeddings,
} from './hooks.js';
export { ImageEmbeddingsModule } from './ImageEmbeddingsModule.js';
export { ImageSegmentationModule } from './ImageSegmentationModule.js';
export { Imagenet1kLabel } from './imagenet.js';
export { SelfieSegmentationLabel, type LabelEnum } from './labels.js';
export { getModelNameForUrl, MODEL_REGISTRY, models, type ModelOpts } from './models.js';
export type {
  CustomModelConfig as ClassificationConfig,
  CustomModelConfig as SemanticSegmentationConfig,
  LabelledModelSource as ClassificationModelSources,
  LabelledModelSource as SemanticSegmentationModelSources,
} from './legacy-module.js';
export { SemanticSegmentationModule } from './SemanticSegmentationModule.js';
export { TextEmbeddingsModule } from './TextEmbeddingsModule.js';
