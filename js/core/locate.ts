/** Which build of the core to use, and where its files are. */
import { configuration, type Configuration } from '../base/config.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { detectCapabilities, type Variant } from '../base/features.js';
import { binaryUrl, embeddedAssets, threadsScriptUrl } from './assets.js';
import { compileBytes, type WasmLocation } from './instance.js';
import { asBytes, baseUrl } from '../base/platform.js';

/** More threads than this gain nothing for image models. */
const MOST_THREADS = 4;

/**
 * Chooses variant and threads by {@link configure} and what works here.
 *
 * @throws ExecutorchError PlatformNotSupported when WebAssembly SIMD is missing or the variant that was
 * asked for cannot run here.
 */
export async function locateWasm(): Promise<WasmLocation> {
  const capabilities = detectCapabilities();
  const { reasons } = capabilities;
  if (!capabilities.simd) throw unsupported(reasons.simd);
  const { variant = usualVariant(), threads: asked = 1 } = configuration();
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
    const folder = absolute(`${String(wasmBaseUrl).replace(/\/$/, '')}/${variant}/`);
    return { variant, threads, wasmUrl: `${folder}ew.wasm`, scriptUrl: `${folder}ew.js` };
  }
  const own = binaryUrl(variant);
  if (own !== undefined) {
    return { variant, threads, wasmUrl: own, scriptUrl: threadsScriptUrl() ?? '' };
  }
  const embedded = await embeddedAssets();
  if (embedded) return fromBinary(embedded.wasmBinary, variant, threads);
  throw new ExecutorchError(
    ErrorCode.WasmLoadFailed,
    'This build does not know where its binaries are: call configure({ wasmBaseUrl, workerUrl }).',
  );
}

type BinarySetting = NonNullable<Configuration['wasmBinary']>;

const compilations = new WeakMap<object, Promise<WebAssembly.Module>>();

/** A binary at hand is compiled once, whatever the number of models. */
async function fromBinary(
  setting: BinarySetting,
  variant: Variant,
  threads: number,
): Promise<WasmLocation> {
  const wasmUrl = 'configure({ wasmBinary })';
  let compiling = compilations.get(setting);
  if (!compiling) {
    compiling = compileSetting(setting, wasmUrl);
    compilations.set(setting, compiling);
    compiling.catch(() => compilations.delete(setting));
  }
  const compiled = await compiling;
  return { variant, threads, wasmUrl, scriptUrl: threadsScriptUrl() ?? '', compiled };
}

async function compileSetting(setting: BinarySetting, name: string): Promise<WebAssembly.Module> {
  const binary = typeof setting === 'function' ? await setting() : setting;
  const bytes = asBytes(binary);
  return bytes ? compileBytes(name, bytes, 'a setting') : (binary as WebAssembly.Module);
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
