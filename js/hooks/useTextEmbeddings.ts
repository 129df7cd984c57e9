import type { TextEmbeddingsModel } from '../constants/model-types.js';
import { TextEmbeddingsModule } from '../modules/TextEmbeddingsModule.js';
import { createHook, type UseModuleOptions, type UseModuleResult } from './useModule.js';

/** What {@link useTextEmbeddings} takes. */
export interface UseTextEmbeddingsProps extends UseModuleOptions {
  /** The model: CLIP_VIT_BASE_PATCH32_TEXT, or an object with the sources of model and tokenizer. Compared by value. */
  model: TextEmbeddingsModel;
}

/**
 * Turns a text into a vector: `await forward('a photo of a cat')` gives a Float32Array (512 numbers for CLIP), to be
 * compared with those of pictures by rank().
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link TextEmbeddingsModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 *
 * @example
 * ```ts
 * const { isReady, forward } = useTextEmbeddings({ model: CLIP_VIT_BASE_PATCH32_TEXT });
 * ```
 *
 * @group Hooks
 */
export const useTextEmbeddings: (
  props: UseTextEmbeddingsProps,
) => UseModuleResult<TextEmbeddingsModule['forward']> = /* @__PURE__ */ createHook(
  () => new TextEmbeddingsModule(),
  'model',
);
