/** The measured line below the headline. */
import { formatMs } from '../lib/format.js';

const ENGINES = {
  simd: 'WebAssembly SIMD',
  relaxed: 'WebAssembly relaxed SIMD',
  'simd-threads': 'WebAssembly SIMD, threads',
  'relaxed-threads': 'WebAssembly relaxed SIMD, threads',
};

function put(fact, text) {
  const node = document.querySelector(`[data-fact=${fact}]`);
  node.textContent = text;
  node.parentElement.hidden = false;
}

/** @param report of the loaded model; @param result of a run. */
export function showFacts(report, result) {
  put('load', formatMs(report.loadTime));
  put('run', formatMs(result.timings.run));
  put('engine', ENGINES[report.variant]);
}
