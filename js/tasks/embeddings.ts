/** Embeddings: a model's output as a vector. */
import type { EmbeddingsModel } from '../constants/model-types.js';
import { floatsOf, unfit, type Task } from './task.js';
import { isVector, takesPicture } from './tensors.js';

export const embeddings: Task<EmbeddingsModel, void, object, Float32Array> = {
  name: 'embed',
  async check(info) {
    if (takesPicture(info) && isVector(info.outputs[0])) return;
    throw await unfit(({ ofEmbedder }) => ofEmbedder(info));
  },
  run: () => [],
  present: ([vector]) => floatsOf(vector),
};
