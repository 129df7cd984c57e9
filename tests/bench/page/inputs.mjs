// The reference collection's pattern A for engines of either layout.
import { patternTensor } from '/tests/lib/goldens.mjs';

const made = new Map();

/** Elements of {shape, type, layout}: f32 in 0..1 or u8, planes (NCHW) or interleaved (NHWC). */
export function inputFor({ shape, type, layout = 'NCHW' }) {
  const key = `${shape} ${type} ${layout}`;
  if (!made.has(key)) made.set(key, { shape, data: elements(shape, type, layout) });
  return made.get(key);
}

function elements(shape, type, layout) {
  const planar = layout === 'NCHW' ? shape : [shape[0], shape[3], shape[1], shape[2]];
  const floats = patternTensor({ shape: planar, dtype: 'f32', pattern: 'A' }).dataPtr;
  const ordered = layout === 'NCHW' ? floats : interleave(floats, planar);
  return type === 'u8' ? Uint8Array.from(ordered, (value) => Math.round(value * 255)) : ordered;
}

function interleave(planes, [, channels, height, width]) {
  const pixels = height * width;
  return planes.map((_, i) => planes[(i % channels) * pixels + Math.floor(i / channels)]);
}
