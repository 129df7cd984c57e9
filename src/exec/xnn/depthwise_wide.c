/* Depthwise convolutions of ten to 25 taps (5x5) in f32 for WebAssembly, in place of XNNPACK's microkernels (--wrap,
 * src/CMakeLists.txt).
 *
 * XNNPACK loads 25 inputs and 25 weights for each output. Here a few pixels of a row are computed at once, a row of taps at a
 * time: its weights serve all of them, and inputs that neighbours share are loaded once. More pixels or more taps at once
 * would not fit the registers. */
#include "exec/xnn/depthwise.h"
#include "exec/xnn/float_vectors.h"

enum { TAPS = 25, SIDE = 5, LANES = 4, MOST_PIXELS = 3, MOST_COLUMNS = 7 };

/* Pixels that are computed at once: their number, columns from one to the next (0: they share none), and the addresses of
 * all columns, row by row, so that a row of taps finds its own side by side. */
typedef struct group {
  int pixels, step;
  const char *rows[SIDE][MOST_COLUMNS];
} group;

EW_ALWAYS_INLINE int columns_of(int pixels, int step) { return (pixels - 1) * step + SIDE; }

static void find_inputs(group *g, const float **input, size_t offset, const float *zero) {
  const int columns = columns_of(g->pixels, g->step);
  for (int i = 0; i < columns * SIDE; i++) {
    const char *address = (const char *)input[i];
    g->rows[i % SIDE][i / SIDE] = input[i] == zero ? address : address + offset;
  }
}

/* Four channels. */
EW_ALWAYS_INLINE void run_pixels(const group *g, int pixels, int step, size_t channel,
                                 const float *weights, size_t tile, v128_t sums[]) {
  const int columns = columns_of(pixels, step);
  EW_EACH(p, pixels) { sums[p] = wasm_v128_load(weights); }
  weights += tile;
  const char *const *row = g->rows[0], *const *const end = row + SIDE * MOST_COLUMNS;
#pragma clang loop unroll(disable)
  for (; row != end; row += MOST_COLUMNS) {
    v128_t inputs[MOST_COLUMNS], taps[SIDE];
    EW_EACH(i, columns) { inputs[i] = wasm_v128_load(row[i] + channel * sizeof(float)); }
    EW_EACH(i, SIDE) { taps[i] = wasm_v128_load(weights + (size_t)i * SIDE * tile); }
    /* A sum of its own, so that rows need not wait for each other. */
    EW_EACH(p, pixels) {
      v128_t sum = wasm_f32x4_mul(inputs[p * step], taps[0]);
      EW_EACH(i, SIDE - 1) { sum = ew_multiply_add(inputs[p * step + i + 1], taps[i + 1], sum); }
      sums[p] = wasm_f32x4_add(sums[p], sum);
    }
    weights += tile;
  }
}

EW_ALWAYS_INLINE void run_channels(const group *g, int pixels, int step, size_t channels,
                                   const float *weights, size_t tile, float *to,
                                   size_t pixel_stride, const float *range) {
  for (size_t channel = 0; channel < channels; channel += LANES) {
    const float *block = weights + channel / tile * tile * (TAPS + 1) + channel % tile;
    v128_t sums[MOST_PIXELS];
    run_pixels(g, pixels, step, channel, block, tile, sums);
    EW_EACH(p, pixels) {
      float *pixel = (float *)(void *)((char *)to + (size_t)p * pixel_stride);
      ew_store_floats(pixel + channel, sums[p], range, channels - channel);
    }
  }
}

static void run(EW_DEPTHWISE, size_t tile) {
  const size_t pixel_stride = channels * sizeof(float) + output_increment;
  const size_t stride = (size_t)input_stride / sizeof *input;
  while (width > 0) {
    group g = {.pixels = 1};
    if (stride == SIDE && width >= 3) g = (group){.pixels = 3, .step = 1};
    if (stride == 2 * SIDE && width >= 2) g = (group){.pixels = 2, .step = 2};
    find_inputs(&g, input, input_offset, zero);
    if (g.pixels == 3) {
      run_channels(&g, 3, 1, channels, weights, tile, output, pixel_stride, range);
    } else if (g.pixels == 2) {
      run_channels(&g, 2, 2, channels, weights, tile, output, pixel_stride, range);
    } else {
      run_channels(&g, 1, 0, channels, weights, tile, output, pixel_stride, range);
    }
    width -= (size_t)g.pixels;
    input += (size_t)g.pixels * stride;
    output = (float *)(void *)((char *)output + (size_t)g.pixels * pixel_stride);
  }
}

#ifdef __wasm_relaxed_simd__
EW_DEPTHWISE_KERNEL(25p8c__wasmrelaxedsimd_fma, 8)
#else
EW_DEPTHWISE_KERNEL(25p4c__wasmsimd_arm, 4)
#endif
