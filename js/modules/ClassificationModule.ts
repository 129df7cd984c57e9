import type { ClassificationModel } from '../constants/model-types.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ModelInfo } from '../core/types.js';
import { prepareImage } from '../images/prepare.js';
import type { ImageSource } from '../images/types.js';
import {
  BaseModule,
  describeTensor,
  expectPictureInput,
  expectPreprocessor,
  pick,
  type ImageForwardOptions,
  type LoadOptions,
  type ProgressCallback,
} from './base-module.js';

/** Extras of classification; all optional. */
export interface ClassificationOptions extends ImageForwardOptions {
  /** Keep the k most probable classes only. Default: all. */
  topk?: number;
  /** Keep classes with at least this probability, 0..1. Default 0. */
  scoreThreshold?: number;
  /** Keep these labels only. Default: all. */
  allowlist?: readonly string[];
  /** Drop these labels. Default: none. */
  denylist?: readonly string[];
}

/** Probability per label, most probable first. */
export type ClassificationResult = Record<string, number>;

/**
 * Tells what is in a picture.
 *
 * The model takes one f32 picture [1, 3, height, width] in RGB, 0..1, and gives one logit per class; the
 * softmax is computed here, as React Native ExecuTorch does. Where two classes have the same label
 * (ImageNet has two cranes), the later one wins.
 */
export class ClassificationModule extends BaseModule {
  private labels: readonly string[] = [];
  private model: ClassificationModel | undefined;

  /**
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, InvalidConfig when the model is no classifier for these labels, Aborted.
   */
  async load(
    model: ClassificationModel,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    expectPreprocessor(model.preprocessor);
    let labels: readonly string[] = [];
    const check = async (info: ModelInfo) => {
      labels = model.labels ?? (await usualLabels());
      expectClasses(info, labels, model.labels === undefined);
    };
    await this.loadModel(model.modelSource, onDownloadProgressCallback, options, check);
    this.labels = labels;
    this.model = model;
  }

  /**
   * Probabilities of all classes (or of those that the options keep), most probable first.
   *
   * @throws ExecutorchError ModuleNotLoaded, FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge,
   * InvalidUserInput, InvalidModelOutput, Aborted.
   */
  async forward(
    imageSource: ImageSource,
    options: ClassificationOptions = {},
  ): Promise<ClassificationResult> {
    const { host } = this.loaded();
    checkOptions(options, this.labels);
    const { labels } = this;
    const { region, rotation, maxPixels, signal } = options;
    const settings = pick({ region, rotation, maxPixels, preprocessor: this.model?.preprocessor });
    const image = await prepareImage(imageSource);
    const result = this.timed(await host.classify(image, settings, pick({ signal })));
    return select(result.probabilities, labels, options);
  }
}

/** The thousand names are fetched only by those who use them: they are half as big as all the rest. */
async function usualLabels(): Promise<readonly string[]> {
  return (await import('../constants/generated/imagenet.js')).IMAGENET1K_LABELS;
}

function expectClasses(info: ModelInfo, labels: readonly string[], isDefault: boolean): void {
  expectPictureInput(info, 'classification');
  const [output] = info.outputs;
  const count = output?.sizes.reduce((product, size) => product * size, 1) ?? 0;
  if (output?.type === 'f32' && count === labels.length) return;
  const shape = output ? describeTensor(output) : 'nothing';
  const advice =
    output?.sizes.length === 4
      ? 'It looks like a segmenter: use ImageSegmentationModule.'
      : isDefault
        ? 'Give the names of its classes: load({ modelSource, labels }).'
        : `Give ${count} labels.`;
  throw new ExecutorchError(
    ErrorCode.InvalidConfig,
    `This model cannot classify with ${labels.length} labels: its output is ${shape}. ${advice}`,
  );
}

function checkOptions(options: ClassificationOptions, labels: readonly string[]): void {
  const { topk, scoreThreshold, allowlist, denylist } = options;
  if (topk !== undefined && !(Number.isInteger(topk) && topk > 0)) {
    throw invalid(`topk is a positive integer, got ${topk}`);
  }
  if (scoreThreshold !== undefined && !(scoreThreshold >= 0 && scoreThreshold <= 1)) {
    throw invalid(`scoreThreshold is a number from 0 to 1, got ${scoreThreshold}`);
  }
  const known = allowlist || denylist ? new Set(labels) : undefined;
  const unknown = [...(allowlist ?? []), ...(denylist ?? [])].find((label) => !known?.has(label));
  if (unknown !== undefined) throw invalid(`'${unknown}' is not a label of this model`);
}

function select(
  probabilities: Float32Array,
  labels: readonly string[],
  { topk, scoreThreshold = 0, allowlist, denylist }: ClassificationOptions,
): ClassificationResult {
  const byLabel = new Map<string, number>();
  labels.forEach((label, i) => byLabel.set(label, probabilities[i] ?? 0));
  const allowed = allowlist && new Set(allowlist);
  const denied = new Set(denylist);
  const kept = [...byLabel].filter(
    ([label, score]) =>
      score >= scoreThreshold && !denied.has(label) && (allowed?.has(label) ?? true),
  );
  kept.sort(([, a], [, b]) => b - a);
  return Object.fromEntries(kept.slice(0, topk));
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `Classification: ${reason}.`);
}
