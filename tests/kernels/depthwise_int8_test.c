/* The 8-bit depthwise kernel against plain loops, to the bit: pixels that share columns or none, rows longer than a block,
 * channels that are no whole block, fewer taps than nine, extremes of weights, inputs and bounds, padding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "xnnpack/hardware-config.h"
#include "xnnpack/microparams.h"

typedef void kernel(size_t channels, size_t width, const void **input, const void *weights,
                    void *output, intptr_t input_stride, size_t output_increment,
                    size_t input_offset, const void *zero,
                    const union xnn_qs8_qc8w_conv_minmax_params *params);
kernel __wrap_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16;

enum { TAPS = 9, TILE = 16, EXTRA = 16, BLOCK = TILE * (4 + TAPS + 4), GAP = 3, OFFSET = 64 };

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}

/* Half of them extremes. */
static int8_t random_byte(void) {
  static const int8_t extremes[] = {-128, 127, 0, -1};
  return random_below(2) ? extremes[random_below(4)] : (int8_t)random_below(256);
}

typedef struct problem {
  size_t channels, width, stride, addresses; /* stride: addresses from one pixel to the next */
  int8_t *pixels, *zero;
  const void **input;
  uint8_t *weights;
  union xnn_qs8_qc8w_conv_minmax_params params;
} problem;

static void fill(problem *p) {
  const size_t pixel = p->channels + EXTRA, blocks = (p->channels + TILE - 1) / TILE;
  p->addresses = (p->width - 1) * p->stride + TAPS;
  p->pixels = malloc(p->addresses * pixel + EXTRA);
  p->zero = malloc(pixel);
  p->input = malloc(p->addresses * sizeof *p->input);
  p->weights = calloc(blocks, BLOCK);
  for (size_t i = 0; i < p->addresses * pixel; i++) p->pixels[i] = random_byte();
  memset(p->zero, (int)random_below(256), pixel);
  for (size_t i = 0; i < p->addresses; i++) {
    const int8_t *address = p->pixels + random_below((uint32_t)p->addresses) * pixel;
    p->input[i] = random_below(5) == 0 ? (const char *)p->zero : (const char *)address - OFFSET;
  }
  for (size_t c = 0; c < blocks * TILE; c++) {
    uint8_t *block = p->weights + c / TILE * BLOCK;
    const int32_t bias = (int32_t)random_below(1 << 18) - (1 << 17);
    const float scale = 0.00001f * (float)(1 + random_below(2000));
    memcpy(block + c % TILE * 4, &bias, 4);
    for (size_t t = 0; t < TAPS; t++) {
      block[TILE * 4 + t * TILE + c % TILE] = (uint8_t)random_byte();
    }
    memcpy(block + TILE * (4 + TAPS) + c % TILE * 4, &scale, 4);
  }
  p->params.fp32_scalar.output_zero_point = (int16_t)((int)random_below(256) - 128);
  const int8_t a = random_byte(), b = random_byte();
  p->params.fp32_scalar.output_min = a < b ? a : b;
  p->params.fp32_scalar.output_max = a < b ? b : a;
}

static int expected(const problem *p, size_t pixel, size_t c) {
  const uint8_t *block = p->weights + c / TILE * BLOCK;
  int32_t sum;
  float scale;
  memcpy(&sum, block + c % TILE * 4, 4);
  memcpy(&scale, block + TILE * (4 + TAPS) + c % TILE * 4, 4);
  for (size_t t = 0; t < TAPS; t++) {
    const char *at = p->input[pixel * p->stride + t];
    const int8_t *from = (const int8_t *)(at == (const char *)p->zero ? at : at + OFFSET);
    sum += from[c] * (int8_t)block[TILE * 4 + t * TILE + c % TILE];
  }
  const int zero = p->params.fp32_scalar.output_zero_point;
  const int min = p->params.fp32_scalar.output_min, max = p->params.fp32_scalar.output_max;
  const float value = fminf(fmaxf((float)sum * scale, -1000000.0f), 1000000.0f);
  const int result = (int)lrintf(value) + zero;
  return result < min ? min : result > max ? max : result;
}

static void check_problem(size_t channels, size_t width, size_t stride) {
  problem p = {.channels = channels, .width = width, .stride = stride};
  fill(&p);
  const size_t row = channels + GAP, size = width * row;
  int8_t *output = malloc(size);
  memset(output, 99, size);
  __wrap_xnn_qs8_qc8w_dwconv_minmax_fp32_ukernel_9p16c__wasmsimd_mul16_add16(
      channels, width, p.input, p.weights, output, (intptr_t)(stride * sizeof *p.input), GAP,
      OFFSET, p.zero, &p.params);
  size_t wrong = 0;
  for (size_t x = 0; x < width; x++) {
    for (size_t c = 0; c < channels; c++) wrong += output[x * row + c] != expected(&p, x, c);
    /* What lies between the pixels is not written. */
    for (size_t c = channels; c < row; c++) wrong += output[x * row + c] != 99;
  }
  if (wrong > 0)
    printf("%zu channels, %zu pixels, stride %zu: %zu wrong\n", channels, width, stride, wrong);
  CHECK(wrong == 0);
  free(p.pixels);
  free(p.zero);
  free(p.input);
  free(p.weights);
  free(output);
}

int main(void) {
  static const size_t strides[] = {3, 6, 9, 4, 1, 12};
  const struct xnn_hardware_config *hardware = xnn_init_hardware_config();
  if (!hardware->use_wasm_sdot && !hardware->use_wasm_usdot) {
    printf("skipped: this engine has no 8-bit dot products\n");
    return test_summary();
  }
  for (size_t s = 0; s < sizeof strides / sizeof *strides; s++) {
    for (size_t channels = 1; channels <= 40; channels++) {
      for (size_t width = 1; width <= 10; width++) check_problem(channels, width, strides[s]);
    }
    check_problem(96, 112, strides[s]);
    check_problem(13, 31, strides[s]);
    check_problem(16, 32, strides[s]);
    check_problem(17, 33, strides[s]);
    check_problem(8, 65, strides[s]);
  }
  return test_summary();
}
