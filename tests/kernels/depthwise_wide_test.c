/* The f32 depthwise kernel for up to 25 taps against plain loops: pixels that share columns or none, rows that are no multiple of
 * what is computed at once, channels that are no whole block, bounds, padding, NaN; and nothing is written beside the result. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

typedef void kernel(size_t channels, size_t width, const float **input, const float *weights,
                    float *output, intptr_t input_stride, size_t output_increment,
                    size_t input_offset, const float *zero, const float *range);
#ifdef __wasm_relaxed_simd__
kernel __wrap_xnn_f32_dwconv_minmax_ukernel_25p8c__wasmrelaxedsimd_fma;
static kernel *const run = __wrap_xnn_f32_dwconv_minmax_ukernel_25p8c__wasmrelaxedsimd_fma;
enum { TILE = 8 };
#else
kernel __wrap_xnn_f32_dwconv_minmax_ukernel_25p4c__wasmsimd_arm;
static kernel *const run = __wrap_xnn_f32_dwconv_minmax_ukernel_25p4c__wasmsimd_arm;
enum { TILE = 4 };
#endif

enum { TAPS = 25, EXTRA = 4, GAP = 3, OFFSET = 64 };
#define TOLERANCE 1e-5f

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}
static float *random_floats(size_t count) {
  float *out = malloc(count * sizeof *out);
  for (size_t i = 0; i < count; i++) out[i] = (float)random_below(2001) / 1000 - 1;
  return out;
}

typedef struct problem {
  size_t channels, width, stride; /* stride: addresses from one pixel to the next */
  float *pixels, *zero, *weights;
  const float **input;
  float range[2];
} problem;

static float expected(const problem *p, size_t pixel, size_t channel) {
  const float *w = p->weights + channel / TILE * TILE * (TAPS + 1) + channel % TILE;
  double sum = (double)w[0];
  for (size_t t = 0; t < TAPS; t++) {
    const float *from = p->input[pixel * p->stride + t];
    const float *moved = from == p->zero ? from : from + OFFSET;
    sum += (double)moved[channel] * (double)w[(t + 1) * TILE];
  }
  if (sum < (double)p->range[0]) sum = (double)p->range[0];
  if (sum > (double)p->range[1]) sum = (double)p->range[1];
  return (float)sum;
}

static void make(problem *p) {
  const size_t addresses = (p->width - 1) * p->stride + TAPS, pixel = p->channels + EXTRA;
  p->pixels = random_floats(addresses * pixel);
  p->zero = random_floats(pixel);
  p->weights = random_floats((p->channels + TILE - 1) / TILE * TILE * (TAPS + 1));
  p->input = malloc(addresses * sizeof *p->input);
  for (size_t i = 0; i < addresses; i++) {
    const float *address = p->pixels + random_below((uint32_t)addresses) * pixel;
    p->input[i] = random_below(5) == 0 ? p->zero : address - OFFSET;
  }
}

static void check_problem(size_t channels, size_t width, size_t stride, bool has_nan) {
  problem p = {
      .channels = channels, .width = width, .stride = stride, .range = {-INFINITY, INFINITY}};
  make(&p);
  if (channels % 2 == 0) {
    p.range[0] = -0.5f;
    p.range[1] = 1.25f;
  }
  if (has_nan) p.zero[0] = NAN;
  const size_t out = channels + GAP;
  float *y = malloc(width * out * sizeof *y);
  memset(y, 0x5a, width * out * sizeof *y);
  run(channels, width, p.input, p.weights, y, (intptr_t)(stride * sizeof *p.input), GAP * sizeof *y,
      OFFSET * sizeof(float), p.zero, p.range);
  size_t wrong = 0;
  for (size_t i = 0; i < width * channels; i++) {
    const float wanted = expected(&p, i / channels, i % channels);
    const float found = y[i / channels * out + i % channels];
    wrong += isnan(wanted) ? !isnan(found) : !(fabsf(found - wanted) <= TOLERANCE);
  }
  CHECK_EQ(wrong, 0);
  for (size_t i = 0; i < width * GAP * sizeof *y; i++) {
    const float *gap = y + i / (GAP * sizeof *y) * out + channels;
    CHECK_EQ(((const unsigned char *)gap)[i % (GAP * sizeof *y)], 0x5a);
  }
  free(p.pixels);
  free(p.zero);
  free(p.weights);
  free(p.input);
  free(y);
}

int main(void) {
  static const size_t strides[] = {5, 10, 25, 15, 1};
  for (size_t s = 0; s < sizeof strides / sizeof *strides; s++) {
    for (size_t channels = 1; channels <= 19; channels++) {
      for (size_t width = 1; width <= 8; width++) {
        check_problem(channels, width, strides[s], false);
        check_problem(channels, width, strides[s], true);
      }
    }
    check_problem(72, 56, strides[s], false);
  }
  return test_summary();
}
