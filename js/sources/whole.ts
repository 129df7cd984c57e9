/** Files as a whole in memory. */
import { openMemory } from './plain.js';
import type { ByteSource } from './source.js';

/** All bytes of a source, from its beginning. */
export async function readWhole(source: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    // The view that a read gives is valid until the next one.
    const piece = (await source.read(size, MOST)).slice();
    if (piece.byteLength === 0) break;
    pieces.push(piece);
    size += piece.byteLength;
    if (size === source.size) break;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Bytes of one read. */
const MOST = 1 << 20;

/** The source itself, or all of a `.tflite` whose size nobody knows: their tables lie anywhere up to the end. */
export async function withSize(source: ByteSource): Promise<ByteSource> {
  if (source.size !== undefined) return source;
  const head = (await source.read(0, 8)).slice(4);
  if (String.fromCharCode(...head) !== 'TFL3') return source;
  return openMemory(await readWhole(source), {});
}
