/** 0.10's imperative tasks: create…() gives an object that works until it is disposed of. */
import type { PictureModel } from '../../constants/model-types.js';
import type { ModelInfo } from '../../core/types.js';
import type { ImageSource } from '../../images/types.js';
import { ImageEmbeddingsModule } from '../../modules/ImageEmbeddingsModule.js';
import { PictureModule } from '../../modules/picture-module.js';
import { TextEmbeddingsModule } from '../../modules/TextEmbeddingsModule.js';
import { asV10Call } from '../absent-errors.js';
import { absentFunction } from '../stand-ins.js';
import { ErrorCode, isExecutorchError, textOf } from '../../base/errors.js';
import { isList } from '../../base/platform.js';
import { tellStrangeNames } from '../../base/strange-names.js';
import { classification } from '../../tasks/classification.js';
import { segmentation } from '../../tasks/segmentation.js';
import type { Task } from '../../tasks/task.js';
import { countOf, isVector, sizesForOne } from '../../tasks/tensors.js';
import { RnExecuTorchError, withV10Errors } from './errors.js';
import { pixelsOf, preprocessorOf, type ImageBuffer, type ImageOptions } from './image.js';

/** A model as 0.10 describes it. */
export interface TaskModel<Options extends ImageOptions = ImageOptions> {
  readonly modelPath: string;
  readonly modelOpts: Options;
}

/** A classifier; labels are in the order of the model's output and may be of any type. */
export type ClassifierModel<L = string> = TaskModel<
  ImageOptions & { readonly labels: readonly L[] }
>;
/** A segmenter; labels are in the order of the model's output. */
export type SemanticSegmenterModel<L = string> = TaskModel<
  ImageOptions & { readonly labels: readonly L[]; readonly outInterpolation?: string }
>;
/** An embedder. */
export type ImageEmbedderModel = TaskModel;

