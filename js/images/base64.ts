/** Images inside of text: `data:` addresses and bare base64. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';

// How the first bytes of JPEG, PNG, GIF, BMP, WebP (RIFF) and ISO media (AVIF, HEIC) look in base64.
const STARTS = /^(\/9j\/|iVBORw0KGgo|R0lGOD|Qk[01]|UklGR|AAAA[A-Za-z0-9+/]{2}Z0eX)/;

/** True for text that is the base64 of an image, not an address. */
export function isBareBase64(text: string): boolean {
  return text.length >= 32 && STARTS.test(text) && !/[.:?%]/.test(text.slice(0, 4096));
}

/**
 * Bytes of a `data:` address.
 *
 * @throws ExecutorchError InvalidImage when it is not well-formed.
 */
export function bytesOfDataUrl(address: string): Uint8Array {
  const comma = address.indexOf(',');
  if (comma < 0) throw malformed('it has no comma');
  const head = address.slice(5, comma);
  const body = address.slice(comma + 1);
  try {
    if (/;\s*base64\s*$/i.test(head)) return fromBase64(decodeURIComponent(body));
    return fromPercent(body);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/'));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Percent escapes stand for bytes, not for characters: images are not text. */
function fromPercent(text: string): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of text.split(/(%[\da-f]{2})/i)) {
    if (/^%[\da-f]{2}$/i.test(part)) bytes.push(parseInt(part.slice(1), 16));
    else bytes.push(...encoder.encode(part));
  }
  return Uint8Array.from(bytes);
}

function malformed(reason: string, cause?: unknown): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.InvalidImage,
    `The data: address of the picture is malformed: ${reason}.`,
    { cause },
  );
}
