import { expect, test } from '@jest/globals';
import { inSingular } from '../../js/core/plurals.js';

test.each([
  ['1 inputs, needs 2 to 2', '1 input, needs 2 to 2'],
  ['a payload of 1 bytes', 'a payload of 1 byte'],
  ['(1 bytes) of 11 bytes', '(1 byte) of 11 bytes'],
  ['the 1 bytes are text', 'the 1 byte is text'],
  ['its 1 bytes end before 21 entries', 'its 1 byte ends before 21 entries'],
  ['1 axes of 1 classes', '1 axis of 1 class'],
  ['1 x 1 pixels', '1 x 1 pixels'],
  ['value 1 names segment 1', 'value 1 names segment 1'],
  ['value 1 has scales of 0.1 pixels', 'value 1 has scales of 0.1 pixels'],
  ['1 ', '1 '],
])('%s', (written, wanted) => expect(inSingular(written)).toBe(wanted));
