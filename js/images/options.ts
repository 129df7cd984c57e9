/** Checks of what callers say about a picture. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { shownValue } from '../base/option-words.js';
import type { Cut, ImageOptions, Region } from './types.js';

/** Names of the options that every use of a picture takes. */
export const IMAGE_OPTIONS = ['region', 'rotation', 'maxPixels'] as const;

/** The core counts pixels in this many bits, less the sign. */
const MOST_PIXELS = 2 ** 31 - 1;

/**
 * The options as the core takes them.
 *
 * @throws ExecutorchError InvalidArgument for values that cannot be meant.
 */
export function cutOf({ region, rotation = 0, maxPixels }: ImageOptions): Cut {
  if (region !== undefined && !isRegion(region)) {
    throw invalid('region is { x, y, width, height } in whole pixels of the picture');
  }
  if (!Number.isSafeInteger(rotation) || rotation % 90 !== 0) {
    throw invalid(`rotation is a multiple of 90 degrees, got ${shownValue(rotation)}`);
  }
  if (maxPixels !== undefined && !isCount(maxPixels)) {
    const shown = shownValue(maxPixels);
    throw invalid(`maxPixels is a number of pixels, 1 to ${MOST_PIXELS}; got ${shown}`);
  }
  return { region, turns: (((rotation / 90) % 4) + 4) % 4, maxPixels };
}

function isRegion(region: unknown): region is Region {
  if (typeof region !== 'object' || region === null) return false;
  const { x, y, width, height } = region as Record<string, unknown>;
  return [x, y, width, height].every(
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  );
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= MOST_PIXELS;

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidArgument, `${reason}.`);
}
