/* Depthwise convolutions of up to nine taps in int8 with a scale per channel, for hardware with 8-bit dot products, in place of
 * XNNPACK's microkernel (--wrap, src/CMakeLists.txt): to the bit its results, where those do not overflow.
 *
 * XNNPACK multiplies tap by tap and adds up two products in 16 bits, which holds all but pairs of -128 * -128. Here the
 * three inputs of a column lie side by side for each channel, so that one dot product takes them all; a column is
 * made once for the pixels that share it. Weights are laid out so for each row of outputs: that is little beside the row.
 * With products of pairs of 16 bits instead, it is no faster in Chromium and Firefox and slower in WebKit. */
#include "exec/xnn/depthwise.h"

#include <wasm_simd128.h>

#include "exec/xnn/int8_gemm.h"
#include "exec/xnn/int8_round.h"
#include "exec/xnn/internal.h"

enum {
  TILE = 16, /* channels of a block of packed weights: biases, weights tap by tap, scales */
  LANES = 8, /* channels at a time */
  WEIGHTS_AT = TILE * sizeof(int32_t),
  SCALES_AT = WEIGHTS_AT + TILE * EW_TAPS,
  BLOCK_BYTES = SCALES_AT + TILE * sizeof(float)
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define EACH_COLUMN(c) \
  _Pragma("clang loop unroll(full)") for (size_t c = 0; c < EW_TAPS / EW_TAP_ROWS; c++)

/* Three taps of eight channels, and a filler: those of channels 0 to 3, those of channels 4 to 7. */
typedef struct column {
  v128_t low, high;
} column;

typedef struct sums {
  v128_t low, high; /* channels 0 to 3 and 4 to 7 */
} sums;

/* Eight channels: what does not change from pixel to pixel. */
typedef struct group {
  column weights[EW_TAPS / EW_TAP_ROWS];
  sums bias;
  v128_t low_scale, high_scale;
} group;

#define MERGE_BYTES(a, b) \
  wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define MERGE_LOW(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define MERGE_HIGH(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)

/* The filler is 0 for weights, and then whatever comes cheap for inputs. */
ALWAYS_INLINE column load_column(const char *const at[EW_TAP_ROWS], size_t offset, bool is_weight) {
  const v128_t third = wasm_v128_load64_zero(at[2] + offset);
  const v128_t pairs =
      MERGE_BYTES(wasm_v128_load64_zero(at[0] + offset), wasm_v128_load64_zero(at[1] + offset));
  const v128_t rest = MERGE_BYTES(third, is_weight ? wasm_i8x16_const_splat(0) : third);
  return (column){MERGE_LOW(pairs, rest), MERGE_HIGH(pairs, rest)};
}

/* Inputs as the dot product takes them (int8_gemm.h), of the next column. */
ALWAYS_INLINE column load_inputs(const char *const **at, size_t channel, v128_t bias) {
  const column bytes = load_column(*at, channel, false);
  *at += EW_TAP_ROWS;
  return (column){wasm_v128_xor(bytes.low, bias), wasm_v128_xor(bytes.high, bias)};
}

ALWAYS_INLINE sums add_column(sums s, const column *inputs, const column *w) {
  return (sums){wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w->low, inputs->low, s.low),
                wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w->high, inputs->high, s.high)};
}

ALWAYS_INLINE group load_group(const char *w, size_t lane) {
  group g;
  EACH_COLUMN(c) {
    const char *tap = w + WEIGHTS_AT + c * EW_TAP_ROWS * TILE;
    const char *const at[EW_TAP_ROWS] = {tap, tap + TILE, tap + 2 * TILE};
    g.weights[c] = load_column(at, lane, true);
  }
  g.bias.low = wasm_v128_load(w + lane * sizeof(int32_t));
  g.bias.high = wasm_v128_load(w + (lane + 4) * sizeof(int32_t));
  if (ew_int8_bias != 0) {
    /* Inputs are 128 more than they should be. */
    const column more = {wasm_u8x16_const_splat(128), wasm_u8x16_const_splat(128)};
    sums all = {wasm_i32x4_const_splat(0), wasm_i32x4_const_splat(0)};
    EACH_COLUMN(c) all = add_column(all, &more, &g.weights[c]);
    g.bias.low = wasm_i32x4_sub(g.bias.low, all.low);
    g.bias.high = wasm_i32x4_sub(g.bias.high, all.high);
  }
  g.low_scale = wasm_v128_load(w + SCALES_AT + lane * sizeof(float));
  g.high_scale = wasm_v128_load(w + SCALES_AT + (lane + 4) * sizeof(float));
  return g;
}

ALWAYS_INLINE void store(char *to, sums s, const group *g, const ew_int8_bounds *range,
                         size_t count) {
  const v128_t words = wasm_i16x8_narrow_i32x4(ew_round_sums(s.low, g->low_scale, range),
                                               ew_round_sums(s.high, g->high_scale, range));
  const v128_t bytes = wasm_i8x16_min(wasm_i8x16_narrow_i16x8(words, words), range->max);
  if (count >= LANES) {
    wasm_v128_store64_lane(to, bytes, 0);
    return;
  }
  char lanes[16];
  wasm_v128_store(lanes, bytes);
  for (size_t i = 0; i < count; i++) to[i] = lanes[i];
}

