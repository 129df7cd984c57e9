/* The 8-bit products against plain loops, to the bit: rows that are missing, blocks of channels and steps of depth that
 * are not whole, depths beyond the panel, extremes of weights, activations and zero points, padding. */
#include "exec/xnn/int8_gemm.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "xnnpack/hardware-config.h"

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}
static int32_t random_between(int32_t low, int32_t high) {
  return low + (int32_t)random_below((uint32_t)(high - low + 1));
}

enum { MAX_ROWS = 5, BLOCK = EW_INT8_COLUMNS, EXTRA = 32 };

typedef enum kind { QS8, QU8, QD8 } kind;

static size_t rows_of(size_t step) { return step == 2 ? EW_INT8_ROWS_C2 : EW_INT8_ROWS_C4; }

/* taps 0: a matrix product; else a convolution of so many taps. */
typedef struct problem {
  kind kind;
  size_t step, rows, columns, taps, depth;
  bool dense; /* int8_layout.h */
  int32_t input_zero, weight_zero, output_zero, output_min, output_max, input_bias;
  uint8_t *a, *w; /* [taps][rows][depth] and [columns][taps][depth], bytes of either sign */
  int32_t *bias;
  float *scale, *float_bias;
  struct xnn_qd8_quantization_params quant[MAX_ROWS];
} problem;

static int32_t value_of(const problem *p, uint8_t byte) {
  return p->kind == QU8 ? byte : (int8_t)byte;
}

static int32_t sum_of(const problem *p, size_t row, size_t column) {
  const size_t taps = p->taps == 0 ? 1 : p->taps;
  const int32_t zero = p->kind == QD8 ? p->quant[p->taps == 0 ? row : 0].zero_point : p->input_zero;
  uint32_t sum = p->kind == QD8 ? 0 : (uint32_t)p->bias[column];
  for (size_t t = 0; t < taps; t++) {
    for (size_t k = 0; k < p->depth; k++) {
      const int32_t x = value_of(p, p->a[(t * p->rows + row) * p->depth + k]) - zero;
      const int32_t w = value_of(p, p->w[(column * taps + t) * p->depth + k]) - p->weight_zero;
      sum += (uint32_t)(x * w);
    }
  }
  return (int32_t)sum;
}

static int32_t expected_byte(const problem *p, size_t row, size_t column) {
  float value = (float)sum_of(p, row, column) * p->scale[p->kind == QU8 ? 0 : column];
  const float low = (float)(p->output_min - p->output_zero);
  const float high = (float)(p->output_max - p->output_zero);
  value = value < low ? low : value > high ? high : value;
  return (int32_t)lrintf(value) + p->output_zero;
}

static float expected_float(const problem *p, size_t row, size_t column) {
  const struct xnn_qd8_quantization_params *quant = &p->quant[p->taps == 0 ? row : 0];
  const volatile float scaled = (float)sum_of(p, row, column) * quant->inv_scale;
  const volatile float filtered = scaled * p->scale[column];
  const float value = filtered + p->float_bias[column];
  return value < -100.0f ? -100.0f : value > 100.0f ? 100.0f : value;
}

/* --- packing: per block biases, [taps][steps][BLOCK][step] weights (dense: [steps]...), what the kind adds - */

/* Whether there is a step less than without. */
static bool can_be_dense(const problem *p) {
  const size_t step = p->step, plain = p->taps * ew_int8_round_up(p->depth, step);
  return p->kind != QU8 && ew_int8_round_up(p->taps * p->depth, step) < plain;
}

static uint8_t *pack(const problem *p) {
  const size_t taps = p->taps == 0 ? 1 : p->taps;
  const size_t depth = (p->depth + p->step - 1) / p->step * p->step;
  const size_t extra = p->kind == QS8 ? 4 : p->kind == QD8 ? 8 : 0;
  const size_t block = BLOCK * (4 + taps * depth + extra);
  uint8_t *packed = calloc((p->columns + BLOCK - 1) / BLOCK, block);
  for (size_t column = 0; column < (p->columns + BLOCK - 1) / BLOCK * BLOCK; column++) {
    uint8_t *to = packed + column / BLOCK * block;
    const size_t lane = column % BLOCK;
    uint32_t sum = 0;
    for (size_t t = 0; t < taps; t++) {
      for (size_t k = 0; k < depth; k++) {
        const bool exists = column < p->columns && k < p->depth;
        const uint8_t byte =
            exists ? p->w[(column * taps + t) * p->depth + k] : (uint8_t)p->weight_zero;
        sum += (uint32_t)(value_of(p, byte) - p->weight_zero);
        if (p->dense && !exists) continue;
        const size_t at = t * (p->dense ? p->depth : depth) + k;
        to[BLOCK * 4 + at / p->step * p->step * BLOCK + lane * p->step + at % p->step] = byte;
      }
    }
    if (column >= p->columns) continue;
    const uint32_t bias = p->kind == QD8 ? 0u - sum
                                         : (uint32_t)p->bias[column] -
                                               sum * (uint32_t)(p->input_zero + p->input_bias);
    memcpy(to + lane * 4, &bias, 4);
    if (p->dense) to[ew_int8_mark(taps, p->depth, p->step)] = EW_INT8_MARK;
    uint8_t *behind = to + BLOCK * (4 + taps * depth);
    if (p->kind != QU8) memcpy(behind + lane * 4, &p->scale[column], 4);
    if (p->kind == QD8) memcpy(behind + BLOCK * 4 + lane * 4, &p->float_bias[column], 4);
  }
  return packed;
}

