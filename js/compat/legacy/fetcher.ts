/** Downloads as versions from 0.8 on arrange them: an adapter that the app hands to initExecutorch. */
import { reasonOf } from '../../base/errors.js';
import { kindOf, quoted } from '../../base/option-words.js';
import { isList } from '../../base/platform.js';
import type { ResourceSource } from '../../base/types.js';
import { ResourceFetcher as Fetcher } from '../../modules/ResourceFetcher.js';
import {
  RnExecutorchError,
  RnExecutorchErrorCode,
  withLegacyErrors,
  withLegacyErrorsNow,
} from './errors.js';

type Progress = (progress: number) => void;

/** Files, and whether each was downloaded now. */
export interface Fetched {
  paths: string[];
  wasDownloaded: boolean[];
}

/** What an adapter can do. The web's own needs none: a file is its address, and the browser stores it. */
export interface ResourceFetcherAdapter {
  /** 0.9: the files and whether each was downloaded now; 0.8: the files, or null where the download was stopped. */
  fetch(callback: Progress, ...sources: ResourceSource[]): Promise<Fetched | string[] | null>;
  /** The text of a file. */
  readAsString(path: string): Promise<string>;
}

/** What initExecutorch takes. */
export interface ExecutorchConfig {
  /** What fetches files: the adapter of `executorch-web/resource-fetcher`, or one of your own. */
  resourceFetcher: ResourceFetcherAdapter;
}

/** The adapter in use until another one is set: this library's downloads and stores. */
export const webResourceFetcher = {
  /**
   * Downloads what is not stored yet. The answer is 0.8's list of addresses, and has 0.9's members. While a download is
   * paused it is awaited, as in 0.9.
   *
   * @throws RnExecutorchError DownloadInterrupted for a download that was cancelled, and the codes of the root's fetch().
   */
  fetch(
    callback: Progress = () => undefined,
    ...sources: ResourceSource[]
  ): Promise<string[] & Fetched> {
    return withLegacyErrors(async () => {
      const before = new Set(await Fetcher.listDownloadedFiles());
      let paths = await Fetcher.fetch(callback, ...sources);
      while (!paths) {
        if (!(await isResumed(sources))) throw interrupted();
        paths = await Fetcher.fetch(callback, ...sources);
      }
      const wasDownloaded = paths.map((path) => !before.has(path));
      return Object.assign([...paths], { paths, wasDownloaded });
    });
  },
  /** The text of a file. @throws RnExecutorchError FileReadFailed. */
  readAsString: (path: string): Promise<string> => withLegacyErrors(() => textAt(path)),
} satisfies ResourceFetcherAdapter;

/** Sources that were paused, and what waits for that to end. */
const paused = /* @__PURE__ */ new Map<ResourceSource, Set<(isResumed: boolean) => void>>();

/** Waits for the end of a pause: true when it was resumed, false when it was cancelled, or never paused. */
async function isResumed(sources: readonly ResourceSource[]): Promise<boolean> {
  const waits = sources.map((source) => paused.get(source)).filter((one) => one !== undefined);
  if (waits.length === 0) return false;
  return new Promise((resolve) => waits.forEach((listeners) => listeners.add(resolve)));
}

/** Notes a pause before it is made: what is stopped by it looks at once. */
async function pausing(sources: readonly ResourceSource[], pause: () => Promise<void>) {
  const news = sources.filter((source) => !paused.has(source));
  for (const source of news) paused.set(source, new Set());
  try {
    await pause();
  } catch (error) {
    endPause(news, false);
    throw error;
  }
}

function endPause(sources: readonly ResourceSource[], isResumed: boolean): void {
  for (const source of sources) {
    const listeners = paused.get(source) ?? [];
    paused.delete(source);
    for (const tell of listeners) tell(isResumed);
  }
}

/** @throws RnExecutorchError ResourceFetcherDownloadFailed for what no adapter should give. */
function pathsOf(fetched: unknown): string[] {
  const paths = isList(fetched) ? fetched : (fetched as Partial<Fetched> | undefined)?.paths;
  const isText = (path: unknown) => typeof path === 'string';
  if (isList(paths) && (paths as readonly unknown[]).every(isText)) return paths as string[];
  throw new RnExecutorchError(
    RnExecutorchErrorCode.ResourceFetcherDownloadFailed,
    `The adapter of initExecutorch() gave ${kindOf(fetched)}; its fetch() gives { paths, wasDownloaded }, or a list of paths.`,
  );
}

