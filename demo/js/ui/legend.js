/** Classes that occur in a map, with their colours; each can be switched off. */
import { classColour, cssColour } from '../lib/colours.js';
import { el } from '../lib/dom.js';
import { formatPercent } from '../lib/format.js';

/** @param onChange called with the Set of hidden classes. */
export function legend(onChange) {
  const hidden = new Set();
  const list = el('ul', { class: 'legend', 'aria-label': 'Classes in the picture' });
  const toggle = (index, isVisible) => {
    if (isVisible) hidden.delete(index);
    else hidden.add(index);
    onChange(hidden);
  };
  const show = (shares, labels) => {
    list.replaceChildren(...shares.map((one) => row(one, labels, hidden, toggle)));
  };
  return { node: list, hidden, show };
}

function row({ index, share }, labels, hidden, toggle) {
  const number = el('span', { class: 'number' }, formatPercent(share));
  // The background is never painted, so there is nothing to switch.
  if (index === 0) return el('li', { class: 'muted' }, el('span', {}, labels[index]), number);
  const box = el('input', {
    type: 'checkbox',
    '.checked': !hidden.has(index),
    onchange: () => toggle(index, box.checked),
  });
  const swatch = el('span', {
    class: 'swatch',
    style: { backgroundColor: cssColour(classColour(index)) },
  });
  return el(
    'li',
    {},
    el('label', { class: 'row' }, box, swatch, el('span', {}, labels[index])),
    number,
  );
}
