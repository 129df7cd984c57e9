// Entry of the pages without React.
import { ClassificationModule } from 'executorch-web/core';
import { MODEL, PICTURE } from './sample.js';

const show = (text) => (document.getElementById('result').textContent = text);
try {
  const classifier = new ClassificationModule();
  await classifier.load(MODEL);
  show(Object.keys(await classifier.forward(PICTURE))[0]);
} catch (error) {
  show(`failed: ${error.message}`);
}
