import { ImageEmbeddingsModule } from '../modules/ImageEmbeddingsModule.js';
import type { EmbeddingsModel } from '../constants/model-types.js';
import { ModelPool } from './controller.js';
import { useModule, type UseModuleOptions, type UseModuleResult } from './useModule.js';

const pool = /* @__PURE__ */ new ModelPool<EmbeddingsModel, ImageEmbeddingsModule>(
  () => new ImageEmbeddingsModule(),
);

export interface UseImageEmbeddingsProps extends UseModuleOptions {
  /**
   * The model: a constant such as CLIP_VIT_BASE_PATCH32_IMAGE, or an object with its source. Compared by
   * value.
   */
  model: EmbeddingsModel;
}

/**
 * Turns a picture into a vector: `await forward(image)` gives a Float32Array (512 numbers for CLIP).
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link ImageEmbeddingsModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 */
export function useImageEmbeddings({
  model,
  ...options
}: UseImageEmbeddingsProps): UseModuleResult<ImageEmbeddingsModule['forward']> {
  return useModule(pool, model, options);
}
