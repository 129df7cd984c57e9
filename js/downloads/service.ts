/** What ResourceFetcher asks of the thread that downloads: a worker in browsers, this thread in Node. */
import type { Integrity, RetryNotice } from '../sources/source.js';
import type { Pin, ResourceConfiguration, StoreKind } from '../base/resource-config.js';

/** One file in the store. */
export interface StoredResource {
  /** Address that it was downloaded from, without credentials and mirror. */
  url: string;
  /** Bytes in the store. */
  bytes: number;
  /** Bytes of the whole file; undefined while nobody knows. */
  size: number | undefined;
  /**
   * False for downloads that were interrupted: the next fetch or load resumes them. Also for those whose end nothing
   * proves (compressed answers without a length): loads use them, and fetch them again when the engine refuses them.
   */
  complete: boolean;
  /** Milliseconds since 1970. */
  lastUsed: number;
  /**
   * How the bytes were verified: against a pinned digest, against the digest that the hub states, or not at
   * all ('first-use': the digest was recorded with the download). False while incomplete.
   */
  verified: Integrity | false;
  /** SHA-256 of the file, hexadecimal; undefined while incomplete. */
  sha256: string | undefined;
  /** When the server last said that this is its file, or sent it; milliseconds since 1970. */
  checked: number;
}

/** Where models are kept, and how much room there is. */
export interface StorageReport {
  /** The store in use; 'none' where this browser or page has no storage. */
  store: StoreKind;
  /** Why the store that was asked for could not be used. */
  problem: string | undefined;
  /** Bytes that this origin uses and may use, as far as the platform tells; rounded by browsers. */
  usage: number | undefined;
  /** Bytes that this origin may use. */
  quota: number | undefined;
  /** True when the browser has promised not to evict this origin's data by itself. */
  persisted: boolean;
  /** The files that are kept. */
  entries: StoredResource[];
}

/** A file whose download was asked for. */
export interface FetchedResource {
  url: string;
  size: number | undefined;
  /** False when there was no room or no store: the file will be streamed again when it is loaded. */
  kept: boolean;
}

export interface FetchCallbacks {
  signal?: AbortSignal;
  /** Share of the file that has arrived, 0..1, and its size in bytes. */
  onProgress?: (fraction: number, size?: number) => void;
  onRetry?: (notice: RetryNotice) => void;
}

/** Settings come with every call, as they may have changed. */
export interface ResourceService {
  fetch(
    url: string,
    config: ResourceConfiguration,
    callbacks?: FetchCallbacks,
  ): Promise<FetchedResource>;
  /**
   * All bytes of a small file, through the store: tokenizers and the like.
   *
   * @throws ExecutorchError OutOfResources for more than 64 MiB, and what opening the address throws.
   */
  read(url: string, config: ResourceConfiguration, callbacks?: FetchCallbacks): Promise<Uint8Array>;
  storage(config: ResourceConfiguration): Promise<StorageReport>;
  /** Removes files by address; those that are not there are skipped. */
  remove(urls: readonly string[], config: ResourceConfiguration): Promise<void>;
  /** Bytes of each file, asked of store, pins, hub and server in this order; 0 where nobody tells. */
  sizes(urls: readonly string[], config: ResourceConfiguration): Promise<number[]>;
}

export type { Pin };
