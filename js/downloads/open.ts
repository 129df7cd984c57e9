/** Opens whatever a model source names: the store and the network, memory, a Blob or a file. */
import { expectNotAbsent } from '../base/absent.js';
import { ErrorCode, ExecutorchError, throwIfAborted } from '../base/errors.js';
import { asBytes, baseUrl, hasNode, isBlob } from '../base/platform.js';
import type { ResourceSource } from '../base/types.js';
import { parseAddress } from './address.js';
import { resourceConfiguration, type ResourceConfiguration } from '../base/resource-config.js';
import { openBlob, openFile, openMemory } from '../sources/plain.js';
import { RemoteFile } from './file.js';
import { mayChange, refresh } from './freshness.js';
import { openStore } from './store/open.js';
import { openNewest } from './trial.js';
import type { ByteSource, OpenOptions } from '../sources/source.js';

/**
 * Opens a model source. Downloads go through the store; memory, Blobs and files are read as they are.
 *
 * @throws ExecutorchError InvalidModelSource, PlatformNotSupported (a constant of a model that cannot run here), FileReadFailed,
 * ResourceFetcherDownloadFailed, Aborted.
 */
export async function openSource(
  source: ResourceSource,
  options: OpenOptions = {},
  config: ResourceConfiguration = resourceConfiguration(),
): Promise<ByteSource> {
  throwIfAborted(options.signal);
  const bytes = asBytes(source);
  if (bytes) return openMemory(bytes, options);
  if (isBlob(source)) return openBlob(source, options);
  if (typeof source === 'string' || source instanceof URL)
    return openAddress(String(source), options, config);
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `A model source is an address, a path, a Blob or bytes; got ${typeof source}.`,
  );
}

async function openAddress(
  address: string,
  options: OpenOptions,
  config: ResourceConfiguration,
): Promise<ByteSource> {
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
    return openRemote(url.href, options, config);
  }
  if (/^(blob|data):$/.test(url.protocol)) return openBlob(await localBlob(url.href), options);
  expectNotAbsent(address);
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `Cannot load models from '${url.protocol}' addresses here: ${address.slice(0, 200)}`,
  );
}

async function openRemote(
  url: string,
  options: OpenOptions,
  config: ResourceConfiguration,
): Promise<ByteSource> {
  const address = parseAddress(url, config);
  const { freshness = config.freshness ?? 'background' } = options;
  let isChecked = freshness === 'immutable' || !mayChange(address);
  if (freshness === 'check' && !isChecked) {
    isChecked =
      (await refresh(address, config, { ...options, isThorough: true }))?.isChecked ?? false;
  }
  const opened = await openStore(config);
  const settings = { ...options, isChecked };
  if (!mayChange(address)) return RemoteFile.open(address, config, settings, opened);
  return openNewest(address, config, settings, opened);
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
