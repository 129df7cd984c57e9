import { ClassificationModule } from '../modules/ClassificationModule.js';
import type { ClassificationModel } from '../constants/model-types.js';
import { ModelPool } from './controller.js';
import { useModule, type UseModuleOptions, type UseModuleResult } from './useModule.js';

const pool = /* @__PURE__ */ new ModelPool<ClassificationModel, ClassificationModule>(
  () => new ClassificationModule(),
);

export interface UseClassificationProps extends UseModuleOptions {
  /** The model: a constant such as EFFICIENTNET_V2_S, or an object with its source. Compared by value. */
  model: ClassificationModel;
}

/**
 * Tells what is in a picture: `await forward(image)` gives the probability of each label.
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link ClassificationModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 */
export function useClassification({
  model,
  ...options
}: UseClassificationProps): UseModuleResult<ClassificationModule['forward']> {
  return useModule(pool, model, options);
}
