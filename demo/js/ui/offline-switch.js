import { canWorkOffline, disableOffline, enableOffline, worksOffline } from '../app/offline.js';
import { announce, el } from '../lib/dom.js';
import { errorNotice } from './notice.js';

/** A switch that makes this page, with its built-in models, work without a network. */
export function offlineSwitch() {
  const trouble = el('div');
  const box = el('input', { type: 'checkbox', role: 'switch', disabled: true, onchange: change });
  async function change() {
    box.disabled = true;
    trouble.replaceChildren();
    try {
      await (box.checked ? enableOffline() : disableOffline());
      announce(box.checked ? 'This page works offline now.' : 'This page needs the network again.');
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
    await update();
  }
  async function update() {
    box.checked = await worksOffline();
    box.disabled = !canWorkOffline();
  }
  void update();
  return el(
    'section',
    { class: 'card', 'aria-label': 'Offline' },
    el(
      'label',
      { class: 'row switch' },
      box,
      'Keep this page and its built-in models for use without a network',
    ),
    trouble,
  );
}
