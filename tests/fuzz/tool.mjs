// What the two tools that feed mutants to the core share.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../lib/shared.mjs';

/** Options of the command line, as parseArgs() takes them. */
export const OPTIONS = {
  count: { type: 'string', default: '10000' },
  variant: { type: 'string', default: 'simd' },
  seed: { type: 'string', default: '1' },
};

/** A function that makes a fresh core of this build. */
export async function coreOf(variant) {
  const folder = new URL(`build/wasm/${variant}/`, pathToFileURL(ROOT));
  const { default: factory } = await import(new URL('ew.js', folder).href);
  const wasmBinary = readFileSync(new URL('ew.wasm', folder));
  return () => factory({ wasmBinary, print() {}, printErr() {} });
}

/** Milliseconds since now that this process has used, or that have gone by where its other threads used more. */
export function stopwatch() {
  const start = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(performance.now() - start, (user + system) / 1000);
  };
}
