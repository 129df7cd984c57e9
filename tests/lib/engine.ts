// The built core in this thread, for tests that look at single stages.
import { pathToFileURL } from 'node:url';
import { Engine } from '../../js/core/engine.js';
import type { Variant } from '../../js/base/probes.js';
import { instantiate } from '../../js/core/instance.js';

export async function createEngine(variant: Variant = 'simd'): Promise<Engine> {
  const folder = new URL(`build/wasm/${variant}/`, pathToFileURL(`${process.cwd()}/`));
  const wasmUrl = new URL('ew.wasm', folder).href;
  const scriptUrl = new URL('ew.js', folder).href;
  const { raw } = await instantiate({ variant, wasmUrl, scriptUrl, threads: 1 });
  return new Engine(raw);
}

/** Bytes as a source that hands out pieces, as downloads do. */
export function pieces(bytes: Uint8Array, size = 65536) {
  return {
    size: bytes.byteLength,
    read: (offset: number, length: number) =>
      Promise.resolve(bytes.subarray(offset, offset + Math.min(length, size))),
    close: () => undefined,
  };
}
