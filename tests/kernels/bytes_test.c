/* Bytes through tables, and planes to pixels, against plain loops: tables that change between two numbers only, wherever
 * those are and in either order of bytes, tables that change everywhere, any count, results in the place of what goes in,
 * nothing written behind them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "xnnpack/config.h"

const struct xnn_x8_lut_config *__wrap_xnn_init_x8_lut_config(void);
typedef void transpose(const uint8_t *in, uint8_t *out, size_t in_stride, size_t out_stride,
                       size_t width, size_t height);
transpose __wrap_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd;

enum { BYTES = 256, MOST = 1500, EXTRA = 32, FILL = 0xa5 };

static uint32_t random_state = 1;
static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % limit;
}

static void fill_at_random(uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)random_below(256);
}

static void check_table(const uint8_t table[BYTES]) {
  uint8_t in[MOST + EXTRA], out[MOST + EXTRA], own[MOST + EXTRA];
  const size_t count = random_below(3) > 0 ? random_below(MOST) : random_below(80);
  fill_at_random(in, sizeof in);
  memcpy(own, in, sizeof own);
  memset(out, FILL, sizeof out);
  __wrap_xnn_init_x8_lut_config()->microkernel(count, in, out, table);
  __wrap_xnn_init_x8_lut_config()->microkernel(count, own, own, table);
  size_t wrong = out[count] != FILL || own[count] != in[count];
  for (size_t i = 0; i < count; i++) wrong += out[i] != table[in[i]] || own[i] != table[in[i]];
  CHECK_EQ(wrong, 0);
}

/* `width` numbers from `first` on differ from what is before and behind. */
static void check_width(size_t first, size_t width, uint8_t sign) {
  uint8_t table[BYTES];
  const uint8_t before = (uint8_t)random_below(256), behind = (uint8_t)random_below(256);
  for (size_t i = 0; i < BYTES; i++) {
    const bool is_inner = i >= first && i - first < width;
    table[i ^ sign] = is_inner ? (uint8_t)random_below(256) : i < first ? before : behind;
  }
  check_table(table);
}

static void check_planes(size_t width, size_t height, size_t out_stride) {
  uint8_t in[4 * 100 + EXTRA], out[100 * 5 + EXTRA];
  const size_t in_stride = 100;
  fill_at_random(in, sizeof in);
  memset(out, FILL, sizeof out);
  __wrap_xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd(in, out, in_stride, out_stride, width,
                                                             height);
  size_t wrong = out[(width - 1) * out_stride + height] != FILL;
  for (size_t i = 0; i < width * height; i++) {
    const size_t x = i % width, y = i / width;
    wrong += out[x * out_stride + y] != in[y * in_stride + x];
  }
  CHECK_EQ(wrong, 0);
}

int main(void) {
  for (size_t width = 0; width <= BYTES; width++) {
    for (size_t round = 0; round < 8; round++) {
      check_width(random_below((uint32_t)(BYTES - width + 1)), width, round % 2 ? 128 : 0);
    }
    check_width(0, width, 128);
    check_width(BYTES - width, width, 128);
  }
  for (size_t width = 1; width <= 100; width++) {
    check_planes(width, 3, 3);
    check_planes(width, 3, 4);
    check_planes(width, 1 + random_below(4), 4);
  }
  return test_summary();
}
