/** Where the time of the last run went: per stage always, per operator on demand. */
import { el } from '../lib/dom.js';
import { finest } from '../lib/clock.js';
import { formatMs } from '../lib/format.js';
import { operatorProfile } from './operators.js';

const STAGES = {
  decode: 'Read the picture',
  prepare: 'Fit it to the model',
  run: 'Run the model',
  task: 'Make the answer',
};

/** @param session whose runs are shown; @param picture () => the picture to profile with. */
export function timingPanel(session, picture) {
  const total = el('span', { class: 'number total' }, '–');
  const cells = Object.fromEntries(
    Object.keys(STAGES).map((stage) => [stage, el('td', { class: 'number' }, '–')]),
  );
  const parts = Object.fromEntries(
    Object.keys(STAGES).map((stage) => [stage, el('span', { class: `stage-${stage}` })]),
  );
  const rows = Object.entries(STAGES).map(([stage, title]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('span', { class: `dot stage-${stage}` }), title),
      cells[stage],
    ),
  );
  const note = el('p', { class: 'muted small' });
  const node = el(
    'section',
    { class: 'card timing', 'aria-label': 'Timing' },
    el('div', { class: 'row spread' }, el('h2', {}, 'Timing'), total),
    el('div', { class: 'stages', 'aria-hidden': 'true' }, Object.values(parts)),
    el('table', { class: 'compact' }, el('tbody', {}, rows)),
    note,
    operatorProfile(session, picture),
  );
  const show = ({ timings, total: whole, runs, first }) => {
    const least = finest(runs);
    total.textContent = `${formatMs(whole, least)} in all`;
    note.textContent = noteOf(runs, first);
    for (const stage of Object.keys(STAGES)) {
      cells[stage].textContent = formatMs(timings[stage], least);
      parts[stage].style.flexGrow = String(timings[stage]);
    }
  };
  const clear = () => {
    total.textContent = '–';
    note.textContent = '';
    for (const stage of Object.keys(STAGES)) {
      cells[stage].textContent = '–';
      parts[stage].style.flexGrow = '0';
    }
  };
  return { node, show, clear };
}

function noteOf(runs, first) {
  if (!runs) return 'One run.';
  const what =
    runs === 1 ? 'One run after the first, which' : `Typical of ${runs} runs; the first one`;
  return `${what} took ${formatMs(first)}.`;
}
