/* See int8_gemm.h. The functions that all kernels share are inlined with constant arguments, so each kernel is
 * code of its own. */
#include "exec/xnn/int8_gemm.h"

#include <wasm_simd128.h>

#include "exec/xnn/int8_round.h"

enum { MOST_ROWS = EW_INT8_ROWS_C4, COLUMNS = EW_INT8_COLUMNS, PANEL_ROW = 1 << 14, SLACK = 16 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define EACH_ROW(r) _Pragma("clang loop unroll(full)") for (int r = 0; r < rows_of(step); r++)

/* What a kernel computes with. Pairs (i16): activations are widened in the panel, weights when they are loaded. Quads:
 * both stay bytes. */
typedef enum step { PAIRS = 2, QUADS = 4 } step;

ALWAYS_INLINE int rows_of(step step) { return step == PAIRS ? EW_INT8_ROWS_C2 : EW_INT8_ROWS_C4; }

/* Where the activations of a tile lie: depth bytes at each of the addresses, as many of them per tap as a tile has rows. What is read to have
 * whole steps, behind each tap or (dense) behind the last one, meets weights of zero. */
typedef struct source {
  const void *const *pointers;
  size_t rows, taps, depth;
  size_t total;    /* of all taps, whole steps */
  size_t w_unused; /* bytes behind the weights of a block */
  size_t offset;
  const void *zero, *zero_data; /* padding has its own address, and is not moved */
  uint8_t flip;                 /* quads: bits of activations that are flipped */
} source;

/* A thread works on one tile at a time. */
static _Thread_local _Alignas(16) uint8_t panel[MOST_ROWS * PANEL_ROW + SLACK];

#ifdef __wasm_relaxed_simd__
uint8_t ew_int8_bias;
#endif

/* --- panel ---------------------------------------------------------------------------------------- */

ALWAYS_INLINE v128_t load_wide(const void *from, bool is_signed) {
  return is_signed ? wasm_i16x8_load8x8(from) : wasm_u16x8_load8x8(from);
}

/* Reads up to 15 bytes too far, as XNNPACK's kernels do, and writes as many elements. */
ALWAYS_INLINE void copy_piece(const uint8_t *from, size_t count, uint8_t *to, step step,
                              bool is_signed, v128_t flip) {
  const size_t lanes = step == PAIRS ? 8 : 16;
  for (size_t at = 0; at < count; at += lanes) {
    v128_t piece;
    if (step == PAIRS) {
      piece = load_wide(from + at, is_signed);
    } else {
      piece = wasm_v128_xor(wasm_v128_load(from + at), flip);
    }
    wasm_v128_store(to, piece);
    to += 16;
  }
}

/* The address of a tap, and how many taps from it on lie one behind the other, as those of a filter's row do where a pixel
 * is no longer than its depth. */
typedef struct run {
  const uint8_t *from;
  size_t taps;
} run;

ALWAYS_INLINE run run_at(const source *s, size_t tap, size_t row, step step) {
  const size_t rows = (size_t)rows_of(step);
  const void *const *next = s->pointers + tap * rows + row;
  const uint8_t *from = *next;
  if (from == s->zero) return (run){s->zero_data, 1};
  size_t taps = 1;
  for (; tap + taps < s->taps; taps++) {
    next += rows;
    if (*next != from + taps * s->depth || *next == s->zero) break;
  }
  return (run){from + s->offset, taps};
}

/* Rows of `count` elements, from element `first` of the taps in a row. */
ALWAYS_INLINE void fill(const source *s, size_t first, size_t count, step step, bool is_signed) {
  const size_t width = step == PAIRS ? 2 : 1, all = s->taps * s->depth - first;
  const size_t filled = count < all ? count : all;
  const v128_t flip = wasm_u8x16_splat(s->flip);
  for (size_t row = 0; row < s->rows; row++) {
    uint8_t *to = panel + row * count * width;
    size_t tap = 0, within = 0;
    if (first > 0) tap = first / s->depth, within = first % s->depth;
    for (size_t done = 0; done < filled; within = 0) {
      const run r = run_at(s, tap, row, step);
      const size_t rest = r.taps * s->depth - within;
      const size_t piece = filled - done < rest ? filled - done : rest;
      copy_piece(r.from + within, piece, to, step, is_signed, flip);
      to += piece * width;
      done += piece;
      tap += r.taps;
    }
  }
}

/* Functions of their own, since kernels are many. */
static __attribute__((noinline)) void fill_signed(const source *s, size_t first, size_t count) {
  fill(s, first, count, PAIRS, true);
}
static __attribute__((noinline)) void fill_unsigned(const source *s, size_t first, size_t count) {
  fill(s, first, count, PAIRS, false);
}
#ifdef __wasm_relaxed_simd__
static __attribute__((noinline)) void fill_quads(const source *s, size_t first, size_t count) {
  fill(s, first, count, QUADS, true);
}
#endif

ALWAYS_INLINE void fill_panel(const source *s, size_t first, size_t count, step step,
                              bool is_signed) {
#ifdef __wasm_relaxed_simd__
  if (step == QUADS) {
    fill_quads(s, first, count);
    return;
  }
#endif
  (void)step;
  (is_signed ? fill_signed : fill_unsigned)(s, first, count);
}

/* --- products ------------------------------------------------------------------------------------- */

typedef struct tile {
  v128_t low[MOST_ROWS], high[MOST_ROWS]; /* channels 0 to 3 and 4 to 7 */
} tile;

/* One step of depth of one row. */
ALWAYS_INLINE void add_product(tile *sums, int row, v128_t a, v128_t low, v128_t high, step step) {
#ifdef __wasm_relaxed_simd__
  if (step == QUADS) {
    sums->low[row] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(low, a, sums->low[row]);
    sums->high[row] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(high, a, sums->high[row]);
    return;
  }
#endif
  (void)step;
  sums->low[row] = wasm_i32x4_add(sums->low[row], wasm_i32x4_dot_i16x8(a, low));
  sums->high[row] = wasm_i32x4_add(sums->high[row], wasm_i32x4_dot_i16x8(a, high));
}

/* `zero` is taken off weights of the unsigned kind; off quads of them 128. */
ALWAYS_INLINE void load_weights(const uint8_t *w, step step, const v128_t *zero, v128_t *low,
                                v128_t *high) {
  const bool is_signed = zero == NULL;
  *low = step == PAIRS ? load_wide(w, is_signed) : wasm_v128_load(w);
  *high = step == PAIRS ? load_wide(w + 8, is_signed) : wasm_v128_load(w + 16);
  if (is_signed) return;
  if (step == QUADS) {
    *low = wasm_v128_xor(*low, wasm_u8x16_const_splat(128));
    *high = wasm_v128_xor(*high, wasm_u8x16_const_splat(128));
    return;
  }
  *low = wasm_i16x8_sub(*low, *zero);
  *high = wasm_i16x8_sub(*high, *zero);
}

/* Adds the products of the panel, `count` elements deep, with a block of weights; returns what follows them. */
ALWAYS_INLINE const uint8_t *multiply(tile *sums, size_t rows, size_t count, const uint8_t *w,
                                      step step, const v128_t *zero) {
  const size_t stride = count * (step == PAIRS ? 2 : 1);
  const uint8_t *a[MOST_ROWS];
  /* Rows that are missing repeat the last one, and are not stored. */
  EACH_ROW(r) a[r] = panel + ((size_t)r < rows ? (size_t)r : rows - 1) * stride;
  v128_t low, high;
  const uint8_t *end = a[0] + stride;
  if (rows == 1) {
#pragma clang loop unroll(disable)
    while (a[0] != end) {
      load_weights(w, step, zero, &low, &high);
      w += step * COLUMNS;
      add_product(sums, 0, wasm_v128_load32_splat(a[0]), low, high, step);
      a[0] += 4;
    }
    return w;
  }
#pragma clang loop unroll(disable)
  while (a[0] != end) {
    load_weights(w, step, zero, &low, &high);
    w += step * COLUMNS;
    EACH_ROW(r) {
      add_product(sums, r, wasm_v128_load32_splat(a[r]), low, high, step);
      a[r] += 4;
    }
  }
  return w;
}

/* A depth beyond the panel, in pieces that fit it. */
ALWAYS_INLINE const uint8_t *multiply_pieces(tile *sums, const source *s, const uint8_t *w,
                                             step step, const v128_t *zero) {
  const size_t total = s->total, most = PANEL_ROW / (step == PAIRS ? 2 : 1);
  for (size_t first = 0; first < total; first += most) {
    const size_t count = total - first < most ? total - first : most;
    fill_panel(s, first, count, step, zero == NULL);
    w = multiply(sums, s->rows, count, w, step, zero);
  }
  return w;
}

/* So deep that nobody minds how long it takes: small, and not one for each type. */
#define RARE static __attribute__((noinline, minsize))
RARE const uint8_t *multiply_deep_pairs(tile *sums, const source *s, const uint8_t *w,
                                        const v128_t *zero) {
  return multiply_pieces(sums, s, w, PAIRS, zero);
}
#ifdef __wasm_relaxed_simd__
RARE const uint8_t *multiply_deep_quads(tile *sums, const source *s, const uint8_t *w,
                                        const v128_t *zero) {
  return multiply_pieces(sums, s, w, QUADS, zero);
}
#endif

ALWAYS_INLINE bool is_deep(const source *s, step step) {
  return s->total > (size_t)PANEL_ROW / (step == PAIRS ? 2 : 1);
}

/* Fills the panel for all blocks of a call, where it holds the whole depth. */
ALWAYS_INLINE void begin(const source *s, step step, bool is_signed) {
  if (!is_deep(s, step)) fill_panel(s, 0, s->total, step, is_signed);
}

ALWAYS_INLINE const uint8_t *multiply_all(tile *sums, const source *s, size_t rows,
                                          const uint8_t *w, step step, const v128_t *zero) {
  if (!is_deep(s, step)) return multiply(sums, rows, s->total, w, step, zero) + s->w_unused;
  /* Through memory, so that the sums of the usual case stay in registers. */
  tile copy = *sums;
#ifdef __wasm_relaxed_simd__
  w = (step == QUADS ? multiply_deep_quads : multiply_deep_pairs)(&copy, s, w, zero);
#else
  w = multiply_deep_pairs(&copy, s, w, zero);
#endif
  *sums = copy;
  return w + s->w_unused;
}

/* --- requantisation ------------------------------------------------------------------------------- */

/* What is written: strides in bytes, column_stride per block. */
typedef struct target {
  uint8_t *c;
  size_t rows, columns, row_stride, column_stride;
} target;

/* Fewer than a block. */
static __attribute__((noinline)) void store_some(const target *t, size_t row, v128_t bytes,
                                                 size_t columns) {
  uint8_t from[16];
  wasm_v128_store(from, bytes);
  for (size_t r = row; r < row + 2 && r < t->rows; r++) {
    for (size_t i = 0; i < columns; i++) t->c[r * t->row_stride + i] = from[r % 2 * COLUMNS + i];
  }
}

ALWAYS_INLINE v128_t words_of(const tile *sums, int row, v128_t low, v128_t high,
                              const ew_int8_bounds *range) {
  return wasm_i16x8_narrow_i32x4(ew_round_sums(sums->low[row], low, range),
                                 ew_round_sums(sums->high[row], high, range));
}

/* Rows 2 * pair and, unless the tile ends there, the next one. */
ALWAYS_INLINE void store_pair(const tile *sums, int pair, v128_t low, v128_t high,
                              const ew_int8_bounds *range, bool is_signed, const target *t,
                              size_t columns, step step) {
  v128_t words[2];
  words[0] = words_of(sums, 2 * pair, low, high, range);
  words[1] =
      2 * pair + 1 < rows_of(step) ? words_of(sums, 2 * pair + 1, low, high, range) : words[0];
  const v128_t bytes =
      is_signed ? wasm_i8x16_min(wasm_i8x16_narrow_i16x8(words[0], words[1]), range->max)
                : wasm_u8x16_min(wasm_u8x16_narrow_i16x8(words[0], words[1]), range->max);
  const size_t row = 2 * (size_t)pair;
  if (columns < COLUMNS) {
    store_some(t, row, bytes, columns);
    return;
  }
  wasm_v128_store64_lane(t->c + row * t->row_stride, bytes, 0);
  if (2 * pair + 1 < rows_of(step) && row + 1 < t->rows)
    wasm_v128_store64_lane(t->c + (row + 1) * t->row_stride, bytes, 1);
}

ALWAYS_INLINE void store_tile(const tile *sums, v128_t low, v128_t high,
                              const ew_int8_bounds *range, bool is_signed, const target *t,
                              size_t columns, step step) {
  store_pair(sums, 0, low, high, range, is_signed, t, columns, step);
  if (t->rows > 2) store_pair(sums, 1, low, high, range, is_signed, t, columns, step);
  if (rows_of(step) > 4 && t->rows > 4) {
    store_pair(sums, 2, low, high, range, is_signed, t, columns, step);
  }
}

/* --- kernels by type ------------------------------------------------------------------------------ */

/* int8 with a scale per channel. Packed: 8 biases, weights, 8 scales. */
ALWAYS_INLINE void run_qs8(const source *s, const uint8_t *w, target t,
                           const union xnn_qs8_qc8w_conv_minmax_params *params, step step) {
  const ew_int8_bounds range =
      ew_int8_bounds_of(params->fp32_scalar.output_zero_point, params->fp32_scalar.output_min,
                        params->fp32_scalar.output_max);
  begin(s, step, true);
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      sums.low[r] = wasm_v128_load(w);
      sums.high[r] = wasm_v128_load(w + 16);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, step, NULL);
    const v128_t low = wasm_v128_load(w), high = wasm_v128_load(w + 16);
    w += 32;
    store_tile(&sums, low, high, &range, true, &t, t.columns - done, step);
  }
}

