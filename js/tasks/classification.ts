/** Classification: a model's scores as named classes. */
import type { ClassificationModel } from '../constants/model-types.js';
import type { ClassScore, ClassSelection, Classifier } from './class-rules.js';
import { floatsOf, misunderstood, statedLabels, unfit, type Task } from './task.js';
import { takesPicture } from './tensors.js';

/** What is asked of a classifier. */
export interface ClassQuery extends ClassSelection {
  /** Each label once, as the keys of an object are. */
  unique: boolean;
}

/** The rules come with a model: pages without classification do not have them. */
export interface LoadedClassifier extends Classifier {
  rules: typeof import('./class-rules.js');
}

export const classification: Task<ClassificationModel, LoadedClassifier, ClassQuery, ClassScore[]> =
  {
    name: 'classify',
    async check(info, { labels: given }) {
      if (!takesPicture(info)) throw await unfit((say) => say.ofInput(info, 'classification'));
      const rules = await import('./class-rules.js');
      const labels = given ?? (await statedLabels(info)) ?? (await usualLabels());
      const problem = rules.problemOf(info, labels, !given);
      if (problem) throw await unfit(() => problem);
      return { labels, stated: info.metadata?.outputs?.[0], rules };
    },
    async run(known, options) {
      const problem = known.rules.problemOfSelection(options, known);
      if (problem) throw await misunderstood(() => `Classification: ${problem}.`);
      // Calibrations are made for what the model gives, be it probabilities or not.
      return known.stated?.scoreCalibration ? [1] : [];
    },
    present([tensor], known, options) {
      return known.rules.select(floatsOf(tensor), known, options, options.unique);
    },
  };

/** The thousand names are fetched only by those who use them: they are half as big as all the rest. */
async function usualLabels(): Promise<readonly string[]> {
  return (await import('../constants/generated/imagenet.js')).IMAGENET1K_LABELS;
}
