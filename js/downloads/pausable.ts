/** Downloads of this page that ResourceFetcher can pause, resume and cancel. Modules' loads are among them. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ResourceSource } from '../base/types.js';
import { keyOf } from './address.js';
import { resourceConfiguration } from '../base/resource-config.js';

export interface PausableDownload {
  readonly url: string;
  readonly controller: AbortController;
  readonly onProgress: (fraction: number, size?: number) => void;
}

/** Reason of an abort that was asked for by pauseFetching or cancelFetching. */
const INTERRUPTED = new ExecutorchError(ErrorCode.DownloadInterrupted, 'Download interrupted.');

// Functions, not a class: what a page does not use, bundlers leave out.
const running = new Set<PausableDownload>();
const paused = new Set<PausableDownload>();

export function isInterruption(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === INTERRUPTED;
}

/** Makes the download of an http(s) address known. */
export function beginDownload(
  url: string,
  onProgress: PausableDownload['onProgress'] = () => undefined,
  controller = new AbortController(),
): PausableDownload {
  const download = { url, onProgress, controller };
  for (const one of paused) if (one.url === url) paused.delete(one);
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
    if (pausedOf(keys).length === 0) throw notActive();
    throw new ExecutorchError(
      ErrorCode.ResourceFetcherAlreadyPaused,
      "The file download is currently paused. Can't pause the download of the same file twice.",
    );
  }
  for (const download of found) paused.add(download);
  stop(found);
}

/**
 * Takes the paused downloads of these keys out, to be begun again.
 *
 * @throws ExecutorchError ResourceFetcherNotActive, ResourceFetcherAlreadyOngoing.
 */
export function resumeDownloads(keys: readonly string[]): PausableDownload[] {
  const found = pausedOf(keys);
  if (found.length === 0) {
    if (runningOf(keys).length === 0) throw notActive();
    throw new ExecutorchError(
      ErrorCode.ResourceFetcherAlreadyOngoing,
      "The file download is currently ongoing. Can't resume the ongoing download.",
    );
  }
  for (const download of found) paused.delete(download);
  return found;
}

/**
 * Stops running and paused downloads; returns their keys.
 *
 * @throws ExecutorchError ResourceFetcherNotActive.
 */
export function cancelDownloads(keys: readonly string[]): string[] {
  const active = runningOf(keys);
  const found = pausedOf(keys);
  if (active.length + found.length === 0) throw notActive();
  for (const download of found) paused.delete(download);
  stop(active);
  return [...new Set([...found, ...active].map(keyFor))];
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

/** What identifies its file; only those who pause need to know. */
function keyFor({ url }: PausableDownload): string {
  return keyOf(url, resourceConfiguration());
}

function runningOf(keys: readonly string[]): PausableDownload[] {
  return [...running].filter((download) => keys.includes(keyFor(download)));
}

function pausedOf(keys: readonly string[]): PausableDownload[] {
  return [...paused].filter((download) => keys.includes(keyFor(download)));
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
