/** PausableDownloads of this page that ResourceFetcher can pause, resume and cancel. Modules' loads are among them. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { ResourceSource } from '../base/types.js';
import { parseAddress } from './address.js';
import { resourceConfiguration } from '../base/resource-config.js';

export interface PausableDownload {
  readonly key: string;
  readonly url: string;
  readonly controller: AbortController;
  readonly onProgress: (fraction: number, size?: number) => void;
}

/** Reason of an abort that was asked for by pauseFetching or cancelFetching. */
const INTERRUPTED = new ExecutorchError(ErrorCode.DownloadInterrupted, 'Download interrupted.');

export class PausableDownloads {
  private readonly running = new Set<PausableDownload>();
  private readonly paused = new Map<string, PausableDownload>();

  static isInterruption(signal: AbortSignal): boolean {
    return signal.aborted && signal.reason === INTERRUPTED;
  }

  begin(
    key: string,
    url: string,
    onProgress: PausableDownload['onProgress'] = () => undefined,
    controller = new AbortController(),
  ): PausableDownload {
    const download = { key, url, onProgress, controller };
    this.paused.delete(key);
    this.running.add(download);
    return download;
  }

  end(download: PausableDownload): void {
    this.running.delete(download);
  }

  pause(keys: readonly string[]): void {
    const running = this.runningOf(keys);
    if (running.length === 0) {
      if (keys.some((key) => this.paused.has(key))) {
        throw new ExecutorchError(
          ErrorCode.ResourceFetcherAlreadyPaused,
          "The file download is currently paused. Can't pause the download of the same file twice.",
        );
      }
      throw notActive();
    }
    for (const download of running) this.paused.set(download.key, download);
    this.stop(running);
  }

  /** Takes the paused downloads of these keys out, to be begun again. */
  resume(keys: readonly string[]): PausableDownload[] {
    const found = keys.flatMap((key) => this.paused.get(key) ?? []);
    if (found.length === 0) {
      if (this.runningOf(keys).length === 0) throw notActive();
      throw new ExecutorchError(
        ErrorCode.ResourceFetcherAlreadyOngoing,
        "The file download is currently ongoing. Can't resume the ongoing download.",
      );
    }
    for (const { key } of found) this.paused.delete(key);
    return found;
  }

  /** Stops running and paused downloads; returns their keys. */
  cancel(keys: readonly string[]): string[] {
    const running = this.runningOf(keys);
    const found = keys.filter((key) => this.paused.has(key));
    if (running.length + found.length === 0) throw notActive();
    for (const key of found) this.paused.delete(key);
    this.stop(running);
    return [...new Set([...found, ...running.map(({ key }) => key)])];
  }

  private runningOf(keys: readonly string[]): PausableDownload[] {
    return [...this.running].filter(({ key }) => keys.includes(key));
  }

  private stop(downloads: readonly PausableDownload[]): void {
    for (const download of downloads) {
      this.running.delete(download);
      download.controller.abort(INTERRUPTED);
    }
  }
}

/** Those of this thread. */
export const pausableDownloads = new PausableDownloads();

/** Makes a module's load known, so that ResourceFetcher can pause it; undefined when it is no download. */
export function trackLoad(
  source: ResourceSource,
  controller: AbortController,
  onProgress?: (fraction: number) => void,
): PausableDownload | undefined {
  if (typeof source !== 'string' || !/^https?:/i.test(source)) return undefined;
  const { key } = parseAddress(source, resourceConfiguration());
  return pausableDownloads.begin(key, source, onProgress, controller);
}

export function endLoad(download: PausableDownload | undefined): void {
  if (download) pausableDownloads.end(download);
}

function notActive(): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.ResourceFetcherNotActive,
    'None of given sources are currently during downloading process.',
  );
}
