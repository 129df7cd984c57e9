/** Progress of a model on its way, and the ways to stop it and to go on. */
import { pause, resume, transferOf } from '../app/downloads.js';
import { announce, el, icon } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';

export function downloadControls(session) {
  const bar = el('progress', { max: 1, value: 0, 'aria-label': 'Loading the model' });
  const text = el('span', { class: 'number small' });
  const note = el('span', { class: 'badge good', hidden: true });
  const hold = el('button', { type: 'button', onclick: () => toggle() });
  const cancel = el(
    'button',
    { type: 'button', onclick: () => session.cancel() },
    icon('close'),
    'Cancel',
  );
  const node = el(
    'div',
    { class: 'stack download', hidden: true },
    bar,
    el(
      'div',
      { class: 'row spread' },
      el('span', { class: 'row' }, text, note),
      el('span', { class: 'row' }, hold, cancel),
    ),
  );
  let address;
  let end = () => undefined;

  function toggle() {
    if (transferOf(address).value?.status === 'paused') resume(address);
    else void pause(address);
  }

  function showTransfer(transfer) {
    const isPaused = transfer?.status === 'paused';
    hold.hidden = !transfer;
    hold.replaceChildren(icon(isPaused ? 'play' : 'pause'), isPaused ? 'Resume' : 'Pause');
    if (isPaused) announce('The download is paused. What has arrived is kept.');
    if (!transfer) return;
    note.hidden = transfer.resumedFrom === 0;
    note.textContent = `resumed at ${formatBytes(transfer.resumedFrom)}`;
  }

  function watch(entry) {
    if (entry.address === address) return;
    end();
    address = entry.address;
    note.hidden = true;
    end = address ? transferOf(address).watch(showTransfer) : () => undefined;
    if (!address) hold.hidden = true;
  }

  const show = ({ status, entry, progress }) => {
    // What is here in a moment needs no bar.
    node.hidden = status !== 'loading' || entry.origin === 'builtin';
    if (node.hidden) return;
    watch(entry);
    bar.value = progress;
    text.textContent = progressText(progress, entry.bytes);
  };
  return { node, show };
}

function progressText(progress, bytes) {
  const share = `${Math.floor(progress * 100)} %`;
  return bytes ? `${share} · ${formatBytes(bytes * progress)} of ${formatBytes(bytes)}` : share;
}
