/* The transforms of Winograd's method in one dimension, of vectors: Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks" (2015). F(2,3) has the points 0, 1, -1 and infinity; F(4,3) 0, ±sqrt(1/2),
 * ±sqrt(2) and infinity, whose rounding errors are a quarter of those of 0, ±1, ±2. Arrays hold size + 2 points. */
#ifndef EW_EXEC_XNN_FAST_TRANSFORMS_H
#define EW_EXEC_XNN_FAST_TRANSFORMS_H

#include "base/simd.h"

#define EW_ROOT_HALF 0.707106781f
#define EW_ROOT_TWO 1.414213562f

/* G g, of three taps. */
static inline void ew_filter_1d(int size, const ew_f32x4 g[3], ew_f32x4 out[6]) {
  out[0] = g[0];
  out[size + 1] = g[2];
  if (size == 2) {
    const ew_f32x4 even = (g[0] + g[2]) * 0.5f, odd = g[1] * 0.5f;
    out[1] = even + odd;
    out[2] = even - odd;
    return;
  }
  const ew_f32x4 even = (g[0] + g[2] * 0.5f) * (-2.0f / 3), odd = g[1] * (-2.0f / 3 * EW_ROOT_HALF);
  out[1] = even + odd;
  out[2] = even - odd;
  const ew_f32x4 even2 = (g[0] + g[2] * 2.0f) * (1.0f / 6), odd2 = g[1] * (EW_ROOT_TWO / 6);
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
}

/* B^T d, of size + 2 inputs. */
static inline void ew_input_1d(int size, const ew_f32x4 d[6], ew_f32x4 out[6]) {
  if (size == 2) {
    out[0] = d[0] - d[2];
    out[1] = d[1] + d[2];
    out[2] = d[2] - d[1];
    out[3] = d[1] - d[3];
    return;
  }
  out[0] = d[0] + d[4] - d[2] * 2.5f;
  const ew_f32x4 even = d[4] - d[2] * 2.0f, odd = (d[3] - d[1] * 2.0f) * EW_ROOT_HALF;
  out[1] = even + odd;
  out[2] = even - odd;
  const ew_f32x4 even2 = d[4] - d[2] * 0.5f, odd2 = (d[3] - d[1] * 0.5f) * EW_ROOT_TWO;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = d[1] + d[5] - d[3] * 2.5f;
}

/* A^T m: size outputs. */
static inline void ew_output_1d(int size, const ew_f32x4 m[6], ew_f32x4 out[4]) {
  const ew_f32x4 sum = m[1] + m[2], difference = m[1] - m[2];
  if (size == 2) {
    out[0] = m[0] + sum;
    out[1] = difference - m[3];
    return;
  }
  const ew_f32x4 sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum + sum2;
  out[1] = difference * EW_ROOT_HALF + difference2 * EW_ROOT_TWO;
  out[2] = sum * 0.5f + sum2 * 2.0f;
  out[3] = m[5] + difference * (EW_ROOT_HALF / 2) + difference2 * (EW_ROOT_TWO * 2);
}

#endif
