/* Bytes through tables of 256, in place of XNNPACK's kernels for WebAssembly (--wrap, src/CMakeLists.txt).
 *
 * Many tables are the same for all but some neighbours of their 256 numbers, such as those of clamps and of changes to a
 * finer scale: then vectors are looked up in those few sixteen-byte pieces. Else bytes go one by one: a vector through
 * all sixteen pieces takes longer where a shuffle that leaves out what is out of range is two instructions (x86). */
#include <stdbool.h>
#include <string.h>

#include <wasm_simd128.h>

#include "xnnpack/config.h"
#include "xnnpack/hardware-config.h"
#include "xnnpack/lut.h"

enum { BYTES = 256, PIECE = 16, MOST_PIECES = 8, STEP = 2 * PIECE };

/* The pieces from number `first` on, in the order of numbers, where each byte is its number with `sign` flipped. What comes
 * before is like the first of them, what comes behind like the last. */
typedef struct narrow {
  v128_t pieces[MOST_PIECES];
  size_t count;
  uint8_t sign, first, last; /* last: counted from the first */
} narrow;

static size_t bits_equal(v128_t a, v128_t b) { return wasm_i8x16_bitmask(wasm_i8x16_eq(a, b)); }

/* How many numbers at the beginning are like the very first, and at the end like the very last. */
static size_t count_head(const uint8_t ordered[BYTES]) {
  const v128_t value = wasm_v128_load8_splat(ordered);
  size_t at = 0, equal = 0xffff;
  for (; at < BYTES && equal == 0xffff; at += PIECE) {
    equal = bits_equal(wasm_v128_load(ordered + at), value);
  }
  return equal == 0xffff ? BYTES : at - PIECE + (size_t)__builtin_ctz((unsigned)~equal);
}
static size_t count_tail(const uint8_t ordered[BYTES]) {
  const v128_t value = wasm_v128_load8_splat(ordered + BYTES - 1);
  size_t at = BYTES, equal = 0xffff;
  while (at > 0 && equal == 0xffff) {
    at -= PIECE;
    equal = bits_equal(wasm_v128_load(ordered + at), value);
  }
  return equal == 0xffff ? BYTES
                         : BYTES - at - PIECE + (size_t)__builtin_clz((unsigned)(~equal << PIECE));
}

static bool find_narrow(const uint8_t table[BYTES], uint8_t sign, narrow *out) {
  uint8_t ordered[BYTES + MOST_PIECES * PIECE];
  memcpy(ordered, table + sign, BYTES - sign);
  memcpy(ordered + BYTES - sign, table, sign);
  const size_t head = count_head(ordered);
  if (head == BYTES) return false;
  const size_t first = head - 1, last = BYTES - count_tail(ordered);
  if (last - first >= MOST_PIECES * PIECE) return false;
  *out = (narrow){.sign = sign,
                  .first = (uint8_t)first,
                  .last = (uint8_t)(last - first),
                  .count = (last - first) / PIECE + 1};
  for (size_t i = 0; i < out->count; i++) {
    out->pieces[i] = wasm_v128_load(ordered + first + i * PIECE);
  }
  return true;
}

static v128_t place_of(const uint8_t *in, const narrow *n) {
  const v128_t number = wasm_v128_xor(wasm_v128_load(in), wasm_u8x16_splat(n->sign));
  const v128_t place = wasm_u8x16_sub_sat(number, wasm_u8x16_splat(n->first));
  return wasm_u8x16_min(place, wasm_u8x16_splat(n->last));
}

/* STEP bytes. */
static inline void look_up_step(const uint8_t *in, uint8_t *out, const narrow *n) {
  const v128_t less = wasm_i8x16_const_splat(PIECE);
  v128_t a = place_of(in, n), b = place_of(in + PIECE, n);
  v128_t x = wasm_i8x16_swizzle(n->pieces[0], a), y = wasm_i8x16_swizzle(n->pieces[0], b);
#pragma clang loop unroll(disable)
  for (size_t i = 1; i < n->count; i++) {
    const v128_t piece = n->pieces[i];
    a = wasm_i8x16_sub(a, less);
    b = wasm_i8x16_sub(b, less);
    x = wasm_v128_or(x, wasm_i8x16_swizzle(piece, a));
    y = wasm_v128_or(y, wasm_i8x16_swizzle(piece, b));
  }
  wasm_v128_store(out, x);
  wasm_v128_store(out + PIECE, y);
}

static void look_up_narrow(size_t count, const uint8_t *in, uint8_t *out, const narrow *n) {
  for (; count >= STEP; count -= STEP, in += STEP, out += STEP) look_up_step(in, out, n);
  if (count == 0) return;
  uint8_t rest[STEP] = {0};
  memcpy(rest, in, count);
  look_up_step(rest, rest, n);
  memcpy(out, rest, count);
}

static void look_up_each(size_t count, const uint8_t *in, uint8_t *out,
                         const uint8_t table[BYTES]) {
  for (; count >= 4; count -= 4, in += 4, out += 4) {
    const uint8_t a = table[in[0]], b = table[in[1]], c = table[in[2]], d = table[in[3]];
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
  }
  for (; count > 0; count--) *out++ = table[*in++];
}

static void look_up(size_t count, const uint8_t *in, uint8_t *out, const uint8_t table[BYTES]) {
  narrow n;
  if (count >= 2 * BYTES && (find_narrow(table, 128, &n) || find_narrow(table, 0, &n))) {
    look_up_narrow(count, in, out, &n);
  } else if (xnn_init_hardware_config()->is_x86) {
    look_up_each(count, in, out, table);
  } else {
    xnn_x8_lut_ukernel__wasmsimd_u32(count, in, out, table);
  }
}

const struct xnn_x8_lut_config *__wrap_xnn_init_x8_lut_config(void);
const struct xnn_x8_lut_config *__wrap_xnn_init_x8_lut_config(void) {
  static const struct xnn_x8_lut_config config = {look_up};
  return &config;
}
