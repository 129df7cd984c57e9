import { cosineSimilarity } from '../../dist/web-core.js';
import { el } from '../lib/dom.js';

/** Cosine similarity of every pair, as a table whose cells are tinted. */
export function similarityMatrix(items, selected) {
  const values = items.map((a) => items.map((b) => cosineSimilarity(a.vector, b.vector)));
  const lowest = Math.min(...values.flat());
  const head = (item, scope) =>
    el(
      'th',
      { scope, class: item === selected ? 'selected' : '' },
      el('img', { src: item.picture.address, alt: item.picture.name, width: 28, height: 28 }),
    );
  const rows = values.map((row, i) =>
    el(
      'tr',
      {},
      head(items[i], 'row'),
      row.map((value) => cell(value, lowest)),
    ),
  );
  return el(
    'section',
    { class: 'card', 'aria-label': 'Similarity matrix' },
    el('h2', {}, 'Cosine similarity of every pair'),
    el(
      'div',
      {
        class: 'scroll',
        tabindex: 0,
        role: 'region',
        'aria-label': 'Similarity matrix, scrollable',
      },
      el(
        'table',
        { class: 'matrix' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('td'),
            items.map((item) => head(item, 'col')),
          ),
        ),
        el('tbody', {}, rows),
      ),
    ),
  );
}

function cell(value, lowest) {
  const strength = (value - lowest) / Math.max(1 - lowest, 1e-6);
  const tint = `color-mix(in oklab, var(--matrix-high) ${Math.round(strength * 100)}%, var(--sunken))`;
  const node = el('td', { class: 'number', style: { background: tint } }, short(value));
  if (strength > 0.55) node.classList.add('strong');
  return node;
}

/** '.87', '−.04', '1': ten of them fit side by side. */
function short(value) {
  const text = value.toFixed(2);
  return text === '1.00' ? '1' : text.replace(/^(-?)0/, '$1').replace('-', '−');
}
