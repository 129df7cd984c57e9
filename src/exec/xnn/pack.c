/* Packing of f32 filters larger than 1x1 and of int8 filters, in place of XNNPACK's functions (see
 * CMakeLists.txt): those go element by element, which took a third of the time of loading a ResNet, and four
 * fifths of that of int8 models.
 *
 * Layout of both, per group and block of `nr` output channels: their biases, then for each tap and each kr
 * input channels a row of nr * kr weights, then extra_bytes. The bias of an int8 row has its sum of weights times
 * the zero point of the input taken off (`to_qu8`: 128 more than that zero point). Blocks and pieces that are not
 * whole are left to XNNPACK. Source: xnn_pack_f32_conv_goki_w and xnn_pack_qs8_gemm_goi_w, packing.cc. */
#include "exec/xnn/pack.h"

#include <stdbool.h>

#include "base/simd.h"
#include "exec/xnn/int8_layout.h"

enum { NR = 8, LANES = 4, PIECE = 8, MOST_SUMMANDS = 255 };

typedef int8_t i8x8 __attribute__((vector_size(8)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef ew_i32x4 i32x4;

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

/* --- int8 ----------------------------------------------------------------------------------------- */

/* Pieces of 8 inputs; what is left over at the end of a row goes byte by byte. */
static int32_t sum_of(const int8_t *row, size_t inputs) {
  int32_t sum = 0;
  size_t at = 0;
  while (inputs - at >= PIECE) {
    /* No more of them than 16 bits can hold. */
    const size_t pieces = (inputs - at) / PIECE;
    const size_t end = at + PIECE * (pieces < MOST_SUMMANDS ? pieces : MOST_SUMMANDS);
    i16x8 sums = {0};
    for (; at < end; at += PIECE) {
      i8x8 piece;
      memcpy(&piece, row + at, sizeof piece);
      sums += __builtin_convertvector(piece, i16x8);
    }
    for (int i = 0; i < PIECE; i++) sum += sums[i];
  }
  for (; at < inputs; at++) sum += row[at];
  return sum;
}

/* Four rows of PIECE inputs into units of kr bytes, those of the rows in turn; a line of units is 2 * kr bytes of each of
 * four rows. */
static void pack_piece(const int8_t *rows, size_t stride, size_t kr, int8_t *packed) {
  i32x4 upper, lower;
  memcpy(&upper, rows, PIECE);
  memcpy((char *)&upper + PIECE, rows + stride, PIECE);
  memcpy(&lower, rows + 2 * stride, PIECE);
  memcpy((char *)&lower + PIECE, rows + 3 * stride, PIECE);
  const i32x4 even = __builtin_shufflevector(upper, lower, 0, 2, 4, 6);
  const i32x4 odd = __builtin_shufflevector(upper, lower, 1, 3, 5, 7);
  const size_t line = NR * kr;
  if (kr == 4) {
    memcpy(packed, &even, sizeof even);
    memcpy(packed + line, &odd, sizeof odd);
    return;
  }
  const i16x8 order_even =
      __builtin_shufflevector((i16x8)even, (i16x8)even, 0, 2, 4, 6, 1, 3, 5, 7);
  const i16x8 order_odd = __builtin_shufflevector((i16x8)odd, (i16x8)odd, 0, 2, 4, 6, 1, 3, 5, 7);
  memcpy(packed, &order_even, PIECE);
  memcpy(packed + line, (const char *)&order_even + PIECE, PIECE);
  memcpy(packed + 2 * line, &order_odd, PIECE);
  memcpy(packed + 3 * line, (const char *)&order_odd + PIECE, PIECE);
}

/* Blocks of NR rows of whole pieces, all of them there. */
static void pack_blocks(size_t blocks, size_t inputs, size_t kr, const int8_t *matrix,
                        const int32_t *bias, int8_t *packed, size_t extra_bytes,
                        int32_t zero_point) {
  for (size_t block = 0; block < blocks; block++, matrix += NR * inputs) {
    for (size_t i = 0; i < NR; i++) {
      /* Wraps as the sums of the kernels do. */
      const uint32_t offset = (uint32_t)sum_of(matrix + i * inputs, inputs) * (uint32_t)zero_point;
      const uint32_t value = (bias != NULL ? (uint32_t)bias[block * NR + i] : 0) - offset;
      memcpy(packed + i * sizeof value, &value, sizeof value);
    }
    packed += NR * sizeof(int32_t);
    for (size_t at = 0; at < inputs; at += PIECE) {
      pack_piece(matrix + at, inputs, kr, packed + at * NR);
      pack_piece(matrix + LANES * inputs + at, inputs, kr, packed + at * NR + LANES * kr);
    }
    packed += NR * inputs + extra_bytes;
  }
}

static bool suits(size_t outputs, size_t inputs, size_t nr, size_t kr, size_t sr) {
  return nr == NR && (kr == 2 || kr == 4) && sr == 1 && outputs % NR == 0 && inputs % PIECE == 0;
}

void __wrap_xnn_pack_qs8_gemm_goi_w(EW_PACK_MATRIX) {
  if (suits(outputs, inputs, nr, kr, sr)) {
    pack_blocks(groups * outputs / NR, inputs, kr, matrix, bias, packed, extra_bytes,
                params->input_zero_point);
    return;
  }
  __real_xnn_pack_qs8_gemm_goi_w(groups, outputs, inputs, nr, kr, sr, matrix, bias, scale, packed,
                                 extra_bytes, params);
}

void __wrap_xnn_pack_qs8_to_qu8_gemm_goi_w(EW_PACK_MATRIX) {
  if (suits(outputs, inputs, nr, kr, sr)) {
    pack_blocks(groups * outputs / NR, inputs, kr, matrix, bias, packed, extra_bytes,
                params->input_zero_point + 128);
    return;
  }
  __real_xnn_pack_qs8_to_qu8_gemm_goi_w(groups, outputs, inputs, nr, kr, sr, matrix, bias, scale,
                                        packed, extra_bytes, params);
}

#ifdef __wasm__
enum { OWN_KERNELS = 1 };
#else
enum { OWN_KERNELS = 0 };
#endif

/* See int8_layout.h, which other kernels than ours know nothing of. False: the filter is not packed. */
static bool pack_dense(EW_PACK_FILTER, ew_pack_int8_matrix_fn *pack_matrix) {
  const size_t plain = taps * ew_int8_round_up(inputs, kr);
  const size_t dense = ew_int8_round_up(taps * inputs, kr);
  if (!OWN_KERNELS || nr != NR || sr != 1 || dense >= plain) return false;
  pack_matrix(groups, outputs, taps * inputs, nr, kr, sr, matrix, bias, scale, packed,
              nr * (plain - dense) + extra_bytes, params);
  uint8_t *mark = (uint8_t *)packed + ew_int8_mark(taps, inputs, kr);
  for (size_t blocks = groups * ((outputs + nr - 1) / nr); blocks > 0; blocks--) {
    *mark = EW_INT8_MARK;
    mark += nr * (sizeof(int32_t) + plain) + extra_bytes;
  }
  return true;
}

#define FILTER \
  groups, outputs, taps, inputs, nr, kr, sr, matrix, bias, scale, packed, extra_bytes, params

/* With whole pieces, the taps of a filter are one long row. */
void __wrap_xnn_pack_qs8_conv_goki_w(EW_PACK_FILTER) {
  if (suits(outputs, inputs, nr, kr, sr)) {
    pack_blocks(groups * outputs / NR, taps * inputs, kr, matrix, bias, packed, extra_bytes,
                params->input_zero_point);
    return;
  }
  if (pack_dense(FILTER, __real_xnn_pack_qs8_gemm_goi_w)) return;
  __real_xnn_pack_qs8_conv_goki_w(FILTER);
}

void __wrap_xnn_pack_qs8_to_qu8_conv_goki_w(EW_PACK_FILTER) {
  if (suits(outputs, inputs, nr, kr, sr)) {
    pack_blocks(groups * outputs / NR, taps * inputs, kr, matrix, bias, packed, extra_bytes,
                params->input_zero_point + 128);
    return;
  }
  if (pack_dense(FILTER, __real_xnn_pack_qs8_to_qu8_gemm_goi_w)) return;
  __real_xnn_pack_qs8_to_qu8_conv_goki_w(FILTER);
}