/** A class and how probable it is. */
export interface Classification<L> {
  /** Name of the class. */
  readonly label: L;
  /** Probability, 0..1. */
  readonly confidence: number;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- worklets exist to say that they do not */

/** A loaded classifier. */
export interface Classifier<L = string> {
  /** Frees the model. */
  dispose(): void;
  /**
   * Classes of a picture, most probable first.
   *
   * @param options topk: how many of them, as in Array.slice(0, topk): none for 0, all where there are fewer. Default: all.
   * @throws RnExecuTorchError INVALID_ARGUMENT for a topk below 0 and for what is no picture, RESOURCE_DISPOSED.
   */
  classify(
    input: ImageBuffer,
    options?: { readonly topk?: number | undefined },
  ): Promise<Classification<L>[]>;
  /** Throws: there are no worklets on the web. */
  classifyWorklet: any;
}

/**
 * Loads a classifier.
 *
 * @throws RnExecuTorchError LOAD_FAILED, SCHEMA_MISMATCH, INVALID_ARGUMENT, DOWNLOAD_FAILED.
 *
 * @example
 * ```ts
 * const classifier = await createClassifier(models.classification.EFFICIENTNET_V2_S.DEFAULT);
 * const [best] = await classifier.classify(buffer, { topk: 1 });
 * classifier.dispose();
 * ```
 */
export function createClassifier<L = string>(
  description: ClassifierModel<L>,
  _runtime?: unknown,
): Promise<Classifier<L>> {
  return withV10Errors(() => classifierOf(description), 'LOAD_FAILED');
}

async function classifierOf<L>(description: ClassifierModel<L>): Promise<Classifier<L>> {
  const { modelPath, modelOpts } = described(description);
  const labels = labelsOf(modelOpts);
  const module = new LabelledModule(classification, countScores);
  await module.loadLabelled(sourceOf(modelPath, modelOpts, { labels: numbered(labels.length) }));
  const classify: Classifier<L>['classify'] = (input, options) =>
    withV10Errors(async () => {
      const topk = topkOf(options);
      const classes = await module.run(pixelsOf(input), { unique: false });
      return classes
        .slice(0, topk)
        .map(({ index, score }) => ({ label: labels[index] as L, confidence: score }));
    }, 'EXECUTION_FAILED');
  return {
    dispose: () => module.delete(),
    classify,
    classifyWorklet: absentFunction('classifyWorklet', asV10Call),
  };
}

/** What is not below 0 is left to slice(), as there. @throws RnExecuTorchError INVALID_ARGUMENT. */
function topkOf(options: { readonly topk?: number | undefined } | undefined): number | undefined {
  tellStrangeNames('classify()', options ?? undefined, ['topk']);
  const topk = options?.topk;
  if (topk === undefined || !(topk < 0)) return topk;
  throw RnExecuTorchError(
    'INVALID_ARGUMENT',
    `classify(): topk is 0 or more, got ${textOf(topk)}.`,
  );
}

/** Red, green, blue, alpha, 0..255. */
export type Colour = [number, number, number, number];
/** A colour per label. */
export type ColorMap<L extends PropertyKey> = Record<L, Colour>;

/** A segmentation as a picture. */
export interface SemanticSegmentationResult<L extends PropertyKey = string> {
  /** The classes in their colours, at the picture's size, RGBA. */
  readonly buffer: ImageBuffer;
  /** Colour of each class; undefined for models with one plane. */
  readonly colormap?: ColorMap<L>;
}

/** A loaded segmenter. */
export interface SemanticSegmenter<L extends PropertyKey = string> {
  /** Frees the model. */
  dispose(): void;
  /** A picture of the classes of its pixels, in colours. */
  segment(
    input: ImageBuffer,
    colormap?: Partial<ColorMap<L>>,
  ): Promise<SemanticSegmentationResult<L>>;
  /** Throws: there are no worklets on the web. */
  segmentWorklet: any;
}

const CLEAR: Colour = [0, 0, 0, 0];

/**
 * Loads a segmenter. A model of one plane gives its probability as grey.
 *
 * @throws as createClassifier.
 *
 * @example
 * ```ts
 * const { DEFAULT } = models.semanticSegmentation.DEEPLAB_V3_RESNET50;
 * const segmenter = await createSemanticSegmenter(DEFAULT);
 * const { buffer: coloured } = await segmenter.segment(buffer);
 * segmenter.dispose();
 * ```
 */
export function createSemanticSegmenter<L extends PropertyKey = string>(
  description: SemanticSegmenterModel<L>,
  _runtime?: unknown,
): Promise<SemanticSegmenter<L>> {
  return withV10Errors(() => segmenterOf(description), 'LOAD_FAILED');
}

async function segmenterOf<L extends PropertyKey>(
  description: SemanticSegmenterModel<L>,
): Promise<SemanticSegmenter<L>> {
  const { modelPath, modelOpts } = described(description);
  const labels = labelsOf(modelOpts);
  const module = new LabelledModule(segmentation, countPlanes);
  await module.loadLabelled(sourceOf(modelPath, modelOpts, { labels: numbered(labels.length) }));
  const { isOnePlane: isSingle } = module;
  const segment: SemanticSegmenter<L>['segment'] = (input, colormap) =>
    withV10Errors(() => segmented(input, colormap), 'EXECUTION_FAILED');
  const segmented: SemanticSegmenter<L>['segment'] = async (input, colormap) => {
    const wanted = isSingle ? ['#1'] : [];
    const colours = isSingle ? [] : labels.map((label, i) => colourFor(label, i, colormap));
    const selection = { classesOfInterest: wanted, resize: true };
    const { result } = await module.run(pixelsOf(input), selection);
    const { width, height } = input;
    const data = new Uint8Array(width * height * 4);
    const buffer: ImageBuffer = { data, width, height, format: 'rgba', layout: 'hwc' };
    if (isSingle) {
      paintGrey(data, result['#1'] as Float32Array);
      return { buffer };
    }
    paintClasses(data, result.ARGMAX, colours);
    const pairs = labels.map((label, i) => [label, colours[i]]);
    return { buffer, colormap: Object.fromEntries(pairs) as ColorMap<L> };
  };
  return {
    dispose: () => module.delete(),
    segment,
    segmentWorklet: absentFunction('segmentWorklet', asV10Call),
  };
}

/** @throws RnExecuTorchError INVALID_ARGUMENT for a colour that is none. */
function colourFor<L extends PropertyKey>(
  label: L,
  index: number,
  colormap: Partial<ColorMap<L>> | undefined,
): Colour {
  const colour = colormap ? (colormap[label] ?? CLEAR) : colourOf(index);
  const isByte = (one: unknown) =>
    Number.isInteger(one) && (one as number) >= 0 && (one as number) <= 255;
  if (isList(colour) && colour.length === 4 && colour.every(isByte)) return colour;
  throw RnExecuTorchError(
    'INVALID_ARGUMENT',
    `The colour of '${textOf(label)}' is four whole numbers 0..255: red, green, blue, alpha.`,
  );
}

/** A loaded embedder. */
export interface ImageEmbedder {
  /** Frees the model. */
  dispose(): void;
  /** The vector of a picture. */
  embed(input: ImageBuffer): Promise<Float32Array>;
  /** Throws: there are no worklets on the web. */
  embedWorklet: any;
}

/**
 * Loads an embedder.
 *
 * @throws as createClassifier.
 *
 * @example
 * ```ts
 * const { DEFAULT } = models.imageEmbeddings.CLIP_VIT_BASE_PATCH32;
 * const embedder = await createImageEmbedder(DEFAULT);
 * const vector = await embedder.embed(buffer);
 * embedder.dispose();
 * ```
 */
export function createImageEmbedder(
  description: ImageEmbedderModel,
  _runtime?: unknown,
): Promise<ImageEmbedder> {
  return withV10Errors(() => embedderOf(description), 'LOAD_FAILED');
}

async function embedderOf(description: ImageEmbedderModel): Promise<ImageEmbedder> {
  const { modelPath, modelOpts } = described(description);
  const module = new ImageEmbeddingsModule();
  await module.load(sourceOf(modelPath, modelOpts, {}));
  return {
    dispose: () => module.delete(),
    embed: (input) => withV10Errors(() => module.forward(pixelsOf(input)), 'EXECUTION_FAILED'),
    embedWorklet: absentFunction('embedWorklet', asV10Call),
  };
}

/** @throws RnExecuTorchError INVALID_ARGUMENT. */
function described<Model extends TaskModel>(model: Model): Model {
  const isObject = typeof model?.modelOpts === 'object' && model.modelOpts !== null;
  if (isObject && model.modelPath !== undefined) return model;
  throw RnExecuTorchError(
    'INVALID_ARGUMENT',
    'A model is described by { modelPath, modelOpts }, as the entries of `models` are.',
  );
}

/** @throws RnExecuTorchError INVALID_ARGUMENT. */
function labelsOf<L>({ labels }: { readonly labels: readonly L[] }): readonly L[] {
  if (isList(labels)) return labels as readonly L[];
  throw RnExecuTorchError('INVALID_ARGUMENT', 'modelOpts.labels is a list, one for each class.');
}

/** Numbers stand for the labels, which may be anything, and the same twice. */
function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `#${i}`);
}

