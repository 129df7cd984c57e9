/** The engine's side of a picture: fetches bytes, and lets the browser decode what the core cannot. */
import { ErrorCode, ExecutorchError, isExecutorchError, throwIfAborted } from '../errors/index.js';
import { hasNode, nodeModule } from '../engine/platform.js';
import type { Picture, Pixels } from '../engine/types.js';
import { filePath } from '../resources/plain.js';
import { bytesOfDataUrl } from './base64.js';
import type { WireImage } from './types.js';

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
      return readBitmap(image.bitmap);
    case 'address':
      return { bytes: await readAddress(image.address, signal) };
  }
}

async function readAddress(address: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (/^data:/i.test(address)) return bytesOfDataUrl(address);
  if (/^(https?|blob):/i.test(address)) return download(address, signal);
  if (!hasNode()) throw unreadable(address, 'pages cannot read files; use a File or a Blob');
  try {
    const { readFile } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
    return await readFile(await filePath(address));
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

/** Formats that only the platform may know: WebP, AVIF, HEIC, SVG. Undefined when it does not either. */
export async function decodeByPlatform(bytes: Uint8Array): Promise<Pixels | undefined> {
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function') {
    return undefined;
  }
  try {
    const bitmap = await createImageBitmap(new Blob([bytes as BlobPart]), {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
    return readBitmap(bitmap);
  } catch {
    return undefined;
  }
}

/** Pixels of a bitmap, which is closed. */
function readBitmap(bitmap: ImageBitmap): Pixels {
  const { width, height } = bitmap;
  try {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('there is no 2D canvas');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { data: new Uint8Array(data.buffer), width, height, channels: 4 };
  } catch (cause) {
    const tainted = cause instanceof Error && cause.name === 'SecurityError';
    const reason = tainted
      ? 'it comes from another origin; load it with crossOrigin="anonymous"'
      : String(cause);
    throw new ExecutorchError(
      ErrorCode.InvalidImage,
      `The pixels of the picture cannot be read: ${reason}.`,
      { cause },
    );
  } finally {
    bitmap.close();
  }
}
