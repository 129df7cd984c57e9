/* Depthwise convolutions of up to nine taps in f32 for WebAssembly, in place of XNNPACK's microkernels (--wrap,
 * src/CMakeLists.txt), with the same sums in the same order.
 *
 * XNNPACK loads nine inputs and nine weights for each output. Here the weights of four channels stay in registers while
 * a few pixels of a row are computed, and inputs that neighbours share are loaded once. */
#include "exec/xnn/depthwise.h"

#include <wasm_simd128.h>

enum { TAPS = EW_TAPS, COLUMN = EW_TAP_ROWS, PIXELS = 8, LANES = 4 };

/* channels, pixels of the row, addresses, packed weights, output, bytes between the addresses of one pixel and the next, bytes
 * between the end of a pixel and the next one, what addresses are short of, padding's address, least and largest value. */
#define EW_DEPTHWISE                                                                          \
  size_t channels, size_t width, const float **input, const float *weights, float *output,    \
      intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero, \
      const float *range
typedef void ew_depthwise_fn(EW_DEPTHWISE);

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE v128_t multiply_add(v128_t a, v128_t b, v128_t c) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(a, b, c);
#else
  return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
#endif
}

/* sum + the products of one column, from tap number `first` on. */
ALWAYS_INLINE v128_t add_column(v128_t sum, const v128_t inputs[COLUMN], const v128_t weights[TAPS],
                                int first) {
  sum = multiply_add(inputs[0], weights[first], sum);
  sum = multiply_add(inputs[1], weights[first + 1], sum);
  return multiply_add(inputs[2], weights[first + 2], sum);
}

ALWAYS_INLINE void load_column(const ew_tap_block *b, size_t column, size_t channel,
                               v128_t out[COLUMN]) {
  const char *const *addresses = &b->columns[column * COLUMN];
  for (int i = 0; i < COLUMN; i++) {
    out[i] = wasm_v128_load(addresses[i] + channel * sizeof(float));
  }
}

ALWAYS_INLINE void store(float *to, v128_t sum, const float *range, size_t count) {
  sum = wasm_f32x4_pmax(sum, wasm_v128_load32_splat(&range[0])); /* keeps NaN */
  sum = wasm_f32x4_pmin(sum, wasm_v128_load32_splat(&range[1]));
  if (count >= LANES) {
    wasm_v128_store(to, sum);
    return;
  }
  float lanes[LANES];
  wasm_v128_store(lanes, sum);
  for (size_t i = 0; i < count; i++) to[i] = lanes[i];
}

/* Four channels of stride 1: each column belongs to three pixels, whose sums are under way at the same time. */
ALWAYS_INLINE void run_dense(const ew_tap_block *b, size_t channel, v128_t bias,
                             const v128_t weights[TAPS], float *to, size_t stride,
                             const float *range, size_t count) {
  v128_t inputs[COLUMN];
  load_column(b, 0, channel, inputs);
  v128_t next = add_column(bias, inputs, weights, 0);
  load_column(b, 1, channel, inputs);
  v128_t first = add_column(next, inputs, weights, 3);
  next = add_column(bias, inputs, weights, 0);
  for (size_t pixel = 0; pixel < b->pixels; pixel++) {
    load_column(b, pixel + 2, channel, inputs);
    const v128_t done = add_column(first, inputs, weights, 6);
    first = add_column(next, inputs, weights, 3);
    next = add_column(bias, inputs, weights, 0);
    store(to, done, range, count);
    to = (float *)(void *)((char *)to + stride);
  }
}

/* Stride 2 (a pixel's last column is the next one's first) and pixels that share nothing. */
ALWAYS_INLINE void run_sparse(const ew_tap_block *b, size_t channel, v128_t bias,
                              const v128_t weights[TAPS], float *to, size_t stride,
                              const float *range, size_t count) {
  v128_t inputs[COLUMN], sum = bias;
  for (size_t pixel = 0; pixel < b->pixels; pixel++) {
    const size_t column = pixel * b->step;
    if (pixel == 0 || b->step == COLUMN) {
      load_column(b, column, channel, inputs);
      sum = add_column(bias, inputs, weights, 0);
    }
    load_column(b, column + 1, channel, inputs);
    sum = add_column(sum, inputs, weights, 3);
    load_column(b, column + 2, channel, inputs);
    store(to, add_column(sum, inputs, weights, 6), range, count);
    sum = add_column(bias, inputs, weights, 0);
    to = (float *)(void *)((char *)to + stride);
  }
}

/* tile: channels per block of packed weights: their biases, then their weights tap by tap. */
static void run(EW_DEPTHWISE, size_t tile) {
  const size_t pixel_stride = channels * sizeof(float) + output_increment;
  const size_t address_stride = (size_t)input_stride / sizeof *input;
  ew_tap_block b;
  while (width > 0) {
    b.pixels = width < PIXELS ? width : PIXELS;
    ew_find_taps(&b, (const void **)input, address_stride, input_offset, zero);
    for (size_t channel = 0; channel < channels; channel += LANES) {
      const float *w = weights + channel / tile * tile * (TAPS + 1) + channel % tile;
      v128_t values[TAPS];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < TAPS; i++) values[i] = wasm_v128_load(w + (i + 1) * tile);
      const v128_t bias = wasm_v128_load(w);
      if (b.step == 1) {
        run_dense(&b, channel, bias, values, output + channel, pixel_stride, range,
                  channels - channel);
      } else {
        run_sparse(&b, channel, bias, values, output + channel, pixel_stride, range,
                   channels - channel);
      }
    }
    width -= b.pixels;
    input += b.pixels * address_stride;
    output = (float *)(void *)((char *)output + b.pixels * pixel_stride);
  }
}

#define KERNEL(name, tile)                                                                     \
  ew_depthwise_fn __wrap_xnn_f32_dwconv_##name;                                                \
  void __wrap_xnn_f32_dwconv_##name(EW_DEPTHWISE) {                                            \
    run(channels, width, input, weights, output, input_stride, output_increment, input_offset, \
        zero, range, tile);                                                                    \
  }

#ifdef __wasm_relaxed_simd__
KERNEL(minmax_ukernel_9p8c__wasmrelaxedsimd_fma, 8)
#else
KERNEL(minmax_ukernel_9p8c__wasmsimd_x86, 8)
KERNEL(minmax_ukernel_9p4c__wasmsimd_arm, 4)
#endif
