/** Arithmetic on embeddings. */
import { ErrorCode, ExecutorchError } from './errors/index.js';

type Vector = Float32Array | readonly number[];

/**
 * Sum of the products of the elements: the similarity of vectors of length 1.
 *
 * @throws ExecutorchError WrongDimensions when lengths differ.
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
 */
export function cosineSimilarity(a: Vector, b: Vector): number {
  const norm = Math.sqrt(dotProduct(a, a) * dotProduct(b, b));
  return norm === 0 ? 0 : Math.max(-1, Math.min(1, dotProduct(a, b) / norm));
}

export interface Neighbour {
  index: number;
  similarity: number;
}

/** The k embeddings most similar to `query` by cosine, most similar first; equal ones in their order. */
export function nearestNeighbours(
  query: Vector,
  embeddings: readonly Vector[],
  k = 5,
): Neighbour[] {
  return embeddings
    .map((embedding, index) => ({ index, similarity: cosineSimilarity(query, embedding) }))
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, k);
}
