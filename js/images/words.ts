/** What is said of values that are no pictures. Fetched when it is needed: see worded(). */
import { counted, kindOf, quoted } from '../base/option-words.js';

/** What is wrong with a value that is no picture. */
export function ofSource(source: unknown): string {
  if (typeof source === 'string') {
    return source.trim() === ''
      ? 'The address of the picture is empty.'
      : `'${quoted(source)}' is not an address of a picture.`;
  }
  return `A picture is an address, bytes, a Blob, an element, a frame or pixels; got ${kindOf(source)}.`;
}

/** What is wrong with an element without pixels. */
export function ofElement(tag: string, width: number, height: number): string {
  const hint = /^HTML(Image|Video)Element$/.test(tag) ? ' (has it loaded?)' : '';
  return `The ${tag} is ${quoted(width)} x ${quoted(height)} pixels${hint}.`;
}

/** What is wrong with pixels whose sizes do not fit. */
export function ofPixels(width: number, height: number, channels: unknown, bytes: number): string {
  const count = channels === undefined ? '1, 3 or 4' : quoted(channels);
  if (bytes === 0 && width > 0 && height > 0)
    return 'The pixels have no bytes: their buffer is empty, or was transferred to another thread.';
  return `Pixels of ${quoted(width)} x ${quoted(height)} with ${count} channels do not fit ${counted(bytes, 'byte')}.`;
}
