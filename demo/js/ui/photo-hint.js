/** A model of drawn things is asked about a photo: says what it can do, and offers one for photos. */
import { modelsFor } from '../app/catalog.js';
import { formatBytes } from '../lib/format.js';
import { el, icon } from '../lib/dom.js';

/** @param onPick called with the entry that was chosen. @returns {node, show(entry, isPhoto)} */
export function photoHint(task, onPick) {
  const node = el('div', { class: 'stack' });
  async function show(entry, isPhoto) {
    const isUseful = isPhoto && entry?.group === 'drawn';
    const better = isUseful && betterOf(await modelsFor(task));
    node.replaceChildren(...(better ? hint(better, onPick) : []));
  }
  return { node, show };
}

/** The one that comes with the page, else the smallest published one of a known size. */
function betterOf(entries) {
  const known = entries.filter(({ origin, bytes }) => origin === 'published' && bytes > 0);
  const [smallest] = known.sort((a, b) => a.bytes - b.bytes);
  return entries.find(({ group }) => group === 'photo') ?? smallest;
}

function hint(better, onPick) {
  const size = `${better.isApproximate ? 'about ' : ''}${formatBytes(better.bytes)}`;
  return [
    el(
      'p',
      { class: 'notice' },
      'This model was made for tests: it knows twelve kinds of drawn things. For photos, take another one.',
    ),
    el(
      'button',
      { type: 'button', class: 'start', onclick: () => onPick(better) },
      icon(better.origin === 'published' ? 'download' : 'play'),
      better.origin === 'published'
        ? `Load ${better.title}, ${better.precision} (${size})`
        : `Use ${better.title}, which comes with this page`,
    ),
  ];
}
