/** Segmentation: class map and probability planes of a picture. */
import type { SegmentationModel } from '../constants/model-types.js';
import type { MapSelection, Maps, Segmenter } from './map-rules.js';
import { misunderstood, statedLabels, unfit, type Task } from './task.js';

/** The rules come with a model: pages without segmentation do not have them. */
export interface LoadedSegmenter extends Segmenter {
  rules: typeof import('./map-rules.js');
}

export const segmentation: Task<SegmentationModel, LoadedSegmenter, MapSelection, Maps> = {
  name: 'segment',
  async check(info, { labels: given }) {
    const rules = await import('./map-rules.js');
    const labels = given ?? (await statedLabels(info));
    const { classes, wanted } = rules.countClasses(info, labels);
    if (classes === wanted) return { classes, labels, rules };
    throw await unfit(({ ofSegmenter }) => ofSegmenter(info, classes, wanted));
  },
  async run(known, selection) {
    const { rules, classes } = known;
    const numbers = rules.argumentsOf(known, selection);
    if (numbers) return numbers;
    throw await misunderstood(({ ofMaps }) => ofMaps(selection, rules.namesOf(known), classes));
  },
  present: (outputs, known, selection) => known.rules.present(outputs, known, selection),
};
