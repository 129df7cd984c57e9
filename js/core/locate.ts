/** Which build of the core to use, and where its files are. */
import { configuration } from '../base/config.js';
import { ErrorCode, ExecutorchError, worded } from '../base/errors.js';
import { supportedFeatures, type Variant } from '../base/probes.js';
import { binaryUrl, embeddedAssets, threadsScriptUrl } from './assets.js';
import type { WasmLocation } from './instance.js';
import type { BinarySetting } from './wasm-binary.js';
import { baseUrl } from '../base/platform.js';

/** More threads than this gain nothing for image models. */
const MOST_THREADS = 4;

/**
 * Threads for 'auto'. Logical processors are often two to a core, and some browsers tell more than there are; threads
 * without a core of their own wait for each other, and cost more than they bring.
 */
export function usefulThreads(processors: number): number {
  return Math.min(processors, MOST_THREADS, Math.max(2, Math.floor(processors / 2)));
}

/**
 * Chooses variant and threads by {@link configure} and what works here.
 *
 * @throws ExecutorchError PlatformNotSupported when WebAssembly SIMD is missing or the variant that was
 * asked for cannot run here.
 */
export async function locateWasm(): Promise<WasmLocation> {
  const features = supportedFeatures();
  if (!features.simd) throw await lacking('simd');
  const { variant = usualVariant(), threads: asked = 1 } = configuration();
  const auto = usefulThreads(features.hardwareConcurrency);
  const wanted = asked === 'auto' ? auto : asked;
  if (variant !== 'auto') {
    const isThreaded = variant.endsWith('-threads');
    if (variant.startsWith('relaxed') && !features.relaxedSimd) throw await lacking('relaxedSimd');
    if (isThreaded && !features.threads) throw await lacking('threads');
    return location(variant, isThreaded ? Math.max(2, wanted) : 1);
  }
  const simd = features.relaxedSimd ? 'relaxed' : 'simd';
  const useThreads = features.threads && wanted > 1;
  return location(useThreads ? `${simd}-threads` : simd, useThreads ? wanted : 1);
}

/** A binary at hand is taken for the build that runs everywhere. */
function usualVariant(): Variant | 'auto' {
  const { wasmBinary, wasmBaseUrl, wasmUrl } = configuration();
  if (wasmBinary !== undefined) return 'simd';
  const isLocated = (wasmBaseUrl ?? wasmUrl ?? binaryUrl('simd')) !== undefined;
  return isLocated ? 'auto' : 'simd';
}

async function location(variant: Variant, threads: number): Promise<WasmLocation> {
  const { wasmBaseUrl, wasmUrl, wasmBinary } = configuration();
  if (wasmBinary !== undefined) return fromBinary(wasmBinary, variant, threads);
  if (wasmUrl !== undefined) {
    const binary = absolute(wasmUrl);
    return { variant, threads, wasmUrl: binary, scriptUrl: new URL('ew.js', binary).href };
  }
  if (wasmBaseUrl !== undefined) {
    const folder = absolute(`${String(wasmBaseUrl).replace(/\/$/, '')}/`);
    // Both builds with threads use the same script.
    const scriptUrl = `${folder}simd-threads/ew.js`;
    return { variant, threads, wasmUrl: `${folder}${variant}/ew.wasm`, scriptUrl };
  }
  const own = binaryUrl(variant);
  if (own !== undefined) {
    return { variant, threads, wasmUrl: own, scriptUrl: threadsScriptUrl() ?? '' };
  }
  const embedded = await embeddedAssets();
  if (embedded) return fromBinary(embedded.wasmBinary, variant, threads);
  throw new ExecutorchError(
    ErrorCode.WasmLoadFailed,
    'The binaries have no known address: call configure({ wasmBaseUrl, workerUrl }).',
  );
}

/** A binary at hand is compiled once, whatever the number of models. Who has none does not carry the code for it. */
async function fromBinary(
  setting: BinarySetting,
  variant: Variant,
  threads: number,
): Promise<WasmLocation> {
  const { compileSetting } = await import('./wasm-binary.js');
  const compiled = await compileSetting(setting);
  const wasmUrl = 'configure({ wasmBinary })';
  return { variant, threads, wasmUrl, scriptUrl: threadsScriptUrl() ?? '', compiled };
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

/** The error of a feature that is needed and missing. */
function lacking(feature: 'simd' | 'relaxedSimd' | 'threads'): Promise<ExecutorchError> {
  const words = import('../base/feature-words.js');
  return worded(
    ErrorCode.PlatformNotSupported,
    words,
    ({ reasonsFor }) => reasonsFor(supportedFeatures())[feature] ?? `${feature} is missing.`,
  );
}
