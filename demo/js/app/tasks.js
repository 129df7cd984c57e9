/** The three tasks: their module of the library and how it is asked. */
import {
  ClassificationModule,
  ImageEmbeddingsModule,
  ImageSegmentationModule,
} from '../../dist/web-core.js';

/** Maps of more pixels than this come without probabilities: one plane per class is much to copy. */
const MOST_PIXELS_WITH_PROBABILITIES = 256 * 256;

export const TASKS = {
  classification: {
    title: 'Classification',
    create: () => new ClassificationModule(),
    run: async (module, picture) => ({ scores: await module.classify(picture, { topk: 5 }) }),
  },
  segmentation: {
    title: 'Segmentation',
    create: () => new ImageSegmentationModule(),
    run: segment,
  },
  embeddings: {
    title: 'Embeddings',
    create: () => new ImageEmbeddingsModule(),
    run: async (module, picture) => ({ vector: await module.forward(picture) }),
  },
};

/** {classes: class of each pixel, probability: plane per class or undefined, width, height}. */
async function segment(module, picture, { labels }) {
  const sizes = module.info.outputs[0].sizes;
  const pixels = sizes.at(-1) * sizes.at(-2);
  const wanted = pixels <= MOST_PIXELS_WITH_PROBABILITIES ? labels : [];
  const maps = await module.forward(picture, wanted);
  const planes = labels.map((label) => maps[label]);
  return { classes: maps.ARGMAX, planes, ...module.mapSize };
}
