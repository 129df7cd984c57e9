/** The line below the headline: what was measured on this device just now. */
import { getCapabilities } from '../../dist/web-core.js';
import { formatMs } from '../lib/format.js';

const ENGINES = {
  simd: 'SIMD',
  relaxed: 'Relaxed SIMD',
  'simd-threads': 'SIMD and threads',
  'relaxed-threads': 'Relaxed SIMD, threads',
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

/** @param report of the loaded model; @param timings of a run, or typical ones. */
export function showFacts(report, { timings }) {
  put('load', formatMs(report.loadTime));
  put('run', formatMs(timings.run));
  put('engine', ENGINES[report.variant]);
}
