/* global ImageData */
// MediaPipe's tasks on the processor (on the main thread).
import { FilesetResolver, ImageClassifier, ImageSegmenter } from '/peers/mediapipe.js';

/** options: {task: 'classify' (default) or 'segment'}. */
export function createEngine({ task: kind = 'classify' } = {}) {
  let task;
  let picture;
  return {
    async load(source) {
      const files = await FilesetResolver.forVisionTasks(
        '/peers/modules/@mediapipe/tasks-vision/wasm',
      );
      const model =
        typeof source === 'string' ? { modelAssetPath: source } : { modelAssetBuffer: source };
      const baseOptions = { ...model, delegate: 'CPU' };
      task =
        kind === 'segment'
          ? await ImageSegmenter.createFromOptions(files, { baseOptions, outputCategoryMask: true })
          : await ImageClassifier.createFromOptions(files, { baseOptions, maxResults: 5 });
    },
    async run(input) {
      picture ??= imageData(input);
      if (kind === 'segment') return segment(task, picture);
      const { classifications } = task.classify(picture);
      return classifications[0].categories.map(({ score }) => score);
    },
    async release() {
      task.close();
    },
  };
}

function segment(task, picture) {
  const { categoryMask, confidenceMasks = [] } = task.segment(picture);
  const classes = categoryMask.getAsUint8Array().slice();
  for (const mask of [categoryMask, ...confidenceMasks]) mask.close();
  return classes;
}

function imageData({ data, shape: [, height, width] }) {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  const scale = data instanceof Float32Array ? 255 : 1;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = data[3 * i + c] * scale;
  }
  return new ImageData(pixels, width, height);
}
