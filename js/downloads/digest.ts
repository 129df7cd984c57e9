/** SHA-256: of a chunk at once, and of a file as it arrives. */
import { createSHA256 } from 'hash-wasm';

/** The digest of everything that has gone by. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** The state as text, from which {@link runningHash} can go on. */
  save(): string;
  /** Hexadecimal digest; ends the hash. */
  digest(): string;
}

/**
 * A hash that begins, or resumes from a saved state.
 *
 * @throws when the state is of another version of the hash.
 */
export async function runningHash(state?: string): Promise<RunningHash> {
  const hasher = await createSHA256();
  if (state === undefined) hasher.init();
  else hasher.load(fromHex(state));
  return {
    update: (bytes) => void hasher.update(bytes),
    save: () => toHex(hasher.save()),
    digest: () => hasher.digest('hex'),
  };
}

/** Hexadecimal SHA-256 of `bytes`. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Insecure origins (a phone on the local network) have no subtle crypto.
  const { subtle } = (globalThis.crypto ?? {}) as Partial<Crypto>;
  if (subtle) {
    return toHex(new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
  }
  const hash = await runningHash();
  hash.update(bytes);
  return hash.digest();
}

/**
 * Digest of a chunk: its SHA-256, or that of the digests of its pieces where it has several. Browsers copy what they hash,
 * and for large copies take fresh memory, which costs as much as the hash.
 */
export async function chunkDigest(bytes: Uint8Array, pieceSize = Infinity): Promise<string> {
  if (bytes.byteLength <= pieceSize) return sha256(bytes);
  let digests = '';
  for (let at = 0; at < bytes.byteLength; at += pieceSize) {
    digests += await sha256(bytes.subarray(at, at + pieceSize));
  }
  return sha256(fromHex(digests));
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length >> 1 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}
