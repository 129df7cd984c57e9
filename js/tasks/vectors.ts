/** Arithmetic on embeddings. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';

type Vector = Float32Array | readonly number[];

/**
 * Sum of the products of the elements: the similarity of vectors of length 1.
 *
 * @throws ExecutorchError WrongDimensions when lengths differ.
 *
 * @example
 * ```ts
 * dotProduct([1, 2], [3, 4]); // 11
 * ```
 */
export function dotProduct(a: Vector, b: Vector): number {
  if (a.length !== b.length) {
    throw new ExecutorchError(
      ErrorCode.WrongDimensions,
      `Vectors of ${a.length} and ${b.length} numbers have no dot product.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Cosine of the angle between two vectors, -1..1; 0 when one of them has length 0.
 *
 * @throws ExecutorchError WrongDimensions when lengths differ.
 *
 * @example
 * ```ts
 * cosineSimilarity([1, 0], [1, 1]); // 0.707…
 * ```
 */
export function cosineSimilarity(a: Vector, b: Vector): number {
  const norm = Math.sqrt(dotProduct(a, a) * dotProduct(b, b));
  return norm === 0 ? 0 : Math.max(-1, Math.min(1, dotProduct(a, b) / norm));
}

/** One of the vectors that were searched. */
export interface Neighbour {
  /** Which of the embeddings. */
  index: number;
  /** Cosine, -1..1. */
  similarity: number;
}

/**
 * The k embeddings most similar to `query` by cosine, most similar first; equal ones in their order.
 *
 * @param embeddings A list of vectors, or one row-major matrix [n, query.length].
 * @param k How many; fewer come back when there are fewer. Default 5.
 * @throws ExecutorchError WrongDimensions when a vector has another length than the query, or the matrix is
 * no whole number of rows; InvalidUserInput when k is no positive integer.
 *
 * @example
 * ```ts
 * nearestNeighbours([1, 0], [[0, 1], [1, 1], [2, 0]], 2); // indices 2 and 1
 * ```
 */
export function nearestNeighbours(
  query: Vector,
  embeddings: readonly Vector[] | Float32Array,
  k = 5,
): Neighbour[] {
  if (!(Number.isInteger(k) && k > 0)) {
    const message = `k is a positive integer, got ${k}.`;
    throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
  }
  const found = rows(embeddings, query.length).map((row, index) => ({
    index,
    similarity: cosineSimilarity(query, row),
  }));
  return found.sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k);
}

function rows(embeddings: readonly Vector[] | Float32Array, length: number): readonly Vector[] {
  if (!ArrayBuffer.isView(embeddings)) return embeddings;
  const count = embeddings.length / length;
  if (!Number.isInteger(count)) {
    throw new ExecutorchError(
      ErrorCode.WrongDimensions,
      `A matrix of ${embeddings.length} numbers has no whole number of rows of ${length}.`,
    );
  }
  return Array.from({ length: count }, (_, i) => embeddings.subarray(i * length, (i + 1) * length));
}
