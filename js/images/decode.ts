/** From a picture to pixels in the core, whoever is able to decode it. */
import { ErrorCode, isExecutorchError, throwIfAborted } from '../base/errors.js';
import { decodeByPlatform } from './bitmap.js';
import { cutOf } from './options.js';
import { resolveImage } from './resolve.js';
import type { Cut, ImageOptions, Picture, WireImage } from './types.js';

/** What decodes pictures in the core. */
interface Decoder<Decoded> {
  decode(picture: Picture, cut: Cut): Decoded;
  /** EXIF orientation 1..8 of an encoded picture. */
  orientation(bytes: Uint8Array): number;
}

/**
 * Decodes a picture. What the core refuses as a format that it does not know, the browser is asked for.
 *
 * @throws ExecutorchError FileReadFailed, InvalidImage, UnsupportedImage, ImageTooLarge, InvalidArgument, Aborted.
 */
export async function decodeImage<Decoded>(
  core: Decoder<Decoded>,
  image: WireImage,
  options: ImageOptions,
  signal?: AbortSignal,
): Promise<Decoded> {
  const cut = cutOf(options);
  const picture = await resolveImage(image, signal);
  throwIfAborted(signal);
  try {
    return core.decode(picture, cut);
  } catch (error) {
    if (!isExecutorchError(error, ErrorCode.UnsupportedImage) || !('bytes' in picture)) throw error;
    const { bytes } = picture;
    const pixels = await decodeByPlatform(bytes, core.orientation(bytes));
    if (!pixels) throw error;
    return core.decode(pixels, cut);
  }
}
