// The modules with which wasm-feature-detect finds out what an engine can do. Its functions are asynchronous, our
// getCapabilities() is not, so builds carry the modules instead of the functions.

/** The modules that the detectors of SIMD, relaxed SIMD and threads validate: base64, by blanks apart. */
export async function wasmProbes() {
  // Imported late: in a fresh clone the scripts start before the packages are installed.
  const { relaxedSimd, simd, threads } = await import('wasm-feature-detect');
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
