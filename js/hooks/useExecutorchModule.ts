import type { ResourceSource } from '../base/types.js';
import { ExecutorchModule } from '../modules/ExecutorchModule.js';
import { createHook, type UseModuleOptions, type UseModuleResult } from './useModule.js';

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
 *
 * @example
 * ```tsx
 * function Sum() {
 *   const { isReady, forward } = useExecutorchModule({ modelSource: '/models/add.pte' });
 *   const one = { dataPtr: Float32Array.of(1), sizes: [1], scalarType: ScalarType.FLOAT };
 *   return <button disabled={!isReady} onClick={() => void forward([one, one])}>1 + 1</button>;
 * }
 * ```
 */
export const useExecutorchModule: (
  props: UseExecutorchModuleProps,
) => UseModuleResult<ExecutorchModule['forward']> = /* @__PURE__ */ createHook(
  () => new ExecutorchModule(),
  'modelSource',
);
