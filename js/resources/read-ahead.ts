/** Fewer, larger reads of sources where every read costs a message or a look into a file. */
import type { ByteSource } from './source.js';

/** Bytes of one read. */
const PIECE = 4 << 20;

/**
 * Reads pieces of 4 MiB of `source` and answers from the last one: the loader asks for one weight after another,
 * front to back, and most are small. One piece is held at a time.
 */
export function readAhead(source: ByteSource): ByteSource {
  let start = 0;
  let piece: Uint8Array = new Uint8Array(0);
  return {
    get size() {
      return source.size;
    },
    async read(offset, length) {
      if (offset < start || offset >= start + piece.byteLength) {
        piece = new Uint8Array(0);
        piece = await source.read(offset, PIECE);
        start = offset;
      }
      return piece.subarray(offset - start, offset - start + length);
    },
    close() {
      piece = new Uint8Array(0);
      source.close();
    },
  };
}
