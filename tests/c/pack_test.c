/* Packed weights against XNNPACK's own packing, byte by byte: whole and broken blocks, groups, with and
 * without bias, every kind of kernel layout, those that are left to XNNPACK included. */
#include <stdbool.h>
#include <stdlib.h>

#include "exec/xnn/pack.h"
#include "test.h"

enum { EXTRA_BYTES = 32 };

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}

static size_t round_up(size_t n, size_t q) { return (n + q - 1) / q * q; }

typedef struct layout {
  size_t nr, kr, sr;
} layout;

static void check_f32(layout l, size_t groups, size_t outputs, size_t taps, size_t inputs,
                      bool with_bias) {
  const size_t count = groups * outputs * taps * inputs;
  const size_t depth = taps * round_up(inputs, l.kr * l.sr);
  const size_t bytes =
      groups * (round_up(outputs, l.nr) * (depth + 1) * sizeof(float) + outputs * EXTRA_BYTES);
  float *filter = malloc(count * sizeof *filter);
  float *bias = malloc(groups * outputs * sizeof *bias);
  char *expected = calloc(1, bytes), *actual = calloc(1, bytes);
  for (size_t i = 0; i < count; i++) filter[i] = (float)(i + 1);
  for (size_t i = 0; i < groups * outputs; i++) bias[i] = -(float)i - 1;
  const float *used = with_bias ? bias : NULL;
  __real_xnn_pack_f32_conv_goki_w(groups, outputs, taps, inputs, l.nr, l.kr, l.sr, filter, used,
                                  NULL, (float *)(void *)expected, EXTRA_BYTES, NULL);
  __wrap_xnn_pack_f32_conv_goki_w(groups, outputs, taps, inputs, l.nr, l.kr, l.sr, filter, used,
                                  NULL, (float *)(void *)actual, EXTRA_BYTES, NULL);
  CHECK(memcmp(expected, actual, bytes) == 0);
  free(filter);
  free(bias);
  free(expected);
  free(actual);
}

/* Matrices (taps 0) and filters, with zero points as they are or 128 higher. */
static void check_int8(layout l, size_t groups, size_t outputs, size_t taps, size_t inputs,
                       bool with_bias, bool unsigned_input) {
  const size_t rows = taps == 0 ? 1 : taps, count = groups * outputs * rows * inputs;
  const size_t depth = rows * round_up(inputs, l.kr * l.sr);
  const size_t bytes =
      groups * (round_up(outputs, l.nr) * (depth + sizeof(int32_t)) + outputs * EXTRA_BYTES);
  int8_t *matrix = malloc(count);
  int32_t *bias = malloc(groups * outputs * sizeof *bias);
  char *packed[2] = {calloc(1, bytes), calloc(1, bytes)};
  /* Extremes too: many of them must not overflow the partial sums. */
  const bool extreme = random_below(4) == 0;
  for (size_t i = 0; i < count; i++) {
    matrix[i] = (int8_t)(extreme ? -128 : (int)random_below(256) - 128);
  }
  for (size_t i = 0; i < groups * outputs; i++)
    bias[i] = (int32_t)random_below(1 << 20) - (1 << 19);
  const struct xnn_qs8_packing_params params = {(int8_t)((int)random_below(256) - 128)};
  const int32_t *used = with_bias ? bias : NULL;
  ew_pack_int8_matrix_fn *const matrices[2][2] = {
      {__real_xnn_pack_qs8_gemm_goi_w, __wrap_xnn_pack_qs8_gemm_goi_w},
      {__real_xnn_pack_qs8_to_qu8_gemm_goi_w, __wrap_xnn_pack_qs8_to_qu8_gemm_goi_w}};
  ew_pack_int8_filter_fn *const filters[2][2] = {
      {__real_xnn_pack_qs8_conv_goki_w, __wrap_xnn_pack_qs8_conv_goki_w},
      {__real_xnn_pack_qs8_to_qu8_conv_goki_w, __wrap_xnn_pack_qs8_to_qu8_conv_goki_w}};
  for (int own = 0; own < 2; own++) {
    if (taps == 0) {
      matrices[unsigned_input][own](groups, outputs, inputs, l.nr, l.kr, l.sr, matrix, used, NULL,
                                    packed[own], EXTRA_BYTES, &params);
    } else {
      filters[unsigned_input][own](groups, outputs, taps, inputs, l.nr, l.kr, l.sr, matrix, used,
                                   NULL, packed[own], EXTRA_BYTES, &params);
    }
  }
  CHECK(memcmp(packed[0], packed[1], bytes) == 0);
  free(matrix);
  free(bias);
  free(packed[0]);
  free(packed[1]);
}

int main(void) {
  /* The first of each list are those of the WebAssembly kernels. */
  const layout f32[] = {{8, 1, 1}, {2, 4, 1}, {8, 1, 4}, {16, 1, 1}};
  const layout int8[] = {{8, 2, 1}, {8, 4, 1}, {4, 2, 4}, {8, 8, 1}, {16, 4, 1}};
  for (int round = 0; round < 400; round++) {
    const size_t groups = 1 + random_below(3), outputs = 1 + random_below(40);
    const size_t inputs = 1 + random_below(round % 10 == 0 ? 5000 : 70);
    /* Every other one is whole, as most models' are. */
    const size_t whole_outputs = round_up(outputs, 16), whole_inputs = round_up(inputs, 8);
    const bool whole = round % 2 == 0, with_bias = round % 3 != 0;
    const size_t n = whole ? whole_outputs : outputs, k = whole ? whole_inputs : inputs;
    const size_t taps = 1 + random_below(9);
    for (size_t i = 0; i < sizeof f32 / sizeof *f32; i++) {
      if (k < 100) check_f32(f32[i], groups, n, taps, k, with_bias);
    }
    for (size_t i = 0; i < sizeof int8 / sizeof *int8; i++) {
      check_int8(int8[i], groups, n, 0, k, with_bias, round % 5 == 0);
      if (k < 100) check_int8(int8[i], groups, n, taps, k, with_bias, round % 5 == 0);
    }
  }
  return test_summary();
}
