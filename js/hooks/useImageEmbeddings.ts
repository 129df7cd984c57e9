import type { EmbeddingsModel } from '../constants/model-types.js';
import { ImageEmbeddingsModule } from '../modules/ImageEmbeddingsModule.js';
import { createHook, type UseModuleOptions, type UseModuleResult } from './useModule.js';

/** What {@link useImageEmbeddings} takes. */
export interface UseImageEmbeddingsProps extends UseModuleOptions {
  /**
   * The model: a constant such as CLIP_VIT_BASE_PATCH32_IMAGE, or an object with its source. Compared by
   * value.
   */
  model: EmbeddingsModel;
}

/** What {@link useImageEmbeddings} returns. */
export interface UseImageEmbeddingsResult extends UseModuleResult<
  ImageEmbeddingsModule['forward']
> {
  /** Runs on a video, which counts as generating: {@link ImageEmbeddingsModule.runOnVideo}, and {@link useVideo}. */
  readonly runOnVideo: ImageEmbeddingsModule['runOnVideo'];
}

/**
 * Turns a picture into a vector: `await forward(image)` gives a Float32Array (512 numbers for CLIP).
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link ImageEmbeddingsModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 *
 * @example
 * ```tsx
 * function Similarity({ a, b }: { a: string; b: string }) {
 *   const model = useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE });
 *   const [similarity, setSimilarity] = useState(0);
 *   const ask = async () => {
 *     const first = await model.forward(a);
 *     setSimilarity(cosineSimilarity(first, await model.forward(b)));
 *   };
 *   return <button disabled={!model.isReady} onClick={() => void ask()}>{similarity}</button>;
 * }
 * ```
 *
 * @group Hooks
 */
export const useImageEmbeddings: (props: UseImageEmbeddingsProps) => UseImageEmbeddingsResult =
  /* @__PURE__ */ createHook(() => new ImageEmbeddingsModule(), 'model', ['runOnVideo']);
