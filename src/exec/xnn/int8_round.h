/* From sums to bytes as XNNPACK's kernels do it: what those for WebAssembly (int8_gemm.c, depthwise_int8.c) share. */
#ifndef EW_EXEC_XNN_INT8_ROUND_H
#define EW_EXEC_XNN_INT8_ROUND_H

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

/* Rounding by the addition of 1.5 * 2^23, as XNNPACK does it; a fused multiply-add would round once less. */
typedef struct ew_int8_bounds {
  v128_t magic_min, magic_less_zero_point, max;
} ew_int8_bounds;

static inline __attribute__((always_inline)) ew_int8_bounds ew_int8_bounds_of(int16_t zero_point,
                                                                              int16_t min,
                                                                              int16_t max) {
  const float least = 12582912.0f + (float)((int32_t)min - (int32_t)zero_point);
  int32_t least_bits;
  memcpy(&least_bits, &least, sizeof least_bits);
  return (ew_int8_bounds){
      .magic_min = wasm_i32x4_splat(least_bits),
      .magic_less_zero_point = wasm_i32x4_splat(INT32_C(0x4B400000) - zero_point),
      .max = wasm_i8x16_splat((int8_t)max)};
}

static inline __attribute__((always_inline)) v128_t ew_round_sums(v128_t sums, v128_t scale,
                                                                  const ew_int8_bounds *bounds) {
  v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), scale);
  value = wasm_f32x4_add(value, wasm_f32x4_const_splat(12582912.0f));
  value = wasm_i32x4_max(value, bounds->magic_min);
  return wasm_i32x4_sub(value, bounds->magic_less_zero_point);
}

#endif
