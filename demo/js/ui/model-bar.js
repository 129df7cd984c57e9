/** The model of a panel: which one, how far it is, and the way to another. */
import { memoryNote, subtitle } from './model-text.js';
import { downloadControls } from './download-controls.js';
import { announce, el, icon } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';
import { labelsButton } from './labels-dialog.js';
import { errorNotice } from './notice.js';
import { openPicker } from './picker.js';

/** @param onPick called with the entry that was chosen. */
export function modelBar(session, onPick) {
  const name = el('span', { class: 'model-name' }, 'No model');
  const about = el('span', { class: 'muted small' });
  const button = el(
    'button',
    { type: 'button', class: 'model-button', onclick: () => openPicker(session, onPick) },
    el('span', { class: 'stack tight' }, name, about),
    el(
      'span',
      { class: 'row change' },
      el('span', {}, 'Change', el('span', { class: 'wide' }, ' model')),
      icon('down'),
    ),
  );
  const state = el('div', { class: 'model-state' });
  const progress = downloadControls(session);
  let last;
  session.state.watch((now) => {
    const { status, entry, error, report, info } = now;
    name.textContent = entry?.title ?? 'No model';
    about.textContent = entry ? subtitle(entry) : 'Choose one to begin';
    progress.show(now);
    if (status === last) return;
    last = status;
    state.replaceChildren();
    if (status === 'failed') {
      if (entry.origin === 'own') state.append(labelsButton(entry, onPick));
      const again = el('button', { type: 'button', onclick: () => onPick(entry) }, 'Try again');
      state.append(errorNotice(error), again);
    }
    if (status === 'ready') {
      const text = `Ready after ${formatMs(report.loadTime)}, without the download · ${memoryNote(info)}`;
      state.append(el('p', { class: 'muted small' }, text));
      if (entry.origin === 'own' && entry.labels) state.append(labelsButton(entry, onPick));
      announce(`${entry.title} is ready.`);
    }
  });
  return el('div', { class: 'stack model-bar' }, button, progress.node, state);
}