function interrupted(): RnExecutorchError {
  return new RnExecutorchError(
    RnExecutorchErrorCode.DownloadInterrupted,
    'The download was cancelled before it was complete.',
  );
}

async function textAt(path: string): Promise<string> {
  if (typeof path !== 'string') throw unreadable(path, 'it is no address');
  let response: Response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw unreadable(path, reasonOf(error), error);
  }
  if (response.ok) return response.text();
  throw unreadable(path, `the server answered ${response.status}`);
}

function unreadable(path: unknown, reason: string, cause?: unknown): RnExecutorchError {
  return new RnExecutorchError(
    RnExecutorchErrorCode.FileReadFailed,
    `${quoted(path)} could not be read: ${reason}.`,
    cause,
  );
}

let adapter: ResourceFetcherAdapter | undefined;

/** ResourceFetcher of 0.8 and later; `pauseFetching` and its like, 0.7's, are there too. */
export class ResourceFetcher {
  /** Uses another adapter for fetch(); models themselves are always loaded by this library. */
  static setAdapter(next: ResourceFetcherAdapter): void {
    const isAdapter = withLegacyErrorsNow(
      () => typeof next?.fetch === 'function' && typeof next.readAsString === 'function',
    );
    if (!isAdapter) {
      throw new RnExecutorchError(
        RnExecutorchErrorCode.ResourceFetcherAdapterNotInitialized,
        'An adapter has the functions fetch and readAsString, as ExpoResourceFetcher of executorch-web/resource-fetcher.',
      );
    }
    adapter = next;
  }

  /** Back to the web's own. */
  static resetAdapter(): void {
    adapter = undefined;
  }

  /** The adapter in use: the web's own unless one was set. */
  static getAdapter(): ResourceFetcherAdapter {
    return adapter ?? webResourceFetcher;
  }

  /** Downloads what is not stored yet. @returns addresses, each good as a `modelSource`. */
  static fetch(
    callback: Progress = () => undefined,
    ...sources: ResourceSource[]
  ): Promise<string[]> {
    return withLegacyErrors(async () => {
      const fetched = await ResourceFetcher.getAdapter().fetch(callback, ...sources);
      if (fetched === null) throw interrupted();
      return [...pathsOf(fetched)];
    });
  }

  /** Reading files. */
  static fs = {
    readAsString: (path: string): Promise<string> =>
      withLegacyErrors(() => ResourceFetcher.getAdapter().readAsString(path)),
  };

  /** Stops downloads and keeps what has arrived. A fetch() of them waits, a model that is being loaded fails. */
  static pauseFetching(...sources: ResourceSource[]): Promise<void> {
    return withLegacyErrors(() => pausing(sources, () => Fetcher.pauseFetching(...sources)));
  }

  /** Continues paused downloads; resolves when they are done. */
  static resumeFetching(...sources: ResourceSource[]): Promise<void> {
    return withLegacyErrors(async () => {
      const resumed = Fetcher.resumeFetching(...sources);
      endPause(sources, true);
      await resumed;
    });
  }

  /** Stops downloads and forgets what has arrived: a fetch() of them throws DownloadInterrupted. */
  static cancelFetching(...sources: ResourceSource[]): Promise<void> {
    return withLegacyErrors(async () => {
      const cancelled = Fetcher.cancelFetching(...sources);
      endPause(sources, false);
      await cancelled;
    });
  }

  /** Addresses of all files that are stored whole. */
  static listDownloadedFiles(): Promise<string[]> {
    return withLegacyErrors(() => Fetcher.listDownloadedFiles());
  }

  /** Those of models among them. */
  static listDownloadedModels(): Promise<string[]> {
    return withLegacyErrors(() => Fetcher.listDownloadedModels());
  }

  /** Removes stored files. */
  static deleteResources(...sources: ResourceSource[]): Promise<void> {
    return withLegacyErrors(() => Fetcher.deleteResources(...sources));
  }

  /** Bytes of all files together. */
  static getFilesTotalSize(...sources: ResourceSource[]): Promise<number> {
    return withLegacyErrors(() => Fetcher.getFilesTotalSize(...sources));
  }
}

/** Called once by an app's root layout; sets the adapter. */
export function initExecutorch(config: ExecutorchConfig): void {
  ResourceFetcher.setAdapter(withLegacyErrorsNow(() => config?.resourceFetcher));
}

/** Undoes initExecutorch. */
export function cleanupExecutorch(): void {
  ResourceFetcher.resetAdapter();
}

/** Whether models can run here at all: wherever WebAssembly can. */
export const isAvailable: boolean = typeof WebAssembly === 'object';
