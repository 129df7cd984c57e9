/* See int8_gemm.h. The functions that all kernels share are inlined with constant arguments, so each kernel is
 * code of its own. */
#include "exec/xnn/int8_gemm.h"

#include <string.h>
#include <wasm_simd128.h>

enum { ROWS = EW_INT8_ROWS, COLUMNS = EW_INT8_COLUMNS, PANEL_BYTES = 1 << 16, SLACK = 16 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define EACH_ROW(r) _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)

/* What a kernel computes with. Pairs (i16): activations are widened in the panel, weights when they are loaded. Quads:
 * both stay bytes. */
typedef enum step { PAIRS = 2, QUADS = 4 } step;

/* Where the activations of a tile lie: depth bytes at each of the addresses, ROWS of them per tap. The depth of a tap
 * is rounded up to whole steps; what is read there meets weights of zero. */
typedef struct source {
  const void *const *pointers;
  size_t rows, taps, depth; /* rounded */
  size_t offset;
  const void *zero, *zero_data; /* padding has its own address, and is not moved */
} source;

/* A thread works on one tile at a time. */
static _Thread_local _Alignas(16) uint8_t panel[PANEL_BYTES + SLACK];

#ifdef __wasm_relaxed_simd__
uint8_t ew_int8_bias;
#endif

/* --- panel ---------------------------------------------------------------------------------------- */

ALWAYS_INLINE v128_t load_wide(const void *from, bool is_signed) {
  return is_signed ? wasm_i16x8_load8x8(from) : wasm_u16x8_load8x8(from);
}

/* Reads up to 15 bytes too far, as XNNPACK's kernels do, and writes as many elements. */
ALWAYS_INLINE void copy_piece(const uint8_t *from, size_t count, uint8_t *to, step step,
                              bool is_signed) {
  const size_t lanes = step == PAIRS ? 8 : 16;
#ifdef __wasm_relaxed_simd__
  const v128_t bias = wasm_u8x16_splat(ew_int8_bias);
#endif
  for (size_t at = 0; at < count; at += lanes) {
    v128_t piece;
    if (step == PAIRS) {
      piece = load_wide(from + at, is_signed);
    } else {
      piece = wasm_v128_load(from + at);
#ifdef __wasm_relaxed_simd__
      piece = wasm_v128_xor(piece, bias);
#endif
    }
    wasm_v128_store(to, piece);
    to += 16;
  }
}

/* Rows of `count` elements, from element `first` of the taps in a row. */
ALWAYS_INLINE void fill_panel(const source *s, size_t first, size_t count, step step,
                              bool is_signed) {
  const size_t width = step == PAIRS ? 2 : 1;
  uint8_t *to = panel;
  for (size_t row = 0; row < s->rows; row++) {
    size_t tap = first / s->depth, within = first % s->depth;
    for (size_t done = 0; done < count; tap++, within = 0) {
      const uint8_t *from = s->pointers[tap * ROWS + row];
      from = from == s->zero ? s->zero_data : from + s->offset;
      const size_t rest = s->depth - within;
      const size_t piece = count - done < rest ? count - done : rest;
      copy_piece(from + within, piece, to, step, is_signed);
      to += piece * width;
      done += piece;
    }
  }
}

/* --- products ------------------------------------------------------------------------------------- */

