/** Downloads files ahead of their use, and manages what has been stored. */
import { expectNotAbsent } from '../base/absent.js';
import { ErrorCode, ExecutorchError, guarded, reasonOf } from '../base/errors.js';
import { harmless, wrongCallback } from '../base/options.js';
import { asBytes, isBlob } from '../base/platform.js';
import { absoluteSource } from '../sources/model-source.js';
import type { ResourceSource } from '../base/types.js';
import { createResourceService } from '../worker/create.js';
import {
  beginDownload,
  cancelDownloads,
  endDownload,
  isInterruption,
  pauseDownloads,
  resumeDownloads,
  type PausableDownload,
} from '../downloads/pausable.js';
import { extensionOf, keyOf } from '../downloads/address.js';
import { postableConfiguration, resourceConfiguration } from '../base/resource-config.js';
import { weightedProgress } from '../sources/progress.js';
import type { StorageReport } from '../downloads/service.js';

type ProgressCallback = (progress: number) => void;

/**
 * The fetcher of React Native ExecuTorch 0.6, for the web.
 *
 * Sources are addresses, asset numbers (see `configure({ assetRegistry })`) and objects. Modules and hooks
 * download by themselves; fetch() does it ahead of time. Whoever asks for a file, in whatever tab, shares one
 * download. What has been stored once is loaded without any request.
 *
 * @example
 * ```ts
 * await ResourceFetcher.fetch((progress) => console.log(progress), '/models/mine.pte');
 * await ResourceFetcher.deleteResources('/models/mine.pte');
 * ```
 */
