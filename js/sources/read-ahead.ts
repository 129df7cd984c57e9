/** Fewer, larger reads of sources where every read costs a message or a look into a file. */
import type { ByteSource } from './source.js';

/** Bytes of one read: two pieces fit into a processor's cache. */
const PIECE = 1 << 20;

/** A source that may use the memory of a piece again for a later one. */
export interface PieceSource extends ByteSource {
  recycle?(piece: Uint8Array): void;
}

interface Request {
  offset: number;
  bytes: Promise<Uint8Array>;
}

/**
 * Reads pieces of 1 MiB of `source` and answers from the last one: the loader asks for one weight after another,
 * front to back, and most are small. While it works on one piece the next is on its way.
 */
export function readAhead(source: PieceSource): ByteSource {
  let start = 0;
  let piece: Uint8Array = new Uint8Array(0);
  let next: Request | undefined;

  function request(offset: number): Request {
    const bytes = source.read(offset, PIECE);
    // Whoever comes to need it will see the error; perhaps nobody does.
    bytes.catch(() => undefined);
    return { offset, bytes };
  }

  async function hold({ offset, bytes }: Request): Promise<void> {
    if (piece.byteLength > 0) source.recycle?.(piece);
    piece = new Uint8Array(0);
    piece = await bytes;
    start = offset;
  }

  const isHeld = (offset: number) => offset >= start && offset < start + piece.byteLength;

  async function moveTo(offset: number): Promise<void> {
    const ahead = next;
    next = undefined;
    if (ahead && offset >= ahead.offset && offset < ahead.offset + PIECE) await hold(ahead);
    // It was a jump, or the source gave less than was asked of it.
    if (!isHeld(offset)) await hold(request(offset));
    const end = start + piece.byteLength;
    if (piece.byteLength > 0 && source.size !== undefined && end < source.size) next = request(end);
  }

  return {
    get size() {
      return source.size;
    },
    async read(offset, length) {
      if (!isHeld(offset)) await moveTo(offset);
      return piece.subarray(offset - start, offset - start + length);
    },
    close() {
      piece = new Uint8Array(0);
      next = undefined;
      source.close();
    },
  };
}
