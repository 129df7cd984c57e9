/** The hooks of 0.7 to 0.10's legacy API: as ours, but `error` is an object, and there is `runOnFrame`. */
import { useMemo } from 'react';
import type { ResourceSource } from '../../base/types.js';
import { ModelPool, type LoadableModule } from '../../hooks/controller.js';
import { useModule } from '../../hooks/useModule.js';
import type { SegmentationModel } from '../../constants/model-types.js';
import { ClassificationModule } from './ClassificationModule.js';
import { legacyError, withLegacyErrors, type RnExecutorchError } from './errors.js';
import { ExecutorchModule } from './ExecutorchModule.js';
import { ImageEmbeddingsModule, type ImageEmbeddingsModelSource } from './ImageEmbeddingsModule.js';
import { ImageSegmentationModule } from './ImageSegmentationModule.js';
import type { LabelledModelSource } from './legacy-module.js';
import { SemanticSegmentationModule } from './SemanticSegmentationModule.js';
import { TextEmbeddingsModule, type TextEmbeddingsModelSource } from './TextEmbeddingsModule.js';

/** What a hook is given. */
export interface LegacyProps<Model> {
  model: Model;
  /** True keeps the model from being loaded. Default false. */
  preventLoad?: boolean;
}

/** What a hook returns. */
export interface LegacyResult<Forward> {
  error: RnExecutorchError | null;
  isReady: boolean;
  isGenerating: boolean;
  /** Share of the model that has been downloaded, 0..1. */
  downloadProgress: number;
  forward: Forward;
  /** Camera frames of VisionCamera: not on the web. Use forward() with a video element, or useVideo. */
  runOnFrame: null;
}

const classifiers = /* @__PURE__ */ new ModelPool<LabelledModelSource, ClassificationModule>(
  () => new ClassificationModule(),
);
const segmenters = /* @__PURE__ */ new ModelPool<LabelledModelSource, SemanticSegmentationModule>(
  () => new SemanticSegmentationModule(),
);
const imageSegmenters = /* @__PURE__ */ new ModelPool<SegmentationModel, ImageSegmentationModule>(
  () => new ImageSegmentationModule(),
);
const embedders = /* @__PURE__ */ new ModelPool<ImageEmbeddingsModelSource, ImageEmbeddingsModule>(
  () => new ImageEmbeddingsModule(),
);
const textEmbedders = /* @__PURE__ */ new ModelPool<
  TextEmbeddingsModelSource,
  TextEmbeddingsModule
>(() => new TextEmbeddingsModule());
const rawModels = /* @__PURE__ */ new ModelPool<ResourceSource, ExecutorchModule>(
  () => new ExecutorchModule(),
);

/** Classification; results are keyed as {@link ClassificationModule} says. */
export function useClassification<Name extends string>(
  props: LegacyProps<LabelledModelSource & { modelName?: Name }>,
): LegacyResult<ClassificationModule<Name>['forward']> {
  return useLegacyModule(classifiers, props) as LegacyResult<ClassificationModule<Name>['forward']>;
}

/** 0.8 and later: segmentation keyed by label, resized to the picture by default. */
export function useSemanticSegmentation<Name extends string>(
  props: LegacyProps<LabelledModelSource & { modelName?: Name }>,
): LegacyResult<SemanticSegmentationModule<Name>['forward']> {
  return useLegacyModule(segmenters, props) as LegacyResult<
    SemanticSegmentationModule<Name>['forward']
  >;
}

/** 0.7: segmentation keyed by DeeplabLabel, at the model's size by default. */
export function useImageSegmentation(
  props: LegacyProps<SegmentationModel>,
): LegacyResult<ImageSegmentationModule['forward']> {
  return useLegacyModule(imageSegmenters, props);
}

/** Embeddings of pictures. */
export function useImageEmbeddings(
  props: LegacyProps<ImageEmbeddingsModelSource>,
): LegacyResult<ImageEmbeddingsModule['forward']> {
  return useLegacyModule(embedders, props);
}

/** Embeddings of texts. */
export function useTextEmbeddings(
  props: LegacyProps<TextEmbeddingsModelSource>,
): LegacyResult<TextEmbeddingsModule['forward']> {
  return useLegacyModule(textEmbedders, props);
}

/** Raw tensors. */
export function useExecutorchModule(props: {
  modelSource: ResourceSource;
  preventLoad?: boolean;
}): LegacyResult<ExecutorchModule['forward']> {
  const { modelSource, ...others } = props;
  return useLegacyModule(rawModels, { ...others, model: modelSource });
}

export function useLegacyModule<Model, Module extends LoadableModule<Model>>(
  pool: ModelPool<Model, Module>,
  props: LegacyProps<Model>,
): LegacyResult<Module['forward']> {
  const state = useModule(pool, props.model, props);
  const { failure, isReady, isGenerating, downloadProgress, forward } = state;
  return useMemo(() => {
    type Args = Parameters<Module['forward']>;
    const run = ((...args: Args) => withLegacyErrors(() => forward(...args))) as Module['forward'];
    const error = failure ? legacyError(failure) : null;
    return { error, isReady, isGenerating, downloadProgress, forward: run, runOnFrame: null };
  }, [failure, isReady, isGenerating, downloadProgress, forward]);
}
