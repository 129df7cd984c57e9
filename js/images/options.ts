/** Checks of what callers say about a picture. */
import { ErrorCode, ExecutorchError, textOf } from '../base/errors.js';
import type { ImageOptions } from './types.js';

/** Names of the options that every use of a picture takes. */
export const IMAGE_OPTIONS = ['region', 'rotation', 'maxPixels'] as const;

/** @throws ExecutorchError InvalidArgument for values that cannot be meant. */
export function checkImageOptions({ region, rotation, maxPixels }: ImageOptions): void {
  if (region !== undefined && !isRegion(region)) {
    throw invalid('region is { x, y, width, height } in whole pixels of the picture');
  }
  if (rotation !== undefined && !(Number.isSafeInteger(rotation) && rotation % 90 === 0)) {
    throw invalid(`rotation is a multiple of 90 degrees, got ${textOf(rotation)}`);
  }
  if (maxPixels !== undefined && !(Number.isFinite(maxPixels) && maxPixels >= 1)) {
    throw invalid(`maxPixels is a number of pixels, got ${textOf(maxPixels)}`);
  }
}

function isRegion(region: unknown): boolean {
  if (typeof region !== 'object' || region === null) return false;
  const { x, y, width, height } = region as Record<string, unknown>;
  return [x, y, width, height].every(
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  );
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidArgument, `${reason}.`);
}
