/** One of a few, as buttons side by side: radio buttons for the keyboard and for screen readers. */
import { el, newId } from '../lib/dom.js';

/** @param options titles by value. @param onChange called with the value that was chosen. */
export function choice(title, options, chosen, onChange) {
  const name = newId('choice');
  return el(
    'fieldset',
    { class: 'choices' },
    el('legend', { class: 'hidden' }, title),
    Object.entries(options).map(([value, text]) =>
      el(
        'label',
        { class: 'choice' },
        el('input', {
          type: 'radio',
          name,
          value,
          '.checked': value === chosen,
          onchange: () => onChange(value),
        }),
        el('span', {}, text),
      ),
    ),
  );
}
