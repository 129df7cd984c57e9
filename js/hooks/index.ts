/** The hooks. js/index.ts is this and core.ts. */
export { useClassification, type UseClassificationProps } from './useClassification.js';
export { useExecutorchModule, type UseExecutorchModuleProps } from './useExecutorchModule.js';
export { useImageEmbeddings, type UseImageEmbeddingsProps } from './useImageEmbeddings.js';
export { useImageSegmentation, type UseImageSegmentationProps } from './useImageSegmentation.js';
export type { UseModuleOptions, UseModuleResult } from './useModule.js';
export type { ModuleState } from './session.js';
