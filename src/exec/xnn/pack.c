/* Packing of f32 filters larger than 1x1 and of int8 matrices, in place of XNNPACK's functions (see
 * CMakeLists.txt): those go element by element, which took a third of the time of loading a ResNet, and four
 * fifths of that of int8 models.
 *
 * Layout of both, per group and block of `nr` output channels: their biases, then for each tap and each kr
 * input channels a row of nr * kr weights (within sr * kr turned by one more kr in each row), then
 * extra_bytes. The bias of an int8 row has its sum of weights times the zero point of the input taken off.
 * Bytes of the rows that are missing in the last block are zero already. Source:
 * xnn_pack_f32_conv_goki_w and xnn_pack_qs8_gemm_goi_w, packing.cc. */
#include "exec/xnn/pack.h"

#include <stdbool.h>

#include "base/simd.h"

enum { NR = 8, LANES = 4, PIECE = 8, MOST_SUMMANDS = 255 };

typedef int8_t i8x8 __attribute__((vector_size(8)));
typedef int16_t i16x8 __attribute__((vector_size(16)));

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

/* kr 8, sr 1: whole pieces of a row, those of the other rows in between. */
static void pack_row(const int8_t *row, size_t inputs, size_t step, int8_t *packed) {
  size_t at = 0;
  for (; inputs - at >= PIECE; at += PIECE, packed += step) memcpy(packed, row + at, PIECE);
  for (; at < inputs; at++) *packed++ = row[at];
}

/* nr 4, kr 2, sr 4: of four pieces, in units of two bytes, the diagonals: unit (t + n) mod 4 of row n is
 * element n of line t. */
static void pack_four_rows(const int8_t *rows, size_t inputs, int8_t *packed) {
  for (size_t at = 0; at < inputs; at += PIECE, packed += 4 * PIECE) {
    i16x8 upper, lower;
    memcpy(&upper, rows + at, PIECE);
    memcpy((char *)&upper + PIECE, rows + inputs + at, PIECE);
    memcpy(&lower, rows + 2 * inputs + at, PIECE);
    memcpy((char *)&lower + PIECE, rows + 3 * inputs + at, PIECE);
    const i16x8 first = __builtin_shufflevector(upper, lower, 0, 5, 10, 15, 1, 6, 11, 12);
    const i16x8 second = __builtin_shufflevector(upper, lower, 2, 7, 8, 13, 3, 4, 9, 14);
    memcpy(packed, &first, sizeof first);
    memcpy(packed + sizeof first, &second, sizeof second);
  }
}

void __wrap_xnn_pack_qs8_gemm_goi_w(size_t groups, size_t outputs, size_t inputs, size_t nr,
                                    size_t kr, size_t sr, const int8_t *matrix, const int32_t *bias,
                                    const float *scale, void *packed, size_t extra_bytes,
                                    const struct xnn_qs8_packing_params *params) {
  const bool by_row = kr == PIECE && sr == 1;
  const bool by_four = nr == 4 && kr == 2 && sr == 4 && outputs % 4 == 0 && inputs % PIECE == 0;
  if (!by_row && !by_four) {
    __real_xnn_pack_qs8_gemm_goi_w(groups, outputs, inputs, nr, kr, sr, matrix, bias, scale, packed,
                                   extra_bytes, params);
    return;
  }
  const size_t block_bytes = nr * ((inputs + PIECE - 1) / PIECE * PIECE);
  int8_t *to = packed;
  for (size_t group = 0; group < groups; group++) {
    for (size_t start = 0; start < outputs; start += nr) {
      const size_t first = group * outputs + start;
      int8_t *weights = to + nr * sizeof(int32_t);
      for (size_t i = 0; i < nr && start + i < outputs; i++) {
        const int8_t *row = matrix + (first + i) * inputs;
        /* Wraps as the sums of the kernels do. */
        const uint32_t offset = (uint32_t)sum_of(row, inputs) * (uint32_t)params->input_zero_point;
        const uint32_t value = (bias != NULL ? (uint32_t)bias[first + i] : 0) - offset;
        memcpy(to + i * sizeof value, &value, sizeof value);
        if (by_row) pack_row(row, inputs, nr * PIECE, weights + i * PIECE);
      }
      if (by_four) pack_four_rows(matrix + first * inputs, inputs, weights);
      to = weights + block_bytes + extra_bytes;
    }
  }
}
