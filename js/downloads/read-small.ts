/** Small files as a whole: tokenizers and the like, through the same store as models. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import type { ByteSource } from '../sources/source.js';
import { openSource } from './open.js';
import type { FetchCallbacks } from './service.js';

/** What is read as a whole stays in memory as a whole, so it has a limit. */
const MOST_BYTES = 1 << 26;
/** Bytes of one read while nobody knows how long the file is. */
const PIECE = 1 << 20;

/**
 * All bytes of the file at an address or path.
 *
 * @throws ExecutorchError OutOfResources for more than 64 MiB, and what opening the address throws.
 */
export async function readSmall(
  url: string,
  config: ResourceConfiguration,
  callbacks: FetchCallbacks = {},
): Promise<Uint8Array> {
  const source = await openSource(url, callbacks, config);
  try {
    for (;;) {
      try {
        const bytes = await readAll(source, url);
        await source.complete?.();
        return bytes;
      } catch (error) {
        if (!(await source.restart?.(error))) throw error;
      }
    }
  } finally {
    source.close();
  }
}

async function readAll(source: ByteSource, url: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    if (Math.max(total, source.size ?? 0) > MOST_BYTES) throw tooLarge(url);
    const piece = await source.read(total, PIECE);
    if (piece.byteLength === 0) break;
    pieces.push(piece.slice());
    total += piece.byteLength;
  }
  return joined(pieces, total);
}

function joined(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}

function tooLarge(url: string): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.OutOfResources,
    `${url.slice(0, 200)} is larger than 64 MiB, which is more than a tokenizer or any other small file needs.`,
  );
}
