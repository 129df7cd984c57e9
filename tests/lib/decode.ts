// From anything that counts as a picture to upright RGB pixels, by the library's own steps but without a model.
import type { Engine } from '../../js/core/engine.js';
import type { ImageOptions, ImageSource } from '../../js/images/types.js';
import { isExecutorchError } from '../../js/base/errors.js';
import { cutOf } from '../../js/images/options.js';
import { prepareImage } from '../../js/images/prepare.js';
import { resolveImage } from '../../js/images/resolve.js';

export interface Decoded {
  width: number;
  height: number;
  rgb: Uint8Array;
}

export async function pixelsOf(
  engine: Engine,
  source: ImageSource,
  options: ImageOptions = {},
): Promise<Decoded> {
  const picture = await resolveImage(await prepareImage(source));
  const image = engine.decode(picture, cutOf(options));
  const { width, height } = image;
  const rgb = engine.pixels(image);
  engine.freeImage(image);
  return { width, height, rgb };
}

/** Code and message of the error that `work` ends with; undefined when it succeeds. */
export async function refusal(
  work: () => unknown,
): Promise<{ code: number; message: string } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!isExecutorchError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
