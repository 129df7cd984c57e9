/** Planes of probabilities at the size of a picture: what the core's ew_resize_bilinear_f32 does, to the bit. */
import type { MapSize } from '../../tasks/map-rules.js';

/** Where a place of the result lies between two of the source, and the weight of the second. */
interface Tap {
  at: number;
  next: number;
  weight: number;
}

const { fround } = Math;

/** At the borders the weight of columns is zeroed, as OpenCV does. */
function tapsOf(source: number, target: number, areColumns: boolean): Tap[] {
  const scale = 1 / (target / source);
  const last = source - 1;
  const within = (place: number) => Math.min(Math.max(place, 0), last);
  return Array.from({ length: target }, (_, place) => {
    const exact = fround((place + 0.5) * scale - 0.5);
    const at = Math.floor(exact);
    const isOutside = at < 0 || at >= last;
    const weight = areColumns && isOutside ? 0 : fround(exact - at);
    return { at: within(at), next: within(at + 1), weight };
  });
}

/** One row of the source at the width of the result. */
function wideRow(row: Float32Array, columns: readonly Tap[]): Float32Array {
  const wide = new Float32Array(columns.length);
  columns.forEach(({ at, next, weight }, x) => {
    const left = fround((row[at] ?? 0) * fround(1 - weight));
    wide[x] = left + fround((row[next] ?? 0) * weight);
  });
  return wide;
}

export function resizePlane(plane: Float32Array, from: MapSize, to: MapSize): Float32Array {
  if (from.width === to.width && from.height === to.height) return plane;
  const columns = tapsOf(from.width, to.width, true);
  const out = new Float32Array(to.width * to.height);
  // Two rows are used at a time.
  const rows = new Map<number, Float32Array>();
  const rowAt = (y: number) => {
    const found = rows.get(y);
    if (found) return found;
    if (rows.size > 2) rows.clear();
    const made = wideRow(plane.subarray(y * from.width, (y + 1) * from.width), columns);
    rows.set(y, made);
    return made;
  };
  tapsOf(from.height, to.height, false).forEach(({ at, next, weight }, y) => {
    const [top, bottom, rest] = [rowAt(at), rowAt(next), fround(1 - weight)];
    const target = out.subarray(y * to.width, (y + 1) * to.width);
    for (let x = 0; x < target.length; x++) {
      target[x] = fround((top[x] as number) * rest) + fround((bottom[x] as number) * weight);
    }
  });
  return out;
}
