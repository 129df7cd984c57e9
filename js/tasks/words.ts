/** What tasks say of models and options that do not fit. Fetched when it is needed: see worded(). */
import { counted, kindOf, didYouMean, quoted } from '../base/option-words.js';
import { isList } from '../base/platform.js';
import type { PictureModel } from '../constants/model-types.js';
import type { ModelInfo, TensorInfo } from '../core/types.js';
import { MOST_MAPS } from './map-rules.js';
import { describeTensor, hasPictureShape, isOne, isTriple, takesPicture } from './tensors.js';

/** What is wrong with what load() was given as a model. */
export function ofModel(model: unknown): string {
  const { modelSource, labels, method, preprocessor } = (model ?? {}) as PictureModel & {
    labels?: unknown;
  };
  if (modelSource === undefined) {
    const hook = model === undefined ? ' Hooks take it by name: { model: { modelSource } }.' : '';
    return `load() takes { modelSource }, or a constant of a model; got ${kindOf(model)}.${hook}`;
  }
  const areLabels = isList(labels) && labels.every((label) => typeof label === 'string');
  if (labels !== undefined && !areLabels) return 'labels is a list of names of classes.';
  if (method !== undefined && typeof method !== 'string') {
    return 'method is the name of a method of the file.';
  }
  return ofPreprocessor(preprocessor);
}

function ofPreprocessor(preprocessor: PictureModel['preprocessor']): string {
  if (typeof preprocessor !== 'object' || preprocessor === null) {
    return `preprocessor is { normMean, normStd }, got ${kindOf(preprocessor)}.`;
  }
  const { normMean, normStd } = preprocessor;
  const [name, list] = isTriple(normMean) ? ['normStd', normStd] : ['normMean', normMean];
  const other = name === 'normStd' ? ' other than 0' : '';
  return `preprocessor.${name} is [${quoted(list)}]; it must be three finite numbers${other}.`;
}

/** Why a model cannot be used for a task: its input is no picture. */
export function ofInput(info: ModelInfo, task: string): string {
  const [input] = info.inputs;
  const inputs = info.inputs.map(describeTensor).join(', ') || 'nothing';
  const advice = adviceOnInput(hasPictureShape(info), input);
  return `This model cannot be used for ${task}: it takes ${inputs}, not ${advice}`;
}

function adviceOnInput(isPicture: boolean, input: TensorInfo | undefined): string {
  const wanted = '(f32 [1, 3, height, width]). ';
  if (isPicture && !isOne(input)) {
    return `one picture ${wanted}Export it with a batch of 1, or use ExecutorchModule for raw tensors.`;
  }
  if (isPicture) {
    return `a picture of floats ${wanted}Export it with float inputs, or use ExecutorchModule for raw tensors.`;
  }
  return `a picture ${wanted}Use ExecutorchModule for raw tensors.`;
}

/** Why a model gives no maps, or maps of other classes than the `wanted` ones. */
export function ofSegmenter(info: ModelInfo, classes: number | undefined, wanted: number): string {
  if (!takesPicture(info)) return ofInput(info, 'segmentation');
  const [output] = info.outputs;
  const shape = describeTensor(output);
  if (classes !== undefined) {
    return (
      `This model has ${classes === 1 ? '1 class' : `${classes} classes`} (its output is ${shape}), not ${wanted}. ` +
      `Give ${counted(classes, 'name')}: load({ modelSource, labels }).`
    );
  }
  const advice =
    output?.sizes.length === 2
      ? ' It looks like a classifier or an embedder: use ClassificationModule or ImageEmbeddingsModule.'
      : '';
  return `This model is no segmenter: its output is ${shape}, not f32 [1, classes, height, width].${advice}`;
}

/** Why a model gives no vector. */
export function ofEmbedder(info: ModelInfo): string {
  if (!takesPicture(info)) return ofInput(info, 'embeddings');
  const [output] = info.outputs;
  const advice =
    output?.sizes.length === 4 ? ' It looks like a segmenter: use ImageSegmentationModule.' : '';
  return `This model is no embedder: its output is ${describeTensor(output)}, not f32 [1, dimensions].${advice}`;
}

/** Why a model is no text encoder. */
export function ofTextEncoder(info: ModelInfo): string {
  const inputs = info.inputs.map(describeTensor).join(', ') || 'nothing';
  return (
    `This model is no text encoder: it takes ${inputs} and gives ${describeTensor(info.outputs[0])}, not the ids of a ` +
    "text's tokens and an attention mask (i64 [1, tokens] each) and f32 [1, dimensions]. " +
    'Use ExecutorchModule for raw tensors.'
  );
}

/** What is wrong with what load() was given as a text encoder. */
export function ofTextModel(): string {
  return 'load() takes { modelSource, tokenizerSource }: the text encoder, and the tokenizer.json that belongs to it.';
}

/** What is wrong with a text. */
export function ofText(input: unknown): string {
  return typeof input === 'string'
    ? 'forward(): the text has no tokens.'
    : `forward(): a text is a string, got ${kindOf(input)}.`;
}

/** What is wrong with the classes whose maps are wanted, or with `resize`. */
export function ofMaps(
  { classesOfInterest, resize }: { classesOfInterest: unknown; resize: unknown },
  names: readonly string[],
  classes: number,
): string {
  if (!Array.isArray(classesOfInterest)) {
    return `classesOfInterest: it is a list of classes, got ${kindOf(classesOfInterest)}.`;
  }
  if (classesOfInterest.length > MOST_MAPS) {
    return `classesOfInterest: it has ${classesOfInterest.length} entries, which is too many.`;
  }
  if (typeof resize !== 'boolean') {
    return `forward(): resize is true or false, got ${kindOf(resize)}.`;
  }
  const isClass = (one: unknown) =>
    typeof one === 'string'
      ? one === 'ARGMAX' || names.includes(one)
      : Number.isInteger(one) && (one as number) >= 0 && (one as number) < classes;
  const wrong = Array.from(classesOfInterest as unknown[]).find((one) => !isClass(one));
  return (
    `classesOfInterest: '${quoted(wrong)}' is not a class of this model, ` +
    `which has ${classes} (0 to ${classes - 1})${didYouMean(wrong, names)}.`
  );
}