typedef struct tile {
  v128_t low[ROWS], high[ROWS]; /* channels 0 to 3 and 4 to 7 */
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

/* `zero` is taken off weights of the unsigned kind. */
ALWAYS_INLINE void load_weights(const uint8_t *w, step step, const v128_t *zero, v128_t *low,
                                v128_t *high) {
  const bool is_signed = zero == NULL;
  *low = step == PAIRS ? load_wide(w, is_signed) : wasm_v128_load(w);
  *high = step == PAIRS ? load_wide(w + 8, is_signed) : wasm_v128_load(w + 16);
  if (is_signed) return;
  *low = wasm_i16x8_sub(*low, *zero);
  *high = wasm_i16x8_sub(*high, *zero);
}

/* Adds the products of the panel, `count` elements deep, with a block of weights; returns what follows them. */
ALWAYS_INLINE const uint8_t *multiply(tile *sums, size_t rows, size_t count, const uint8_t *w,
                                      step step, const v128_t *zero) {
  const size_t stride = count * (step == PAIRS ? 2 : 1);
  const uint8_t *a[ROWS];
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

/* The whole depth, in pieces that fit the panel; one piece serves all blocks of a call. */
ALWAYS_INLINE const uint8_t *multiply_all(tile *sums, const source *s, size_t rows,
                                          const uint8_t *w, bool is_filled, step step,
                                          const v128_t *zero) {
  const size_t total = s->taps * s->depth, most = PANEL_BYTES / ROWS / (step == PAIRS ? 2 : 1);
  for (size_t first = 0; first < total; first += most) {
    const size_t count = total - first < most ? total - first : most;
    if (!is_filled || total > most) fill_panel(s, first, count, step, zero == NULL);
    w = multiply(sums, rows, count, w, step, zero);
  }
  return w;
}

/* --- requantisation ------------------------------------------------------------------------------- */

/* What is written: strides in bytes, column_stride per block. */
typedef struct target {
  uint8_t *c;
  size_t rows, columns, row_stride, column_stride;
} target;

/* Rounding by the addition of 1.5 * 2^23, as XNNPACK does it; a fused multiply-add would round once less. */
typedef struct range {
  v128_t magic_min, magic_less_zero_point, max;
} range;

ALWAYS_INLINE range range_of(int16_t zero_point, int16_t min, int16_t max) {
  const float least = 12582912.0f + (float)((int32_t)min - (int32_t)zero_point);
  int32_t least_bits;
  memcpy(&least_bits, &least, sizeof least_bits);
  return (range){.magic_min = wasm_i32x4_splat(least_bits),
                 .magic_less_zero_point = wasm_i32x4_splat(INT32_C(0x4B400000) - zero_point),
                 .max = wasm_i8x16_splat((int8_t)max)};
}

ALWAYS_INLINE v128_t round_sums(v128_t sums, v128_t scale, const range *range) {
  v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), scale);
  value = wasm_f32x4_add(value, wasm_f32x4_const_splat(12582912.0f));
  value = wasm_i32x4_max(value, range->magic_min);
  return wasm_i32x4_sub(value, range->magic_less_zero_point);
}

ALWAYS_INLINE void store_bytes(uint8_t *to, const uint64_t *row, size_t columns) {
  if (columns >= COLUMNS) {
    memcpy(to, row, COLUMNS);
  } else {
    const uint8_t *from = (const uint8_t *)row;
    for (size_t i = 0; i < columns; i++) to[i] = from[i];
  }
}

/* Rows 2 * pair and the next one. */
ALWAYS_INLINE void store_pair(const tile *sums, int pair, v128_t low, v128_t high,
                              const range *range, bool is_signed, const target *t, size_t columns) {
  v128_t words[2];
  for (int i = 0; i < 2; i++) {
    words[i] = wasm_i16x8_narrow_i32x4(round_sums(sums->low[2 * pair + i], low, range),
                                       round_sums(sums->high[2 * pair + i], high, range));
  }
  const v128_t bytes =
      is_signed ? wasm_i8x16_min(wasm_i8x16_narrow_i16x8(words[0], words[1]), range->max)
                : wasm_u8x16_min(wasm_u8x16_narrow_i16x8(words[0], words[1]), range->max);
  uint64_t row[2];
  wasm_v128_store(row, bytes);
  for (size_t i = 0; i < 2; i++) {
    const size_t r = 2 * (size_t)pair + i;
    if (r < t->rows) store_bytes(t->c + r * t->row_stride, &row[i], columns);
  }
}

ALWAYS_INLINE void store_tile(const tile *sums, v128_t low, v128_t high, const range *range,
                              bool is_signed, const target *t, size_t columns) {
  store_pair(sums, 0, low, high, range, is_signed, t, columns);
  if (t->rows > 2) store_pair(sums, 1, low, high, range, is_signed, t, columns);
}

