import { el, svg } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';

/** Builds of the library's core. The first one runs everywhere; the second uses newer instructions of processors. */
const NAMES = {
  simd: 'for all browsers',
  relaxed: 'for newer browsers',
  'simd-threads': 'for all browsers',
  'relaxed-threads': 'for newer browsers',
};

export const rowName = ({ variant, threads }) =>
  `${NAMES[variant]}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** Names stand left of the bars, on phones above them. */
const WIDE = { width: 690, row: 44, left: 240, right: 90, nameX: 228, nameY: 22, barY: 22 };
const NARROW = { width: 330, row: 58, left: 0, right: 80, nameX: 0, nameY: 12, barY: 36 };

/** Means as bars, from the fastest to the 95 % mark as whiskers; shorter is faster. */
export function benchmarkChart(rows) {
  const isNarrow = window.matchMedia('(max-width: 560px)').matches;
  const { width, row: height, left, right, nameX, nameY, barY } = isNarrow ? NARROW : WIDE;
  const largest = Math.max(...rows.map(({ p95 }) => p95));
  const scale = (value) => ((width - left - right) * value) / largest;
  const fastest = Math.min(...rows.map(({ mean }) => mean));
  const marks = rows.map((row, i) => {
    const y = i * height + barY;
    return svg(
      'g',
      { class: row.mean === fastest ? 'fastest' : '' },
      svg('text', { class: 'name', x: nameX, y: i * height + nameY }, rowName(row)),
      svg('rect', {
        class: 'mean',
        x: left,
        y: y - 11,
        width: Math.max(2, scale(row.mean)),
        height: 22,
        rx: 4,
      }),
      svg('path', {
        class: 'whisker',
        d: `M${left + scale(row.min)} ${y}H${left + scale(row.p95)}`,
      }),
      svg('text', { class: 'value', x: left + scale(row.p95) + 10, y }, formatMs(row.mean)),
    );
  });
  const label = `Mean time of a run: ${rows.map((row) => `${rowName(row)} ${formatMs(row.mean)}`).join('; ')}`;
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
  const titles = [
    'Build',
    'Speed',
    'Mean',
    'Fastest',
    '95 % below',
    'Std dev',
    'First',
    'Warm-up',
    'Load',
    'Runs',
  ];
  const head = titles.map((title, i) =>
    el('th', { scope: 'col', class: i ? 'number' : '' }, title),
  );
  // Speed is relative to the build that runs everywhere.
  const [{ mean: base }] = rows;
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, rowName(row)),
      el('td', { class: 'number' }, row.mean ? `${(base / row.mean).toFixed(2)} ×` : '–'),
      [row.mean, row.min, row.p95, row.deviation, row.first, row.warmUp, row.load].map((ms) =>
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
