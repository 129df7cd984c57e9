/** What tests of downloads have in common. */
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { parseAddress } from '../../../js/downloads/address.js';
import type { ResourceConfiguration } from '../../../js/base/resource-config.js';
import { RemoteFile, type FileOptions } from '../../../js/downloads/file.js';
import type { ByteSource } from '../../../js/sources/source.js';
import type { ModelStore } from '../../../js/downloads/store/types.js';
import { startHub, type Hub } from '../../lib/hub.mjs';

/** Small chunks and little patience: tests are about order, not about size. */
export const CHUNK = 64 << 10;
export const QUICK: ResourceConfiguration = {
  download: { attempts: 4, delay: 5, maxDelay: 200, stallTimeout: 300, chunkSize: CHUNK },
};

/** A hub for the tests of a file; its files and requests are forgotten after each. */
export function withHub(): { readonly hub: Hub } {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub();
  });
  afterEach(() => void hub.forget());
  afterAll(() => hub.close());
  return {
    get hub() {
      return hub;
    },
  };
}

export interface FileSettings extends FileOptions {
  store?: ModelStore | undefined;
  config?: ResourceConfiguration;
}

export function openRemoteFile(
  url: string,
  { store, config = QUICK, ...options }: FileSettings = {},
): Promise<RemoteFile> {
  return RemoteFile.open(parseAddress(url, config), config, options, { store });
}

/** Reads front to back in pieces, as the engine does. */
export async function readBytes(source: Pick<ByteSource, 'read'>, piece = 50_000): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const bytes = await source.read(offset, piece);
    if (bytes.byteLength === 0) return Buffer.concat(parts);
    parts.push(bytes.slice());
    offset += bytes.byteLength;
  }
}

/** Reads and completes a file; once more from the beginning when asked to. */
export async function readAll(file: RemoteFile, piece = 50_000): Promise<Buffer> {
  for (;;) {
    try {
      const bytes = await readBytes(file, piece);
      await file.complete();
      return bytes;
    } catch (error) {
      if (!(await file.restart(error))) throw error;
    }
  }
}

/** Opens, reads all, closes. */
export async function load(url: string, settings: FileSettings = {}) {
  const file = await openRemoteFile(url, settings);
  try {
    const bytes = await readAll(file);
    return { bytes, report: file.report };
  } finally {
    file.close();
  }
}
