/* Four floats at a time with compiler vectors: the code ships at -Oz, which does not vectorise. */
#ifndef EW_KERNELS_SIMD_H
#define EW_KERNELS_SIMD_H

#include <stdint.h>
#include <string.h>

typedef float ew_f32x4 __attribute__((vector_size(16)));
typedef int32_t ew_i32x4 __attribute__((vector_size(16)));

static inline ew_f32x4 ew_v4_load(const float *from) {
  ew_f32x4 out;
  memcpy(&out, from, sizeof out);
  return out;
}
static inline void ew_v4_store(float *to, ew_f32x4 value) { memcpy(to, &value, sizeof value); }
static inline ew_f32x4 ew_v4_splat(float value) { return (ew_f32x4){value, value, value, value}; }
static inline float ew_v4_sum(ew_f32x4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }
/* mask lanes are 0 or -1. */
static inline ew_f32x4 ew_v4_select(ew_i32x4 mask, ew_f32x4 yes, ew_f32x4 no) {
  return (ew_f32x4)(((ew_i32x4)yes & mask) | ((ew_i32x4)no & ~mask));
}

#endif
