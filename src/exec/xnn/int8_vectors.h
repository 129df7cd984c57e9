/* Vectors of 16-bit integers, and the way from sums to bytes: instructions in WebAssembly, plain loops elsewhere. */
#ifndef EW_EXEC_XNN_INT8_VECTORS_H
#define EW_EXEC_XNN_INT8_VECTORS_H

#include "base/simd.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

typedef int16_t ew_i16x8 __attribute__((vector_size(16)));
typedef int8_t ew_i8x8 __attribute__((vector_size(8)));

static inline ew_i16x8 ew_i16x8_load(const int16_t *from) {
  ew_i16x8 out;
  memcpy(&out, from, sizeof out);
  return out;
}
static inline void ew_i16x8_store(int16_t *to, ew_i16x8 value) { memcpy(to, &value, sizeof value); }
static inline ew_i16x8 ew_i16x8_splat(int value) {
  const int16_t v = (int16_t)value;
  return (ew_i16x8){v, v, v, v, v, v, v, v};
}
/* Eight bytes. */
static inline ew_i16x8 ew_i16x8_widen(const int8_t *from) {
#ifdef __wasm_simd128__
  return (ew_i16x8)wasm_i16x8_load8x8(from);
#else
  ew_i8x8 bytes;
  memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, ew_i16x8);
#endif
}
/* from[0], from[1], from[0], from[1], ... */
static inline ew_i16x8 ew_i16x8_splat_pair(const int16_t *from) {
#ifdef __wasm_simd128__
  return (ew_i16x8)wasm_v128_load32_splat(from);
#else
  return (ew_i16x8){from[0], from[1], from[0], from[1], from[0], from[1], from[0], from[1]};
#endif
}
/* Sums of the products of neighbours. */
static inline ew_u32x4 ew_i16x8_dot(ew_i16x8 a, ew_i16x8 b) {
#ifdef __wasm_simd128__
  return (ew_u32x4)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#else
  ew_u32x4 out;
  for (int i = 0; i < 4; i++) {
    out[i] = (uint32_t)(a[2 * i] * b[2 * i]) + (uint32_t)(a[2 * i + 1] * b[2 * i + 1]);
  }
  return out;
#endif
}

/* Of what is written: bytes min to max. */
typedef struct ew_int8_range {
  int32_t zero_point, min, max;
} ew_int8_range;

/* Four channels of four pixels: sums[i] times scale, rounded to even as XNNPACK does it, goes to (int8_t *)to[i] + at unless
 * to[i] is NULL. */
static inline void ew_int8_store(const ew_u32x4 sums[4], ew_f32x4 scale, const ew_int8_range *range,
                                 void *const to[4], size_t at) {
  const float magic =
      12582912.0f; /* 1.5 * 2^23: the last bits of a sum with it are a rounded integer */
  const float least = magic + (float)(range->min - range->zero_point);
  int32_t least_bits;
  memcpy(&least_bits, &least, sizeof least_bits);
  const int32_t offset = INT32_C(0x4B400000) - range->zero_point;
  ew_i32x4 values[4];
  for (int i = 0; i < 4; i++) {
    const ew_f32x4 scaled = __builtin_convertvector((ew_i32x4)sums[i], ew_f32x4) * scale;
    const ew_i32x4 bits = (ew_i32x4)(scaled + ew_v4_splat(magic));
#ifdef __wasm_simd128__
    values[i] = (ew_i32x4)wasm_i32x4_max((v128_t)bits, wasm_i32x4_splat(least_bits)) - offset;
#else
    for (int k = 0; k < 4; k++) {
      const int32_t value = (bits[k] < least_bits ? least_bits : bits[k]) - offset;
      values[i][k] = value > range->max ? range->max : value;
    }
#endif
  }
#ifdef __wasm_simd128__
  v128_t bytes =
      wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4((v128_t)values[0], (v128_t)values[1]),
                              wasm_i16x8_narrow_i32x4((v128_t)values[2], (v128_t)values[3]));
  bytes = wasm_i8x16_min(bytes, wasm_i8x16_splat((int8_t)range->max));
  if (to[0] != NULL) wasm_v128_store32_lane((char *)to[0] + at, bytes, 0);
  if (to[1] != NULL) wasm_v128_store32_lane((char *)to[1] + at, bytes, 1);
  if (to[2] != NULL) wasm_v128_store32_lane((char *)to[2] + at, bytes, 2);
  if (to[3] != NULL) wasm_v128_store32_lane((char *)to[3] + at, bytes, 3);
#else
  for (int i = 0; i < 4; i++) {
    for (size_t k = 0; k < 4 && to[i] != NULL; k++) {
      ((int8_t *)to[i])[at + k] = (int8_t)values[i][k];
    }
  }
#endif
}

#endif
