/** Numbers for people. */
import { clockTick } from './clock.js';

export function formatBytes(bytes) {
  if (!Number.isFinite(bytes)) return 'unknown size';
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${trim(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${trim(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param least what the clock can tell from nothing: less is not printed; see finest() for means. */
export function formatMs(ms, least = clockTick()) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < least) return `<${Number(least.toPrecision(1))} ms`;
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export function formatPercent(share) {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  return `${percent < 99.95 ? percent.toFixed(1) : '100'} %`;
}

/** The first of several synonyms: labels of ImageNet are lists. */
export const shortLabel = (label) => label.split(',')[0];

const trim = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

/**
 * Mean of the middle half, and of what the clock cannot tell from it: outliers do not count, and unlike a median it is
 * finer than the steps of the clock (of 0.4 ms in steps of 1 ms, six of ten are 0 and four are 1).
 */
export function typical(values, tick = clockTick()) {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const [least, most] = [sorted[cut] - tick, sorted[sorted.length - cut - 1] + tick];
  // Steps are not exact in the arithmetic of clocks.
  const alike = sorted.filter((value) => value > least - 1e-3 && value < most + 1e-3);
  return alike.reduce((sum, value) => sum + value, 0) / alike.length;
}

/** Quantile by linear interpolation; q in 0..1. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}
