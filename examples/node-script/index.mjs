// node index.mjs PHOTO…: what is on each photo.
import { fileURLToPath } from 'node:url';
import { ClassificationModule, isExecutorchError } from 'executorch-web/core';

const model = import.meta.resolve('executorch-web/models/efficientnet_lite0_int8.pte');
const classifier = new ClassificationModule();
await classifier.load({ modelSource: fileURLToPath(model) });

for (const path of process.argv.slice(2)) {
  try {
    const [best] = await classifier.classify(path, { topk: 1 });
    console.log(`${path}: ${best.label} (${(100 * best.score).toFixed(1)} %)`);
  } catch (error) {
    if (!isExecutorchError(error)) throw error;
    console.error(`${path}: ${error.message}`);
    process.exitCode = 1;
  }
}
classifier.delete();
