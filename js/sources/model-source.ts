/** Model sources as the caller writes them, made absolute: a worker has another base address. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { asBytes, baseUrl, hasNode, isBlob } from '../base/platform.js';
import { addressOf, assetAddress } from './asset.js';
import type { ResourceSource } from '../base/types.js';

/** @throws ExecutorchError InvalidModelSource. */
export function absoluteSource(source: ResourceSource): ResourceSource {
  if (source instanceof URL) return source.href;
  if (typeof source === 'string') return absoluteAddress(source.trim());
  if (asBytes(source) || isBlob(source)) return source;
  if (typeof source === 'number') return absoluteAddress(assetAddress(source));
  if (typeof source === 'object' && source !== null) {
    const address = addressOf(source);
    return address === undefined ? source : absoluteAddress(address);
  }
  throw new ExecutorchError(
    ErrorCode.InvalidModelSource,
    `A model source is an address, a Blob or bytes; got ${source === null ? 'null' : typeof source}.`,
  );
}

function absoluteAddress(address: string): string {
  if (address === '') {
    throw new ExecutorchError(ErrorCode.InvalidModelSource, 'The model source is empty.');
  }
  if (/^[a-z][a-z\d+.-]+:/i.test(address)) return address;
  const base = baseUrl();
  if (base === undefined && hasNode()) return address;
  try {
    return new URL(address, base).href;
  } catch (cause) {
    const message = `'${address.slice(0, 200)}' is not an address.`;
    throw new ExecutorchError(ErrorCode.InvalidModelSource, message, { cause });
  }
}
