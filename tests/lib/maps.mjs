// Independent arithmetic for comparing maps and vectors.

/** Softmax probabilities [classes, pixels] in doubles. */
export function softmaxPlanes(logits, classes) {
  const pixels = logits.length / classes;
  const planes = Array.from({ length: classes }, () => new Float64Array(pixels));
  for (let i = 0; i < pixels; i++) {
    let [most, sum] = [-Infinity, 0];
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[c * pixels + i]);
    for (let c = 0; c < classes; c++) {
      planes[c][i] = Math.exp(logits[c * pixels + i] - most);
      sum += planes[c][i];
    }
    for (const plane of planes) plane[i] /= sum;
  }
  return planes;
}

/** Class of each pixel, the lowest of equal ones. */
export function argmaxOf(planes) {
  return Int32Array.from(planes[0], (_, i) => {
    let best = 0;
    for (let c = 1; c < planes.length; c++) if (planes[c][i] > planes[best][i]) best = c;
    return best;
  });
}

/** Nearest neighbour by the floor rule. */
export function nearest(map, [width, height], [toWidth, toHeight]) {
  const at = (d, to, from) => Math.min(Math.floor(d * (1 / (to / from))), from - 1);
  return Int32Array.from({ length: toWidth * toHeight }, (_, i) => {
    const x = at(i % toWidth, toWidth, width);
    const y = at(Math.floor(i / toWidth), toHeight, height);
    return map[y * width + x];
  });
}

/** Bilinear with pixel centres at half, edges repeated; in doubles. */
export function bilinear(map, [width, height], [toWidth, toHeight]) {
  const taps = (to, from) =>
    Array.from({ length: to }, (_, d) => {
      const at = Math.min(Math.max((d + 0.5) * (from / to) - 0.5, 0), from - 1);
      const low = Math.floor(at);
      return [low, Math.min(low + 1, from - 1), at - low];
    });
  const [columns, rows] = [taps(toWidth, width), taps(toHeight, height)];
  return Float64Array.from({ length: toWidth * toHeight }, (_, i) => {
    const [x0, x1, fx] = columns[i % toWidth];
    const [y0, y1, fy] = rows[Math.floor(i / toWidth)];
    const row = (y) => map[y * width + x0] * (1 - fx) + map[y * width + x1] * fx;
    return row(y0) * (1 - fy) + row(y1) * fy;
  });
}

/** Share of equal elements, and the mean and least intersection over union of the classes in either map. */
export function compareMaps(actual, expected) {
  if (actual.length !== expected.length) return { agreement: 0, meanIou: 0, leastIou: 0 };
  const counts = new Map();
  const count = (label) => {
    if (!counts.has(label)) counts.set(label, { both: 0, either: 0 });
    return counts.get(label);
  };
  let equal = 0;
  for (let i = 0; i < expected.length; i++) {
    count(actual[i]).either++;
    if (actual[i] === expected[i]) {
      equal++;
      count(actual[i]).both++;
    } else {
      count(expected[i]).either++;
    }
  }
  const ious = [...counts.values()].map(({ both, either }) => both / either);
  const meanIou = ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
  return { agreement: equal / expected.length, meanIou, leastIou: Math.min(...ious) };
}

export function largestDifference(actual, expected) {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const delta = Math.abs(actual[i] - expected[i]);
    if (!(delta <= largest)) largest = Number.isNaN(delta) ? Infinity : delta;
  }
  return largest;
}
