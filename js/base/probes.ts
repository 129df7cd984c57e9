/** Which builds of the core there are, and which of them can run here. */

/** The builds of the core. */
export const VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'] as const;
/** A build of the core: with or without relaxed SIMD, with or without threads. */
export type Variant = (typeof VARIANTS)[number];

/** What can be used here. */
export interface Features {
  /** WebAssembly with 128-bit SIMD: without it nothing runs. */
  simd: boolean;
  relaxedSimd: boolean;
  /** Several threads can be used. */
  threads: boolean;
  crossOriginIsolated: boolean;
  /** Logical processors that the platform reports. */
  hardwareConcurrency: number;
}

/** In the order of __EW_PROBES__. */
const PROBES = ['simd', 'relaxedSimd', 'threads'] as const;

const known = new Map<string, boolean>();

/**
 * wasm-feature-detect answers with promises, getCapabilities() at once: the build takes the modules that it validates
 * (scripts/lib/probes.mjs), and they are validated here.
 */
function supports(probe: (typeof PROBES)[number]): boolean {
  let answer = known.get(probe);
  if (answer === undefined) {
    const base64 = __EW_PROBES__.split(' ')[PROBES.indexOf(probe)] ?? '';
    const module = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    answer = typeof WebAssembly === 'object' && WebAssembly.validate(module);
    known.set(probe, answer);
  }
  return answer;
}

/** Looks once; nothing is loaded. */
export function supportedFeatures(): Features {
  const scope = globalThis as { crossOriginIsolated?: boolean; navigator?: Navigator };
  const crossOriginIsolated = scope.crossOriginIsolated === true;
  const simd = supports('simd');
  const relaxedSimd = simd && supports('relaxedSimd');
  const shared = supports('threads') && typeof SharedArrayBuffer === 'function';
  const threads = shared && crossOriginIsolated && typeof Worker === 'function';
  const hardwareConcurrency = scope.navigator?.hardwareConcurrency ?? 1;
  return { simd, relaxedSimd, threads, crossOriginIsolated, hardwareConcurrency };
}
