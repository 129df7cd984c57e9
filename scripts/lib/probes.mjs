// The modules with which wasm-feature-detect finds out what an engine can do. Its functions are asynchronous, our
// getCapabilities() is not, so builds carry the modules instead of the functions.
import { relaxedSimd, simd, threads } from 'wasm-feature-detect';

/** The modules that the detectors of SIMD, relaxed SIMD and threads validate: base64, by blanks apart. */
export async function wasmProbes() {
  const { validate } = WebAssembly;
  const found = [];
  try {
    WebAssembly.validate = (bytes) => {
      found.push(Buffer.from(bytes).toString('base64'));
      return validate.call(WebAssembly, bytes);
    };
    for (const detect of [simd, relaxedSimd, threads]) await detect();
  } finally {
    WebAssembly.validate = validate;
  }
  if (found.length !== 3)
    throw new Error('wasm-feature-detect finds features out in another way now');
  return found.join(' ');
}
