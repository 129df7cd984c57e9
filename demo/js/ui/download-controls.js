/** Progress of a model on its way, and the ways to stop it. */
import { el } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';

export function downloadControls(session) {
  const bar = el('progress', { max: 1, value: 0, 'aria-label': 'Loading the model' });
  const text = el('span', { class: 'number small' });
  const cancel = el('button', { type: 'button', onclick: () => session.cancel() }, 'Cancel');
  const node = el(
    'div',
    { class: 'stack download', hidden: true },
    bar,
    el('div', { class: 'row spread' }, text, el('div', { class: 'row' }, cancel)),
  );
  const show = ({ status, entry, progress }) => {
    // What is here in a moment needs no bar.
    node.hidden = status !== 'loading' || entry.origin === 'builtin';
    if (node.hidden) return;
    bar.value = progress;
    const share = `${Math.floor(progress * 100)} %`;
    const { bytes } = entry;
    text.textContent = bytes
      ? `${share} · ${formatBytes(bytes * progress)} of ${formatBytes(bytes)}`
      : share;
  };
  return { node, show };
}
