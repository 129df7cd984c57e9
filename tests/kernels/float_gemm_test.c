/* The f32 kernel for one and two rows against XNNPACK's for four, to the bit: all remainders of columns, one step of depth and many,
 * strides wider than rows, bounds, NaN; and nothing is written beside the result. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

typedef void kernel(size_t rows, size_t columns, size_t depth, const float *a, size_t a_stride,
                    const float *w, float *c, size_t row_stride, size_t column_stride,
                    const float *range);
#ifdef __wasm_relaxed_simd__
kernel __wrap_xnn_f32_gemm_minmax_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat;
static kernel *const multiply =
    __wrap_xnn_f32_gemm_minmax_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat;
#else
kernel __wrap_xnn_f32_gemm_minmax_ukernel_4x8__wasmsimd_x86_loadsplat;
static kernel *const multiply = __wrap_xnn_f32_gemm_minmax_ukernel_4x8__wasmsimd_x86_loadsplat;
#endif

enum { ROWS = 4, BLOCK = 8, GAP = 3 };

static uint32_t random_state = 1;
static void fill(float *to, size_t count) {
  for (size_t i = 0; i < count; i++) {
    random_state = random_state * 1664525u + 1013904223u;
    to[i] = (float)(random_state >> 8) / (float)(1 << 23) - 1.0f;
  }
}

/* Rows 0 and 1 of four, which XNNPACK computes, and the same ones alone. */
static void check_problem(size_t columns, size_t depth, const float range[2], bool has_nan) {
  const size_t in = depth + GAP, out = columns + GAP, blocks = (columns + BLOCK - 1) / BLOCK;
  float *a = malloc(ROWS * in * sizeof *a), *w = malloc(blocks * BLOCK * (depth + 1) * sizeof *w);
  float *four = malloc(ROWS * out * sizeof *four), *few = malloc(ROWS * out * sizeof *few);
  fill(a, ROWS * in);
  fill(w, blocks * BLOCK * (depth + 1));
  if (has_nan) a[0] = NAN;
  multiply(ROWS, columns, depth * sizeof *a, a, in * sizeof *a, w, four, out * sizeof *four,
           BLOCK * sizeof *four, range);
  for (size_t rows = 1; rows <= 2; rows++) {
    memset(few, 0x5a, ROWS * out * sizeof *few);
    multiply(rows, columns, depth * sizeof *a, a, in * sizeof *a, w, few, out * sizeof *few,
             BLOCK * sizeof *few, range);
    for (size_t r = 0; r < ROWS; r++) {
      const size_t written = r < rows ? columns : 0;
      CHECK(memcmp(few + r * out, four + r * out, written * sizeof *few) == 0);
      const unsigned char *beside = (const unsigned char *)(few + r * out + written);
      for (size_t i = 0; i < (out - written) * sizeof *few; i++) CHECK_EQ(beside[i], 0x5a);
    }
  }
  free(a);
  free(w);
  free(four);
  free(few);
}

int main(void) {
  static const float ranges[][2] = {{-INFINITY, INFINITY}, {0, INFINITY}, {-0.25f, 0.5f}};
  static const size_t depths[] = {1, 2, 3, 7, 64, 129};
  for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
    for (size_t columns = 1; columns <= 49; columns++) {
      for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
        check_problem(columns, depths[d], ranges[r], false);
        check_problem(columns, depths[d], ranges[r], true);
      }
    }
  }
  return test_summary();
}
