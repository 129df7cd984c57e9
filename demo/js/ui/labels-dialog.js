/** Names for the classes of a visitor's own model. */
import { ownModel } from '../app/catalog.js';
import { el, icon, newId } from '../lib/dom.js';
import { openDialog } from './dialog.js';

/** @param onPick called with the same model under its new names. */
export function labelsButton(entry, onPick) {
  const use = (labels) => onPick(ownModel(entry.source, entry.task, labels));
  return el(
    'button',
    { type: 'button', onclick: () => askForLabels(entry.labels ?? [], use) },
    'Name its classes',
  );
}

function askForLabels(labels, onLabels) {
  const id = newId('labels');
  openDialog('Names of the classes', (close) => {
    const text = el('textarea', { id, rows: 10, spellcheck: false, '.value': labels.join('\n') });
    const file = el('input', { type: 'file', accept: '.txt,.csv,text/plain', class: 'hidden' });
    file.addEventListener('change', async () => {
      text.value = await file.files[0].text();
    });
    const form = el(
      'form',
      { class: 'stack', method: 'dialog' },
      el('label', { for: id }, 'One per line, in the order of the model:'),
      text,
      el(
        'div',
        { class: 'row' },
        el('label', { class: 'button' }, icon('file'), 'From a file', file),
        el('button', { type: 'submit', class: 'primary' }, 'Use these names'),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      close();
      onLabels(linesOf(text.value));
    });
    return form;
  });
}

/** Lines without those at the end that hold nothing. */
function linesOf(text) {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
}