/* --- kernels by type ------------------------------------------------------------------------------ */

/* int8 with a scale per channel. Packed: 8 biases, weights, 8 scales. */
ALWAYS_INLINE void run_qs8(const source *s, const uint8_t *w, target t,
                           const union xnn_qs8_qc8w_conv_minmax_params *params, step step) {
  const range range = range_of(params->fp32_scalar.output_zero_point,
                               params->fp32_scalar.output_min, params->fp32_scalar.output_max);
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      sums.low[r] = wasm_v128_load(w);
      sums.high[r] = wasm_v128_load(w + 16);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, done > 0, step, NULL);
    const v128_t low = wasm_v128_load(w), high = wasm_v128_load(w + 16);
    w += 32;
    store_tile(&sums, low, high, &range, true, &t, t.columns - done);
  }
}

/* uint8 with one scale. Packed: 8 biases, weights. */
ALWAYS_INLINE void run_qu8(const source *s, const uint8_t *w, target t,
                           const union xnn_qu8_conv_minmax_params *params, step step) {
  const range range = range_of(params->fp32_scalar.output_zero_point,
                               params->fp32_scalar.output_min, params->fp32_scalar.output_max);
  const v128_t scale = wasm_f32x4_splat(params->fp32_scalar.scale);
  const v128_t zero = wasm_i16x8_splat((int16_t)params->fp32_scalar.kernel_zero_point);
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      sums.low[r] = wasm_v128_load(w);
      sums.high[r] = wasm_v128_load(w + 16);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, done > 0, step, &zero);
    store_tile(&sums, scale, scale, &range, false, &t, t.columns - done);
  }
}

ALWAYS_INLINE void store_floats(float *to, v128_t low, v128_t high, size_t columns) {
  if (columns >= COLUMNS) {
    wasm_v128_store(to, low);
    wasm_v128_store(to + 4, high);
    return;
  }
  float row[COLUMNS];
  wasm_v128_store(row, low);
  wasm_v128_store(row + 4, high);
  for (size_t i = 0; i < columns; i++) to[i] = row[i];
}

/* In XNNPACK's order. */
ALWAYS_INLINE v128_t scale_sums(v128_t sums, v128_t scale, v128_t weights_scale, v128_t bias,
                                v128_t min, v128_t max) {
  v128_t value = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums), scale);
  value = wasm_f32x4_add(wasm_f32x4_mul(value, weights_scale), bias);
  return wasm_f32x4_pmin(wasm_f32x4_pmax(value, min), max);
}

/* Dynamically quantised int8, f32 results. Packed: 8 sums of weights (negative), weights, 8 scales, 8 biases. quant_step
 * is 1 where each row has its own zero point and scale, else 0. */
ALWAYS_INLINE void run_qd8(const source *s, const uint8_t *w, target t,
                           const union xnn_f32_minmax_params *params, step step,
                           const struct xnn_qd8_quantization_params *quant, size_t quant_step) {
  const v128_t min = wasm_f32x4_splat(params->scalar.min),
               max = wasm_f32x4_splat(params->scalar.max);
  int32_t zero_points[ROWS];
  v128_t scales[ROWS];
  for (size_t r = 0; r < ROWS; r++) {
    const struct xnn_qd8_quantization_params *own =
        quant + (r < t.rows ? r : t.rows - 1) * quant_step;
    zero_points[r] = own->zero_point;
#ifdef __wasm_relaxed_simd__
    if (step == QUADS) zero_points[r] += ew_int8_bias;
#endif
    scales[r] = wasm_f32x4_splat(own->inv_scale);
  }
  for (size_t done = 0; done < t.columns; done += COLUMNS, t.c += t.column_stride) {
    tile sums;
    EACH_ROW(r) {
      const v128_t zero_point = wasm_v128_load32_splat(&zero_points[r]);
      sums.low[r] = wasm_i32x4_mul(wasm_v128_load(w), zero_point);
      sums.high[r] = wasm_i32x4_mul(wasm_v128_load(w + 16), zero_point);
    }
    w = multiply_all(&sums, s, t.rows, w + 32, done > 0, step, NULL);
    const v128_t weights_low = wasm_v128_load(w), weights_high = wasm_v128_load(w + 16);
    const v128_t bias_low = wasm_v128_load(w + 32), bias_high = wasm_v128_load(w + 48);
    EACH_ROW(r) {
      if ((size_t)r >= t.rows) break;
      const v128_t low = scale_sums(sums.low[r], scales[r], weights_low, bias_low, min, max);
      const v128_t high = scale_sums(sums.high[r], scales[r], weights_high, bias_high, min, max);
      store_floats((float *)(void *)(t.c + (size_t)r * t.row_stride), low, high, t.columns - done);
    }
    w += 64;
  }
}

