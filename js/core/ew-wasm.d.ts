// Emscripten's JavaScript of the built core; the build maps these names to build/wasm/<variant>/ew.js.
// The file is the same for simd and relaxed.
declare module 'ew-wasm/simd' {
  export { default } from '../../wasm/module.js';
}
