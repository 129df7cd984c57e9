/* Three planes of bytes to pixels of three: how the input of a network for pictures in 8 bits begins. In place of XNNPACK's
 * kernel for transposing bytes (--wrap, src/CMakeLists.txt), which stores pixels one by one; that has all else. */
#include <stddef.h>
#include <stdint.h>

#include <wasm_simd128.h>

enum { PLANES = 3, STEP = 16 };

/* width x height bytes, rows of the input and of the output so many bytes apart. */
#define EW_TRANSPOSE \
  const uint8_t *in, uint8_t *out, size_t in_stride, size_t out_stride, size_t width, size_t height
typedef void ew_transpose_fn(EW_TRANSPOSE);
ew_transpose_fn __real_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd,
    __wrap_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd;

static void merge(v128_t a, v128_t b, v128_t c, uint8_t *out) {
  const v128_t low =
      wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const v128_t middle =
      wasm_i8x16_shuffle(a, b, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27);
  const v128_t high =
      wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  wasm_v128_store(out,
                  wasm_i8x16_shuffle(low, c, 0, 1, 16, 2, 3, 17, 4, 5, 18, 6, 7, 19, 8, 9, 20, 10));
  wasm_v128_store(out + STEP, wasm_i8x16_shuffle(middle, c, 3, 21, 4, 5, 22, 6, 7, 23, 8, 9, 24, 10,
                                                 11, 25, 12, 13));
  wasm_v128_store(out + 2 * STEP, wasm_i8x16_shuffle(high, c, 26, 6, 7, 27, 8, 9, 28, 10, 11, 29,
                                                     12, 13, 30, 14, 15, 31));
}

void __wrap_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd(EW_TRANSPOSE) {
  if (height != PLANES || out_stride != PLANES) {
    __real_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd(in, out, in_stride, out_stride,
                                                               width, height);
    return;
  }
  const uint8_t *second = in + in_stride, *third = second + in_stride;
  size_t at = 0;
  for (; width - at >= STEP; at += STEP, out += PLANES * STEP) {
    merge(wasm_v128_load(in + at), wasm_v128_load(second + at), wasm_v128_load(third + at), out);
  }
  for (; at < width; at++) {
    *out++ = in[at];
    *out++ = second[at];
    *out++ = third[at];
  }
}
