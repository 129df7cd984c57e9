/** Classification: logits to probabilities of named classes. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { nearNames } from '../base/options.js';
import type { ClassificationModel } from '../constants/model-types.js';
import type { ModelInfo } from '../core/types.js';
import {
  describeTensor,
  expectPictureInput,
  floatsOf,
  isReal,
  sizesForOne,
  statedLabels,
  unfit,
  type Task,
} from './task.js';

/** Which classes of a result are wanted; all optional. */
export interface ClassSelection {
  /** Keep the k most probable classes only. Default: all. */
  topk?: number;
  /** Keep classes with at least this probability, 0..1. Default 0. */
  scoreThreshold?: number;
  /** Keep these labels only. Default: all. */
  allowlist?: readonly string[];
  /** Drop these labels. Default: none. */
  denylist?: readonly string[];
}

/** One class of a picture. */
export interface ClassScore {
  /** Name of the class. */
  label: string;
  /** Its place in the model's output. */
  index: number;
  /** Its probability, 0..1. */
  score: number;
}

export const classification: Task<
  ClassificationModel,
  readonly string[],
  ClassSelection,
  readonly ClassScore[]
> = {
  name: 'classify',
  async check(info, { labels }) {
    const names = labels ?? statedLabels(info) ?? (await usualLabels());
    expectClasses(info, names, labels === undefined);
    return names;
  },
  run(labels, options) {
    checkSelection(options, labels);
    return [];
  },
  present([tensor], labels) {
    const scores = floatsOf(tensor);
    return labels.map((label, index) => ({ label, index, score: scores[index] ?? 0 }));
  },
};

/** The thousand names are fetched only by those who use them: they are half as big as all the rest. */
async function usualLabels(): Promise<readonly string[]> {
  return (await import('../constants/generated/imagenet.js')).IMAGENET1K_LABELS;
}

function expectClasses(info: ModelInfo, labels: readonly string[], isDefault: boolean): void {
  expectPictureInput(info, 'classification');
  const [output] = info.outputs;
  const sizes = output ? sizesForOne(output) : [];
  const count = sizes.reduce((product, size) => product * size, 1);
  if (isReal(output) && count === labels.length) return;
  throw unfit(
    `This model cannot classify with ${labels.length} labels: its output is ${describeTensor(output)}. ` +
      adviceOnOutput(output?.type, sizes, isDefault),
  );
}

function adviceOnOutput(type: string | undefined, sizes: readonly number[], isDefault: boolean) {
  if (sizes.length === 4 && Math.max(...sizes.slice(2)) > 1) {
    return 'It looks like a segmenter: use ImageSegmentationModule.';
  }
  if (type !== 'f32' && type !== 'u8' && type !== 'i8')
    return 'Its type must be f32: convert the last node of the model to float32.';
  if (sizes.length > 1 && sizes[0] !== 1) return 'Its batch must be 1: export it for one picture.';
  const count = sizes.reduce((product, size) => product * size, 1);
  return isDefault
    ? 'Give the names of its classes: load({ modelSource, labels }).'
    : `Give ${count} labels.`;
}

function checkSelection(options: ClassSelection, labels: readonly string[]): void {
  const { topk, scoreThreshold, allowlist, denylist } = options;
  if (topk !== undefined && !(Number.isInteger(topk) && topk > 0)) {
    throw invalid(`topk is a positive integer, got ${String(topk)}`);
  }
  if (scoreThreshold !== undefined && !(scoreThreshold >= 0 && scoreThreshold <= 1)) {
    throw invalid(`scoreThreshold is a number from 0 to 1, got ${String(scoreThreshold)}`);
  }
  checkLabels('allowlist', allowlist, labels);
  checkLabels('denylist', denylist, labels);
}

function checkLabels(name: string, list: readonly string[] | undefined, labels: readonly string[]) {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw invalid(`${name} is a list of labels, got ${typeof list}`);
  const known = new Set(labels);
  const unknown = (list as readonly unknown[]).find((label) => !known.has(label as string));
  if (unknown === undefined) return;
  throw invalid(`'${String(unknown)}' is not a label of this model${nearNames(unknown, labels)}`);
}

/** Those that are wanted of all classes: most probable first, equal ones in the model's order. */
export function select(
  classes: readonly ClassScore[],
  { topk, scoreThreshold = 0, allowlist, denylist }: ClassSelection,
): ClassScore[] {
  const allowed = allowlist && new Set(allowlist);
  const denied = new Set(denylist);
  return classes
    .filter(
      ({ label, score }) =>
        score >= scoreThreshold && !denied.has(label) && (allowed?.has(label) ?? true),
    )
    .sort((a, b) => b.score - a.score)
    .slice(0, topk);
}

/** The same as an object: of classes with the same label the last one stays. */
export function selectByLabel(
  classes: readonly ClassScore[],
  options: ClassSelection,
): Record<string, number> {
  const byLabel = new Map(classes.map((one) => [one.label, one]));
  const kept = select([...byLabel.values()], options);
  return Object.fromEntries(kept.map(({ label, score }) => [label, score]));
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `Classification: ${reason}.`);
}