/* --- one problem ------------------------------------------------------------------------------------- */

static void run(const problem *p, const void *packed, uint8_t *out, size_t row_stride) {
  const size_t size = p->kind == QD8 ? 4 : 1, block_stride = BLOCK * size;
  const union xnn_qs8_qc8w_conv_minmax_params qs8 = {
      .fp32_scalar = {(int16_t)p->output_zero, (int16_t)p->output_min, (int16_t)p->output_max}};
  const union xnn_qu8_conv_minmax_params qu8 = {
      .fp32_scalar = {p->weight_zero, p->scale[0], (int16_t)p->output_zero, (int16_t)p->output_min,
                      (int16_t)p->output_max}};
  const union xnn_f32_minmax_params qd8 = {.scalar = {-100.0f, 100.0f}};
  const void *params = p->kind == QS8 ? (const void *)&qs8 : (const void *)&qu8;
  const bool pairs = p->step == 2;
#ifdef __wasm_relaxed_simd__
  ew_gemm_fn *qs8_gemm = pairs ? ew_qs8_gemm_c2 : ew_qs8_gemm_c4;
  ew_igemm_fn *qs8_igemm = pairs ? ew_qs8_igemm_c2 : ew_qs8_igemm_c4;
  ew_gemm_fn *qu8_gemm = pairs ? ew_qu8_gemm_c2 : ew_qu8_gemm_c4;
  ew_igemm_fn *qu8_igemm = pairs ? ew_qu8_igemm_c2 : ew_qu8_igemm_c4;
  ew_dqgemm_fn *qd8_gemm = pairs ? ew_qd8_gemm_c2 : ew_qd8_gemm_c4;
  ew_dqigemm_fn *qd8_igemm = pairs ? ew_qd8_igemm_c2 : ew_qd8_igemm_c4;
#else
  (void)pairs;
  ew_gemm_fn *qs8_gemm = ew_qs8_gemm_c2;
  ew_igemm_fn *qs8_igemm = ew_qs8_igemm_c2;
  ew_gemm_fn *qu8_gemm = ew_qu8_gemm_c2;
  ew_igemm_fn *qu8_igemm = ew_qu8_igemm_c2;
  ew_dqgemm_fn *qd8_gemm = ew_qd8_gemm_c2;
  ew_dqigemm_fn *qd8_igemm = ew_qd8_igemm_c2;
#endif
  if (p->taps == 0) {
    if (p->kind == QD8) {
      qd8_gemm(p->rows, p->columns, p->depth, p->a, p->depth, packed, out, row_stride, block_stride,
               &qd8, p->quant);
    } else {
      (p->kind == QS8 ? qs8_gemm : qu8_gemm)(p->rows, p->columns, p->depth, p->a, p->depth, packed,
                                             out, row_stride, block_stride, params);
    }
    return;
  }
  /* Every third tap is padding, others follow each other where there is one row; the other addresses are 7 too small. */
  const size_t offset = 7;
  uint8_t *zero = malloc(p->depth + EXTRA);
  memset(zero, p->kind == QD8 ? p->quant[0].zero_point : p->input_zero, p->depth);
  const size_t rows = rows_of(p->step);
  const void **pointers = calloc(p->taps * rows, sizeof *pointers);
  for (size_t t = 0; t < p->taps; t++) {
    for (size_t r = 0; r < rows; r++) {
      const size_t row = r < p->rows ? r : p->rows - 1;
      uint8_t *pixel = p->a + (t * p->rows + row) * p->depth;
      if (t % 3 == 2) memcpy(pixel, zero, p->depth);
      pointers[t * rows + r] = t % 3 == 2 ? zero : pixel - offset;
    }
  }
  const size_t bytes = p->taps * rows * sizeof(void *);
  if (p->kind == QD8) {
    qd8_igemm(p->rows, p->columns, p->depth, bytes, pointers, packed, out, row_stride, block_stride,
              offset, zero, zero, &qd8, p->quant);
  } else {
    (p->kind == QS8 ? qs8_igemm : qu8_igemm)(p->rows, p->columns, p->depth, bytes, pointers, packed,
                                             out, row_stride, block_stride, offset, zero, params);
  }
  free(pointers);
  free(zero);
}

