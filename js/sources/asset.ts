/** Sources as bundlers hand them out: asset numbers, and objects that hold an address. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { resourceConfiguration } from '../base/resource-config.js';

interface Asset {
  httpServerLocation?: unknown;
  name?: unknown;
  type?: unknown;
  hash?: unknown;
}

/**
 * Address of the asset that Metro's `require()` gave the number of.
 *
 * @throws ExecutorchError InvalidModelSource when no registry is configured or it does not know the number.
 */
export function assetAddress(id: number): string {
  const { assetRegistry } = resourceConfiguration();
  if (!assetRegistry) {
    throw invalid(`Asset numbers such as ${id} need configure({ assetRegistry }).`);
  }
  const asset = assetRegistry.getAssetByID(id);
  const address = addressOf(asset) ?? addressOfAsset((asset ?? {}) as Asset);
  if (address === undefined) throw invalid(`There is no asset number ${id}.`);
  return address;
}

/** The address in a bundler's module or asset object; undefined for objects that are data. */
export function addressOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value;
  // Modules inside of modules go two deep; an object that is its own default would go on for ever.
  if (typeof value !== 'object' || value === null || depth > 3) return undefined;
  const { uri, src, default: exported } = value as Record<string, unknown>;
  const address = [uri, src].find((item) => typeof item === 'string') as string | undefined;
  return address ?? addressOf(exported, depth + 1);
}

function addressOfAsset({ httpServerLocation, name, type, hash }: Asset): string | undefined {
  if (typeof httpServerLocation !== 'string' || typeof name !== 'string') return undefined;
  const extension = typeof type === 'string' && type !== '' ? `.${type}` : '';
  const version = typeof hash === 'string' ? `?hash=${encodeURIComponent(hash)}` : '';
  return `${httpServerLocation}/${name}${extension}${version}`;
}

function invalid(message: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidModelSource, message);
}