#ifdef __wasm_relaxed_simd__
/* `factor` times the sum of a row's bytes, as the panel has them. */
static __attribute__((noinline)) void sum_rows(const source *s, int32_t factor,
                                               int32_t out[MOST_ROWS]) {
  for (size_t first = 0; first < s->total; first += PANEL_ROW) {
    const size_t left = s->total - first, count = left < PANEL_ROW ? left : PANEL_ROW;
    if (is_deep(s, QUADS)) fill_quads(s, first, count);
    for (size_t row = 0; row < s->rows; row++) {
      const uint8_t *at = panel + row * count, *end = at + count;
      v128_t sums = wasm_i32x4_const_splat(0);
      for (; at != end; at += QUADS) {
        sums = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_i8x16_const_splat(1),
                                                      wasm_v128_load32_zero(at), sums);
      }
      out[row] += factor * wasm_i32x4_extract_lane(sums, 0);
    }
  }
}
#endif

/* uint8 with one scale. Packed: 8 biases, weights. Quads are signed bytes, 128 less than weights: what that takes from a sum
 * is the same for all channels. Steps that are not whole end in weights that are zero points, so their bytes count in neither. */
ALWAYS_INLINE void run_qu8(const source *s, const uint8_t *w, target t,
                           const union xnn_qu8_conv_minmax_params *params, step step) {
  const ew_int8_bounds range =
      ew_int8_bounds_of(params->fp32_scalar.output_zero_point, params->fp32_scalar.output_min,
                        params->fp32_scalar.output_max);
  const v128_t scale = wasm_f32x4_splat(params->fp32_scalar.scale);
  const int32_t kernel_zero = params->fp32_scalar.kernel_zero_point;
  const v128_t zero = wasm_i16x8_splat((int16_t)kernel_zero);
  int32_t rest[MOST_ROWS] = {0};
  begin(s, step, false);
#ifdef __wasm_relaxed_simd__
  if (step == QUADS) sum_rows(s, 128 - kernel_zero, rest);
#endif
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      sums.low[r] = wasm_v128_load(w);
      sums.high[r] = wasm_v128_load(w + 16);
      if (step == PAIRS) continue;
      const v128_t more = wasm_v128_load32_splat(&rest[r]);
      sums.low[r] = wasm_i32x4_add(sums.low[r], more);
      sums.high[r] = wasm_i32x4_add(sums.high[r], more);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, step, &zero);
    store_tile(&sums, scale, scale, &range, false, &t, t.columns - done, step);
  }
}

