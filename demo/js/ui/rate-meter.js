/** Results per second, camera frames per second, and how old a result is when it is shown. */
import { el } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';

const WINDOW = 2000;

export function rateMeter() {
  const figure = (title) => {
    const value = el('dd', { class: 'number' }, '–');
    return { value, node: el('div', {}, el('dt', {}, title), value) };
  };
  const results = figure('results / s');
  const camera = figure('camera / s');
  const latency = figure('latency');
  const node = el(
    'dl',
    { class: 'meters speed card', 'aria-label': 'Speed' },
    [results, camera, latency].map((one) => one.node),
  );
  /** [{time, results, frames}] of the last two seconds. */
  let marks = [];

  /** @param about what the library says of a result's frame. */
  function count({ results: done, dropped, latency: age }) {
    const time = performance.now();
    marks.push({ time, results: done, frames: done + dropped });
    marks = marks.filter((mark) => time - mark.time <= WINDOW);
    const [first] = marks;
    const seconds = (time - first.time) / 1000;
    if (seconds < 0.2) return;
    results.value.textContent = ((done - first.results) / seconds).toFixed(1);
    camera.value.textContent = ((done + dropped - first.frames) / seconds).toFixed(1);
    latency.value.textContent = formatMs(age);
  }
  const clear = () => {
    marks = [];
    for (const { value } of [results, camera, latency]) value.textContent = '–';
  };
  return { node, count, start: clear, stop: () => (marks = []) };
}
