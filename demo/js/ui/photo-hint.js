/** A built-in model is asked about a photo: says what it can do, and offers a published one. */
import { modelsFor } from '../app/catalog.js';
import { formatBytes } from '../lib/format.js';
import { el, icon } from '../lib/dom.js';

/** @param onPick called with the entry that was chosen. @returns {node, show(entry, isPhoto)} */
export function photoHint(task, onPick) {
  const node = el('div', { class: 'stack' });
  async function show(entry, isPhoto) {
    const isUseful = isPhoto && entry?.origin === 'builtin';
    const better = isUseful && smallest(await modelsFor(task));
    node.replaceChildren(...(better ? hint(better, onPick) : []));
  }
  return { node, show };
}

/** Of the published models those of a known size. */
function smallest(entries) {
  const known = entries.filter(({ origin, bytes }) => origin === 'published' && bytes > 0);
  return known.sort((a, b) => a.bytes - b.bytes)[0];
}

function hint(better, onPick) {
  const size = `${better.isApproximate ? 'about ' : ''}${formatBytes(better.bytes)}`;
  return [
    el(
      'p',
      { class: 'notice' },
      'The built-in model knows twelve kinds of drawn objects only. For photos, take a published one.',
    ),
    el(
      'button',
      { type: 'button', class: 'start', onclick: () => onPick(better) },
      icon('download'),
      `Load ${better.title}, ${better.precision} (${size})`,
    ),
  ];
}
