/**
 * Worker and core inside of one script, for pages that can be served nothing else:
 *
 * ```ts
 * import { configure } from 'executorch-web';
 * import { inline } from 'executorch-web/inline';
 * configure(inline);
 * ```
 *
 * The worker starts from a `blob:` address, which a Content-Security-Policy must allow (`worker-src blob:`). The core
 * is the build 'simd', which runs everywhere, on one thread.
 */
import { WASM_GZIP_BASE64, WORKER_SOURCE } from 'ew-embedded';

let workerUrl: string | undefined;
let binary: Promise<ArrayBuffer> | undefined;

/** Settings for `configure()` that need no other file. */
export const inline = {
  variant: 'simd' as const,
  /** A `blob:` address of the worker's source. */
  get workerUrl(): string {
    const type = 'text/javascript';
    return (workerUrl ??= URL.createObjectURL(new Blob([WORKER_SOURCE], { type })));
  },
  /** Bytes of the core, unpacked at the first call. */
  wasmBinary(): Promise<ArrayBuffer> {
    return (binary ??= unzip(WASM_GZIP_BASE64));
  },
};

function unzip(base64: string): Promise<ArrayBuffer> {
  const packed = new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]);
  return new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
