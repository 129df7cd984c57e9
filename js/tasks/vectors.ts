/** Arithmetic on embeddings. */
import { ErrorCode, ExecutorchError, guardedNow, textOf } from '../base/errors.js';
import { isList, tagOf } from '../base/platform.js';

/** An embedding, or any list of numbers. */
export type Vector = Float32Array | readonly number[];

/**
 * Sum of the products of the elements: the similarity of vectors of length 1.
 *
 * @throws ExecutorchError WrongDimensions when lengths differ, InvalidUserInput for what is no vector.
 *
 * @example
 * ```ts
 * dotProduct([1, 2], [3, 4]); // 11
 * ```
 */
export function dotProduct(a: Vector, b: Vector): number {
  return guardedNow('dotProduct()', () => product(asVector(a), asVector(b)));
}

function product(a: Vector, b: Vector): number {
  if (a.length !== b.length) {
    throw new ExecutorchError(
      ErrorCode.WrongDimensions,
      `Vectors of lengths ${a.length} and ${b.length} have no dot product.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The same when it is a vector. @throws ExecutorchError InvalidUserInput. */
function asVector(value: Vector): Vector {
  const isFloats = /^Float\d+Array$/.test(tagOf(value));
  if (isFloats || (isList(value) && value.every((one) => typeof one === 'number'))) return value;
  throw new ExecutorchError(
    ErrorCode.InvalidUserInput,
    `A vector is a Float32Array or a list of numbers, got ${value === null ? 'null' : tagOf(value)}.`,
  );
}

/**
 * Cosine of the angle between two vectors, -1..1; 0 when one of them has length 0.
 *
 * @throws ExecutorchError WrongDimensions when lengths differ, InvalidUserInput for what is no vector.
 *
 * @example
 * ```ts
 * cosineSimilarity([1, 0], [1, 1]); // 0.707…
 * ```
 */
export function cosineSimilarity(a: Vector, b: Vector): number {
  return guardedNow('cosineSimilarity()', () => cosine(asVector(a), asVector(b)));
}

function cosine(a: Vector, b: Vector): number {
  const dot = product(a, b);
  const norm = Math.sqrt(product(a, a) * product(b, b));
  return norm === 0 ? 0 : Math.max(-1, Math.min(1, dot / norm));
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
 * no whole number of rows; InvalidUserInput when k is no positive integer, or for what is no vector.
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
  return guardedNow('nearestNeighbours()', () => nearest(asVector(query), embeddings, k));
}

function nearest(
  query: Vector,
  embeddings: readonly Vector[] | Float32Array,
  k: number,
): Neighbour[] {
  if (!(Number.isInteger(k) && k > 0)) {
    const message = `k is a positive integer, got ${textOf(k)}.`;
    throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
  }
  const found = rows(embeddings, query.length).map((row, index) => ({
    index,
    similarity: cosine(query, row),
  }));
  return found.sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k);
}

function rows(embeddings: readonly Vector[] | Float32Array, length: number): readonly Vector[] {
  if (isList(embeddings)) return Array.from(embeddings as readonly Vector[], asVector);
  const matrix = asVector(embeddings as Float32Array) as Float32Array;
  const count = matrix.length / length;
  if (!Number.isInteger(count)) {
    throw new ExecutorchError(
      ErrorCode.WrongDimensions,
      `A matrix of length ${matrix.length} has no whole number of rows of length ${length}.`,
    );
  }
  return Array.from({ length: count }, (_, i) => matrix.subarray(i * length, (i + 1) * length));
}

/** A text beside a picture. */
export interface RankedText {
  /** The text itself. */
  text: string;
  /** Cosine, -1..1. */
  similarity: number;
  /** How well it fits among all the texts, 0..1; they add up to 1. */
  probability: number;
}

/** What CLIP multiplies cosines by: it was trained up to this scale, and its models are published with it. */
const CLIP_SCALE = 100;

/**
 * Which texts fit a picture best, the best first: zero-shot classification, when the texts name classes.
 *
 * @param imageEmbedding Of the picture, by the image encoder.
 * @param texts The embedding of each text by the text encoder of the same pair: an object, or pairs such as a Map's.
 * @param scale What cosines are multiplied by before the softmax. Default 100, CLIP's.
 * @throws ExecutorchError WrongDimensions when lengths differ; InvalidUserInput when scale is no positive number, for texts
 * that are neither, and for numbers that are not finite.
 *
 * @example
 * ```ts
 * const [best] = rank(await images.forward(picture), {
 *   cat: await texts.forward('a photo of a cat'),
 *   dog: await texts.forward('a photo of a dog'),
 * });
 * ```
 */
export function rank(
  imageEmbedding: Vector,
  texts: Readonly<Record<string, Vector>> | Iterable<readonly [text: string, embedding: Vector]>,
  scale = CLIP_SCALE,
): RankedText[] {
  return guardedNow('rank()', () => {
    if (!(Number.isFinite(scale) && scale > 0)) {
      const message = `rank(): scale is a positive number, got ${textOf(scale)}.`;
      throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
    }
    const image = asVector(imageEmbedding);
    const scored = pairsOf(texts)
      .map(([text, embedding]) => ({ text, similarity: similarityOf(image, embedding) }))
      .sort((a, b) => b.similarity - a.similarity);
    const best = scored[0]?.similarity ?? 0;
    const weights = scored.map(({ similarity }) => Math.exp(scale * (similarity - best)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return scored.map((one, i) => ({ ...one, probability: (weights[i] ?? 0) / sum }));
  });
}

/** @throws ExecutorchError InvalidUserInput for what is neither an object of embeddings nor pairs. */
function pairsOf(texts: Parameters<typeof rank>[1]): (readonly [string, Vector])[] {
  const isWalkable = !Array.isArray(texts) || isList(texts);
  const isObject = typeof texts === 'object' && texts !== null;
  const pairs =
    isObject && Symbol.iterator in texts && isWalkable ? [...texts] : Object.entries(texts ?? {});
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string';
  if (isObject && pairs.every(isPair)) return pairs;
  throw new ExecutorchError(
    ErrorCode.InvalidUserInput,
    'rank(): texts are an object { text: embedding }, or pairs [text, embedding].',
  );
}

/** @throws ExecutorchError InvalidUserInput where numbers are none, or too large to be multiplied. */
function similarityOf(image: Vector, text: Vector): number {
  const similarity = cosine(image, asVector(text));
  if (Number.isFinite(similarity)) return similarity;
  const message = 'rank(): an embedding has numbers that are not finite, or too large.';
  throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
}
