/** Embeddings: a model's output as a vector. */
import type { EmbeddingsModel } from '../constants/model-types.js';
import { floatsOf, unfit, type Task } from './task.js';
import { countOf, isReal, sizesForOne, takesPicture } from './tensors.js';

export const embeddings: Task<EmbeddingsModel, void, object, Float32Array> = {
  name: 'embed',
  async check(info) {
    const [output] = info.outputs;
    const sizes = sizesForOne(output);
    // All but one dimension are 1.
    const isVector = sizes.length > 0 && Math.max(...sizes) === countOf(sizes);
    if (takesPicture(info) && isReal(output) && isVector) return;
    throw await unfit(({ ofEmbedder }) => ofEmbedder(info));
  },
  run: () => [],
  present: ([vector]) => floatsOf(vector),
};
