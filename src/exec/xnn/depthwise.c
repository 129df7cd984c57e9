/* Depthwise convolutions of up to nine taps in f32 for WebAssembly, in place of XNNPACK's microkernels (--wrap,
 * src/CMakeLists.txt), with the same sums in the same order.
 *
 * XNNPACK loads nine inputs and nine weights for each output. Here the weights of four channels stay in registers while
 * a few pixels of a row are computed, and inputs that neighbours share are loaded once. */
#include "exec/xnn/depthwise.h"

#include <string.h>

#include "exec/xnn/float_vectors.h"

enum { TAPS = EW_TAPS, COLUMN = EW_TAP_ROWS, PIXELS = 8, LANES = 4 };

/* sum + the products of one column, from tap number `first` on. */
EW_ALWAYS_INLINE v128_t add_column(v128_t sum, const v128_t inputs[COLUMN],
                                   const v128_t weights[TAPS], int first) {
  sum = ew_multiply_add(inputs[0], weights[first], sum);
  sum = ew_multiply_add(inputs[1], weights[first + 1], sum);
  return ew_multiply_add(inputs[2], weights[first + 2], sum);
}

/* Of the column whose addresses begin here. */
EW_ALWAYS_INLINE void load_column(const char *const *addresses, size_t offset, v128_t out[COLUMN]) {
  out[0] = wasm_v128_load(addresses[0] + offset);
  out[1] = wasm_v128_load(addresses[1] + offset);
  out[2] = wasm_v128_load(addresses[2] + offset);
}

/* Four channels of some pixels: where they begin in each column and in the output, and the range of the results. */
typedef struct row {
  const ew_tap_block *taps;
  size_t offset; /* bytes */
  char *to;
  size_t stride; /* bytes */
  v128_t low, high;
} row;

EW_ALWAYS_INLINE v128_t keep_in_range(v128_t sum, const row *r) {
  return wasm_f32x4_pmin(wasm_f32x4_pmax(sum, r->low), r->high); /* keeps NaN */
}

/* Stride 1: each column belongs to three pixels, whose sums are under way at the same time. */
EW_ALWAYS_INLINE void run_dense(const row *r, v128_t bias, const v128_t weights[TAPS]) {
  const char *const *at = r->taps->columns, *const *const end = at + r->taps->pixels * COLUMN;
  char *to = r->to;
  v128_t inputs[COLUMN];
  load_column(at, r->offset, inputs);
  v128_t next = add_column(bias, inputs, weights, 0);
  load_column(at + COLUMN, r->offset, inputs);
  v128_t first = add_column(next, inputs, weights, 3);
  next = add_column(bias, inputs, weights, 0);
  for (; at != end; at += COLUMN) {
    load_column(at + 2 * COLUMN, r->offset, inputs);
    const v128_t done = add_column(first, inputs, weights, 6);
    first = add_column(next, inputs, weights, 3);
    next = add_column(bias, inputs, weights, 0);
    wasm_v128_store(to, keep_in_range(done, r));
    to += r->stride;
  }
}

/* Stride 2: a pixel's last column is the next one's first. */
EW_ALWAYS_INLINE void run_sparse(const row *r, v128_t bias, const v128_t weights[TAPS]) {
  const char *const *at = r->taps->columns, *const *const end = at + r->taps->pixels * 2 * COLUMN;
  char *to = r->to;
  v128_t inputs[COLUMN];
  load_column(at, r->offset, inputs);
  v128_t sum = add_column(bias, inputs, weights, 0);
  for (; at != end; at += 2 * COLUMN) {
    load_column(at + COLUMN, r->offset, inputs);
    sum = add_column(sum, inputs, weights, 3);
    load_column(at + 2 * COLUMN, r->offset, inputs);
    const v128_t done = add_column(sum, inputs, weights, 6);
    sum = add_column(bias, inputs, weights, 0);
    wasm_v128_store(to, keep_in_range(done, r));
    to += r->stride;
  }
}

/* Pixels that share nothing. */
EW_ALWAYS_INLINE void run_apart(const row *r, v128_t bias, const v128_t weights[TAPS]) {
  const char *const *at = r->taps->columns, *const *const end = at + r->taps->pixels * TAPS;
  char *to = r->to;
  for (; at != end; at += TAPS) {
    v128_t inputs[COLUMN], sum = bias;
#pragma clang loop unroll(full)
    for (int i = 0; i < TAPS; i += COLUMN) {
      load_column(at + i, r->offset, inputs);
      sum = add_column(sum, inputs, weights, i);
    }
    wasm_v128_store(to, keep_in_range(sum, r));
    to += r->stride;
  }
}

static void run_row(const row *r, const float *w, size_t tile) {
  v128_t weights[TAPS];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < TAPS; i++) weights[i] = wasm_v128_load(w + (i + 1) * tile);
  const v128_t bias = wasm_v128_load(w);
  if (r->taps->step == 1) {
    run_dense(r, bias, weights);
  } else if (r->taps->step == 2) {
    run_sparse(r, bias, weights);
  } else {
    run_apart(r, bias, weights);
  }
}

/* tile: channels per block of packed weights: their biases, then their weights tap by tap. */
static void run(EW_DEPTHWISE, size_t tile) {
  const size_t pixel_stride = channels * sizeof(float) + output_increment;
  const size_t address_stride = (size_t)input_stride / sizeof *input;
  ew_tap_block taps;
  row r = {.taps = &taps,
           .low = wasm_v128_load32_splat(&range[0]),
           .high = wasm_v128_load32_splat(&range[1])};
  while (width > 0) {
    taps.pixels = width < PIXELS ? width : PIXELS;
    ew_find_taps(&taps, (const void **)input, address_stride, input_offset, zero);
    for (size_t channel = 0; channel < channels; channel += LANES) {
      float rest[PIXELS * LANES];
      const size_t count = channels - channel;
      r.offset = channel * sizeof(float);
      r.to = (char *)(count < LANES ? rest : output + channel);
      r.stride = count < LANES ? sizeof(v128_t) : pixel_stride;
      run_row(&r, weights + channel / tile * tile * (TAPS + 1) + channel % tile, tile);
      for (size_t pixel = 0; count < LANES && pixel < taps.pixels; pixel++) {
        memcpy((char *)(output + channel) + pixel * pixel_stride, rest + pixel * LANES,
               count * sizeof *rest);
      }
    }
    width -= taps.pixels;
    input += taps.pixels * address_stride;
    output = (float *)(void *)((char *)output + taps.pixels * pixel_stride);
  }
}

#ifdef __wasm_relaxed_simd__
EW_DEPTHWISE_KERNEL(9p8c__wasmrelaxedsimd_fma, 8)
#else
EW_DEPTHWISE_KERNEL(9p8c__wasmsimd_x86, 8)
EW_DEPTHWISE_KERNEL(9p4c__wasmsimd_arm, 4)
#endif
