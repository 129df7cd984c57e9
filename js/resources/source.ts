/**
 * The seam between model bytes and the engine: something that can be read piece by piece.
 *
 * The engine reads with growing offsets almost always; it never holds more than the piece in hand.
 */
import type { ResourceSource } from '../types.js';
import { openPlainSource } from './plain.js';

/** Bytes of one file, readable in pieces. */
export interface ByteSource {
  /** Bytes of the whole file, or undefined while nobody knows. */
  readonly size: number | undefined;
  /**
   * Bytes from offset: at least 1 and at most `length`; empty only at the end of the file. The view is valid
   * until the next read.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Gives back what the source holds; open requests are cancelled. */
  close(): void;
}

export interface OpenOptions {
  /** Aborts opening and every later read. */
  signal?: AbortSignal;
  /** Told the share of the file that has arrived, 0..1; grows only. Nothing while the size is unknown. */
  onProgress?: (fraction: number) => void;
}

/**
 * Opens a model source.
 *
 * @throws ExecutorchError InvalidModelSource, FileReadFailed, ResourceFetcherDownloadFailed, Aborted.
 */
export function openSource(source: ResourceSource, options: OpenOptions = {}): Promise<ByteSource> {
  return openPlainSource(source, options);
}
