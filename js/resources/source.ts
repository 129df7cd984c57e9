/**
 * The seam between model bytes and the engine: something that can be read piece by piece.
 *
 * The engine reads with growing offsets almost always; it never holds more than the piece in hand.
 */
import { ErrorCode, ExecutorchError, throwIfAborted } from '../errors/index.js';
import { asBytes, baseUrl, hasNode, isBlob } from '../engine/platform.js';
import type { ResourceSource } from '../types.js';
import { parseAddress } from './address.js';
import { resourceConfiguration } from './config.js';
import { openBlob, openFile, openMemory } from './plain.js';
import { Session, type ResourceReport } from './session.js';

/** Bytes of one file, readable in pieces. */
export interface ByteSource {
  /** Bytes of the whole file, or undefined while nobody knows. */
  readonly size: number | undefined;
  /** How the bytes came here; undefined for sources that are no downloads. */
  readonly report?: ResourceReport;
  /**
   * Bytes from offset: at least 1 and at most `length`; empty only at the end of the file. The view is valid
   * until the next read.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * Says that no more reads will come; resolves when the file is whole, verified and stored. Without it the
   * bytes that were read are good as they are.
   *
   * @throws ExecutorchError IntegrityCheckFailed, DownloadInterrupted.
   */
  complete?(): Promise<void>;
  /** True when the file may be read once more from its beginning, after `error` came of reading or using it. */
  restart?(error: unknown): Promise<boolean>;
  /** Gives back what the source holds; open requests are cancelled. */
  close(): void;
}

export interface OpenOptions {
  /** Aborts opening and every later read. */
  signal?: AbortSignal;
  /** Told the share of the file that has arrived, 0..1; grows only. Nothing while the size is unknown. */
  onProgress?: (fraction: number, size?: number) => void;
}

/**
 * Opens a model source. Downloads go through the store; memory, Blobs and files are read as they are.
 *
 * @throws ExecutorchError InvalidModelSource, FileReadFailed, ResourceFetcherDownloadFailed, Aborted.
 */
export async function openSource(
  source: ResourceSource,
  options: OpenOptions = {},
): Promise<ByteSource> {
  throwIfAborted(options.signal);
  const bytes = asBytes(source);
  if (bytes) return openMemory(bytes, options);
  if (isBlob(source)) return openBlob(source, options);
  if (typeof source === 'string' || source instanceof URL)
    return openAddress(String(source), options);
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `A model source is an address, a path, a Blob or bytes; got ${typeof source}.`,
  );
}

async function openAddress(address: string, options: OpenOptions): Promise<ByteSource> {
  const base = baseUrl();
  const isPath = !/^[a-z][a-z\d+.-]+:/i.test(address);
  if (hasNode() && (/^file:/i.test(address) || (isPath && base === undefined))) {
    return openFile(address, options);
  }
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new ExecutorchError(ErrorCode.InvalidModelSource, `'${address}' is not an address.`, {
      cause,
    });
  }
  if (/^https?:$/.test(url.protocol)) {
    const config = resourceConfiguration();
    return Session.open(parseAddress(url.href, config), config, options);
  }
  if (/^(blob|data):$/.test(url.protocol)) return openBlob(await localBlob(url.href), options);
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `Cannot load models from '${url.protocol}' addresses here: ${address.slice(0, 200)}`,
  );
}

/** What a `blob:` or `data:` address stands for; no request leaves the machine. */
async function localBlob(address: string): Promise<Blob> {
  try {
    return await (await fetch(address)).blob();
  } catch (cause) {
    throw new ExecutorchError(
      ErrorCode.ResourceFetcherDownloadFailed,
      `Cannot read ${address.slice(0, 80)}.`,
      { cause },
    );
  }
}
