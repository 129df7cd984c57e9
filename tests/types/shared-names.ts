/**
 * Names that this library shares with react-native-executorch 0.6: an app that compiles against theirs compiles
 * against ours. Where we differ on purpose, the difference is asserted too, with its reason.
 *
 * Both packages are path-mapped by the test that compiles this file.
 */
import type * as Ours from 'executorch-web';
import type * as Theirs from 'react-native-executorch';
import type { EnumTable, Equal, Expect, Fits, Interchangeable } from './assert.js';

// --- plain types ---
export type Plain = [
  Expect<Equal<Ours.ResourceSource, Theirs.ResourceSource>>,
  Expect<Equal<Ours.TensorBuffer, Theirs.TensorBuffer>>,
  Expect<Interchangeable<Ours.TensorPtr, Theirs.TensorPtr>>,
  Expect<Equal<keyof Ours.TensorPtr, keyof Theirs.TensorPtr>>,
  Expect<Equal<EnumTable<typeof Ours.ScalarType>, EnumTable<typeof Theirs.ScalarType>>>,
  Expect<Equal<EnumTable<typeof Ours.DeeplabLabel>, EnumTable<typeof Theirs.DeeplabLabel>>>,
];

// --- model constants: what they had, and perhaps more ---
export type Constants = [
  Expect<Fits<typeof Ours.EFFICIENTNET_V2_S, typeof Theirs.EFFICIENTNET_V2_S>>,
  Expect<Fits<typeof Ours.DEEPLAB_V3_RESNET50, typeof Theirs.DEEPLAB_V3_RESNET50>>,
  Expect<Fits<typeof Ours.CLIP_VIT_BASE_PATCH32_IMAGE, typeof Theirs.CLIP_VIT_BASE_PATCH32_IMAGE>>,
];

// --- hooks ---
type Hook = (props: never) => object;
type Props<H extends Hook> = Parameters<H>[0];
/** What our hooks give beyond 0.6. */
type Additions = 'failure' | 'retry' | 'info' | 'timings' | 'mapSize' | 'classify' | 'runOnVideo';
/** All fields of a hook's result but forward and ours, mutable as they were. */
type State<H extends Hook> = {
  -readonly [K in Exclude<keyof ReturnType<H>, 'forward' | Additions>]: ReturnType<H>[K];
};
type ForwardOf<H extends (props: never) => { forward: unknown }> = ReturnType<H>['forward'];

export type Arguments = [
  Expect<Fits<Props<typeof Theirs.useClassification>, Props<typeof Ours.useClassification>>>,
  Expect<Fits<Props<typeof Theirs.useImageSegmentation>, Props<typeof Ours.useImageSegmentation>>>,
  Expect<Fits<Props<typeof Theirs.useImageEmbeddings>, Props<typeof Ours.useImageEmbeddings>>>,
  Expect<Fits<Props<typeof Theirs.useExecutorchModule>, Props<typeof Ours.useExecutorchModule>>>,
];

export type Results = [
  Expect<Equal<State<typeof Ours.useClassification>, State<typeof Theirs.useClassification>>>,
  Expect<Equal<State<typeof Ours.useImageSegmentation>, State<typeof Theirs.useImageSegmentation>>>,
  Expect<Equal<State<typeof Ours.useImageEmbeddings>, State<typeof Theirs.useImageEmbeddings>>>,
  Expect<Equal<State<typeof Ours.useExecutorchModule>, State<typeof Theirs.useExecutorchModule>>>,
];

/** Their declaration says any; their documentation, and ours, say this. */
interface Probabilities {
  [category: string]: number;
}

/**
 * Their declaration says number[]; what arrives is typed arrays, which we declare: ARGMAX is an Int32Array, classes
 * are Float32Arrays. Everything that reads elements by index, length, map, reduce, slice or for … of goes on
 * compiling.
 */
type SegmentationKeys = Exclude<
  keyof Awaited<ReturnType<ForwardOf<typeof Theirs.useImageSegmentation>>>,
  string | symbol
>;
type Maps = Awaited<ReturnType<ForwardOf<typeof Ours.useImageSegmentation>>>;

export type Forwards = [
  Expect<
    Fits<ForwardOf<typeof Ours.useClassification>, ForwardOf<typeof Theirs.useClassification>>
  >,
  Expect<
    Fits<ForwardOf<typeof Ours.useClassification>, (imageSource: string) => Promise<Probabilities>>
  >,
  Expect<
    Fits<ForwardOf<typeof Ours.useImageEmbeddings>, ForwardOf<typeof Theirs.useImageEmbeddings>>
  >,
  Expect<
    Fits<ForwardOf<typeof Ours.useExecutorchModule>, ForwardOf<typeof Theirs.useExecutorchModule>>
  >,
  Expect<
    Fits<
      Parameters<ForwardOf<typeof Theirs.useImageSegmentation>>,
      Parameters<ForwardOf<typeof Ours.useImageSegmentation>>
    >
  >,
  Expect<Fits<`${SegmentationKeys}`, `${Extract<keyof Maps, number>}`>>,
  Expect<Fits<Maps, { [key in Ours.DeeplabLabel]?: ArrayLike<number> & Iterable<number> }>>,
  Expect<Fits<NonNullable<Maps[Ours.DeeplabLabel.ARGMAX]>, Int32Array>>,
  Expect<Fits<NonNullable<Maps[Ours.DeeplabLabel.CAT]>, Float32Array>>,
];

// --- modules: methods that apps call; nativeModule is an internal of theirs ---
type Methods<M> = Pick<M, Extract<keyof M, 'load' | 'forward' | 'delete' | 'getInputShape'>>;

export type Modules = [
  Expect<Fits<Ours.ClassificationModule, Methods<Theirs.ClassificationModule>>>,
  Expect<Fits<Ours.ImageEmbeddingsModule, Methods<Theirs.ImageEmbeddingsModule>>>,
  Expect<Fits<Ours.ExecutorchModule, Methods<Theirs.ExecutorchModule>>>,
  Expect<
    Fits<Ours.ImageSegmentationModule, Omit<Methods<Theirs.ImageSegmentationModule>, 'forward'>>
  >,
  Expect<Equal<ConstructorParameters<typeof Theirs.ClassificationModule>, []>>,
  Expect<Fits<[], ConstructorParameters<typeof Ours.ClassificationModule>>>,
  Expect<Fits<[], ConstructorParameters<typeof Ours.ImageSegmentationModule>>>,
  Expect<Fits<[], ConstructorParameters<typeof Ours.ImageEmbeddingsModule>>>,
  Expect<Fits<[], ConstructorParameters<typeof Ours.ExecutorchModule>>>,
];

// --- ResourceFetcher ---
type Static =
  | 'fetch'
  | 'pauseFetching'
  | 'resumeFetching'
  | 'cancelFetching'
  | 'listDownloadedFiles'
  | 'listDownloadedModels'
  | 'deleteResources'
  | 'getFilesTotalSize';

export type Fetcher = Expect<
  Fits<Pick<typeof Ours.ResourceFetcher, Static>, Pick<typeof Theirs.ResourceFetcher, Static>>
>;
