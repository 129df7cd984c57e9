/* Four floats at a time with compiler vectors: the code ships at -Oz, which does not vectorise. */
#ifndef EW_BASE_SIMD_H
#define EW_BASE_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float ew_f32x4 __attribute__((vector_size(16)));
typedef int32_t ew_i32x4 __attribute__((vector_size(16)));
typedef uint32_t ew_u32x4 __attribute__((vector_size(16)));

static inline ew_f32x4 ew_v4_load(const float *from) {
  ew_f32x4 out;
  memcpy(&out, from, sizeof out);
  return out;
}
static inline void ew_v4_store(float *to, ew_f32x4 value) { memcpy(to, &value, sizeof value); }
static inline ew_f32x4 ew_v4_splat(float value) { return (ew_f32x4){value, value, value, value}; }
static inline float ew_v4_sum(ew_f32x4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }
/* a * b + c, rounded once where that is one instruction. */
static inline ew_f32x4 ew_v4_madd(ew_f32x4 a, ew_f32x4 b, ew_f32x4 c) {
#ifdef __wasm_relaxed_simd__
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}
/* mask lanes are 0 or -1. */
static inline ew_f32x4 ew_v4_select(ew_i32x4 mask, ew_f32x4 yes, ew_f32x4 no) {
  return (ew_f32x4)(((ew_i32x4)yes & mask) | ((ew_i32x4)no & ~mask));
}

/* The smaller and the larger; a where b is not a number, or a is not. */
static inline ew_f32x4 ew_v4_min(ew_f32x4 a, ew_f32x4 b) {
#ifdef __wasm_simd128__
  return __builtin_wasm_pmin_f32x4(a, b);
#else
  return ew_v4_select(b < a, b, a);
#endif
}
static inline ew_f32x4 ew_v4_max(ew_f32x4 a, ew_f32x4 b) {
#ifdef __wasm_simd128__
  return __builtin_wasm_pmax_f32x4(a, b);
#else
  return ew_v4_select(a < b, b, a);
#endif
}

/* Accurate to about 2 units in the last place (gelu: absolute 1e-7 times x); infinities and NaN as
 * the C library has them. */
ew_f32x4 ew_v4_exp(ew_f32x4 x);
ew_f32x4 ew_v4_tanh(ew_f32x4 x);
ew_f32x4 ew_v4_sigmoid(ew_f32x4 x);
ew_f32x4 ew_v4_gelu(ew_f32x4 x);
ew_f32x4 ew_v4_gelu_tanh(ew_f32x4 x);

/* to[i] = fn(x[i]); to may be x. */
void ew_v4_map(ew_f32x4 (*fn)(ew_f32x4), const float *x, float *to, size_t n);
/* to[i] = x[i] * sigmoid(factor * x[i]); to may be x. The relative error is below 2^-22 * (1 + |factor * x|). */
void ew_silu(const float *x, float factor, float *to, size_t n);
/* to[i] += x[i] * factor */
void ew_add_scaled(float *to, const float *x, float factor, size_t n);

#endif