/* In XNNPACK's order. */
ALWAYS_INLINE v128_t scale_sums(v128_t sums, v128_t scale, const uint8_t *w, v128_t min,
                                v128_t max) {
  v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), scale);
  value = wasm_f32x4_add(wasm_f32x4_mul(value, wasm_v128_load(w)), wasm_v128_load(w + 32));
  return wasm_f32x4_pmin(wasm_f32x4_pmax(value, min), max);
}

/* Fewer than a block. */
static __attribute__((noinline)) void store_some_floats(float *to, v128_t low, v128_t high,
                                                        size_t columns) {
  float some[COLUMNS];
  wasm_v128_store(some, low);
  wasm_v128_store(some + 4, high);
  for (size_t i = 0; i < columns; i++) to[i] = some[i];
}

/* One row; `w` has the scales and biases of the block. A loop over rows would keep the sums in memory. */
ALWAYS_INLINE void store_floats(const tile *sums, int row, const v128_t *scales, const uint8_t *w,
                                v128_t min, v128_t max, const target *t, size_t columns) {
  const v128_t low = scale_sums(sums->low[row], scales[row], w, min, max);
  const v128_t high = scale_sums(sums->high[row], scales[row], w + 16, min, max);
  float *to = (float *)(void *)(t->c + (size_t)row * t->row_stride);
  if (columns >= COLUMNS) {
    wasm_v128_store(to, low);
    wasm_v128_store(to + 4, high);
    return;
  }
  store_some_floats(to, low, high, columns);
}

