/** @jest-environment node */
/** What is said of arguments that are no model. */
import { expect, test } from '@jest/globals';
import { ofModel } from '../../js/tasks/words.js';

test('a hook that got its model by another name is told the name', () => {
  // useClassification({ modelSource }), as the first versions of React Native ExecuTorch had it.
  expect(ofModel(undefined)).toMatch(
    /got undefined\. Hooks take it by name: \{ model: \{ modelSource \} \}\.$/,
  );
  expect(ofModel('model.pte')).toMatch(/got string\.$/);
});
