import { nearestNeighbours } from '../../dist/web-core.js';
import { announce, el } from '../lib/dom.js';
import { errorNotice } from './notice.js';

const COUNT = 4;

/**
 * Pictures found by words.
 *
 * @param embed (words, onProgress) → vector; rejects when the encoder is not available.
 * @returns {node, show(text, items)}: `text` is the encoder of texts that goes with the model, if any; items have vectors.
 */
export function wordSearch(embed) {
  let known = [];
  const input = el('input', {
    type: 'search',
    'aria-label': 'Words to search by',
    placeholder: 'a photo of a boat',
    required: true,
  });
  const find = el('button', { type: 'submit' }, 'Find');
  const status = el('p', { class: 'small', 'aria-live': 'polite' });
  const list = el('ol', { class: 'neighbours' });
  const form = el('form', { class: 'row', onsubmit: search }, input, find);
  const hint = el('p', { class: 'small' });
  const node = el('section', { class: 'card', 'aria-label': 'Search by words' });
  node.append(el('h2', {}, 'Search by words'), hint, form, status, list);

  async function search(event) {
    event.preventDefault();
    find.disabled = true;
    list.replaceChildren();
    status.textContent = '';
    const loading = (share) => (status.textContent = `Text encoder: ${Math.round(share * 100)} %`);
    try {
      const vector = await embed(input.value, loading);
      status.textContent = '';
      list.replaceChildren(...found(vector));
      announce(`Best: ${list.querySelector('.small')?.textContent}`);
    } catch (error) {
      status.replaceChildren(errorNotice(error));
    } finally {
      find.disabled = false;
    }
  }

  function found(vector) {
    const vectors = known.map((item) => item.vector);
    return nearestNeighbours(vector, vectors, COUNT).map(({ index, similarity }) => {
      const { address, name } = known[index].picture;
      return el(
        'li',
        {},
        el('img', { src: address, alt: '', width: 72, height: 72 }),
        el('span', { class: 'small' }, name),
        el('span', { class: 'number small' }, similarity.toFixed(2)),
      );
    });
  }

  let shown;
  function show(text, items) {
    known = items;
    form.hidden = !text;
    hint.hidden = Boolean(text);
    hint.textContent =
      'This model knows pictures only. “Twelve kinds of object” and CLIP know words, too.';
    if (shown !== text) list.replaceChildren();
    shown = text;
  }
  return { node, show };
}
