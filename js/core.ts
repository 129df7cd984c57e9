/** Everything but React. */
export * from './constants/index.js';
export { configure, type Configuration } from './config.js';
export {
  detectCapabilities as getCapabilities,
  type Capabilities,
  type Variant,
} from './engine/features.js';
export { ScalarType } from './engine/scalar-type.js';
export type {
  ModelInfo,
  OperatorTime,
  Preprocessor,
  Region,
  TensorInfo,
  Timings,
} from './engine/types.js';
export { ErrorCode, ExecutorchError, errorCodeName, isExecutorchError } from './errors/index.js';
export type { ImageSource, PixelData, RawPixels } from './images/types.js';
export type { ImageForwardOptions, LoadOptions } from './modules/base-module.js';
export {
  ClassificationModule,
  type ClassificationModel,
  type ClassificationOptions,
  type ClassificationResult,
} from './modules/ClassificationModule.js';
export { ExecutorchModule, type TensorBuffer, type TensorPtr } from './modules/ExecutorchModule.js';
export { ImageEmbeddingsModule, type EmbeddingsModel } from './modules/ImageEmbeddingsModule.js';
export {
  ImageSegmentationModule,
  type MapSize,
  type SegmentationModel,
  type SegmentationResult,
} from './modules/ImageSegmentationModule.js';
export type {
  AssetRegistry,
  DownloadPolicy,
  Pin,
  ResourceConfiguration,
  StoreKind,
} from './resources/config.js';
export { ResourceFetcher } from './resources/ResourceFetcher.js';
export type { Integrity, StorageReport, StoredResource } from './resources/service.js';
export type { ResourceReport } from './resources/session.js';
export type { ResourceSource } from './types.js';
export { cosineSimilarity, dotProduct, nearestNeighbours, type Neighbour } from './vectors.js';
export { VERSION } from './version.js';
