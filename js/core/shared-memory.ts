/** Memory of builds with threads. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';

const PAGES_PER_MIB = 16;
/** What the binary is linked with (wasm/flags.cmake): it takes memories of at least, and of at most this. */
const [INITIAL_MIB, MAXIMUM_MIB] = [4, 2048];
const LEAST_MIB = 256;

/**
 * Memory that threads share, with as large a maximum as the device gives: it is reserved at once, and phones refuse what
 * would be fine for memory that grows.
 *
 * @throws ExecutorchError MemoryAllocationFailed when even a quarter of a GiB is refused.
 */
export function sharedMemory(): WebAssembly.Memory {
  let cause: unknown;
  for (let maximum = MAXIMUM_MIB; maximum >= LEAST_MIB; maximum /= 2) {
    try {
      return new WebAssembly.Memory({
        initial: INITIAL_MIB * PAGES_PER_MIB,
        maximum: maximum * PAGES_PER_MIB,
        shared: true,
      });
    } catch (error) {
      cause = error;
    }
  }
  throw new ExecutorchError(
    ErrorCode.MemoryAllocationFailed,
    `This device refuses ${LEAST_MIB} MiB of memory for threads: configure({ threads: 1 }) needs no such block.`,
    { cause },
  );
}
