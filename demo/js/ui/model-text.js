import { formatBytes } from '../lib/format.js';

/** 'fp32 · 117 kB · MIT · built in' */
export function subtitle({ precision, bytes, isApproximate, licence, origin }) {
  const places = { builtin: 'comes with this page', published: 'Hugging Face', own: 'your own' };
  const size = bytes && `${isApproximate ? 'about ' : ''}${formatBytes(bytes)}`;
  return [precision, size, licence, places[origin]].filter(Boolean).join(' · ');
}

/** What a loaded model takes. */
export function memoryNote({ inputs, memory }) {
  const all = inputs[0]?.sizes ?? [];
  const sides = all.at(-1) === 3 ? all.slice(-3, -1) : all.slice(-2);
  const sizes = sides.reverse().join(' × ');
  const bytes = memory.packedBytes + memory.residentBytes + memory.plannedBytes;
  return `sees ${sizes} pixels · ${formatBytes(bytes)} of memory`;
}
