/** Embeddings: a model's output as a vector. */
import type { EmbeddingsModel } from '../constants/model-types.js';
import type { ModelInfo } from '../core/types.js';
import {
  describeTensor,
  expectPictureInput,
  floatsOf,
  isReal,
  sizesForOne,
  unfit,
  type Task,
} from './task.js';

export const embeddings: Task<EmbeddingsModel, void, object, Float32Array> = {
  name: 'embed',
  check: expectVector,
  run: () => [],
  present: ([vector]) => floatsOf(vector),
};

function expectVector(info: ModelInfo): void {
  expectPictureInput(info, 'embeddings');
  const [output] = info.outputs;
  const sizes = output ? sizesForOne(output) : [];
  // All but one dimension are 1.
  const isVector =
    sizes.length > 0 && Math.max(...sizes) === sizes.reduce((n, size) => n * size, 1);
  if (isReal(output) && isVector) return;
  const advice =
    sizes.length === 4 ? ' It looks like a segmenter: use ImageSegmentationModule.' : '';
  throw unfit(
    `This model is no embedder: its output is ${describeTensor(output)}, not f32 [1, dimensions].${advice}`,
  );
}
