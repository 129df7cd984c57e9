import { errorCodeName, isExecutorchError } from '../../dist/web-core.js';
import { el } from '../lib/dom.js';

/** A failure in words; errors of the library with their code. */
export function errorNotice(error) {
  const code = isExecutorchError(error) ? `${errorCodeName(error.code) ?? error.code}: ` : '';
  return el('p', { class: 'notice bad', role: 'alert' }, `${code}${error?.message ?? error}`);
}
