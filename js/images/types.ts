/** What counts as a picture, and how it is prepared for a model. */
import type { ScalarType } from '../base/scalar-type.js';
import type { BytesLike } from '../base/types.js';

/** Normalisation: (px − 255·mean) / (255·std) per channel; px/255 without it. */
export interface Preprocessor {
  /** Mean of R, G, B in 0..1. Default [0, 0, 0]. */
  normMean?: readonly number[];
  /** Standard deviation of R, G, B in 0..1. Default [1, 1, 1]. */
  normStd?: readonly number[];
}

/** A part of the upright picture, in its pixels. */
export interface Region {
  /** Columns to the left of it. */
  x: number;
  /** Rows above it. */
  y: number;
  /** Its columns. */
  width: number;
  /** Its rows. */
  height: number;
}

/** Decoded pixels: rows of `width * channels` bytes; 1 (grey), 3 (RGB) or 4 (RGBA, alpha is ignored). */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
  /** EXIF orientation 1..8 that is still to be applied. Default 1: the pixels are upright. */
  orientation?: number;
}

/** An encoded image (JPEG, PNG, BMP, GIF …) or pixels. */
export type Picture = { bytes: Uint8Array } | Pixels;

/** Size of a picture, upright and after region and rotation, in pixels. */
export interface PictureSize {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
}

/** What of a picture is looked at: checked options. */
export interface Cut {
  region?: Region;
  /** Quarter turns, clockwise: 0 to 3. */
  turns?: number;
  /** Pictures with more pixels than this are refused. Default: the limit of the core. */
  maxPixels?: number;
}

export interface ImageOptions {
  /** Part of the picture to look at. Default: all of it. */
  region?: Region;
  /** Clockwise degrees, a multiple of 90, by which to turn (the region of) the picture. Default 0. */
  rotation?: number;
  preprocessor?: Preprocessor;
  /** Size that the model's input gets, where its file leaves it free. Default: the picture's. */
  inputSize?: PictureSize;
  /** Pictures with more pixels than this are refused. Default: the limit of the core. */
  maxPixels?: number;
}

/** Pixels by hand: rows of `width * channels` bytes; 1 (grey), 3 (RGB) or 4 (RGBA, alpha is ignored). */
export interface RawPixels {
  /** The bytes, channel after channel, row after row. */
  data: Uint8Array | Uint8ClampedArray;
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Bytes per pixel. Default: what width, height and the number of bytes leave. */
  channels?: 1 | 3 | 4;
}

/** Pixels as react-native-executorch 0.8 passes them: rows of RGB bytes, sizes [height, width, 3]. */
export interface PixelData {
  /** The bytes, RGB after RGB. */
  dataPtr: BytesLike;
  /** [height, width, 3]. */
  sizes: readonly number[];
  /** ScalarType.BYTE. */
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
  | { kind: 'bitmap'; bitmap: ImageBitmap | VideoFrame };
