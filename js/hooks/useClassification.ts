import type { ClassificationModel } from '../constants/model-types.js';
import { ClassificationModule } from '../modules/ClassificationModule.js';
import { createHook, type UseModuleOptions, type UseModuleResult } from './useModule.js';

/** What {@link useClassification} takes. */
export interface UseClassificationProps extends UseModuleOptions {
  /** The model: a constant such as EFFICIENTNET_V2_S, or an object with its source. Compared by value. */
  model: ClassificationModel;
}

/** What {@link useClassification} returns. */
export interface UseClassificationResult extends UseModuleResult<ClassificationModule['forward']> {
  /** Classes of a picture, most probable first: {@link ClassificationModule.classify}. */
  readonly classify: ClassificationModule['classify'];
  /** Runs on a video, which counts as generating: {@link ClassificationModule.runOnVideo}, and {@link useVideo}. */
  readonly runOnVideo: ClassificationModule['runOnVideo'];
}

/**
 * Tells what is in a picture: `await classify(image, { topk: 3 })` gives the most probable classes, `forward` the
 * probability of each label.
 *
 * Components that use equal models share one instance. Arguments and results of both functions are those of
 * {@link ClassificationModule}; they reject with ModuleNotLoaded unless `isReady`, and with ModelGenerating while
 * `isGenerating`.
 *
 * @example
 * ```tsx
 * function Photo({ uri }: { uri: string }) {
 *   const model = useClassification({ model: EFFICIENTNET_V2_S });
 *   const [label, setLabel] = useState('');
 *   if (model.error) return <p>{model.error}</p>;
 *   if (!model.isReady) return <progress value={model.downloadProgress} />;
 *   const ask = async () => setLabel((await model.classify(uri, { topk: 1 }))[0]?.label ?? '');
 *   return <img src={uri} alt={label} onClick={() => void ask()} />;
 * }
 * ```
 *
 * @group Hooks
 */
export const useClassification: (props: UseClassificationProps) => UseClassificationResult =
  /* @__PURE__ */ createHook(() => new ClassificationModule(), 'model', ['classify', 'runOnVideo']);
