/**
 * Where this package's own files are, without `import.meta`: for classic scripts, CommonJS and Metro.
 *
 * A classic script knows its own address. CommonJS knows its folder in Node. Elsewhere (Metro) nothing is known, so
 * the files come embedded in a module that is fetched when the first model is loaded, unless addresses are configured.
 */
import type { Embedded } from './assets.js';
import type { Variant } from '../base/probes.js';
import { hasNode } from '../base/platform.js';

// Only while the script runs for the first time does the document tell which one it is.
const script =
  __EW_TARGET__ === 'script' && typeof document === 'object'
    ? (document.currentScript as HTMLScriptElement | null)?.src
    : undefined;

/** Address of a file of dist/, or undefined. */
function beside(path: string): string | undefined {
  if (script) return new URL(path, script).href;
  if (__EW_TARGET__ !== 'commonjs' || !hasNode() || typeof __dirname !== 'string') return undefined;
  return new URL(`../${path}`, `${fileUrl(__dirname)}/`).href;
}

/** `file:` address of an absolute path, on Windows too; Node's own function for it may not be imported here. */
function fileUrl(path: string): string {
  const parts = path.replace(/\\/g, '/').split('/').map(encodeURIComponent);
  const joined = parts.join('/').replace(/^([a-z])%3A/i, '/$1:');
  return `file://${joined}`;
}

export async function embeddedAssets(): Promise<Embedded | undefined> {
  if (__EW_TARGET__ !== 'commonjs' || hasNode()) return undefined;
  const { inline } = await import('ew-inline');
  return inline;
}

export function binaryUrl(variant: Variant): string | undefined {
  return beside(`wasm/${variant}/ew.wasm`);
}

export function threadsScriptUrl(): string | undefined {
  return beside('wasm/simd-threads/ew.js');
}

export function workerUrl(): string | undefined {
  return beside('worker.js');
}

export function newWorker(): Worker | undefined {
  const address = workerUrl();
  if (address === undefined) return undefined;
  return new Worker(address, { type: 'module', name: 'executorch-web' });
}