/* Dynamically quantised int8, f32 results. Packed: 8 sums of weights (negative), weights, 8 scales, 8 biases. quant_step
 * is 1 where each row has its own zero point and scale, else 0. */
ALWAYS_INLINE void run_qd8(const source *s, const uint8_t *w, target t,
                           const union xnn_f32_minmax_params *params, step step,
                           const struct xnn_qd8_quantization_params *quant, size_t quant_step) {
  const v128_t min = wasm_f32x4_splat(params->scalar.min),
               max = wasm_f32x4_splat(params->scalar.max);
  int32_t zero_points[MOST_ROWS];
  v128_t scales[MOST_ROWS];
  for (size_t r = 0; r < (size_t)rows_of(step); r++) {
    const struct xnn_qd8_quantization_params *own =
        quant + (r < t.rows ? r : t.rows - 1) * quant_step;
    zero_points[r] = own->zero_point;
#ifdef __wasm_relaxed_simd__
    if (step == QUADS) zero_points[r] += ew_int8_bias;
#endif
    scales[r] = wasm_f32x4_splat(own->inv_scale);
  }
  begin(s, step, true);
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      const v128_t zero_point = wasm_v128_load32_splat(&zero_points[r]);
      sums.low[r] = wasm_i32x4_mul(wasm_v128_load(w), zero_point);
      sums.high[r] = wasm_i32x4_mul(wasm_v128_load(w + 16), zero_point);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, step, NULL);
    store_floats(&sums, 0, scales, w, min, max, &t, t.columns - done);
    if (t.rows > 1) store_floats(&sums, 1, scales, w, min, max, &t, t.columns - done);
    if (t.rows > 2) store_floats(&sums, 2, scales, w, min, max, &t, t.columns - done);
    if (t.rows > 3) store_floats(&sums, 3, scales, w, min, max, &t, t.columns - done);
    if (rows_of(step) > 4 && t.rows > 4) {
      store_floats(&sums, 4, scales, w, min, max, &t, t.columns - done);
    }
    w += 64;
  }
}

