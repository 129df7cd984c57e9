import { ExecutorchModule } from '../modules/ExecutorchModule.js';
import { ModelPool } from './controller.js';
import type { ResourceSource } from '../base/types.js';
import { useModule, type UseModuleOptions, type UseModuleResult } from './useModule.js';

const pool = /* @__PURE__ */ new ModelPool<ResourceSource, ExecutorchModule>(
  () => new ExecutorchModule(),
);

export interface UseExecutorchModuleProps extends UseModuleOptions {
  /** Where the model is. Text and plain objects are compared by value, Blobs and buffers by identity. */
  modelSource: ResourceSource;
}

/**
 * Runs any model on raw tensors: `await forward([tensor])` gives the output tensors.
 *
 * Components that use equal sources share one instance. Arguments and results of `forward` are those of
 * {@link ExecutorchModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 */
export function useExecutorchModule({
  modelSource,
  ...options
}: UseExecutorchModuleProps): UseModuleResult<ExecutorchModule['forward']> {
  return useModule(pool, modelSource, options);
}