export class ResourceFetcher {
  /**
   * Downloads what is not stored yet; all sources at once.
   *
   * @param callback Told the share of all bytes that is there, 0..1; grows only, and ends with 1.
   * @returns Addresses in the order of the sources, each good as a `modelSource`; null when one of the
   * downloads was paused or cancelled. Objects become `data:` addresses of their JSON.
   * @throws ExecutorchError InvalidUserInput (no sources), InvalidModelSource, ResourceFetcherDownloadFailed,
   * DownloadInterrupted, IntegrityCheckFailed, PlatformNotSupported (models that cannot run here).
   */
  static fetch(
    callback: ProgressCallback = () => undefined,
    ...sources: ResourceSource[]
  ): Promise<string[] | null> {
    return guarded(async () => {
      const wrong = wrongCallback('fetch()', 'its first argument', callback);
      if (wrong) throw await wrong;
      expectSome(sources);
      const addresses = sources.map(addressOfSource);
      const report = weightedProgress(addresses.length, harmless(callback)!);
      const results = await Promise.allSettled(
        addresses.map((address, i) => fetchOne(address, (...at) => report(i, ...at))),
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return results.every((result) => result.status === 'fulfilled' && result.value)
        ? addresses
        : null;
    });
  }

  /**
   * Stops downloads of these sources and keeps what has arrived. A fetch() that waits for them resolves to null, a
   * load() rejects with DownloadInterrupted.
   *
   * @throws ExecutorchError ResourceFetcherNotActive when none of them is being downloaded,
   * ResourceFetcherAlreadyPaused.
   */
  static pauseFetching(...sources: ResourceSource[]): Promise<void> {
    return guarded(() => pauseDownloads(keysOf(sources)));
  }

  /**
   * Resumes paused downloads; resolves when they are done.
   *
   * @throws ExecutorchError ResourceFetcherNotActive, ResourceFetcherAlreadyOngoing, and what fetch() throws.
   */
  static resumeFetching(...sources: ResourceSource[]): Promise<void> {
    return guarded(async () => {
      const paused = resumeDownloads(keysOf(sources));
      await Promise.all(paused.map(({ url, onProgress }) => fetchOne(url, onProgress)));
    });
  }

  /**
   * Stops downloads of these sources and forgets what has arrived of them. A fetch() that waits for them resolves
   * to null.
   *
   * @throws ExecutorchError ResourceFetcherNotActive.
   */
  static cancelFetching(...sources: ResourceSource[]): Promise<void> {
    return guarded(async () => {
      const stopped = cancelDownloads(keysOf(sources));
      const service = createResourceService();
      const { entries } = await service.storage(postableConfiguration());
      const partial = entries.filter(({ complete, url }) => !complete && stopped.includes(url));
      await service.remove(
        partial.map(({ url }) => url),
        postableConfiguration(),
      );
    });
  }

  /** Addresses of all files that are stored completely. */
  static async listDownloadedFiles(): Promise<string[]> {
    const { entries } = await ResourceFetcher.storage();
    return entries.filter(({ complete }) => complete).map(({ url }) => url);
  }

  /** Addresses of the model files among them. */
  static async listDownloadedModels(): Promise<string[]> {
    const files = await ResourceFetcher.listDownloadedFiles();
    return files.filter((url) => ['pte', 'tflite'].includes(extensionOf(url)));
  }

  /** Removes files, whole or partial, from the store; what is not there is skipped. */
  static deleteResources(...sources: ResourceSource[]): Promise<void> {
    return guarded(async () => {
      const keys = keysOf(sources);
      if (keys.length > 0) await createResourceService().remove(keys, postableConfiguration());
    });
  }

  /** Bytes of all files together; those whose size nobody tells count 0. Stored files need no request. */
  static getFilesTotalSize(...sources: ResourceSource[]): Promise<number> {
    return guarded(async () => {
      const keys = keysOf(sources);
      if (keys.length === 0) return 0;
      const sizes = await createResourceService().sizes(keys, postableConfiguration());
      return sizes.reduce((sum, size) => sum + size, 0);
    });
  }

  /** What is stored, where, and how much room there is. Beyond 0.6. */
  static storage(): Promise<StorageReport> {
    return guarded(() => createResourceService().storage(postableConfiguration()));
  }

  /**
   * Asks the browser not to evict this origin's data by itself; Firefox asks the user, so call it from a click.
   * Beyond 0.6.
   *
   * @returns Whether it agreed; false where it cannot be asked.
   */
  static async persist(): Promise<boolean> {
    const { storage } = (globalThis.navigator ?? {}) as { storage?: Partial<StorageManager> };
    return (await storage?.persist?.().catch(() => false)) ?? false;
  }
}

/** True when the file is there, false when the download was interrupted on purpose. */
async function fetchOne(url: string, onProgress: PausableDownload['onProgress']): Promise<boolean> {
  if (!isRemote(url)) {
    onProgress(1);
    return true;
  }
  const download = beginDownload(url, onProgress);
  const { signal } = download.controller;
  try {
    await createResourceService().fetch(url, postableConfiguration(), { signal, onProgress });
    return true;
  } catch (error) {
    if (isInterruption(signal)) return false;
    throw error;
  } finally {
    endDownload(download);
  }
}

function addressOfSource(source: ResourceSource): string {
  const absolute = absoluteSource(source);
  if (typeof absolute === 'string') {
    expectNotAbsent(absolute);
    return absolute;
  }
  if (asBytes(absolute) || isBlob(absolute)) {
    throw new ExecutorchError(
      ErrorCode.InvalidModelSource,
      'Bytes and Blobs need no fetching: give them to load() as they are.',
    );
  }
  return `data:application/json,${jsonOf(absolute)}`;
}

/** @throws ExecutorchError InvalidModelSource for what JSON cannot hold. */
function jsonOf(value: ResourceSource): string {
  try {
    return encodeURIComponent(JSON.stringify(value));
  } catch (cause) {
    const message = `This object is no source: JSON cannot hold it (${reasonOf(cause)}).`;
    throw new ExecutorchError(ErrorCode.InvalidModelSource, message, { cause });
  }
}

/** Of no sources there are none, as in 0.6: they are often those of a list. */
function keysOf(sources: readonly ResourceSource[]): string[] {
  return sources.map(addressOfSource).filter(isRemote).map(configuredKey);
}

function configuredKey(url: string): string {
  return keyOf(url, resourceConfiguration());
}

function isRemote(url: string): boolean {
  return /^https?:/i.test(url);
}

function expectSome(sources: readonly unknown[]): void {
  if (sources.length > 0) return;
  throw new ExecutorchError(ErrorCode.InvalidUserInput, 'Empty list given as an argument!');
}
