/** The three tasks: their module of the library, how it is asked, and what of its answers the page shows. */
import {
  ClassificationModule,
  ImageEmbeddingsModule,
  ImageSegmentationModule,
} from '../../dist/web-core.js';

/** Maps of more pixels than this come without probabilities: one plane per class is much to copy. */
const MOST_PIXELS_WITH_PROBABILITIES = 256 * 256;

/*
 * A row: title; create() the module; run(module, picture, entry) -> result; film(module, source, entry, show, options)
 * -> totals, where show(result, frame) is told each result.
 */
export const TASKS = {
  classification: {
    title: 'Classification',
    create: () => new ClassificationModule(),
    run: async (module, picture) => ({ scores: await module.classify(picture, { topk: 5 }) }),
    film: (module, source, entry, show, options) =>
      module.runOnVideo(source, (scores, frame) => show({ scores }, frame), {
        topk: 5,
        ...options,
      }),
  },
  segmentation: {
    title: 'Segmentation',
    create: () => new ImageSegmentationModule(),
    run: async (module, picture, { labels }) =>
      mapsOf(module, labels, await module.forward(picture, wantedPlanes(module, labels))),
    film: (module, source, { labels }, show, options) =>
      module.runOnVideo(source, (maps, frame) => show(mapsOf(module, labels, maps), frame), {
        classesOfInterest: wantedPlanes(module, labels),
        ...options,
      }),
  },
  embeddings: {
    title: 'Embeddings',
    create: () => new ImageEmbeddingsModule(),
    run: async (module, picture) => ({ vector: await module.forward(picture) }),
    film: (module, source, entry, show, options) =>
      module.runOnVideo(source, (vector, frame) => show({ vector }, frame), options),
  },
};

function wantedPlanes({ info }, labels) {
  const [input] = info.inputs;
  const [height, width] = input.sizes.at(-1) === 3 ? input.sizes.slice(-3) : input.sizes.slice(-2);
  return height * width <= MOST_PIXELS_WITH_PROBABILITIES ? labels : [];
}

/** {classes: class of each pixel, planes: probability of each class or undefined, width, height}. */
function mapsOf(module, labels, maps) {
  return { classes: maps.ARGMAX, planes: labels.map((label) => maps[label]), ...module.mapSize };
}
