/** 0.10's download(): every file that a description names, stored ahead of its use. */
import { ErrorCode, ExecutorchError } from '../../base/errors.js';
import { ResourceFetcher } from '../../modules/ResourceFetcher.js';
import { withV10Errors } from './errors.js';

/** Extras of download(). */
export interface DownloadOptions {
  /** Told the share that is there, 0..1. */
  onProgress?: (progress: number) => void;
  signal?: AbortSignal;
  /** True: what is stored is fetched anew. Default false. */
  forceDownload?: boolean;
}

/**
 * Stores every file whose address stands somewhere in `source` (an address, or a description that holds some).
 *
 * @returns The same; on the web a file's name is its address.
 * @throws RnExecuTorchError DOWNLOAD_FAILED, DOWNLOAD_ABORTED.
 *
 * @example
 * ```ts
 * await download('/models/add.pte', { onProgress: (progress) => console.log(progress) });
 * ```
 */
export async function download<T>(source: T, options: DownloadOptions = {}): Promise<T> {
  const files = [...new Set(addressesIn(source))];
  if (files.length > 0) await withV10Errors(store(files, options), 'DOWNLOAD_FAILED');
  else options.onProgress?.(1);
  return source;
}

async function store(files: string[], options: DownloadOptions): Promise<void> {
  const { onProgress, signal, forceDownload = false } = options;
  const stop = () => void ResourceFetcher.pauseFetching(...files).catch(() => undefined);
  if (signal?.aborted) throw aborted(signal);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (forceDownload) await ResourceFetcher.deleteResources(...files);
    const fetched = await ResourceFetcher.fetch(onProgress, ...files);
    if (!fetched) throw aborted(signal);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function aborted(signal: AbortSignal | undefined): ExecutorchError {
  return new ExecutorchError(ErrorCode.Aborted, 'The download was aborted.', {
    cause: signal?.reason,
  });
}

function addressesIn(value: unknown): string[] {
  if (typeof value === 'string') return /^https?:\/\//i.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(addressesIn);
}
