/* Private to the f32 kernels for WebAssembly. */
#ifndef EW_EXEC_XNN_FLOAT_VECTORS_H
#define EW_EXEC_XNN_FLOAT_VECTORS_H

#include <stddef.h>
#include <wasm_simd128.h>

#include "base/simd.h"

#define EW_ALWAYS_INLINE static inline __attribute__((always_inline))
#define EW_EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

EW_ALWAYS_INLINE v128_t ew_multiply_add(v128_t a, v128_t b, v128_t c) {
  return (v128_t)ew_v4_madd((ew_f32x4)a, (ew_f32x4)b, (ew_f32x4)c);
}

/* Stores up to four lanes, between range[0] and range[1]; NaN stays. */
EW_ALWAYS_INLINE void ew_store_floats(float *to, v128_t lanes, const float *range, size_t count) {
  lanes = wasm_f32x4_pmax(lanes, wasm_v128_load32_splat(&range[0]));
  lanes = wasm_f32x4_pmin(lanes, wasm_v128_load32_splat(&range[1]));
  if (count >= 4) {
    wasm_v128_store(to, lanes);
    return;
  }
  float some[4];
  wasm_v128_store(some, lanes);
  for (size_t i = 0; i < count; i++) to[i] = some[i];
}

#endif
