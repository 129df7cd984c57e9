import { el, svg } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';

const NAMES = {
  simd: 'SIMD',
  relaxed: 'relaxed SIMD',
  'simd-threads': 'SIMD',
  'relaxed-threads': 'relaxed SIMD',
};

export const rowName = ({ variant, threads }) =>
  `${NAMES[variant]}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

const WIDTH = 640;
const ROW = 44;
const LEFT = 190;
const RIGHT = 90;

/** Medians as bars, the range of the middle 80 % as whiskers; shorter is faster. */
export function benchmarkChart(rows) {
  const largest = Math.max(...rows.map(({ p90 }) => p90));
  const scale = (value) => ((WIDTH - LEFT - RIGHT) * value) / largest;
  const fastest = Math.min(...rows.map(({ median }) => median));
  const marks = rows.map((row, i) => {
    const y = i * ROW + ROW / 2;
    return svg(
      'g',
      { class: row.median === fastest ? 'fastest' : '' },
      svg('text', { class: 'name', x: LEFT - 12, y }, rowName(row)),
      svg('rect', {
        class: 'median',
        x: LEFT,
        y: y - 11,
        width: Math.max(2, scale(row.median)),
        height: 22,
        rx: 4,
      }),
      svg('path', {
        class: 'whisker',
        d: `M${LEFT + scale(row.p10)} ${y}H${LEFT + scale(row.p90)}`,
      }),
      svg('text', { class: 'value', x: LEFT + scale(row.p90) + 10, y }, formatMs(row.median)),
    );
  });
  const label = `Median time of a run: ${rows.map((row) => `${rowName(row)} ${formatMs(row.median)}`).join('; ')}`;
  return svg(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${rows.length * ROW}`,
      role: 'img',
      'aria-label': label,
    },
    marks,
  );
}

export function benchmarkTable(rows) {
  const head = ['Build', 'Load', 'Median', '10 %', '90 %', 'Runs'].map((title, i) =>
    el('th', { scope: 'col', class: i ? 'number' : '' }, title),
  );
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, rowName(row)),
      [row.load, row.median, row.p10, row.p90].map((ms) =>
        el('td', { class: 'number' }, formatMs(ms)),
      ),
      el('td', { class: 'number' }, String(row.runs)),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Measurements' },
    el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)),
  );
}
