/** Types that every layer shares. Public ones are re-exported by core.ts. */

/**
 * Where a model is: an address, a `file:` URL or path (Node), a Blob or File, bytes (ArrayBuffer or a view of
 * one), a `URL`, an asset number of Metro's `require()`, or the module object of a bundler's asset import.
 */
export type ResourceSource = string | number | object;

/** Anything that holds bytes; other realms' objects count too. */
export type BytesLike = ArrayBufferLike | ArrayBufferView;
