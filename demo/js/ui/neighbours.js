import { nearestNeighbours } from '../../dist/web-core.js';
import { el } from '../lib/dom.js';

const COUNT = 4;

/** The pictures most like the selected one. */
export function neighbourList(items, selected) {
  const others = items.filter((item) => item !== selected);
  const vectors = others.map(({ vector }) => vector);
  const found = nearestNeighbours(selected.vector, vectors, COUNT);
  const rows = found.map(({ index, similarity }) => {
    const { picture } = others[index];
    return el(
      'li',
      {},
      el('img', { src: picture.address, alt: '', width: 72, height: 72 }),
      el('span', { class: 'small' }, picture.name),
      el('span', { class: 'number small' }, similarity.toFixed(2)),
    );
  });
  return el(
    'section',
    { class: 'card', 'aria-label': 'Nearest neighbours' },
    el(
      'div',
      { class: 'row nearest-title' },
      el('img', { src: selected.picture.address, alt: '', width: 32, height: 32 }),
      el('h2', {}, `Most like “${selected.picture.name}”`),
    ),
    el('ol', { class: 'neighbours' }, rows),
  );
}
