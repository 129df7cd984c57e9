/** Classification: a model's scores as named classes. */
import type { ClassificationModel } from '../constants/model-types.js';
import type { ClassScore, ClassSelection, Classifier } from './class-rules.js';
import { floatsOf, type Task } from './task.js';

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
    async check(info, { labels }) {
      const rules = await import('./class-rules.js');
      return { ...(await rules.classifierOf(info, labels)), rules };
    },
    run(known, options) {
      known.rules.checkSelection(options, known);
      // Calibrations are made for what the model gives, be it probabilities or not.
      return known.calibrate ? [1] : [];
    },
    present([tensor], known, options) {
      const { classesOf, lastOfEachLabel, select } = known.rules;
      const classes = classesOf(known, floatsOf(tensor), options);
      return select(options.unique ? lastOfEachLabel(classes) : classes, known, options);
    },
  };
