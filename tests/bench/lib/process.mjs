// Memory of a renderer process, as Linux counts it; null elsewhere.
import { existsSync, readFileSync } from 'node:fs';

/** {now, peak}: resident bytes of a process, and the most that they have been. */
export function residentMemory(pid) {
  const file = `/proc/${pid}/status`;
  if (!pid || !existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const bytes = (name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  const found = { now: bytes('VmRSS'), peak: bytes('VmHWM') };
  return Number.isFinite(found.now + found.peak) ? found : null;
}
