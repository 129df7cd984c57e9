/**
 * The seam between model bytes and the engine: something that can be read piece by piece.
 *
 * The engine reads with growing offsets almost always; it never holds more than the piece in hand.
 */
import type { Freshness, StoreKind } from '../base/resource-config.js';

/** How we know that a stored file is the right one. */
export type Integrity =
  /** It has the digest that the caller or the registry gave. */
  | 'pinned'
  /** It has the digest that the hub gave. */
  | 'hub'
  /** Its digest was recorded when it was downloaded. */
  | 'first-use';

/** How the bytes of a file came here. */
export interface ResourceReport {
  /** Where files are kept. */
  store: StoreKind;
  /** True when the file is in the store, for the next time. */
  kept: boolean;
  /** Why it is not, or why another store is used; undefined when all is well. */
  problem: string | undefined;
  /** How the bytes were verified. */
  integrity: Integrity | undefined;
  /** SHA-256 of the file, hexadecimal; undefined when it was not computed. */
  sha256: string | undefined;
  /** True when a stored file was used of which the server may have another one by now: see `freshness`. */
  mayBeOld: boolean;
  /** The newer file of the server, when the engine has refused it and the one from before was used; else undefined. */
  refused: { sha256: string; size: number; reason: string } | undefined;
  /** Requests that this load made. */
  requests: number;
  /** Bytes that this load took from the network, and from the store. */
  networkBytes: number;
  /** Bytes that it took from the store. */
  storedBytes: number;
  /** Milliseconds spent reading from the store and on digests of its chunks; both run beside the packing. */
  readTime: number;
  /** Milliseconds spent on digests. */
  verifyTime: number;
}

/** Bytes of one file, readable in pieces. */
export interface ByteSource {
  /** Bytes of the whole file, or undefined while nobody knows. */
  readonly size: number | undefined;
  /** Bytes of a data file that lies behind those `size` bytes; absent when there is none. */
  readonly dataSize?: number;
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
  /**
   * True when the file may be read once more from its beginning, after `error` came of reading or using it.
   *
   * @param isSaid True when the error comes of what the caller said of the file: then that is kept. Default false.
   */
  restart?(error: unknown, isSaid?: boolean): Promise<boolean>;
  /** The same, for sources that can go back to a file which worked before: true when they have. */
  fallBack?(error: unknown): Promise<boolean>;
  /** Gives back what the source holds; open requests are cancelled. */
  close(): void;
}

/** A failure of the network that is about to be tried again. */
export interface RetryNotice {
  /** Address without what may be secret. */
  url: string;
  /** What has failed, in words. */
  reason: string;
  /** Failures in a row, without a byte between them; 1 for the first. */
  failures: number;
  /** Failures after which the download is given up. */
  attempts: number;
  /** Milliseconds until the next attempt. */
  delay: number;
}

/** Another file than the one in use, stored for the next load. */
export interface ModelUpdate {
  /** Address of the file. */
  url: string;
  /** SHA-256 of the new file, hexadecimal. */
  sha256: string;
  /** Its bytes. */
  size: number | undefined;
}

export interface OpenOptions {
  /** Aborts opening and every later read. */
  signal?: AbortSignal;
  /** Told the share of the file that has arrived, 0..1; grows only. Nothing while the size is unknown. */
  onProgress?: (fraction: number, size?: number) => void;
  /** Told of every failure of the network after which a download tries again. */
  onRetry?: (notice: RetryNotice) => void;
  /** Whether a stored file is compared with the server's. Default: as configured. */
  freshness?: Freshness | undefined;
}
