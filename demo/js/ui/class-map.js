/** Paints the classes of pixels over a picture. */
import { classColour } from '../lib/colours.js';

/**
 * Draws a class map on a canvas, which takes the map's size. The background (class 0) and hidden classes stay
 * transparent.
 */
export function paintClasses(canvas, { classes, width, height }, hidden = new Set()) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  // One 32-bit word per pixel: alpha, blue, green, red from the top.
  const words = new Uint32Array(image.data.buffer);
  const palette = new Map([[0, 0]]);
  for (let i = 0; i < words.length; i++) {
    const index = classes[i];
    let word = palette.get(index);
    if (word === undefined) {
      const [r, g, b] = classColour(index);
      word = hidden.has(index) ? 0 : ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
      palette.set(index, word);
    }
    words[i] = word;
  }
  context.putImageData(image, 0, 0);
}

/** [{index, share}] of the classes that occur, the largest first. */
export function classShares({ classes }) {
  const counts = new Map();
  for (const index of classes) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts]
    .map(([index, count]) => ({ index, share: count / classes.length }))
    .sort((a, b) => b.share - a.share);
}
