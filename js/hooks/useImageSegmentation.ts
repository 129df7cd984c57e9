import { ImageSegmentationModule } from '../modules/ImageSegmentationModule.js';
import type { SegmentationModel } from '../constants/model-types.js';
import { ModelPool } from './controller.js';
import { useModule, type UseModuleOptions, type UseModuleResult } from './useModule.js';

const pool = /* @__PURE__ */ new ModelPool<SegmentationModel, ImageSegmentationModule>(
  () => new ImageSegmentationModule(),
);

export interface UseImageSegmentationProps extends UseModuleOptions {
  /** The model: a constant such as DEEPLAB_V3_RESNET50, or an object with its source. Compared by value. */
  model: SegmentationModel;
}

/**
 * Tells which pixels belong to what: `await forward(image, classesOfInterest, resize)` gives maps.
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link ImageSegmentationModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 */
export function useImageSegmentation({
  model,
  ...options
}: UseImageSegmentationProps): UseModuleResult<ImageSegmentationModule['forward']> {
  return useModule(pool, model, options);
}
