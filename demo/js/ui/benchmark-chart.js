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

/** Names stand left of the bars, on phones above them. */
const WIDE = { width: 640, row: 44, left: 190, right: 90, nameX: 178, nameY: 22, barY: 22 };
const NARROW = { width: 330, row: 58, left: 0, right: 80, nameX: 0, nameY: 12, barY: 36 };

/** Medians as bars, the range of the middle 80 % as whiskers; shorter is faster. */
export function benchmarkChart(rows) {
  const isNarrow = window.matchMedia('(max-width: 560px)').matches;
  const { width, row: height, left, right, nameX, nameY, barY } = isNarrow ? NARROW : WIDE;
  const largest = Math.max(...rows.map(({ p90 }) => p90));
  const scale = (value) => ((width - left - right) * value) / largest;
  const fastest = Math.min(...rows.map(({ median }) => median));
  const marks = rows.map((row, i) => {
    const y = i * height + barY;
    return svg(
      'g',
      { class: row.median === fastest ? 'fastest' : '' },
      svg('text', { class: 'name', x: nameX, y: i * height + nameY }, rowName(row)),
      svg('rect', {
        class: 'median',
        x: left,
        y: y - 11,
        width: Math.max(2, scale(row.median)),
        height: 22,
        rx: 4,
      }),
      svg('path', {
        class: 'whisker',
        d: `M${left + scale(row.p10)} ${y}H${left + scale(row.p90)}`,
      }),
      svg('text', { class: 'value', x: left + scale(row.p90) + 10, y }, formatMs(row.median)),
    );
  });
  const label = `Median time of a run: ${rows.map((row) => `${rowName(row)} ${formatMs(row.median)}`).join('; ')}`;
  return svg(
    'svg',
    {
      class: isNarrow ? 'chart narrow' : 'chart',
      viewBox: `0 0 ${width} ${rows.length * height}`,
      role: 'img',
      'aria-label': label,
    },
    marks,
  );
}

/** @param rows measured or, with nothing but variant and threads, yet to be measured. */
export function benchmarkTable(rows) {
  const head = ['Build', 'Speed', 'Median', '10 %', '90 %', 'Load', 'Runs'].map((title, i) =>
    el('th', { scope: 'col', class: i ? 'number' : '' }, title),
  );
  // Speed is relative to the build that runs everywhere.
  const [{ median: base }] = rows;
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, rowName(row)),
      el('td', { class: 'number' }, row.median ? `${(base / row.median).toFixed(2)} ×` : '–'),
      [row.median, row.p10, row.p90, row.load].map((ms) =>
        el('td', { class: 'number' }, formatMs(ms)),
      ),
      el('td', { class: 'number' }, String(row.runs ?? '–')),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Measurements' },
    el('table', { class: 'measured' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)),
  );
}
