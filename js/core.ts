/** Everything but React. */
export * from './constants/index.js';
export { configure, type Configuration, type WasmBinary } from './base/config.js';
export { detectCapabilities as getCapabilities, type Capabilities } from './base/features.js';
export type { Variant } from './base/probes.js';
export { BFLOAT16, ScalarType } from './base/scalar-type.js';
export type {
  AssociatedFile,
  ModelInfo,
  ModelMetadata,
  OperatorTime,
  TensorInfo,
  TensorMetadata,
  Timings,
} from './core/types.js';
export type { PictureSize, Preprocessor, Region } from './images/types.js';
export { ErrorCode, ExecutorchError, errorCodeName, isExecutorchError } from './base/errors.js';
export type { ImageSource, PixelData, RawPixels } from './images/types.js';
export type {
  ClassificationModel,
  EmbeddingsModel,
  PictureModel,
  SegmentationModel,
  TextEmbeddingsModel,
} from './constants/model-types.js';
export type { LoadOptions, ModelFiles, ProgressCallback } from './modules/base-module.js';
export type { LoadedModel } from './worker/host.js';
export type { ImageForwardOptions } from './modules/picture-module.js';
export type { ClassScore } from './tasks/class-rules.js';
export type { MapSize, SegmentationResult } from './tasks/map-rules.js';
export type { ClassMap, ProbabilityMap } from './tasks/masks.js';
export {
  ClassificationModule,
  type ClassificationOptions,
  type ClassificationResult,
  type ClassificationVideoOptions,
} from './modules/ClassificationModule.js';
export { ExecutorchModule, type TensorBuffer, type TensorPtr } from './modules/ExecutorchModule.js';
export { ImageEmbeddingsModule } from './modules/ImageEmbeddingsModule.js';
export {
  ImageSegmentationModule,
  type SegmentationVideoOptions,
} from './modules/ImageSegmentationModule.js';
export { TextEmbeddingsModule, type TextForwardOptions } from './modules/TextEmbeddingsModule.js';
export type {
  AssetRegistry,
  DownloadPolicy,
  Freshness,
  Pin,
  ResourceConfiguration,
  StoreKind,
} from './base/resource-config.js';
export { ResourceFetcher } from './modules/ResourceFetcher.js';
export type { StorageReport, StoredResource } from './downloads/service.js';
export type { Integrity, ResourceReport, RetryNotice } from './sources/source.js';
export type {
  VideoCallback,
  VideoFrameInfo,
  VideoOptions,
  VideoSource,
  VideoTotals,
} from './video/types.js';
export type { ModelUpdate } from './sources/source.js';
export type { BytesLike, ResourceSource } from './base/types.js';
export {
  cosineSimilarity,
  dotProduct,
  nearestNeighbours,
  rank,
  type Neighbour,
  type RankedText,
  type Vector,
} from './tasks/vectors.js';
export { VERSION } from './base/version.js';
