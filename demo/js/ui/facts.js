/** The line below the headline: what was measured on this device just now. */
import { getCapabilities } from '../../dist/web-core.js';
import { finest } from '../lib/clock.js';
import { formatMs } from '../lib/format.js';

/** In words: SIMD works on several numbers at once, its relaxed kind adds instructions that suit neural networks. */
const ENGINES = {
  simd: 'Vector instructions',
  relaxed: 'Newer vector instructions',
  'simd-threads': 'Several threads',
  'relaxed-threads': 'Several threads',
};

function put(fact, text) {
  const node = document.querySelector(`[data-fact=${fact}]`);
  node.textContent = text;
  node.parentElement.hidden = false;
}

/** What is known before a model has been loaded. */
export function showEngine({ simd, relaxedSimd } = getCapabilities()) {
  if (simd) put('engine', ENGINES[relaxedSimd ? 'relaxed' : 'simd']);
}

/** @param report of the loaded model; @param timings of a run, or typical ones of `runs`. */
export function showFacts(report, { timings, runs }) {
  put('load', formatMs(report.loadTime));
  put('run', formatMs(timings.run, finest(runs)));
  put('engine', ENGINES[report.variant]);
}
