// The reference collection's pattern A for engines of either layout.
import { patternTensor } from '/tests/lib/goldens.mjs';

const made = new Map();

/** Elements of {shape, type, layout}: f32 in 0..1, u8 or i8, planes (NCHW) or interleaved (NHWC). */
export function inputFor({ shape, type, layout = 'NCHW' }) {
  const key = `${shape} ${type} ${layout}`;
  if (!made.has(key)) made.set(key, { shape, type, data: elements(shape, type, layout) });
  return made.get(key);
}

function elements(shape, type, layout) {
  const planar = layout === 'NCHW' ? shape : [shape[0], shape[3], shape[1], shape[2]];
  const floats = patternTensor({ shape: planar, dtype: 'f32', pattern: 'A' }).dataPtr;
  const ordered = layout === 'NCHW' ? floats : interleave(floats, planar);
  if (type === 'u8') return Uint8Array.from(ordered, (value) => Math.round(value * 255));
  if (type === 'i8') return Int8Array.from(ordered, (value) => Math.round(value * 255) - 128);
  return ordered;
}

function interleave(planes, [, channels, height, width]) {
  const pixels = height * width;
  return planes.map((_, i) => planes[(i % channels) * pixels + Math.floor(i / channels)]);
}
