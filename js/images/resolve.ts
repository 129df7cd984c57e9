/** The engine's side of a picture: gets its bytes or pixels. */
import { ErrorCode, ExecutorchError, isExecutorchError, throwIfAborted } from '../base/errors.js';
import { hasNode, nodeModule } from '../base/platform.js';
import type { Picture, WireImage } from './types.js';
import { filePath } from '../sources/plain.js';
import { bytesOfDataUrl } from './base64.js';
import { readBitmap } from './bitmap.js';
import { readFrame } from './frame.js';

/**
 * Encoded bytes or pixels of a picture.
 *
 * @throws ExecutorchError FileReadFailed (address, status and reason), InvalidImage, Aborted.
 */
export async function resolveImage(image: WireImage, signal?: AbortSignal): Promise<Picture> {
  throwIfAborted(signal);
  switch (image.kind) {
    case 'bytes':
      return { bytes: image.bytes };
    case 'blob':
      return { bytes: new Uint8Array(await image.blob.arrayBuffer()) };
    case 'pixels':
      return image.pixels;
    case 'bitmap':
      return 'timestamp' in image.bitmap ? readFrame(image.bitmap) : readBitmap(image.bitmap);
    case 'address':
      return { bytes: await readAddress(image.address, signal) };
  }
}

async function readAddress(address: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (/^data:/i.test(address)) return bytesOfDataUrl(address);
  if (/^(https?|blob):/i.test(address)) return download(address, signal);
  if (!hasNode()) throw unreadable(address, 'pages cannot read files; use a File or a Blob');
  try {
    const { readFile, stat } =
      await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
    const path = await filePath(address);
    // Devices and pipes may never end.
    if (!(await stat(path)).isFile()) throw new Error('it is not a file');
    return await readFile(path);
  } catch (cause) {
    throw unreadable(address, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function download(address: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok) {
      throw unreadable(address, `HTTP status ${response.status} ${response.statusText}`.trim());
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throwIfAborted(signal);
    if (isExecutorchError(cause)) throw cause;
    const reason = 'the server cannot be reached, or does not let this page read it (CORS)';
    throw unreadable(address, reason, cause);
  }
}

function unreadable(address: string, reason: string, cause?: unknown): ExecutorchError {
  const shown = address.length > 200 ? `${address.slice(0, 200)}…` : address;
  return new ExecutorchError(ErrorCode.FileReadFailed, `Cannot read ${shown}: ${reason}.`, {
    cause,
  });
}
