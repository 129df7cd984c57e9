/**
 * Where this package's own files are, as an ES module sees it.
 *
 * The literal form `new URL('…', import.meta.url)` is what bundlers recognise: they copy the files along and put
 * their new addresses here. Builds without `import.meta` use assets.classic.ts instead of this file.
 */
import type { Variant } from '../base/probes.js';

const BINARIES: Record<Variant, () => URL> = {
  simd: () => new URL('./wasm/simd/ew.wasm', import.meta.url),
  relaxed: () => new URL('./wasm/relaxed/ew.wasm', import.meta.url),
  'simd-threads': () => new URL('./wasm/simd-threads/ew.wasm', import.meta.url),
  'relaxed-threads': () => new URL('./wasm/relaxed-threads/ew.wasm', import.meta.url),
};

/** Settings that the build brings itself, for pages that can be served nothing else. */
export interface Embedded {
  workerUrl: string;
  wasmBinary: () => Promise<BufferSource>;
}

/** What is to be used when no address is configured; a module knows all addresses. */
export async function embeddedAssets(): Promise<Embedded | undefined> {
  return undefined;
}

/** Address of a build of the core; undefined when this build cannot know it. */
export function binaryUrl(variant: Variant): string | undefined {
  return known(BINARIES[variant]);
}

/** Address of the script from which threads start; both threads builds use the same. */
export function threadsScriptUrl(): string | undefined {
  return known(() => new URL('./wasm/simd-threads/ew.js', import.meta.url));
}

/** Address of the worker where it can be told without making bundlers copy the script twice. */
export function workerUrl(): string | undefined {
  return besideBinary(known(BINARIES.simd) ?? '');
}

/** Bundles that are no modules have no address of their own. */
function known(make: () => URL): string | undefined {
  try {
    return make().href;
  } catch {
    return undefined;
  }
}

/** A bundler renames the binary; where it has not, the worker is where the package has it. */
function besideBinary(binary: string): string | undefined {
  const match = /^(.*\/)wasm\/simd\/ew\.wasm$/.exec(binary);
  return match ? `${match[1]}worker.js` : undefined;
}

/** Starts the worker; undefined when this build cannot know where it is. */
export function newWorker(): Worker | undefined {
  // Exactly this form is what bundlers recognise as a worker.
  return new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: 'executorch-web',
  });
}
