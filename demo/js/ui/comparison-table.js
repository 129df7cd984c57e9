/** Sizes and times of two models as a table. */
import { finest } from '../lib/clock.js';
import { el } from '../lib/dom.js';
import { formatBytes, formatMs } from '../lib/format.js';
import { memoryOf } from './model-text.js';

/** Ratios nearer to one than this are called the same. */
const SAME = 1.05;

/*
 * Rows: title; value(side) and print(value, side), where a side is {state, result, steady}; `less` is the word for the
 * smaller one of two.
 */
const ROWS = [
  {
    title: 'File',
    value: ({ state }) => state.report.bytes,
    print: formatBytes,
    less: 'smaller',
  },
  {
    title: 'Memory',
    value: ({ state: { info } }) => memoryOf(info),
    print: formatBytes,
    less: 'smaller',
  },
  {
    title: 'Load',
    value: ({ state }) => state.report.loadTime,
    print: (ms) => formatMs(ms),
    less: 'faster',
  },
  {
    title: 'Run',
    value: ({ result, steady }) => (steady ?? result).timings.run,
    print: (ms, { steady }) => formatMs(ms, finest(steady?.runs)),
    less: 'faster',
  },
  {
    title: 'In all',
    value: ({ result, steady }) => (steady ?? result).total,
    print: (ms, { steady }) => formatMs(ms, finest(steady?.runs)),
    less: 'faster',
  },
];

/** @param left, right {state of the session, result of the first run, steady: what further runs took, if there were any} */
export function comparisonTable(left, right) {
  const head = ['', 'Left', 'Right', 'Difference'].map((title, i) =>
    title ? el('th', { scope: 'col', class: i ? 'number' : '' }, title) : el('td'),
  );
  const rows = ROWS.map(({ title, value, print, less }) => {
    const [one, other] = [value(left), value(right)];
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, title),
      el('td', { class: 'number' }, print(one, left)),
      el('td', { class: 'number' }, print(other, right)),
      el('td', { class: 'number muted' }, difference(one, other, less)),
    );
  });
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sizes and times' },
    el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows)),
  );
}

/** 'right 2.1 × smaller' */
function difference(left, right, less) {
  if (!(left > 0 && right > 0)) return '–';
  const ratio = Math.max(left / right, right / left);
  if (ratio < SAME) return 'the same';
  return `${left < right ? 'left' : 'right'} ${ratio.toFixed(1)} × ${less}`;
}
