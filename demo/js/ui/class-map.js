/** Paints the classes of pixels over a picture. */
import { classColour } from '../lib/colours.js';

/** Pixels that the longer side of a painted map has at least, so that outlines are thinner than its own pixels. */
const DETAIL = 512;
/** Opacity of areas, 0..255; outlines are opaque. */
const AREA = 165;

/**
 * Draws a class map on a canvas: areas with outlines. The background (class 0) and hidden classes stay transparent.
 */
export function paintClasses(canvas, { classes, width, height }, hidden = new Set()) {
  const scale = Math.max(1, Math.floor(DETAIL / Math.max(width, height)));
  resize(canvas, width * scale, height * scale);
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  const words = new Uint32Array(image.data.buffer);
  const palette = new Map([[0, null]]);
  for (const index of hidden) palette.set(index, null);
  for (let at = 0; at < classes.length; at++) {
    const index = classes[at];
    if (!palette.has(index)) palette.set(index, paintOf(index));
    const paint = palette.get(index);
    if (!paint) continue;
    const x = at % width;
    const isOther = (step, isInside) => isInside && classes[at + step] !== index;
    const sides = {
      left: isOther(-1, x > 0),
      right: isOther(1, x < width - 1),
      top: isOther(-width, at >= width),
      bottom: isOther(width, at + width < classes.length),
    };
    const corner = ((at - x) * scale + x) * scale;
    fillCell(words, corner, { scale, stride: canvas.width, paint, sides });
  }
  context.putImageData(image, 0, 0);
}

function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** One pixel of the map: scale x scale of the canvas, with a line along the sides where another class begins. */
function fillCell(words, corner, { scale, stride, paint: { area, line }, sides }) {
  const { left, right, top, bottom } = sides;
  const thickness = Math.ceil(scale / 2);
  const far = scale - thickness;
  for (let y = 0; y < scale; y++) {
    const isEdgeRow = (top && y < thickness) || (bottom && y >= far);
    for (let x = 0; x < scale; x++) {
      const isEdge = isEdgeRow || (left && x < thickness) || (right && x >= far);
      words[corner + y * stride + x] = isEdge ? line : area;
    }
  }
}

/** Words of RGBA pixels in memory order: alpha, blue, green, red from the top. */
function paintOf(index) {
  const word = (alpha, [r, g, b]) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const colour = classColour(index);
  const light = colour.map((value) => Math.round(value + 0.6 * (255 - value)));
  return { area: word(AREA, colour), line: word(255, light) };
}

/** [{index, share}] of the classes that occur, the largest first and the background last. */
export function classShares({ classes }) {
  const counts = new Map();
  for (const index of classes) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts]
    .map(([index, count]) => ({ index, share: count / classes.length }))
    .sort((a, b) => (a.index === 0) - (b.index === 0) || b.share - a.share);
}
