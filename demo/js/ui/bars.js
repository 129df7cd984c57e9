import { el } from '../lib/dom.js';
import { formatPercent, shortLabel } from '../lib/format.js';

/** Probabilities as bars: a list that reads 'cat 93.1 %' to screen readers. */
export function bars() {
  const list = el('ol', { class: 'bars', 'aria-label': 'Most probable classes' });
  return { node: list, show: (scores) => update(list, scores) };
}

/** Rows are kept, so that bars grow and shrink instead of being replaced. */
function update(list, scores) {
  while (list.children.length > scores.length) list.lastChild.remove();
  while (list.children.length < scores.length) list.append(row());
  scores.forEach(({ label, score }, i) => {
    const [name, value, track] = list.children[i].children;
    name.textContent = shortLabel(label);
    name.title = label;
    value.textContent = formatPercent(score);
    track.firstChild.style.width = `${(score * 100).toFixed(2)}%`;
  });
}

function row() {
  return el(
    'li',
    {},
    el('span', { class: 'name' }),
    el('span', { class: 'number' }),
    el('span', { class: 'track', 'aria-hidden': 'true' }, el('span')),
  );
}
