// Entry of the pages without React.
import { ClassificationModule } from 'executorch-web/core';

const show = (text) => (document.getElementById('result').textContent = text);
try {
  const classifier = new ClassificationModule();
  await classifier.load({ modelSource: '/sample/model.pte' });
  show(Object.keys(await classifier.forward('/sample/picture.jpg'))[0]);
} catch (error) {
  show(`failed: ${error.message}`);
}
