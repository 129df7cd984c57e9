/** Names for the classes of a visitor's own model. */
import { ownModel } from '../app/catalog.js';
import { el, icon, newId } from '../lib/dom.js';
import { openDialog } from './dialog.js';

/** @param onPick called with the same model under its new names. */
export function labelsButton(entry, onPick) {
  const use = (labels) => onPick(ownModel(entry.source, entry.task, { ...entry, labels }));
  return el(
    'button',
    { type: 'button', onclick: () => askForLabels(entry, use) },
    'Name its classes',
  );
}

function askForLabels({ labels, classes }, onLabels) {
  const id = newId('labels');
  openDialog('Names of the classes', (close) => {
    const text = el('textarea', { id, rows: 10, spellcheck: false, '.value': labels.join('\n') });
    const file = el('input', { type: 'file', accept: '.txt,.csv,text/plain', class: 'hidden' });
    file.addEventListener('change', async () => {
      text.value = await file.files[0].text();
      check();
    });
    const check = () => {
      const { length } = linesOf(text.value);
      const problem =
        length === classes ? '' : `The model has ${classes} classes, these are ${length} names.`;
      text.setCustomValidity(problem);
    };
    text.addEventListener('input', check);
    const form = el(
      'form',
      { class: 'stack', method: 'dialog' },
      el('label', { for: id }, `${classes} names, one per line, in the order of the model:`),
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
