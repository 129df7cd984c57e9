/** What exists: version 0.6's API, what 0.10 adds to it, and this library's own. */
export * from './core.js';
export * from './compat/v10/index.js';
export {
  useClassification,
  type UseClassificationProps,
  type UseClassificationResult,
} from './hooks/useClassification.js';
export { useExecutorchModule, type UseExecutorchModuleProps } from './hooks/useExecutorchModule.js';
export {
  useImageEmbeddings,
  type UseImageEmbeddingsProps,
  type UseImageEmbeddingsResult,
} from './hooks/useImageEmbeddings.js';
export {
  useImageSegmentation,
  type UseImageSegmentationProps,
  type UseImageSegmentationResult,
} from './hooks/useImageSegmentation.js';
export {
  useVideo,
  type UseVideoOptions,
  type UseVideoResult,
  type VideoModel,
} from './hooks/useVideo.js';
export { useTextEmbeddings, type UseTextEmbeddingsProps } from './hooks/useTextEmbeddings.js';
export type { UseModuleOptions, UseModuleResult } from './hooks/useModule.js';
