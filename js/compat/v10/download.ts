/** 0.10's download(): every file that a description names, stored ahead of its use. */
import { ErrorCode, ExecutorchError } from '../../base/errors.js';
import {
  harmless,
  wrongCallback,
  wrongOptions,
  wrongSignal,
  wrongType,
} from '../../base/options.js';
import { tagOf } from '../../base/platform.js';
import { ResourceFetcher } from '../../modules/ResourceFetcher.js';
import { withV10Errors } from './errors.js';

/** Extras of download(). */
export interface DownloadOptions {
  /** Told the share that is there, 0..1. */
  onProgress?: (progress: number) => void;
  /** Aborts the download. */
  signal?: AbortSignal;
  /** True: what is stored is fetched again. Default false. */
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
export function download<T>(source: T, options: DownloadOptions = {}): Promise<T> {
  return withV10Errors(async () => {
    const { onProgress } = options;
    const wrong =
      wrongOptions('download()', options, ['onProgress', 'signal', 'forceDownload']) ??
      wrongCallback('download()', 'onProgress', onProgress) ??
      wrongSignal('download()', options.signal) ??
      wrongType('download()', 'forceDownload', options.forceDownload, 'boolean');
    if (wrong) throw await wrong;
    expectNoPromise(source);
    const files = [...new Set(addressesIn(source))];
    if (files.length > 0) await store(files, options);
    else harmless(onProgress)?.(1);
    return source;
  }, 'DOWNLOAD_FAILED');
}

/** What is returned by a promise must be none itself: it would be waited for, perhaps for ever. */
function expectNoPromise(source: unknown): void {
  if (typeof (source as { then?: unknown } | null | undefined)?.then !== 'function') return;
  const message = 'download() takes addresses, or descriptions that hold some; got a promise.';
  throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
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

function addressesIn(value: unknown, seen = new Set<object>()): string[] {
  if (typeof value === 'string') return /^(https?:\/\/|unavailable:)/i.test(value) ? [value] : [];
  // Descriptions are objects and lists; bytes, elements and the like hold no addresses.
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  if (!/^(Object|Array)$/.test(tagOf(value))) return [];
  seen.add(value);
  return Object.values(value).flatMap((one) => addressesIn(one, seen));
}
