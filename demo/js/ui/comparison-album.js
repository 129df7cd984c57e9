/** Every sample that suits the left model through both: how often they agree, and where they do not. */
import { agreement, suitableSamples } from '../app/comparison.js';
import { el } from '../lib/dom.js';
import { errorNotice } from './notice.js';

const MOST_DIFFERENCES = 4;

/**
 * A button and, once it was pressed, its answer.
 *
 * @param sessions the two that are compared. @param isWanted () => false as soon as there is something else to do.
 */
export function comparisonAlbum(task, sessions, isWanted) {
  const button = el('button', { type: 'button', onclick: go }, 'Compare on all samples');
  const output = el('div', { class: 'stack', 'aria-live': 'polite' });
  async function go() {
    button.disabled = true;
    try {
      const tell = (text) => output.replaceChildren(el('p', { class: 'muted small' }, text));
      const found = await compareAll(task, sessions, isWanted, tell);
      if (isWanted()) output.replaceChildren(...report(task, found));
    } catch (error) {
      if (isWanted()) output.replaceChildren(errorNotice(error));
    }
    button.disabled = false;
  }
  return el('div', { class: 'stack' }, el('div', {}, button), output);
}

/** [{sample, isComparable, share, text}]; fewer when nobody wants them any more. */
async function compareAll(task, sessions, isWanted, tell) {
  const samples = await suitableSamples(task, sessions[0].state.value.entry);
  const found = [];
  for (const sample of samples) {
    tell(`${found.length} of ${samples.length} …`);
    const results = [];
    for (const session of sessions) results.push(await session.run(sample.address));
    if (!isWanted() || results.includes(undefined)) break;
    found.push({ sample, ...agreement(task, ...results) });
  }
  return found;
}

function report(task, found) {
  if (!found[0]?.isComparable) return [el('p', {}, found[0]?.text ?? '')];
  const differences = found.filter(({ share }) => share < 1).sort((a, b) => a.share - b.share);
  const rows = differences.slice(0, MOST_DIFFERENCES).map(difference);
  const list = rows.length > 0 && el('ul', { class: 'differences' }, rows);
  return [el('p', {}, summary(task, found)), list].filter(Boolean);
}

function summary(task, found) {
  const sum = found.reduce((all, { share }) => all + share, 0);
  if (task === 'classification')
    return `The first answer is the same on ${sum} of ${found.length} samples.`;
  const percent = ((100 * sum) / found.length).toFixed(1);
  return `On ${found.length} samples they give ${percent} % of the pixels the same class.`;
}

function difference({ sample, text }) {
  return el(
    'li',
    { class: 'small' },
    el('img', { src: sample.address, alt: sample.name, width: 40, height: 40 }),
    el('span', {}, text),
  );
}
