/** What the build (scripts/lib/bundle.mjs) fills in. */

/** Version of package.json. */
declare const __EW_VERSION__: string;

/**
 * What the build is for: 'module' for pages and bundlers, 'node', 'script' for classic scripts, 'commonjs' for
 * Node's require(), Jest and Metro.
 */
declare const __EW_TARGET__: 'module' | 'node' | 'script' | 'commonjs';

/** Modules with which wasm-feature-detect finds features out (scripts/lib/probes.mjs): base64, by blanks apart. */
declare const __EW_PROBES__: string;

declare module 'ew-embedded' {
  /** Build 'simd' of the core, gzip, base64. */
  export const WASM_GZIP_BASE64: string;
  /** Text of worker.js. */
  export const WORKER_SOURCE: string;
}

/** js/inline.ts, left to the loader of the final bundle. */
declare module 'ew-inline' {
  export const inline: { workerUrl: string; wasmBinary(): Promise<ArrayBuffer> };
}
