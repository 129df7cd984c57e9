/** Which build of the core to use, and where its files are. */
import { configuration } from '../config.js';
import { ErrorCode, ExecutorchError } from '../errors/index.js';
import { detectCapabilities, type Variant } from './features.js';
import type { WasmLocation } from './instance.js';
import { baseUrl } from './platform.js';

// The literal form `new URL('…', import.meta.url)` is what bundlers recognise: they copy the files along.
const BINARIES: Record<Variant, () => URL> = {
  simd: () => new URL('./wasm/simd/ew.wasm', import.meta.url),
  relaxed: () => new URL('./wasm/relaxed/ew.wasm', import.meta.url),
  'simd-threads': () => new URL('./wasm/simd-threads/ew.wasm', import.meta.url),
  'relaxed-threads': () => new URL('./wasm/relaxed-threads/ew.wasm', import.meta.url),
};
const THREADS_SCRIPT = () => new URL('./wasm/simd-threads/ew.js', import.meta.url);

/** More threads than this gain nothing for image models. */
const MOST_THREADS = 4;

/**
 * Chooses variant and threads by {@link configure} and what works here.
 *
 * @throws ExecutorchError PlatformNotSupported when WebAssembly SIMD is missing or the variant that was
 * asked for cannot run here.
 */
export function locateWasm(): WasmLocation {
  const capabilities = detectCapabilities();
  const { reasons } = capabilities;
  if (!capabilities.simd) throw unsupported(reasons.simd);
  const { variant = 'auto', threads: asked = 1 } = configuration();
  const auto = Math.min(MOST_THREADS, capabilities.hardwareConcurrency);
  const wanted = asked === 'auto' ? auto : asked;
  if (variant !== 'auto') {
    const isThreaded = variant.endsWith('-threads');
    if (variant.startsWith('relaxed') && !capabilities.relaxedSimd)
      throw unsupported(reasons.relaxedSimd);
    if (isThreaded && !capabilities.threads) throw unsupported(reasons.threads);
    return location(variant, isThreaded ? Math.max(2, wanted) : 1);
  }
  const simd = capabilities.relaxedSimd ? 'relaxed' : 'simd';
  const useThreads = capabilities.threads && wanted > 1;
  return location(useThreads ? `${simd}-threads` : simd, useThreads ? wanted : 1);
}

function location(variant: Variant, threads: number): WasmLocation {
  const { wasmBaseUrl, wasmUrl } = configuration();
  if (wasmUrl !== undefined) {
    const binary = absolute(wasmUrl);
    return { variant, threads, wasmUrl: binary, scriptUrl: new URL('ew.js', binary).href };
  }
  if (wasmBaseUrl !== undefined) {
    const folder = absolute(`${String(wasmBaseUrl).replace(/\/$/, '')}/${variant}/`);
    return { variant, threads, wasmUrl: `${folder}ew.wasm`, scriptUrl: `${folder}ew.js` };
  }
  return { variant, threads, wasmUrl: BINARIES[variant]().href, scriptUrl: THREADS_SCRIPT().href };
}

/** Relative addresses mean the page's. */
export function absolute(address: string | URL): string {
  try {
    return new URL(address, baseUrl()).href;
  } catch (cause) {
    throw new ExecutorchError(ErrorCode.InvalidConfig, `'${String(address)}' is not an address.`, {
      cause,
    });
  }
}

function unsupported(reason = 'This platform is not supported.'): ExecutorchError {
  return new ExecutorchError(ErrorCode.PlatformNotSupported, reason);
}
