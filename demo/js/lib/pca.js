/** Principal component analysis of a few long vectors, by power iteration on their Gram matrix. */

const ITERATIONS = 200;

/**
 * Coordinates of each vector on the first `dimensions` principal axes, scaled to -1..1 together. Between
 * n vectors of length d the Gram matrix is n x n: much smaller than d x d here.
 */
export function principalCoordinates(vectors, dimensions = 2) {
  const n = vectors.length;
  if (n < 2) return vectors.map(() => Array(dimensions).fill(0));
  const gram = centredGram(vectors);
  const columns = [];
  for (let k = 0; k < dimensions; k++) columns.push(nextColumn(gram, n, k));
  const largest = Math.max(...columns.flat().map(Math.abs), 1e-12);
  return vectors.map((_, i) => columns.map((column) => column[i] / largest));
}

/** Products of the vectors after their mean has been taken away. */
function centredGram(vectors) {
  const n = vectors.length;
  const length = vectors[0].length;
  const mean = new Float64Array(length);
  for (const vector of vectors) for (let i = 0; i < length; i++) mean[i] += vector[i] / n;
  const centred = vectors.map((vector) => Float64Array.from(vector, (x, i) => x - mean[i]));
  return centred.map((a) => centred.map((b) => a.reduce((sum, x, i) => sum + x * b[i], 0)));
}

/** Eigenvector times root of its eigenvalue; its part is then taken out of the matrix. */
function nextColumn(gram, n, k) {
  // A start that is no eigenvector by accident, and the same every time.
  let vector = Array.from({ length: n }, (_, i) => Math.sin(1 + i * (k + 1)));
  let value = 0;
  for (let step = 0; step < ITERATIONS; step++) {
    const product = gram.map((row) => row.reduce((sum, x, i) => sum + x * vector[i], 0));
    value = Math.hypot(...product);
    if (value < 1e-12) return Array(n).fill(0);
    vector = product.map((x) => x / value);
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) gram[i][j] -= value * vector[i] * vector[j];
  return vector.map((x) => x * Math.sqrt(value));
}
