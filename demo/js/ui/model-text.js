import { formatBytes } from '../lib/format.js';

/** 'fp32 · 117 kB · MIT · built in' */
export function subtitle({ precision, bytes, isApproximate, licence, origin }) {
  const places = { builtin: 'built in', published: 'Hugging Face', own: 'your own' };
  const size = bytes && `${isApproximate ? 'about ' : ''}${formatBytes(bytes)}`;
  return [precision, size, licence, places[origin]].filter(Boolean).join(' · ');
}

/** What a loaded model takes. */
export function memoryNote({ inputs, memory }) {
  const sizes = inputs[0]?.sizes.slice(-2).reverse().join(' × ');
  const bytes = memory.packedBytes + memory.residentBytes + memory.plannedBytes;
  return `input ${sizes} · ${formatBytes(bytes)} of memory`;
}