/* --- kernels -------------------------------------------------------------------------------------- */

ALWAYS_INLINE size_t round_depth(size_t depth, step step) {
  return ew_int8_round_up(depth, (size_t)step);
}

ALWAYS_INLINE source matrix_of(const void *addresses[MOST_ROWS], size_t rows, size_t depth,
                               const void *a, size_t a_stride, step step, uint8_t flip) {
  const size_t total = round_depth(depth, step);
  for (size_t r = 0; r < rows; r++) addresses[r] = (const char *)a + r * a_stride;
  return (source){
      .pointers = addresses, .rows = rows, .taps = 1, .depth = total, .total = total, .flip = flip};
}

ALWAYS_INLINE source taps_of(const void **pointers, size_t tap_bytes, size_t rows, size_t depth,
                             size_t offset, const void *zero, const void *zero_data,
                             const uint8_t *w, step step, uint8_t flip) {
  /* w: NULL: weights are never dense. */
  const size_t taps = tap_bytes / sizeof(void *) / (size_t)rows_of(step),
               rounded = round_depth(depth, step);
  source s = {.pointers = pointers,
              .rows = rows,
              .taps = taps,
              .depth = rounded,
              .total = taps * rounded,
              .offset = offset,
              .zero = zero,
              .zero_data = zero_data,
              .flip = flip};
  if (depth % (size_t)step != 0 && w != NULL &&
      w[ew_int8_mark(taps, depth, (size_t)step)] == EW_INT8_MARK) {
    const size_t dense = round_depth(taps * depth, step);
    s.depth = depth;
    s.w_unused = (s.total - dense) * COLUMNS;
    s.total = dense;
  }
  return s;
}

