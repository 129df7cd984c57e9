/** Pixels out of what the browser has decoded, as stored: no colour management, no premultiplied alpha. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { Pixels } from './types.js';
import { withoutExif } from './webp.js';

const AS_STORED: ImageBitmapOptions = { premultiplyAlpha: 'none', colorSpaceConversion: 'none' };

/** A bitmap as this library makes them everywhere: turned as EXIF says, colours as they are stored. */
export function toBitmap(
  source: ImageBitmapSource,
  more: ImageBitmapOptions = {},
): Promise<ImageBitmap> {
  const options = { ...AS_STORED, ...more };
  return createImageBitmap(source, { ...options, imageOrientation: 'from-image' }).catch(
    (error: unknown) => {
      // Engines from before that word turn pictures by themselves, and refuse the word.
      if (error instanceof TypeError) return createImageBitmap(source, options);
      throw error;
    },
  );
}

/**
 * Formats that only the platform may know: WebP, AVIF, HEIC. Undefined when it does not either.
 *
 * @param orientation EXIF orientation of the file as the core reads it.
 */
export async function decodeByPlatform(
  bytes: Uint8Array,
  orientation: number,
): Promise<Pixels | undefined> {
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function') {
    return undefined;
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await toBitmap(new Blob([withoutExif(bytes) as BlobPart]));
  } catch {
    return undefined;
  }
  return { ...(await readBitmap(bitmap)), orientation };
}

/**
 * Pixels of a bitmap, which is closed.
 *
 * @throws ExecutorchError InvalidImage when the bitmap may not be read, MemoryAllocationFailed.
 */
export async function readBitmap(bitmap: ImageBitmap): Promise<Pixels> {
  const { width, height } = bitmap;
  try {
    const data = readCanvas(bitmap);
    // A canvas multiplies alpha in and loses the colours of transparent pixels; textures and frames do not.
    const exact = isOpaque(data) ? undefined : (readTexture(bitmap) ?? (await readByFrame(bitmap)));
    return { data: exact ?? data, width, height, channels: 4 };
  } catch (cause) {
    if (cause instanceof RangeError) {
      const message = `Out of memory: ${width} x ${height} pixels of a picture.`;
      throw new ExecutorchError(ErrorCode.MemoryAllocationFailed, message, { cause });
    }
    throw unreadable(cause);
  } finally {
    bitmap.close();
  }
}

/** Why pixels of the page cannot be read: mostly another origin's. */
export function unreadable(cause: unknown): ExecutorchError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const isForeign = name === 'SecurityError' || name === 'DataCloneError';
  const reason = isForeign
    ? 'it comes from another origin; load it with crossOrigin="anonymous"'
    : message;
  return new ExecutorchError(
    ErrorCode.InvalidImage,
    `The pixels of the picture cannot be read: ${reason}.`,
    { cause },
  );
}

function readCanvas(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('there is no 2D canvas');
  context.drawImage(bitmap, 0, 0);
  return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
}

function isOpaque(rgba: Uint8Array): boolean {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.byteLength / 4);
  return pixels.every((pixel) => pixel >>> 24 === 255);
}

/** The pixels through WebGL; undefined where there is none, or the bitmap is too large for it. */
function readTexture(bitmap: ImageBitmap): Uint8Array | undefined {
  const { width, height } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl');
  if (!gl) return undefined;
  try {
    const limit = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    if (width > limit || height > limit) return undefined;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    const { FRAMEBUFFER, COLOR_ATTACHMENT0, TEXTURE_2D } = gl;
    gl.framebufferTexture2D(
      FRAMEBUFFER,
      COLOR_ATTACHMENT0,
      TEXTURE_2D,
      gl.getParameter(gl.TEXTURE_BINDING_2D),
      0,
    );
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) return undefined;
    const data = new Uint8Array(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    return gl.getError() === gl.NO_ERROR ? data : undefined;
  } finally {
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

/** The pixels through a frame, where there is no WebGL; undefined where there are no frames or not of 8-bit colours. */
async function readByFrame(bitmap: ImageBitmap): Promise<Uint8Array | undefined> {
  if (typeof VideoFrame !== 'function') return undefined;
  const frame = new VideoFrame(bitmap, { alpha: 'keep', timestamp: 0 });
  try {
    const { format } = frame;
    if (format !== 'RGBA' && format !== 'BGRA') return undefined;
    // Not converted by copyTo: some engines multiply alpha in on the way.
    const data = new Uint8Array(frame.allocationSize());
    await frame.copyTo(data);
    if (format === 'BGRA') swapRedAndBlue(data);
    return data;
  } finally {
    frame.close();
  }
}

function swapRedAndBlue(pixels: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 4) {
    const blue = pixels[i]!;
    pixels[i] = pixels[i + 2]!;
    pixels[i + 2] = blue;
  }
}
