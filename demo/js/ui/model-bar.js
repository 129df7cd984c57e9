/** The model of a panel: which one, how far it is, and the way to another. */
import { memoryNote, subtitle } from './model-text.js';
import { downloadControls } from './download-controls.js';
import { announce, el, icon } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';
import { ErrorCode, isExecutorchError } from '../../dist/web-core.js';
import { openModel, tabsFor } from '../app/intake.js';
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
    const { status, entry, report, info } = now;
    name.textContent = entry?.title ?? 'No model';
    about.textContent = entry ? subtitle(entry) : 'Choose one to begin';
    progress.show(now);
    if (status === last) return;
    last = status;
    state.replaceChildren();
    if (status === 'failed') {
      state.append(...failure(now, onPick));
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

/** What went wrong with a model, and what can be done: another tab for a visitor's model that does something else. */
function failure({ entry, error }, onPick) {
  if (entry.origin === 'own' && isExecutorchError(error, ErrorCode.InvalidConfig)) {
    const [output, looks] = [/its output is [^:]+?\]/, /It looks like [^:]+/].map(
      (part) => error.message.match(part)?.[0],
    );
    const words = `${entry.title} cannot be used in this tab${output ? `: ${output}` : ''}.${looks ? ` ${looks}.` : ''}`;
    const notice = el('p', { class: 'notice bad', role: 'alert' }, words);
    return [notice, openIn(tabsFor(error), entry.source)];
  }
  const again = el('button', { type: 'button', onclick: () => onPick(entry) }, 'Try again');
  return [errorNotice(error), again];
}

function openIn(tabs, source) {
  const buttons = tabs.map(({ tab, title }) =>
    el('button', { type: 'button', onclick: () => openModel(tab, source) }, `Open it in ${title}`),
  );
  return el('div', { class: 'row' }, buttons);
}
