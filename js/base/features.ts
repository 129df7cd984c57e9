/** What this browser or Node can do, found out by validating modules of a few bytes. */
import { reasonsFor } from './feature-words.js';
import { supportedFeatures, type Features } from './probes.js';

/** What can be used here and, for what cannot, why. */
export interface Capabilities extends Features {
  /** One sentence for each feature that is missing. */
  reasons: { simd?: string; relaxedSimd?: string; threads?: string };
}

/**
 * What this browser or Node can do, and why not more. Found by validating tiny modules, those of
 * wasm-feature-detect, once; nothing is loaded.
 *
 * @example
 * ```ts
 * const { reasons } = getCapabilities();
 * if (reasons.simd) console.warn(reasons.simd);
 * ```
 */
export function detectCapabilities(): Capabilities {
  const features = supportedFeatures();
  return { ...features, reasons: reasonsFor(features) };
}
