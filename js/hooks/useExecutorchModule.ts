import type { Freshness } from '../base/resource-config.js';
import type { ResourceSource } from '../base/types.js';
import { ExecutorchModule } from '../modules/ExecutorchModule.js';
import { ModelPool } from './controller.js';
import { useModule, type UseModuleOptions, type UseModuleResult } from './useModule.js';

/** What {@link useExecutorchModule} takes. */
export interface UseExecutorchModuleProps extends UseModuleOptions {
  /** Where the model is. Text and plain objects are compared by value, Blobs and buffers by identity. */
  modelSource: ResourceSource;
  /** The data file (`.ptd`) with weights that the model does not hold itself. Default: none. */
  dataSource?: ResourceSource;
  /** Whether a stored file is compared with the server's. Default: as configured, else 'background'. */
  freshness?: Freshness;
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
 *
 * @group Hooks
 */
export function useExecutorchModule(
  props: UseExecutorchModuleProps,
): UseModuleResult<ExecutorchModule['forward']> {
  const { modelSource, dataSource, freshness } = props;
  const isPlain = dataSource === undefined && freshness === undefined;
  const model = isPlain ? modelSource : { modelSource, dataSource, freshness };
  return useModule(pool, model, props);
}

const pool = /* @__PURE__ */ new ModelPool<ResourceSource, ExecutorchModule>(
  () => new ExecutorchModule(),
);
