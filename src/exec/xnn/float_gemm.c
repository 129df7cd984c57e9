/* The last one or two rows of an f32 product for WebAssembly, in front of XNNPACK's microkernels for four (--wrap,
 * src/CMakeLists.txt), with the same sums in the same order.
 *
 * For fewer rows those compute the last one again, so two cost as much as four: a 26th of the time for the 50 tokens of a
 * vision transformer. Here two rows take two blocks of columns at once, which keeps as many sums under way. */
#include "exec/xnn/float_vectors.h"

enum { BLOCK = 8, PAIR = 2 * BLOCK, ROWS = 2, LANES = 4, VECTORS = PAIR / LANES };

/* rows and columns of the result, bytes of a row of a, a, bytes from row to row, packed weights (per block: the bias, then
 * BLOCK weights for each step of depth), the result, bytes from row to row and from block to block, least and largest
 * value. */
#define EW_GEMM                                                                               \
  size_t rows, size_t columns, size_t depth, const float *a, size_t a_stride, const float *w, \
      float *c, size_t row_stride, size_t column_stride, const float *range
typedef void ew_gemm_fn(EW_GEMM);

EW_ALWAYS_INLINE void store(float *to, const v128_t sums[2], const float *range) {
  EW_EACH(v, 2) { ew_store_floats(to + v * LANES, sums[v], range, LANES); }
}

/* Two rows (which may be one and the same) of two blocks. */
EW_ALWAYS_INLINE void multiply(size_t depth, const float *first, const float *second,
                               const float *w, v128_t sums[ROWS][VECTORS]) {
  const float *other = w + (depth + 1) * BLOCK, *const end = first + depth;
  EW_EACH(v, VECTORS) {
    sums[0][v] = sums[1][v] = wasm_v128_load(v < 2 ? w + v * LANES : other + (v - 2) * LANES);
  }
#pragma clang loop unroll(disable)
  while (first != end) {
    w += BLOCK;
    other += BLOCK;
    const v128_t a = wasm_v128_load32_splat(first++), b = wasm_v128_load32_splat(second++);
    EW_EACH(v, VECTORS) {
      const v128_t weights = wasm_v128_load(v < 2 ? w + v * LANES : other + (v - 2) * LANES);
      sums[0][v] = ew_multiply_add(a, weights, sums[0][v]);
      sums[1][v] = ew_multiply_add(b, weights, sums[1][v]);
    }
  }
}

EW_ALWAYS_INLINE float *moved(float *at, size_t bytes) {
  return (float *)(void *)((char *)at + bytes);
}

static void run(EW_GEMM, ew_gemm_fn *real) {
  if (rows <= ROWS) {
    const size_t step = rows < ROWS ? 0 : a_stride, below = rows < ROWS ? 0 : row_stride;
    const float *next = (const float *)(const void *)((const char *)a + step);
    for (; columns >= PAIR; columns -= PAIR) {
      v128_t sums[ROWS][VECTORS];
      multiply(depth / sizeof(float), a, next, w, sums);
      for (int half = 0; half < 2; half++) {
        store(c, sums[0] + half * 2, range);
        store(moved(c, below), sums[1] + half * 2, range);
        c = moved(c, column_stride);
      }
      w += (depth / sizeof(float) + 1) * PAIR;
    }
  }
  if (columns > 0) real(rows, columns, depth, a, a_stride, w, c, row_stride, column_stride, range);
}

#define KERNEL(name)                                                                               \
  ew_gemm_fn __real_xnn_f32_gemm_minmax_ukernel_##name, __wrap_xnn_f32_gemm_minmax_ukernel_##name; \
  void __wrap_xnn_f32_gemm_minmax_ukernel_##name(EW_GEMM) {                                        \
    run(rows, columns, depth, a, a_stride, w, c, row_stride, column_stride, range,                 \
        __real_xnn_f32_gemm_minmax_ukernel_##name);                                                \
  }

#ifdef __wasm_relaxed_simd__
KERNEL(4x8__wasmrelaxedsimd_fma_loadsplat)
#else
KERNEL(4x8__wasmsimd_x86_loadsplat)
#endif
