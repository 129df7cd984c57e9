/** What counts as a picture. */
import type { ScalarType } from '../base/scalar-type.js';
import type { Pixels } from '../core/types.js';
import type { BytesLike } from '../base/types.js';

/** Pixels by hand: rows of `width * channels` bytes; 1 (grey), 3 (RGB) or 4 (RGBA, alpha is ignored). */
export interface RawPixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  channels?: 1 | 3 | 4;
}

/** Pixels as react-native-executorch 0.8 passes them: rows of RGB bytes, sizes [height, width, 3]. */
export interface PixelData {
  dataPtr: BytesLike;
  sizes: readonly number[];
  scalarType: ScalarType;
}

/**
 * A picture:
 * an address (`http:`, `https:`, relative, `data:`, `blob:`; in Node `file:` and paths), bare base64 of an
 * encoded image, the encoded bytes, a Blob or File, an element or frame of the page, or pixels. What is
 * handed in stays usable.
 */
export type ImageSource =
  | string
  | URL
  | Blob
  | BytesLike
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame
  | RawPixels
  | PixelData;

/** A picture in a form that crosses to a worker. */
export type WireImage =
  | { kind: 'address'; address: string }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'blob'; blob: Blob }
  | { kind: 'pixels'; pixels: Pixels }
  | { kind: 'bitmap'; bitmap: ImageBitmap };
