// What a report must say about where its figures come from.
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Facts about this machine; `browser` is Chromium's version. */
export function machine(browser) {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()}`,
    browser,
    node: process.version,
    loadAtStart: loadavg()[0],
  };
}

/** Runnable processes of the last minute, beside which everything was measured. */
export const loadNow = () => loadavg()[0];