#define GEMM_PARAMETERS                                                                     \
  size_t rows, size_t columns, size_t depth, const void *a, size_t a_stride, const void *w, \
      void *c, size_t row_stride, size_t column_stride
#define IGEMM_PARAMETERS                                                              \
  size_t rows, size_t columns, size_t depth, size_t tap_bytes, const void **pointers, \
      const void *w, void *c, size_t row_stride, size_t column_stride, size_t offset, \
      const void *zero
#define QUANT const struct xnn_qd8_quantization_params *quant
#define TARGET \
  (target) { c, rows, columns, row_stride, column_stride }

#define GEMM(run, step, flip, ...)                                             \
  const void *addresses[MOST_ROWS];                                            \
  const source s = matrix_of(addresses, rows, depth, a, a_stride, step, flip); \
  run(&s, w, TARGET, params, ##__VA_ARGS__)
#define IGEMM(run, zero_data, w_marked, step, flip, ...)                                        \
  const source s =                                                                              \
      taps_of(pointers, tap_bytes, rows, depth, offset, zero, zero_data, w_marked, step, flip); \
  run(&s, w, TARGET, params, ##__VA_ARGS__)

/* One function for matrices and convolutions, which differ in where rows come from only. For qs8, the usual type, two: each
 * is some percent faster where depths are small. */
#define UNSIGNED_KERNEL(name, step)                                                            \
  static __attribute__((noinline)) void name(const source *s, const uint8_t *w, target t,      \
                                             const union xnn_qu8_conv_minmax_params *params) { \
    run_qu8(s, w, t, params, step);                                                            \
  }
#define DYNAMIC_KERNEL(name, step)                                                             \
  static __attribute__((noinline)) void name(const source *s, const uint8_t *w, target t,      \
                                             const union xnn_f32_minmax_params *params, QUANT, \
                                             size_t quant_step) {                              \
    run_qd8(s, w, t, params, step, quant, quant_step);                                         \
  }

UNSIGNED_KERNEL(qu8_c2, PAIRS)
DYNAMIC_KERNEL(qd8_c2, PAIRS)

void ew_qs8_gemm_c2(GEMM_PARAMETERS, const void *params) { GEMM(run_qs8, PAIRS, 0, PAIRS); }
void ew_qs8_igemm_c2(IGEMM_PARAMETERS, const void *params) {
  IGEMM(run_qs8, zero, w, PAIRS, 0, PAIRS);
}
void ew_qu8_gemm_c2(GEMM_PARAMETERS, const void *params) { GEMM(qu8_c2, PAIRS, 0); }
void ew_qu8_igemm_c2(IGEMM_PARAMETERS, const void *params) { IGEMM(qu8_c2, zero, NULL, PAIRS, 0); }
void ew_qd8_gemm_c2(GEMM_PARAMETERS, const void *params, QUANT) {
  GEMM(qd8_c2, PAIRS, 0, quant, 1);
}
void ew_qd8_igemm_c2(IGEMM_PARAMETERS, const void *zero_data, const void *params, QUANT) {
  IGEMM(qd8_c2, zero_data, w, PAIRS, 0, quant, 0);
}

#ifdef __wasm_relaxed_simd__
UNSIGNED_KERNEL(qu8_c4, QUADS)
DYNAMIC_KERNEL(qd8_c4, QUADS)

void ew_qs8_gemm_c4(GEMM_PARAMETERS, const void *params) {
  GEMM(run_qs8, QUADS, ew_int8_bias, QUADS);
}
void ew_qs8_igemm_c4(IGEMM_PARAMETERS, const void *params) {
  IGEMM(run_qs8, zero, w, QUADS, ew_int8_bias, QUADS);
}
void ew_qu8_gemm_c4(GEMM_PARAMETERS, const void *params) { GEMM(qu8_c4, QUADS, 0); }
void ew_qu8_igemm_c4(IGEMM_PARAMETERS, const void *params) { IGEMM(qu8_c4, zero, NULL, QUADS, 0); }
void ew_qd8_gemm_c4(GEMM_PARAMETERS, const void *params, QUANT) {
  GEMM(qd8_c4, QUADS, ew_int8_bias, quant, 1);
}
void ew_qd8_igemm_c4(IGEMM_PARAMETERS, const void *zero_data, const void *params, QUANT) {
  IGEMM(qd8_c4, zero_data, w, QUADS, ew_int8_bias, quant, 0);
}
#endif
