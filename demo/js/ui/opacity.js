import { el, newId } from '../lib/dom.js';

/** A slider for the opacity of an element. */
export function opacityControl(node, initial = 85) {
  const id = newId('opacity');
  const slider = el('input', { id, type: 'range', min: 0, max: 100, '.value': initial });
  const apply = () => (node.style.opacity = String(slider.value / 100));
  slider.addEventListener('input', apply);
  apply();
  return el('div', { class: 'row' }, el('label', { for: id, class: 'small' }, 'Opacity'), slider);
}
