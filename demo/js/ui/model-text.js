import { formatBytes } from '../lib/format.js';

/** 'fp32 · .pte · 117 kB · MIT · comes with this page' */
export function subtitle({ precision, bytes, isApproximate, licence, origin, address, title }) {
  const places = { builtin: 'comes with this page', published: 'Hugging Face', own: 'your own' };
  const size = bytes && `${isApproximate ? 'about ' : ''}${formatBytes(bytes)}`;
  const [format] = /\.(pte|tflite)$/i.exec(address ?? title) ?? [];
  return [precision, format, size, licence, places[origin]].filter(Boolean).join(' · ');
}

/** Bytes that a loaded model holds. */
export const memoryOf = ({ memory }) =>
  memory.packedBytes + memory.residentBytes + memory.plannedBytes;

/** What a loaded model takes. */
export function memoryNote(info) {
  const { inputs } = info;
  const all = inputs[0]?.sizes ?? [];
  const sides = all.at(-1) === 3 ? all.slice(-3, -1) : all.slice(-2);
  const sizes = sides.reverse().join(' × ');
  return `sees ${sizes} pixels · ${formatBytes(memoryOf(info))} of memory`;
}
