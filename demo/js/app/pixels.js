/** A picture that is decoded once, for measurements of what comes after decoding. */
import { el } from '../lib/dom.js';

/** @param source address or Blob. @returns ImageData, or the source where only the library can read it. */
export async function pixelsOf(source) {
  try {
    const blob = typeof source === 'string' ? await (await fetch(source)).blob() : source;
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    const context = el('canvas', { width, height }).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return context.getImageData(0, 0, width, height);
  } catch {
    return source;
  }
}
