import type { SegmentationModel } from '../constants/model-types.js';
import { ImageSegmentationModule } from '../modules/ImageSegmentationModule.js';
import { createHook, type UseModuleOptions, type UseModuleResult } from './useModule.js';

/** What {@link useImageSegmentation} takes. */
export interface UseImageSegmentationProps extends UseModuleOptions {
  /** The model: a constant such as DEEPLAB_V3_RESNET50, or an object with its source. Compared by value. */
  model: SegmentationModel;
}

/** What {@link useImageSegmentation} returns. */
export interface UseImageSegmentationResult extends UseModuleResult<
  ImageSegmentationModule['forward']
> {
  /** Runs on a video, which counts as generating: {@link ImageSegmentationModule.runOnVideo}, and {@link useVideo}. */
  readonly runOnVideo: ImageSegmentationModule['runOnVideo'];
}

/**
 * Tells which pixels belong to what: `await forward(image, classesOfInterest, resize)` gives maps, whose size is
 * `mapSize`.
 *
 * Components that use equal models share one instance. Arguments and results of `forward` are those of
 * {@link ImageSegmentationModule.forward}; it rejects with ModuleNotLoaded unless `isReady`, and with
 * ModelGenerating while `isGenerating`.
 *
 * @example
 * ```tsx
 * function Cutout({ uri }: { uri: string }) {
 *   const model = useImageSegmentation({ model: DEEPLAB_V3_RESNET50 });
 *   const [share, setShare] = useState(0);
 *   const ask = async () => {
 *     const { ARGMAX } = await model.forward(uri);
 *     const people = ARGMAX.filter((index) => index === DeeplabLabel.PERSON);
 *     setShare(people.length / ARGMAX.length);
 *   };
 *   return <button disabled={!model.isReady} onClick={() => void ask()}>{share} people</button>;
 * }
 * ```
 *
 * @group Hooks
 */
export const useImageSegmentation: (
  props: UseImageSegmentationProps,
) => UseImageSegmentationResult = /* @__PURE__ */ createHook(
  () => new ImageSegmentationModule(),
  'model',
  ['runOnVideo'],
);
