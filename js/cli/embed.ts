import { ImageEmbeddingsModule } from '../modules/ImageEmbeddingsModule.js';
import { cosineSimilarity } from '../tasks/vectors.js';
import { parse } from './options.js';
import {
  PICTURE_OPTIONS,
  eachPicture,
  finish,
  pictureArguments,
  progress,
  shown,
} from './pictures.js';
import { counted, print } from './text.js';

export async function embedCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, PICTURE_OPTIONS);
  const { model, images } = await pictureArguments(
    positionals,
    values,
    'EFFICIENTNET_LITE0_EMBEDDINGS_QUANTIZED',
  );
  const { json } = values;
  const module = new ImageEmbeddingsModule();
  await module.load(model, progress(json));
  const found: { image: string; embedding: Float32Array }[] = [];
  const results = await eachPicture(images, json, async (source, image) => {
    const embedding = await module.forward(source);
    found.push({ image, embedding });
    return { embedding: [...embedding], milliseconds: module.timings };
  });
  module.delete();
  if (!json) printSimilarities(found);
  return finish(results, json);
}

/** Cosine of each picture to each other one. */
function printSimilarities(found: readonly { image: string; embedding: Float32Array }[]): void {
  for (const { image, embedding } of found) {
    const row = found.map((other) =>
      cosineSimilarity(embedding, other.embedding).toFixed(3).padStart(6),
    );
    print(`${row.join(' ')}  ${shown(image)} (${counted(embedding.length, 'number')})`);
  }
}
