/** Tells the class below the pointer, or below a cross that the arrow keys move. */
import { el } from '../lib/dom.js';
import { formatPercent } from '../lib/format.js';

const HINT = 'Point at the picture, or use the arrow keys.';
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param frame element that the map covers exactly. @returns {node, show(result, labels)} */
export function probe(frame) {
  const readout = el('output', { class: 'readout' }, HINT);
  const cross = el('span', { class: 'cross', hidden: true });
  let shown = null;
  let position = [0.5, 0.5];
  frame.append(cross);

  function tell([x, y]) {
    if (!shown) return;
    position = [x, y];
    const { result, labels } = shown;
    const column = Math.min(result.width - 1, Math.floor(x * result.width));
    const row = Math.min(result.height - 1, Math.floor(y * result.height));
    const at = row * result.width + column;
    const index = result.classes[at];
    const certainty = result.planes[index] ? `, ${formatPercent(result.planes[index][at])}` : '';
    readout.textContent = `${labels[index]}${certainty} at ${column}, ${row}`;
    cross.style.left = `${x * 100}%`;
    cross.style.top = `${y * 100}%`;
    cross.hidden = false;
  }

  frame.addEventListener('pointermove', (event) => {
    const box = frame.getBoundingClientRect();
    tell([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  });
  frame.addEventListener('pointerleave', () => (cross.hidden = true));
  frame.addEventListener('focus', () => tell(position));
  frame.addEventListener('blur', () => (cross.hidden = true));
  frame.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (!move || !shown) return;
    event.preventDefault();
    const step = event.shiftKey ? 0.1 : 0.02;
    tell(position.map((value, i) => Math.min(0.999, Math.max(0, value + move[i] * step))));
  });
  const show = (result, labels) => {
    shown = { result, labels };
    readout.textContent = HINT;
  };
  return { node: readout, show };
}
