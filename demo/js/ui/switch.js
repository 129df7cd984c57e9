import { el } from '../lib/dom.js';
import { errorNotice } from './notice.js';

/**
 * A switch in a card of its own.
 *
 * @param title name of the card for screen readers.
 * @param label what the switch does.
 * @param state () => promise of whether it is on.
 * @param change async (isOn) => what to do; it may throw.
 * @param isPossible whether it can be used here.
 */
export function switchCard({ title, label, state, change, isPossible = true }) {
  const trouble = el('div');
  const box = el('input', { type: 'checkbox', role: 'switch', disabled: true, onchange: changed });
  async function changed() {
    box.disabled = true;
    trouble.replaceChildren();
    try {
      await change(box.checked);
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
    await update();
  }
  async function update() {
    box.checked = await state();
    box.disabled = !isPossible;
  }
  void update();
  return el(
    'section',
    { class: 'card', 'aria-label': title },
    el('label', { class: 'row switch' }, box, label),
    trouble,
  );
}
