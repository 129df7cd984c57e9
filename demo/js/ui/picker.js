/** The dialog in which a model is chosen. */
import { modelsFor, ownModel } from '../app/catalog.js';
import { stored } from '../app/downloads.js';
import { formatBytes } from '../lib/format.js';
import { el, icon, newId } from '../lib/dom.js';
import { openDialog } from './dialog.js';
import { subtitle } from './model-text.js';
import { errorNotice } from './notice.js';

export function openPicker(session, onPick) {
  openDialog('Choose a model', (close) => {
    const choose = (entry) => {
      close();
      onPick(entry);
    };
    const list = el('div', { class: 'stack' }, el('p', { class: 'muted' }, 'Looking …'));
    fillList(list, session, choose).catch((error) => list.replaceChildren(errorNotice(error)));
    return el('div', { class: 'stack' }, list, ownSection(session.name, choose));
  });
}

async function fillList(list, session, choose) {
  const entries = await modelsFor(session.name);
  const current = session.state.value.entry?.id;
  const section = (title, origin) => {
    const rows = entries
      .filter((entry) => entry.origin === origin)
      .map((entry) => row(entry, entry.id === current, choose));
    return [el('h3', {}, title), el('ul', { class: 'models' }, rows)];
  };
  list.replaceChildren(
    ...section('With this page: here at once', 'builtin'),
    ...section('Published on Hugging Face: downloaded once, then kept', 'published'),
  );
}

function row(entry, isCurrent, choose) {
  const marks = el('span', { class: 'row' });
  if (isCurrent) marks.append(el('span', { class: 'badge accent' }, 'in use'));
  if (entry.origin === 'published') void markStored(marks, entry);
  const button = el(
    'button',
    {
      type: 'button',
      class: 'model-row',
      'aria-current': isCurrent ? 'true' : null,
      onclick: () => choose(entry),
    },
    el(
      'span',
      { class: 'stack tight' },
      el('span', {}, entry.title),
      el('span', { class: 'muted small' }, subtitle(entry)),
    ),
    marks,
  );
  return el('li', {}, button);
}

async function markStored(marks, { address, bytes }) {
  const found = await stored(address).catch(() => undefined);
  if (!found || found.bytes === 0) return;
  const size = found.size ?? bytes;
  const share = size ? `${Math.floor((100 * found.bytes) / size)} %` : formatBytes(found.bytes);
  marks.append(el('span', { class: 'badge good' }, found.complete ? 'cached' : `${share} here`));
}

/** The visitor's own model, by file or by address. */
function ownSection(task, choose) {
  const file = el('input', { type: 'file', accept: '.pte,.tflite', class: 'hidden' });
  file.addEventListener('change', () => file.files[0] && choose(ownModel(file.files[0], task)));
  const id = newId('model-address');
  const address = el('input', {
    id,
    type: 'url',
    required: true,
    class: 'grow',
    placeholder: 'https://…/model.pte or .tflite',
  });
  const form = el('form', { class: 'row' }, address, el('button', { type: 'submit' }, 'Load'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    choose(ownModel(new URL(address.value, document.baseURI).href, task));
  });
  return el(
    'section',
    { class: 'stack', 'aria-label': 'Your own model' },
    el('h3', {}, 'Your own .pte or .tflite: stays on this device'),
    el(
      'div',
      { class: 'row' },
      el('label', { class: 'button' }, icon('file'), 'Open a file', file),
    ),
    el(
      'label',
      { for: id, class: 'small muted' },
      'or its address (the server must allow cross-origin reads)',
    ),
    form,
  );
}
