/** Downloads of this page that ResourceFetcher can pause, resume and cancel. Modules' loads are among them. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ResourceSource } from '../base/types.js';
import { keyOf } from './address.js';
import { resourceConfiguration } from '../base/resource-config.js';

export interface PausableDownload {
  readonly key: string;
  readonly url: string;
  readonly controller: AbortController;
  readonly onProgress: (fraction: number, size?: number) => void;
}

/** Reason of an abort that was asked for by pauseFetching or cancelFetching. */
const INTERRUPTED = new ExecutorchError(ErrorCode.DownloadInterrupted, 'Download interrupted.');

// Functions, not a class: what a page does not use, bundlers leave out.
const running = new Set<PausableDownload>();
const paused = new Map<string, PausableDownload>();

export function isInterruption(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === INTERRUPTED;
}

/** Makes the download of an http(s) address known. */
export function beginDownload(
  url: string,
  onProgress: PausableDownload['onProgress'] = () => undefined,
  controller = new AbortController(),
): PausableDownload {
  const key = keyOf(url, resourceConfiguration());
  const download = { key, url, onProgress, controller };
  paused.delete(key);
  running.add(download);
  return download;
}

export function endDownload(download: PausableDownload | undefined): void {
  if (download) running.delete(download);
}

/** @throws ExecutorchError ResourceFetcherNotActive, ResourceFetcherAlreadyPaused. */
export function pauseDownloads(keys: readonly string[]): void {
  const found = runningOf(keys);
  if (found.length === 0) {
    if (!keys.some((key) => paused.has(key))) throw notActive();
    throw new ExecutorchError(
      ErrorCode.ResourceFetcherAlreadyPaused,
      "The file download is currently paused. Can't pause the download of the same file twice.",
    );
  }
  for (const download of found) paused.set(download.key, download);
  stop(found);
}

/**
 * Takes the paused downloads of these keys out, to be begun again.
 *
 * @throws ExecutorchError ResourceFetcherNotActive, ResourceFetcherAlreadyOngoing.
 */
export function resumeDownloads(keys: readonly string[]): PausableDownload[] {
  const found = keys.flatMap((key) => paused.get(key) ?? []);
  if (found.length === 0) {
    if (runningOf(keys).length === 0) throw notActive();
    throw new ExecutorchError(
      ErrorCode.ResourceFetcherAlreadyOngoing,
      "The file download is currently ongoing. Can't resume the ongoing download.",
    );
  }
  for (const { key } of found) paused.delete(key);
  return found;
}

/**
 * Stops running and paused downloads; returns their keys.
 *
 * @throws ExecutorchError ResourceFetcherNotActive.
 */
export function cancelDownloads(keys: readonly string[]): string[] {
  const active = runningOf(keys);
  const found = keys.filter((key) => paused.has(key));
  if (active.length + found.length === 0) throw notActive();
  for (const key of found) paused.delete(key);
  stop(active);
  return [...new Set([...found, ...active.map(({ key }) => key)])];
}

/** Makes a module's load known; undefined when it is no download. */
export function beginLoad(
  source: ResourceSource,
  controller: AbortController,
  onProgress?: (fraction: number) => void,
): PausableDownload | undefined {
  const isDownload = typeof source === 'string' && /^https?:/i.test(source);
  return isDownload ? beginDownload(source, onProgress, controller) : undefined;
}

function runningOf(keys: readonly string[]): PausableDownload[] {
  return [...running].filter(({ key }) => keys.includes(key));
}

function stop(downloads: readonly PausableDownload[]): void {
  for (const download of downloads) {
    running.delete(download);
    download.controller.abort(INTERRUPTED);
  }
}

function notActive(): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.ResourceFetcherNotActive,
    'None of given sources are currently during downloading process.',
  );
}
