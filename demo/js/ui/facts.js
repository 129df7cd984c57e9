/** The line below the headline: what was measured on this device just now. */
import { finest } from '../lib/clock.js';
import { formatBytes, formatMs } from '../lib/format.js';
import { memoryOf } from './model-text.js';

const nodeOf = (fact) => document.querySelector(`[data-fact=${fact}]`);

function put(fact, text) {
  nodeOf(fact).textContent = text;
  nodeOf(fact).parentElement.hidden = false;
}

/** @param state of the session whose model is loaded; @param timings of a run, or typical ones of `runs`. */
export function showFacts({ report, info }, { timings, runs }) {
  put('run', formatMs(timings.run, finest(runs)));
  put('load', formatMs(report.loadTime));
  put('memory', formatBytes(memoryOf(info)));
}

/** Figures of a model that is gone stand beside nothing. */
export function hideFacts() {
  for (const fact of ['run', 'load', 'memory']) nodeOf(fact).parentElement.hidden = true;
}
