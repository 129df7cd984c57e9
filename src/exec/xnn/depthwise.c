/* Depthwise convolutions of up to nine taps in f32 for WebAssembly, in place of XNNPACK's microkernels (--wrap,
 * src/CMakeLists.txt), with the same sums in the same order.
 *
 * XNNPACK loads nine inputs and nine weights for each output. Here the weights of four channels stay in registers while
 * a few pixels of a row are computed, and inputs that neighbours share are loaded once. */
#include "exec/xnn/depthwise.h"
#include "exec/xnn/float_vectors.h"

enum { TAPS = EW_TAPS, COLUMN = EW_TAP_ROWS, PIXELS = 8, LANES = 4 };

/* sum + the products of one column, from tap number `first` on. */
EW_ALWAYS_INLINE v128_t add_column(v128_t sum, const v128_t inputs[COLUMN],
                                   const v128_t weights[TAPS], int first) {
  sum = ew_multiply_add(inputs[0], weights[first], sum);
  sum = ew_multiply_add(inputs[1], weights[first + 1], sum);
  return ew_multiply_add(inputs[2], weights[first + 2], sum);
}

EW_ALWAYS_INLINE void load_column(const ew_tap_block *b, size_t column, size_t channel,
                                  v128_t out[COLUMN]) {
  const char *const *addresses = &b->columns[column * COLUMN];
  for (int i = 0; i < COLUMN; i++) {
    out[i] = wasm_v128_load(addresses[i] + channel * sizeof(float));
  }
}

/* Four channels of stride 1: each column belongs to three pixels, whose sums are under way at the same time. */
EW_ALWAYS_INLINE void run_dense(const ew_tap_block *b, size_t channel, v128_t bias,
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
    ew_store_floats(to, done, range, count);
    to = (float *)(void *)((char *)to + stride);
  }
}

/* Stride 2 (a pixel's last column is the next one's first) and pixels that share nothing. */
EW_ALWAYS_INLINE void run_sparse(const ew_tap_block *b, size_t channel, v128_t bias,
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
    ew_store_floats(to, add_column(sum, inputs, weights, 6), range, count);
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

#ifdef __wasm_relaxed_simd__
EW_DEPTHWISE_KERNEL(9p8c__wasmrelaxedsimd_fma, 8)
#else
EW_DEPTHWISE_KERNEL(9p8c__wasmsimd_x86, 8)
EW_DEPTHWISE_KERNEL(9p4c__wasmsimd_arm, 4)
#endif