static void compare(const problem *p, const uint8_t *out, size_t row_stride) {
  size_t wrong = 0;
  for (size_t r = 0; r < p->rows; r++) {
    for (size_t c = 0; c < p->columns; c++) {
      if (p->kind == QD8) {
        float actual;
        memcpy(&actual, out + r * row_stride + c * 4, 4);
        wrong += actual != expected_float(p, r, c);
      } else {
        wrong += value_of(p, out[r * row_stride + c]) != expected_byte(p, r, c);
      }
    }
    const size_t end = p->columns * (p->kind == QD8 ? 4 : 1);
    wrong += out[r * row_stride + end] != 0xa5;
  }
  if (wrong > 0) {
    printf("kind %d step %zu: %zu x %zu x %zu taps %zu: %zu wrong\n", p->kind, p->step, p->rows,
           p->columns, p->depth, p->taps, wrong);
  }
  CHECK(wrong == 0);
}

static void fill_bytes(uint8_t *bytes, size_t count, int32_t low) {
  const uint32_t extreme = random_below(6);
  for (size_t i = 0; i < count; i++) {
    bytes[i] = (uint8_t)(extreme == 0   ? low
                         : extreme == 1 ? low + 255
                                        : random_between(low, low + 255));
  }
}

static void check(kind kind, size_t step, size_t columns, size_t taps, size_t depth,
                  int32_t input_bias) {
  problem p = {.kind = kind,
               .step = step,
               .rows = 1 + random_below((uint32_t)rows_of(step)),
               .columns = columns};
  p.taps = taps;
  p.depth = depth;
  p.input_bias = kind == QU8 ? 0 : input_bias;
  p.dense = can_be_dense(&p) && random_below(4) > 0;
  const int32_t low = kind == QU8 ? 0 : -128;
  const size_t all_taps = taps == 0 ? 1 : taps, weights = columns * all_taps * depth;
  const int32_t zeros[] = {low, low + 255, low + 128, random_between(low, low + 255)};
  p.input_zero = zeros[random_below(4)];
  p.weight_zero = kind == QU8 ? zeros[random_below(4)] : 0;
  p.output_zero = zeros[random_below(4)];
  p.output_min = random_between(low, low + 100);
  p.output_max = random_between(low + 150, low + 255);
  uint8_t *a = malloc(all_taps * MAX_ROWS * depth + EXTRA);
  p.a = a;
  p.w = malloc(weights);
  p.bias = malloc(columns * sizeof *p.bias);
  p.scale = malloc(columns * sizeof *p.scale);
  p.float_bias = malloc(columns * sizeof *p.float_bias);
  fill_bytes(p.a, all_taps * MAX_ROWS * depth + EXTRA, low);
  fill_bytes(p.w, weights, low);
  for (size_t c = 0; c < columns; c++) {
    p.bias[c] = random_between(-100000, 100000);
    p.scale[c] =
        (1 + (float)random_below(1000)) / (2000.0f * 40.0f * sqrtf((float)(all_taps * depth)));
    p.float_bias[c] = (float)random_between(-1000, 1000) / 100.0f;
  }
  for (size_t r = 0; r < MAX_ROWS; r++) {
    p.quant[r].zero_point = random_between(-128, 127);
    p.quant[r].inv_scale = (1 + (float)random_below(1000)) / 1000.0f;
  }
  const size_t row_stride = columns * 4 + 8;
  uint8_t *packed = pack(&p), *out = malloc(row_stride * MAX_ROWS);
  memset(out, 0xa5, row_stride * MAX_ROWS);
  run(&p, packed, out, row_stride);
  compare(&p, out, row_stride);
  free(packed);
  free(out);
  free(a);
  free(p.w);
  free(p.bias);
  free(p.scale);
  free(p.float_bias);
}

/* Quads of unsigned weights need unsigned activations. */
static bool has_kernel(kind kind, size_t step, int32_t input_bias) {
  return kind != QU8 || step == 2 || input_bias != 0;
}

static kind random_kind(size_t step, int32_t input_bias) {
  const kind kind = (enum kind)random_below(3);
  return has_kernel(kind, step, input_bias) ? kind : QS8;
}

static void check_step(size_t step, int32_t input_bias) {
  for (int round = 0; round < 3000; round++) {
    const kind kind = random_kind(step, input_bias);
    const size_t columns = 1 + random_below(20), taps = random_below(2) * (1 + random_below(9));
    const size_t depth = 1 + random_below(round % 50 == 0 ? 2500 : 40);
    check(kind, step, columns, taps, depth, input_bias);
  }
  /* Deeper than the panel, in one tap and in several. */
  for (int i = 0; i < 3; i++) {
    if (!has_kernel((kind)i, step, input_bias)) continue;
    check((kind)i, step, 9, 0, 20001, input_bias);
    check((kind)i, step, 9, 9, 2303, input_bias);
  }
  /* The first layers of networks for pictures. */
  for (int round = 0; round < 200; round++) check(QS8, step, 16, 9, 3, input_bias);
}

int main(void) {
  check_step(2, 0);
#ifdef __wasm_relaxed_simd__
  const struct xnn_hardware_config *hardware = xnn_init_hardware_config();
  if (hardware->use_wasm_sdot || hardware->use_wasm_usdot) {
    ew_int8_bias = hardware->use_wasm_sdot ? 0 : 128;
    check_step(4, ew_int8_bias);
  } else {
    printf("skipped: this engine has no 8-bit dot products\n");
  }
#endif
  return test_summary();
}