/* --- kernels -------------------------------------------------------------------------------------- */

ALWAYS_INLINE size_t round_depth(size_t depth, step step) {
  return (depth + (size_t)step - 1) / (size_t)step * (size_t)step;
}

ALWAYS_INLINE source rows_of(const void *addresses[ROWS], size_t rows, size_t depth, const void *a,
                             size_t a_stride, step step) {
  for (size_t r = 0; r < rows; r++) addresses[r] = (const char *)a + r * a_stride;
  return (source){
      .pointers = addresses, .rows = rows, .taps = 1, .depth = round_depth(depth, step)};
}

ALWAYS_INLINE source taps_of(const void **pointers, size_t tap_bytes, size_t rows, size_t depth,
                             size_t offset, const void *zero, const void *zero_data, step step) {
  return (source){.pointers = pointers,
                  .rows = rows,
                  .taps = tap_bytes / sizeof(void *) / ROWS,
                  .depth = round_depth(depth, step),
                  .offset = offset,
                  .zero = zero,
                  .zero_data = zero_data};
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

#define GEMM(run, step, ...)                                           \
  const void *addresses[ROWS];                                         \
  const source s = rows_of(addresses, rows, depth, a, a_stride, step); \
  run(&s, w, TARGET, params, __VA_ARGS__)
#define IGEMM(run, zero_data, step, ...)                                                     \
  const source s = taps_of(pointers, tap_bytes, rows, depth, offset, zero, zero_data, step); \
  run(&s, w, TARGET, params, __VA_ARGS__)

void ew_qs8_gemm_c2(GEMM_PARAMETERS, const void *params) { GEMM(run_qs8, PAIRS, PAIRS); }
void ew_qs8_igemm_c2(IGEMM_PARAMETERS, const void *params) { IGEMM(run_qs8, zero, PAIRS, PAIRS); }
void ew_qu8_gemm_c2(GEMM_PARAMETERS, const void *params) { GEMM(run_qu8, PAIRS, PAIRS); }
void ew_qu8_igemm_c2(IGEMM_PARAMETERS, const void *params) { IGEMM(run_qu8, zero, PAIRS, PAIRS); }
void ew_qd8_gemm_c2(GEMM_PARAMETERS, const void *params, QUANT) {
  GEMM(run_qd8, PAIRS, PAIRS, quant, 1);
}
void ew_qd8_igemm_c2(IGEMM_PARAMETERS, const void *zero_data, const void *params, QUANT) {
  IGEMM(run_qd8, zero_data, PAIRS, PAIRS, quant, 0);
}

#ifdef __wasm_relaxed_simd__
void ew_qs8_gemm_c4(GEMM_PARAMETERS, const void *params) { GEMM(run_qs8, QUADS, QUADS); }
void ew_qs8_igemm_c4(IGEMM_PARAMETERS, const void *params) { IGEMM(run_qs8, zero, QUADS, QUADS); }
void ew_qd8_gemm_c4(GEMM_PARAMETERS, const void *params, QUANT) {
  GEMM(run_qd8, QUADS, QUADS, quant, 1);
}
void ew_qd8_igemm_c4(IGEMM_PARAMETERS, const void *zero_data, const void *params, QUANT) {
  IGEMM(run_qd8, zero_data, QUADS, QUADS, quant, 0);
}
#endif
