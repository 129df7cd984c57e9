/** What this browser or Node can do, found out by compiling modules of a few bytes. */

/** The builds of the core. */
export const VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'] as const;
/** A build of the core: with or without relaxed SIMD, with or without threads. */
export type Variant = (typeof VARIANTS)[number];

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
// Type section: () -> v128; function section: one function of it.
const RETURNS_V128 = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00];
// i32.const 0; i8x16.splat
const SPLAT = [0x41, 0x00, 0xfd, 0x0f];

// A body is its size, no locals, code, end.
function code(...body: number[]): number[] {
  return [0x0a, body.length + 4, 0x01, body.length + 2, 0x00, ...body, 0x0b];
}

const PROBES = {
  simd: [...RETURNS_V128, ...code(...SPLAT)],
  // i8x16.relaxed_swizzle
  relaxed: [...RETURNS_V128, ...code(...SPLAT, ...SPLAT, 0xfd, 0x80, 0x02)],
  threads: [
    // () -> (); one function; a shared memory of one page; i32.atomic.load, drop
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00],
    ...[0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
    ...code(0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, 0x1a),
  ],
};

const known = new Map<string, boolean>();

function supports(probe: keyof typeof PROBES): boolean {
  let answer = known.get(probe);
  if (answer === undefined) {
    answer =
      typeof WebAssembly === 'object' &&
      WebAssembly.validate(new Uint8Array([...HEADER, ...PROBES[probe]]));
    known.set(probe, answer);
  }
  return answer;
}

/** What can be used here and, for what cannot, why. */
export interface Capabilities {
  /** WebAssembly with 128-bit SIMD: without it nothing runs. */
  simd: boolean;
  relaxedSimd: boolean;
  /** Several threads can be used. */
  threads: boolean;
  crossOriginIsolated: boolean;
  /** Logical processors that the platform reports. */
  hardwareConcurrency: number;
  /** One sentence for each feature that is missing. */
  reasons: { simd?: string; relaxedSimd?: string; threads?: string };
}

/**
 * What this browser or Node can do, and why not more. Found by validating tiny modules once; nothing is loaded.
 *
 * @example
 * ```ts
 * const { reasons } = getCapabilities();
 * if (reasons.simd) console.warn(reasons.simd);
 * ```
 */
export function detectCapabilities(): Capabilities {
  const scope = globalThis as { crossOriginIsolated?: boolean; navigator?: Navigator };
  const isolated = scope.crossOriginIsolated === true;
  const reasons: Capabilities['reasons'] = {};
  const simd = supports('simd');
  const relaxedSimd = simd && supports('relaxed');
  if (!simd) {
    reasons.simd =
      'WebAssembly SIMD is missing: Chrome 91, Firefox 89, Safari 16.4 and Node 16.4 have it.';
  }
  if (!relaxedSimd) {
    reasons.relaxedSimd = 'This engine has no relaxed SIMD: Chrome 114 and Firefox 146 have it.';
  }
  const shared = supports('threads') && typeof SharedArrayBuffer === 'function';
  const threads = shared && isolated && typeof Worker === 'function';
  if (!threads) {
    reasons.threads = !isolated
      ? 'The page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.'
      : 'Shared memory or workers are missing.';
  }
  const hardwareConcurrency = scope.navigator?.hardwareConcurrency ?? 1;
  const result = { simd, relaxedSimd, threads, crossOriginIsolated: isolated };
  return { ...result, hardwareConcurrency, reasons };
}
