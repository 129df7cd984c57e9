/**
 * The only place that touches wasm memory.
 *
 * Memory may grow in any call of the raw module and detach every view, so a view lives for one statement.
 */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { RawModule } from '../../wasm/module.js';

export class Heap {
  constructor(private readonly raw: RawModule) {}

  write(ptr: number, bytes: Uint8Array): void {
    this.raw.HEAPU8.set(bytes, ptr);
  }

  /** A copy of [ptr, ptr + byteLength) that nobody else sees. */
  read(ptr: number, byteLength: number): ArrayBuffer {
    // slice() of a view on shared memory would be shared; a fresh array never is.
    const copy = new Uint8Array(byteLength);
    copy.set(this.raw.HEAPU8.subarray(ptr, ptr + byteLength));
    return copy.buffer;
  }

  /** A copy of `bytes` in wasm memory; whoever gets it frees it. */
  copyIn(bytes: Uint8Array): number {
    const ptr = this.raw.alloc(Math.max(1, bytes.byteLength));
    if (ptr === 0) throw outOfMemory(bytes.byteLength);
    this.write(ptr, bytes);
    return ptr;
  }

  /** Lends `bytes` to `use` as a pointer, and frees the copy afterwards. */
  with<T>(bytes: Uint8Array, action: (ptr: number) => T): T {
    const ptr = this.copyIn(bytes);
    try {
      return action(ptr);
    } finally {
      this.raw.free(ptr);
    }
  }
}

export function outOfMemory(byteLength: number): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.MemoryAllocationFailed,
    `Out of memory: ${byteLength} bytes for an image.`,
  );
}