/** How many labels a model takes: undefined where that is not what is wrong with it, 'any' for one plane. */
type CountLabels = (info: ModelInfo) => number | undefined | Promise<number | 'any' | undefined>;

function countScores({ outputs: [output] }: ModelInfo): number | undefined {
  return isVector(output) ? countOf(sizesForOne(output)) : undefined;
}

async function countPlanes(info: ModelInfo): Promise<number | 'any' | undefined> {
  const { countClasses, hasOnePlane } = await import('../../tasks/map-rules.js');
  return hasOnePlane(info) ? 'any' : countClasses(info, undefined).classes;
}

/** A task with labels. Labels that are not as many as the model's classes are an argument, not a model that does not fit. */
class LabelledModule<
  Model extends PictureModel & { labels?: readonly string[] },
  Known,
  Options,
  Result,
> extends PictureModule<Model, Known, Options, Result> {
  isOnePlane = false;
  private wanted: number | undefined;

  constructor(task: Task<Model, Known, Options, Result>, countLabels: CountLabels) {
    const check = async (info: ModelInfo, model: Model) => {
      const count = await countLabels(info);
      this.isOnePlane = count === 'any';
      this.wanted = typeof count === 'number' ? count : undefined;
      return task.check(info, this.isOnePlane ? { ...model, labels: numbered(2) } : model);
    };
    super({ ...task, check });
  }

  /** @throws RnExecuTorchError INVALID_ARGUMENT, and what load() throws. */
  async loadLabelled(model: Model): Promise<void> {
    try {
      await this.load(model);
    } catch (error) {
      const count = model.labels?.length;
      const isMisfit = this.wanted !== undefined && this.wanted !== count;
      if (!isMisfit || !isExecutorchError(error, ErrorCode.InvalidConfig)) throw error;
      throw RnExecuTorchError('INVALID_ARGUMENT', error.message, error.code);
    }
  }

  run(picture: ImageSource, options: Options): Promise<Result> {
    return this.apply(picture, options, undefined);
  }
}

