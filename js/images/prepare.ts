/** The page's side of a picture: from whatever the caller has to something that can cross to a worker. */
import { ErrorCode, worded } from '../base/errors.js';
import { asBytes, baseUrl, hasNode, isBlob, tagOf } from '../base/platform.js';
import { isBareBase64 } from './base64.js';
import { toBitmap, unreadable } from './bitmap.js';
import { ScalarType } from '../base/scalar-type.js';
import type { Pixels, ImageSource, PixelData, RawPixels, WireImage } from './types.js';

const ELEMENTS = new Set([
  'HTMLImageElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'HTMLVideoElement',
  'VideoFrame',
  'ImageBitmap',
  'SVGImageElement',
]);

/**
 * @throws ExecutorchError InvalidUserInput when the value is no picture, InvalidImage when it has no pixels
 * (yet), FileReadFailed for addresses that cannot exist.
 */
export async function prepareImage(source: ImageSource): Promise<WireImage> {
  if (typeof source === 'string') return fromText(source);
  if (source instanceof URL) return { kind: 'address', address: source.href };
  const bytes = asBytes(source);
  if (bytes) return { kind: 'bytes', bytes };
  if (isBlob(source)) return { kind: 'blob', blob: source };
  const tag = tagOf(source);
  if (ELEMENTS.has(tag)) return { kind: 'bitmap', bitmap: await bitmapOf(source as Element, tag) };
  if (isRawPixels(source)) return { kind: 'pixels', pixels: await checkedPixels(source) };
  if (isPixelData(source)) return { kind: 'pixels', pixels: await fromPixelData(source) };
  throw await refused(ErrorCode.InvalidUserInput, ({ ofSource }) => ofSource(source));
}

function refused(code: ErrorCode, say: (words: typeof import('./words.js')) => string) {
  return worded(code, import('./words.js'), say);
}

async function fromText(text: string): Promise<WireImage> {
  const address = text.trim();
  if (address === '') throw await refused(ErrorCode.InvalidUserInput, (say) => say.ofSource(text));
  if (isBareBase64(address)) return { kind: 'address', address: `data:;base64,${address}` };
  if (/^(data|blob|https?|file):/i.test(address)) return { kind: 'address', address };
  const base = baseUrl();
  if (base === undefined && hasNode()) return { kind: 'address', address };
  try {
    return { kind: 'address', address: new URL(address, base).href };
  } catch {
    throw await refused(ErrorCode.FileReadFailed, ({ ofSource }) => ofSource(text));
  }
}

type Element = Exclude<ImageBitmapSource, ImageData | Blob>;

async function bitmapOf(element: Element, tag: string): Promise<ImageBitmap> {
  const { width, height } = sizeOf(element, tag);
  if (!(width > 0 && height > 0)) {
    throw await refused(ErrorCode.InvalidImage, (say) => say.ofElement(tag, width, height));
  }
  try {
    return await toBitmap(element);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function sizeOf(element: Element, tag: string): { width: number; height: number } {
  const any = element as unknown as Record<string, number>;
  const names: Record<string, [string, string]> = {
    HTMLImageElement: ['naturalWidth', 'naturalHeight'],
    HTMLVideoElement: ['videoWidth', 'videoHeight'],
    VideoFrame: ['displayWidth', 'displayHeight'],
  };
  const [width, height] = names[tag] ?? ['width', 'height'];
  // SVG's sizes are objects; such elements fail later, in createImageBitmap, if they must.
  const number = (name: string) => (typeof any[name] === 'number' ? any[name] : 1);
  return { width: number(width), height: number(height) };
}

function isRawPixels(source: unknown): source is RawPixels {
  if (typeof source !== 'object' || source === null) return false;
  const { data, width, height } = source as Partial<RawPixels>;
  return isBytes(data) && typeof width === 'number' && typeof height === 'number';
}

function isPixelData(source: unknown): source is PixelData {
  if (typeof source !== 'object' || source === null) return false;
  const { dataPtr, sizes, scalarType } = source as Partial<PixelData>;
  return asBytes(dataPtr) !== undefined && Array.isArray(sizes) && scalarType === ScalarType.BYTE;
}

/** Bytes, not wider elements: those would be taken for bytes without a word. */
function isBytes(data: unknown): data is Uint8Array | Uint8ClampedArray {
  return /^Uint8(Clamped)?Array$/.test(tagOf(data));
}

function fromPixelData({ dataPtr, sizes }: PixelData): Promise<Pixels> {
  const [height = 0, width = 0, channels = 0] = sizes;
  const data = asBytes(dataPtr) ?? new Uint8Array(0);
  return checkedPixels({ data, width, height, channels: channels as 1 | 3 | 4 });
}

async function checkedPixels({ data, width, height, channels }: RawPixels): Promise<Pixels> {
  const { byteLength } = data;
  const count = channels ?? byteLength / (width * height);
  const isWhole = [width, height].every((n) => Number.isInteger(n) && n > 0 && n <= 65536);
  if (!isWhole || ![1, 3, 4].includes(count) || byteLength !== width * height * count) {
    throw await refused(ErrorCode.InvalidUserInput, ({ ofPixels }) =>
      ofPixels(width, height, channels, byteLength),
    );
  }
  return { data: asBytes(data)!, width, height, channels: count };
}
