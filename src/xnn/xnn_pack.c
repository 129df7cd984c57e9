/* Packing of f32 filters larger than 1x1, in place of XNNPACK's (see CMakeLists.txt): its version copies
 * element by element with a call each, which took a third of the time of loading a ResNet.
 *
 * Layout, per group and block of `nr` output channels: their biases, then for each tap and each input channel
 * a row of nr weights, then extra_bytes. Source: xnn_pack_f32_conv_goki_w, packing.cc. */
#include "base/simd.h"

enum { NR = 8, LANES = 4 };

/* clang-format off */
void __real_xnn_pack_f32_conv_goki_w(size_t groups, size_t outputs, size_t taps, size_t inputs,
    size_t nr, size_t kr, size_t sr, const float *filter, const float *bias, const void *scale,
    float *packed, size_t extra_bytes, const void *params);
void __wrap_xnn_pack_f32_conv_goki_w(size_t groups, size_t outputs, size_t taps, size_t inputs,
    size_t nr, size_t kr, size_t sr, const float *filter, const float *bias, const void *scale,
    float *packed, size_t extra_bytes, const void *params);
/* clang-format on */

/* Four rows of four, `stride` floats apart, into four columns, NR floats apart. */
static inline void transpose(const float *from, size_t stride, float *to) {
  const ew_f32x4 a = ew_v4_load(from), b = ew_v4_load(from + stride);
  const ew_f32x4 c = ew_v4_load(from + 2 * stride), d = ew_v4_load(from + 3 * stride);
  const ew_f32x4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const ew_f32x4 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const ew_f32x4 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const ew_f32x4 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  ew_v4_store(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  ew_v4_store(to + NR, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  ew_v4_store(to + 2 * NR, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  ew_v4_store(to + 3 * NR, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/* One block: [NR][taps][inputs] of the filter into [taps][inputs][NR]. */
static void pack_block(const float *filter, size_t taps, size_t inputs, float *packed) {
  const size_t stride = taps * inputs;
  for (size_t at = 0; at < stride; at += LANES) {
    transpose(filter + at, stride, packed + at * NR);
    transpose(filter + LANES * stride + at, stride, packed + at * NR + LANES);
  }
}

void __wrap_xnn_pack_f32_conv_goki_w(size_t groups, size_t outputs, size_t taps, size_t inputs,
                                     size_t nr, size_t kr, size_t sr, const float *filter,
                                     const float *bias, const void *scale, float *packed,
                                     size_t extra_bytes, const void *params) {
  const size_t stride = taps * inputs;
  if (nr != NR || kr != 1 || sr != 1 || outputs % NR != 0 || stride % LANES != 0) {
    __real_xnn_pack_f32_conv_goki_w(groups, outputs, taps, inputs, nr, kr, sr, filter, bias, scale,
                                    packed, extra_bytes, params);
    return;
  }
  /* Groups follow each other without a seam, since blocks are whole. */
  for (size_t block = 0; block < groups * outputs / NR; block++) {
    if (bias != NULL) memcpy(packed, bias + block * NR, NR * sizeof *packed);
    pack_block(filter + block * NR * stride, taps, inputs, packed + NR);
    packed = (float *)(void *)((char *)(packed + NR + stride * NR) + extra_bytes);
  }
}
