/** Why features of WebAssembly are missing. Fetched when one is that is needed. */
import type { Features } from './probes.js';

/** One sentence for each feature that is missing. */
export function reasonsFor({ simd, relaxedSimd, threads, crossOriginIsolated }: Features) {
  const reasons: { simd?: string; relaxedSimd?: string; threads?: string } = {};
  if (!simd) {
    reasons.simd =
      'WebAssembly SIMD is missing: Chrome 91, Firefox 89, Safari 16.4 and Node 16.4 have it.';
  }
  if (!relaxedSimd) {
    reasons.relaxedSimd =
      'This engine has no relaxed SIMD: Chrome 114, Firefox 146 and Safari 27.3 have it.';
  }
  if (!threads) {
    reasons.threads = !crossOriginIsolated
      ? 'The page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.'
      : 'Shared memory or workers are missing.';
  }
  return reasons;
}
