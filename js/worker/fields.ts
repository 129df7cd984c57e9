/** Fields of a caller's model that mean nothing: a misspelt one would be passed over in silence. */
import { didYouMean, quoted } from '../base/option-words.js';
import { warnOnce } from '../downloads/warn.js';

/** More of them are no misspelt names. */
const MOST = 20;

const KNOWN = [
  ...['modelSource', 'dataSource', 'tokenizerSource', 'method', 'freshness', 'onUpdate', 'onRetry'],
  ...['labels', 'preprocessor', 'inputSize', 'modelName'],
];

/** Says so on the console, once for each name. */
export function warnOfFields(fields: readonly string[]): void {
  for (const name of fields.slice(0, MOST)) {
    if (KNOWN.includes(name)) continue;
    const near = didYouMean(name, KNOWN);
    warnOnce(`field ${name}`, `'${quoted(name)}' of a model means nothing here${near}.`);
  }
}
