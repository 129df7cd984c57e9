/** Byte sources that keep nothing: memory, Blob and file of Node. */
import { ErrorCode, ExecutorchError, throwIfAborted } from '../base/errors.js';
import { nodeModule } from '../base/platform.js';
import { steadyProgress } from './progress.js';
import { readAhead } from './read-ahead.js';
import type { ByteSource, OpenOptions } from './source.js';

export function openMemory(bytes: Uint8Array, options: OpenOptions): ByteSource {
  return withProgress(new MemorySource(bytes), options);
}

export function openBlob(blob: Blob, options: OpenOptions): ByteSource {
  return withProgress(readAhead(new BlobSource(blob)), options);
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
  readonly size: number;
  constructor(private readonly blob: Blob) {
    this.size = blob.size;
  }
  async read(offset: number, length: number): Promise<Uint8Array> {
    return new Uint8Array(await this.blob.slice(offset, offset + length).arrayBuffer());
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

/** @throws ExecutorchError FileReadFailed. */
export async function openFile(address: string, options: OpenOptions): Promise<ByteSource> {
  try {
    const path = await filePath(address);
    const { open } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
    const handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw new Error('it is not a file');
    }
    return withProgress(new FileSource(handle, stat.size), options);
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
  const report = onProgress && steadyProgress(onProgress);
  return {
    size: source.size,
    async read(offset, length) {
      throwIfAborted(signal);
      const bytes = await source.read(offset, length);
      if (source.size) report?.((offset + bytes.byteLength) / source.size, source.size);
      return bytes;
    },
    close: () => source.close(),
  };
}
