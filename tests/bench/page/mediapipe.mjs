/* global ImageData */
// MediaPipe's ImageClassifier on the processor (on the main thread).
import { FilesetResolver, ImageClassifier } from '/peers/mediapipe.js';

export function createEngine() {
  let classifier;
  let picture;
  return {
    async load(source) {
      const files = await FilesetResolver.forVisionTasks(
        '/peers/modules/@mediapipe/tasks-vision/wasm',
      );
      const model =
        typeof source === 'string' ? { modelAssetPath: source } : { modelAssetBuffer: source };
      classifier = await ImageClassifier.createFromOptions(files, {
        baseOptions: { ...model, delegate: 'CPU' },
        maxResults: 5,
      });
    },
    async run(input) {
      picture ??= imageData(input);
      const { classifications } = classifier.classify(picture);
      return classifications[0].categories.map(({ score }) => score);
    },
    async release() {
      classifier.close();
    },
  };
}

function imageData({ data, shape: [, height, width] }) {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) pixels.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
  return new ImageData(pixels, width, height);
}
