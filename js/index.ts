'use client';
/** The whole library. `executorch-web/core` is the same without React. */
export * from './core.js';
export { useClassification } from './hooks/useClassification.js';
export { useExecutorchModule } from './hooks/useExecutorchModule.js';
export { useImageEmbeddings } from './hooks/useImageEmbeddings.js';
export { useImageSegmentation } from './hooks/useImageSegmentation.js';
export type { UseModuleOptions, UseModuleResult } from './hooks/useModule.js';
