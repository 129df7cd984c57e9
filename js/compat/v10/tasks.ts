/** 0.10's imperative tasks: create…() gives an object that works until it is disposed of. */
import { ClassificationModule } from '../../modules/ClassificationModule.js';
import { ImageEmbeddingsModule } from '../../modules/ImageEmbeddingsModule.js';
import { ImageSegmentationModule } from '../../modules/ImageSegmentationModule.js';
import { absentFunction } from '../stand-ins.js';
import { withV10Errors } from './errors.js';
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
  readonly label: L;
  /** Probability, 0..1. */
  readonly confidence: number;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- worklets exist to say that they do not */

/** A loaded classifier. */
export interface Classifier<L = string> {
  dispose(): void;
  /** @param options topk: keep the k most probable; default all. */
  classify(input: ImageBuffer, options?: { topk?: number }): Promise<Classification<L>[]>;
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
export async function createClassifier<L = string>(
  { modelPath, modelOpts }: ClassifierModel<L>,
  _runtime?: unknown,
): Promise<Classifier<L>> {
  const module = new ClassificationModule();
  const { labels } = modelOpts;
  // Numbers stand for the labels, which may be anything, and the same twice.
  const model = sourceOf(modelPath, modelOpts, { labels: labels.map((_, i) => `#${i}`) });
  await withV10Errors(module.load(model), 'LOAD_FAILED');
  const classify: Classifier<L>['classify'] = async (input, { topk } = {}) => {
    const options = topk === undefined ? {} : { topk };
    const result = await withV10Errors(
      module.forward(pixelsOf(input), options),
      'EXECUTION_FAILED',
    );
    return Object.entries(result).map(([key, confidence]) => ({
      label: labels[Number(key.slice(1))] as L,
      confidence,
    }));
  };
  return {
    dispose: () => module.delete(),
    classify,
    classifyWorklet: absentFunction('classifyWorklet'),
  };
}

/** Red, green, blue, alpha, 0..255. */
export type Colour = readonly [number, number, number, number];
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
  dispose(): void;
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
export async function createSemanticSegmenter<L extends PropertyKey = string>(
  { modelPath, modelOpts }: SemanticSegmenterModel<L>,
  _runtime?: unknown,
): Promise<SemanticSegmenter<L>> {
  const module = new ImageSegmentationModule();
  const { labels } = modelOpts;
  // A model of one plane has two classes here, whatever its description says.
  const names = Array.from({ length: Math.max(2, labels.length) }, (_, i) => `#${i}`);
  const model = sourceOf(modelPath, modelOpts, { labels: names });
  await withV10Errors(module.load(model), 'LOAD_FAILED');
  const isSingle = module.info?.outputs[0]?.sizes.at(-3) === 1;
  const segment: SemanticSegmenter<L>['segment'] = async (input, colormap) => {
    const wanted = isSingle ? ['#1'] : [];
    const run = module.forward(pixelsOf(input), wanted, true);
    const result = await withV10Errors(run, 'EXECUTION_FAILED');
    const { width, height } = input;
    const data = new Uint8Array(width * height * 4);
    const buffer: ImageBuffer = { data, width, height, format: 'rgba', layout: 'hwc' };
    if (isSingle) {
      paintGrey(data, result['#1'] as Float32Array);
      return { buffer };
    }
    const colours = labels.map((label, i) => (colormap ? (colormap[label] ?? CLEAR) : colourOf(i)));
    paintClasses(data, result.ARGMAX as Int32Array, colours);
    const pairs = labels.map((label, i) => [label, colours[i]]);
    return { buffer, colormap: Object.fromEntries(pairs) as ColorMap<L> };
  };
  return {
    dispose: () => module.delete(),
    segment,
    segmentWorklet: absentFunction('segmentWorklet'),
  };
}

/** A loaded embedder. */
export interface ImageEmbedder {
  dispose(): void;
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
export async function createImageEmbedder(
  { modelPath, modelOpts }: ImageEmbedderModel,
  _runtime?: unknown,
): Promise<ImageEmbedder> {
  const module = new ImageEmbeddingsModule();
  await withV10Errors(module.load(sourceOf(modelPath, modelOpts, {})), 'LOAD_FAILED');
  return {
    dispose: () => module.delete(),
    embed: async (input) => withV10Errors(module.forward(pixelsOf(input)), 'EXECUTION_FAILED'),
    embedWorklet: absentFunction('embedWorklet'),
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
