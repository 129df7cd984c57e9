/** Numbers and nouns in messages of the core, which writes every count in the plural. */

/** Plurals that messages count; verbs are none of them ("value 1 names"). */
const NOUNS =
  'anchor argument block byte channel column constant delegate dimension element group input instruction item ' +
  'label logit map method multiplication node operand operator output padding part pixel range repeat repetition ' +
  'row scale score segment shift size start step stride tensor thread value window';

const IRREGULAR: Record<string, string> = {
  'bytes are': 'byte is',
  'bytes end': 'byte ends',
  axes: 'axis',
  boxes: 'box',
  classes: 'class',
  entries: 'entry',
  indices: 'index',
  probabilities: 'probability',
};

/** "1 bytes", but not a side ("1 x 1 pixels"). */
const ONE = new RegExp(
  `(^|\\(|[^x] )1 (${Object.keys(IRREGULAR).join('|')}|(?:${NOUNS.replaceAll(' ', '|')})s)\\b`,
  'g',
);

/** "1 bytes" becomes "1 byte". */
export function inSingular(message: string): string {
  const one = (_match: string, before: string, noun: string) =>
    `${before}1 ${IRREGULAR[noun] ?? noun.slice(0, -1)}`;
  return message.replace(ONE, one);
}