/* Stride 1: each column belongs to three pixels, whose sums are under way at the same time. */
ALWAYS_INLINE void run_dense(const ew_tap_block *b, size_t channel, const group *g, char *to,
                             size_t stride, const ew_int8_bounds *range) {
  const char *const *at = b->columns;
  const v128_t bias = wasm_u8x16_splat(ew_int8_bias);
  column inputs = load_inputs(&at, channel, bias);
  sums next = add_column(g->bias, &inputs, &g->weights[0]);
  inputs = load_inputs(&at, channel, bias);
  sums first = add_column(next, &inputs, &g->weights[1]);
  next = add_column(g->bias, &inputs, &g->weights[0]);
  const char *const *end = at + b->pixels * EW_TAP_ROWS;
  while (at != end) {
    inputs = load_inputs(&at, channel, bias);
    store(to, add_column(first, &inputs, &g->weights[2]), g, range, LANES);
    first = add_column(next, &inputs, &g->weights[1]);
    next = add_column(g->bias, &inputs, &g->weights[0]);
    to += stride;
  }
}

/* Stride 2: a pixel's last column is the next one's first. */
ALWAYS_INLINE void run_pairs(const ew_tap_block *b, size_t channel, const group *g, char *to,
                             size_t stride, const ew_int8_bounds *range) {
  const char *const *at = b->columns;
  const v128_t bias = wasm_u8x16_splat(ew_int8_bias);
  column inputs = load_inputs(&at, channel, bias);
  sums sum = add_column(g->bias, &inputs, &g->weights[0]);
  const char *const *end = at + b->pixels * 2 * EW_TAP_ROWS;
  while (at != end) {
    inputs = load_inputs(&at, channel, bias);
    sum = add_column(sum, &inputs, &g->weights[1]);
    inputs = load_inputs(&at, channel, bias);
    store(to, add_column(sum, &inputs, &g->weights[2]), g, range, LANES);
    sum = add_column(g->bias, &inputs, &g->weights[0]);
    to += stride;
  }
}

/* Pixels by themselves: those that share nothing, and of fewer channels. */
ALWAYS_INLINE void run_apart(const ew_tap_block *b, size_t channel, const group *g, char *to,
                             size_t stride, const ew_int8_bounds *range, size_t count) {
  const v128_t bias = wasm_u8x16_splat(ew_int8_bias);
  for (size_t pixel = 0; pixel < b->pixels; pixel++, to += stride) {
    const char *const *at = b->columns + pixel * b->step * EW_TAP_ROWS;
    sums sum = g->bias;
    EACH_COLUMN(c) {
      const column inputs = load_inputs(&at, channel, bias);
      sum = add_column(sum, &inputs, &g->weights[c]);
    }
    store(to, sum, g, range, count);
  }
}

/* channels, pixels of the row, addresses, packed weights, output, bytes between the addresses of one pixel and the next,
 * bytes between the end of a pixel and the next one, what addresses are short of, padding's address, bounds. */
#define EW_DEPTHWISE_INT8                                                                    \
  size_t channels, size_t width, const void **input, const void *weights, void *output,      \
      intptr_t input_stride, size_t output_increment, size_t input_offset, const void *zero, \
      const union xnn_qs8_qc8w_conv_minmax_params *params
typedef void ew_depthwise_int8_fn(EW_DEPTHWISE_INT8);

ALWAYS_INLINE void run_block(const ew_tap_block *b, size_t channels, const char *weights, char *to,
                             size_t stride, const ew_int8_bounds *bounds) {
  const ew_int8_bounds range = *bounds; /* so that it is not loaded after each store */
  for (size_t channel = 0; channel < channels; channel += LANES) {
    const group g = load_group(weights + channel / TILE * BLOCK_BYTES, channel % TILE);
    const size_t count = channels - channel;
    if (count >= LANES && b->step == 1) {
      run_dense(b, channel, &g, to + channel, stride, &range);
    } else if (count >= LANES && b->step == 2) {
      run_pairs(b, channel, &g, to + channel, stride, &range);
    } else {
      run_apart(b, channel, &g, to + channel, stride, &range, count);
    }
  }
}

static void run(EW_DEPTHWISE_INT8) {
  const ew_int8_bounds range =
      ew_int8_bounds_of(params->fp32_scalar.output_zero_point, params->fp32_scalar.output_min,
                        params->fp32_scalar.output_max);
  const size_t stride = channels + output_increment;
  const size_t addresses = (size_t)input_stride / sizeof *input;
  char *to = output;
  ew_tap_block b;
  while (width > 0) {
    b.pixels = width < EW_TAP_PIXELS ? width : EW_TAP_PIXELS;
    ew_find_taps(&b, input, addresses, input_offset, zero);
    run_block(&b, channels, weights, to, stride, &range);
    width -= b.pixels;
    input += b.pixels * addresses;
    to += b.pixels * stride;
  }
}

ew_depthwise_int8_fn __wrap_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16,
    __real_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16;

void __wrap_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16(EW_DEPTHWISE_INT8) {
  (ew_xnn_has_dot() ? run
                    : __real_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16)(
      channels, width, input, weights, output, input_stride, output_increment, input_offset, zero,
      params);
}
