/** What exists: version 0.6's API, what 0.10 adds to it, and this library's own. */
export * from './core.js';
export * from './compat/v10/index.js';
export { useClassification } from './hooks/useClassification.js';
export { useExecutorchModule } from './hooks/useExecutorchModule.js';
export { useImageEmbeddings } from './hooks/useImageEmbeddings.js';
export { useImageSegmentation } from './hooks/useImageSegmentation.js';
export {
  useVideo,
  type UseVideoOptions,
  type UseVideoResult,
  type VideoModel,
} from './hooks/useVideo.js';
export { useTextEmbeddings } from './hooks/useTextEmbeddings.js';
export type { UseModuleOptions, UseModuleResult } from './hooks/useModule.js';
