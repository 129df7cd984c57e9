// What every page without React does.
import { ClassificationModule } from 'executorch-web/core';

const show = (text) => (document.getElementById('result').textContent = text);
try {
  const classifier = new ClassificationModule();
  await classifier.load(window.sample.model);
  show(Object.keys(await classifier.forward(window.sample.picture))[0]);
} catch (error) {
  show(`failed: ${error.message}`);
}
