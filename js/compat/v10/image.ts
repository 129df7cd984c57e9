/** Pictures and their preprocessing as 0.10 describes them. */
import type { Preprocessor, RawPixels } from '../../images/types.js';
import { quoted } from '../../base/option-words.js';
import { tellStrangeNames } from '../../base/strange-names.js';
import { RnExecuTorchError } from './errors.js';

/** Order of a pixel's channels. */
export type ImageFormat = 'rgb' | 'rgba' | 'bgr' | 'bgra' | 'gray';

/** Pixels in rows; `data` has width * height * channels bytes. */
export interface ImageBuffer {
  /** The bytes. */
  readonly data: Uint8Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Channels of a pixel and their order. */
  readonly format: ImageFormat;
  /** Rows of pixels, pixels of channels: the only layout. */
  readonly layout: 'hwc';
}

const CHANNELS: Record<ImageFormat, 1 | 3 | 4> = { rgb: 3, rgba: 4, bgr: 3, bgra: 4, gray: 1 };

/** @throws RnExecuTorchError INVALID_ARGUMENT. */
export function pixelsOf(buffer: ImageBuffer): RawPixels {
  const { data, width, height, format, layout } = buffer ?? {};
  const channels = CHANNELS[format] as 1 | 3 | 4 | undefined;
  if (typeof channels !== 'number' || layout !== 'hwc' || !(data instanceof Uint8Array)) {
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      `An ImageBuffer has data (Uint8Array), width, height, format (${Object.keys(CHANNELS).join(', ')}) and layout 'hwc'; ` +
        `this one has format '${quoted(format)}' and layout '${quoted(layout)}'.`,
    );
  }
  if (data.length !== width * height * channels) {
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      `An ImageBuffer of ${width}x${height} '${format}' pixels has ${width * height * channels} bytes, not ${data.length}.`,
    );
  }
  const isReversed = format === 'bgr' || format === 'bgra';
  return { data: isReversed ? reversed(data, channels) : data, width, height, channels };
}

/** The same pixels with red and blue exchanged. */
function reversed(data: Uint8Array, channels: number): Uint8Array {
  const out = data.slice();
  for (let i = 0; i < out.length; i += channels) {
    out[i] = data[i + 2] ?? 0;
    out[i + 2] = data[i] ?? 0;
  }
  return out;
}

type PerChannel = number | readonly [number, number, number] | readonly number[];

/** alpha * pixel + beta, for pixels 0..255, per channel or for all. */
export interface NormalizeOptions {
  /** Default: 1 / 255. */
  readonly alpha?: PerChannel;
  /** Default: 0. */
  readonly beta?: PerChannel;
}

/** What 0.10's models say of their input. */
export interface ImageOptions {
  readonly resizeMode?: string;
  readonly interpolation?: string;
  readonly normalizeOpts?: NormalizeOptions;
  readonly padValue?: unknown;
}

const OPTIONS = [
  'labels',
  'landmarks',
  'resizeMode',
  'interpolation',
  'normalizeOpts',
  'padValue',
  'outInterpolation',
];

/**
 * The same as mean and standard deviation of pixels / 255; undefined for plain pixels / 255.
 *
 * @throws RnExecuTorchError INVALID_ARGUMENT for a way of resizing other than 'stretch' and 'linear', or alpha 0.
 */
export function preprocessorOf(options: ImageOptions): Preprocessor | undefined {
  const { resizeMode = 'stretch', interpolation = 'linear', normalizeOpts = {} } = options;
  tellStrangeNames('modelOpts', options, OPTIONS);
  tellStrangeNames('normalizeOpts', normalizeOpts, ['alpha', 'beta']);
  expectOnly('resizeMode', resizeMode, 'stretch');
  expectOnly('interpolation', interpolation, 'linear');
  const alpha = triple('alpha', normalizeOpts.alpha ?? 1 / 255);
  const beta = triple('beta', normalizeOpts.beta ?? 0);
  if (alpha.includes(0)) throw RnExecuTorchError('INVALID_ARGUMENT', 'normalizeOpts.alpha is 0.');
  const std = alpha.map((one) => 1 / (255 * one));
  const mean = alpha.map((one, i) => -(beta[i] ?? 0) / (255 * one));
  const isPlain = std.every((one) => Math.abs(one - 1) < 1e-12) && mean.every((one) => one === 0);
  return isPlain
    ? undefined
    : { normMean: mean as [number, number, number], normStd: std as [number, number, number] };
}

function expectOnly(name: string, given: unknown, here: string): void {
  if (given === here) return;
  throw RnExecuTorchError(
    'INVALID_ARGUMENT',
    `${name} '${quoted(given)}' is not available on the web; '${here}' is.`,
  );
}

function triple(name: string, value: PerChannel): number[] {
  const list = typeof value === 'number' ? [value, value, value] : value;
  const isTriple = Array.isArray(list) && list.length === 3 && list.every(Number.isFinite);
  if (isTriple) return [...list];
  throw RnExecuTorchError(
    'INVALID_ARGUMENT',
    `normalizeOpts.${name} is a finite number or three of them.`,
  );
}