/** A text embedder as 0.10 describes it. */
export interface TextEmbedderModel {
  /** Address of the model. */
  readonly modelPath: string;
  /** Address of its `tokenizer.json`. */
  readonly tokenizerPath: string;
  /** Put before every text that comes without a prompt of its own. Default: nothing. */
  readonly defaultPrompt?: string;
}

/** A loaded text embedder. */
export interface TextEmbedder {
  /** Frees the model. */
  dispose(): void;
  /** @param prompt Put before the text. Default: the model's. */
  embed(input: string, prompt?: string): Promise<Float32Array>;
  /** Throws: there are no worklets on the web. */
  embedWorklet: any;
}

/**
 * Loads a text embedder. All tokens count, whatever their ids.
 *
 * @throws as createClassifier.
 *
 * @example
 * ```ts
 * const { DEFAULT } = models.textEmbeddings.CLIP_VIT_BASE_PATCH32_TEXT;
 * const embedder = await createTextEmbedder(DEFAULT);
 * const vector = await embedder.embed('a photo of a cat');
 * embedder.dispose();
 * ```
 */
export function createTextEmbedder(
  description: TextEmbedderModel,
  _runtime?: unknown,
): Promise<TextEmbedder> {
  return withV10Errors(() => textEmbedderOf(description), 'LOAD_FAILED');
}

async function textEmbedderOf(description: TextEmbedderModel): Promise<TextEmbedder> {
  const { modelPath, tokenizerPath, defaultPrompt = '' } = description ?? {};
  if (modelPath === undefined || tokenizerPath === undefined) {
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      'A text embedder is described by { modelPath, tokenizerPath }, as the entries of `models` are.',
    );
  }
  const module = new TextEmbeddingsModule();
  await module.load({ modelSource: modelPath, tokenizerSource: tokenizerPath });
  const embed = (input: string, prompt: string) => {
    const text = typeof input === 'string' ? prompt + input : input;
    return module.forward(text, { attendsZero: true });
  };
  return {
    dispose: () => module.delete(),
    embed: (input, prompt = defaultPrompt) =>
      withV10Errors(() => embed(input, prompt), 'EXECUTION_FAILED'),
    embedWorklet: absentFunction('embedWorklet', asV10Call),
  };
}

function sourceOf<Extra extends object>(modelSource: string, options: ImageOptions, extra: Extra) {
  const preprocessor = preprocessorOf(options);
  return { modelSource, ...extra, ...(preprocessor ? { preprocessor } : {}) };
}

function paintGrey(data: Uint8Array, plane: Float32Array): void {
  plane.forEach((probability, i) => {
    data.fill(Math.round(255 * probability), 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  });
}

function paintClasses(data: Uint8Array, classes: Int32Array, colours: readonly Colour[]): void {
  classes.forEach((index, i) => data.set(colours[index] ?? CLEAR, 4 * i));
}

/** Colours far from each other: hues by the golden angle. The first class, the background, is clear. */
function colourOf(index: number): Colour {
  if (index === 0) return CLEAR;
  const hue = (index * 137.5) % 360;
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    return Math.round(255 * (0.5 - 0.475 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4), 255];
}
