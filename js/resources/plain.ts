/** Byte sources that keep nothing: memory, Blob, file of Node, and a plain download. */
import { ErrorCode, ExecutorchError, throwIfAborted } from '../errors/index.js';
import { asBytes, baseUrl, hasNode, isBlob, nodeModule } from '../engine/platform.js';
import type { ResourceSource } from '../types.js';
import { openHttp } from './http.js';
import type { ByteSource, OpenOptions } from './source.js';

export async function openPlainSource(
  source: ResourceSource,
  options: OpenOptions,
): Promise<ByteSource> {
  throwIfAborted(options.signal);
  const bytes = asBytes(source);
  if (bytes) return withProgress(new MemorySource(bytes), options);
  if (isBlob(source)) return withProgress(new BlobSource(source), options);
  if (typeof source === 'string' || source instanceof URL)
    return openAddress(String(source), options);
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `A model source is an address, a path, a Blob or bytes; got ${typeof source}.`,
  );
}

async function openAddress(address: string, options: OpenOptions): Promise<ByteSource> {
  const base = baseUrl();
  const isPath = !/^[a-z][a-z\d+.-]+:/i.test(address);
  if (hasNode() && (/^file:/i.test(address) || (isPath && base === undefined))) {
    return withProgress(await openFile(address), options);
  }
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new ExecutorchError(ErrorCode.InvalidModelSource, `'${address}' is not an address.`, {
      cause,
    });
  }
  if (!/^(https?|blob|data):$/.test(url.protocol)) {
    throw new ExecutorchError(
      ErrorCode.InvalidModelSource,
      `Cannot load models from '${url.protocol}' addresses here: ${address.slice(0, 200)}`,
    );
  }
  return openHttp(url.href, options);
}

class MemorySource implements ByteSource {
  readonly size: number;
  constructor(private readonly bytes: Uint8Array) {
    this.size = bytes.byteLength;
  }
  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.bytes.subarray(offset, offset + length));
  }
  close(): void {}
}

/** Blobs may be files on disk: pieces are read when they are asked for. */
class BlobSource implements ByteSource {
  static readonly PIECE = 4 << 20;
  readonly size: number;
  constructor(private readonly blob: Blob) {
    this.size = blob.size;
  }
  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = offset + Math.min(length, BlobSource.PIECE);
    return new Uint8Array(await this.blob.slice(offset, end).arrayBuffer());
  }
  close(): void {}
}

type FileHandle = import('node:fs/promises').FileHandle;

/** A file of Node, through one reused buffer. */
class FileSource implements ByteSource {
  private readonly buffer = new Uint8Array(1 << 20);
  constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}
  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.buffer.length);
    const { bytesRead } = await this.handle.read(this.buffer, 0, wanted, offset);
    return this.buffer.subarray(0, bytesRead);
  }
  close(): void {
    void this.handle.close().catch(() => undefined);
  }
}

async function openFile(address: string): Promise<ByteSource> {
  try {
    const path = await filePath(address);
    const { open } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
    const handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw new Error('it is not a file');
    }
    return new FileSource(handle, stat.size);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExecutorchError(ErrorCode.FileReadFailed, `Cannot read ${address}: ${reason}`, {
      cause,
    });
  }
}

/** A path from a path or a `file:` URL; the form `file::///` of older documentation is understood. */
export async function filePath(address: string): Promise<string> {
  if (!/^file:/i.test(address)) return address;
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  return fileURLToPath(address.replace(/^file::\/\//i, 'file://'));
}

/** Reports how far reading has come, and stops when the signal says so. */
function withProgress(source: ByteSource, { signal, onProgress }: OpenOptions): ByteSource {
  let best = 0;
  return {
    size: source.size,
    async read(offset, length) {
      throwIfAborted(signal);
      const bytes = await source.read(offset, length);
      const end = offset + bytes.byteLength;
      if (onProgress && source.size && end > best) {
        best = end;
        onProgress(Math.min(1, end / source.size));
      }
      return bytes;
    },
    close: () => source.close(),
  };
}
