/* Padding, and blocks of pixels that become channels or pictures, and back. */
#include <string.h>

#include "format/tflite/builder.h"

/* --- PAD, PADV2, MIRROR_PAD --------------------------------------------------------------------------- */

static ew_status read_paddings(tfl_builder *b, uint32_t input, uint32_t rank, size_t *before,
                               size_t *behind) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(tfl_ints(b, input, "the paddings", &items, &count));
  TFL_CHECK(b, count == 2 * rank, EW_INVALID_PROGRAM, "%u paddings for rank %u", count, rank);
  for (uint32_t i = 0; i < rank; i++) {
    for (uint32_t k = 0; k < 2; k++) {
      TFL_CHECK(b, items[2 * i + k] >= 0 && items[2 * i + k] <= EW_MAX_SIDE, EW_INVALID_PROGRAM,
                "padding %lld", (long long)items[2 * i + k]);
    }
    before[i] = (size_t)items[2 * i];
    behind[i] = (size_t)items[2 * i + 1];
  }
  return EW_OK;
}

/* The constant that PADV2 fills with, as a real number. */
static ew_status read_fill(tfl_builder *b, double *out) {
  *out = 0;
  if (!tfl_has_input(b, 2)) return EW_OK;
  uint32_t id = EW_NONE;
  EW_TRY(tfl_input(b, 2, &id));
  const ew_value *value = tfl_value(b, id);
  const uint8_t *bytes = tfl_known(b, id);
  TFL_CHECK(b, bytes != NULL, EW_NOT_SUPPORTED, "what it fills with is only known while it runs");
  switch (value->dtype) {
    case EW_F32:
      *out = (double)ew_load_f32(bytes);
      break;
    case EW_I32:
      *out = (int32_t)ew_load_u32(bytes);
      break;
    case EW_I64:
      *out = (double)(int64_t)ew_load_u64(bytes);
      break;
    default:
      *out = value->dtype == EW_I8 ? (double)(int8_t)*bytes : (double)*bytes;
  }
  if (tfl_is_q8(value)) *out = (double)value->quant.scale[0] * (*out - value->quant.zero_point);
  return EW_OK;
}

/* The kernel's list has pairs from the last dimension backwards. */
static ew_status emit_constant_pad(tfl_builder *b, const tfl_row *row, uint32_t x,
                                   const size_t *before, const size_t *behind, double fill,
                                   uint32_t to) {
  const ew_value *value = tfl_value(b, x);
  const uint32_t rank = value->rank;
  if (tfl_is_executable(value)) {
    ew_params p = tfl_params();
    p.rank = rank;
    memcpy(p.shape, before, rank * sizeof *before);
    memcpy(p.shape2, behind, rank * sizeof *behind);
    p.alpha = (float)fill;
    return tfl_node(b, row->op, &p, &x, 1, to);
  }
  size_t pairs[2 * EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) {
    pairs[2 * i] = before[rank - 1 - i];
    pairs[2 * i + 1] = behind[rank - 1 - i];
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, pairs, 2 * rank));
  tfl_arg_double(&args, fill);
  return tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1);
}

ew_status tfl_read_pad(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  size_t before[EW_MAX_RANK], behind[EW_MAX_RANK];
  double fill = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_paddings(b, 1, tfl_value(b, x)->rank, before, behind));
  EW_TRY(read_fill(b, &fill));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(emit_constant_pad(b, row, x, before, behind, fill, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_mirror_pad(tfl_builder *b, const tfl_row *row) {
  enum { SYMMETRIC = 1 };
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  size_t before[EW_MAX_RANK], behind[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  const uint32_t rank = tfl_value(b, x)->rank;
  EW_TRY(read_paddings(b, 1, rank, before, behind));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, before, rank));
  EW_TRY(tfl_arg_sizes(b, &args, behind, rank));
  tfl_arg_bool(&args, ew_fb_u8(b->op->options, 0) == SYMMETRIC);
  EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1));
  return tfl_finish_move(b, to, out);
}

/* --- blocks: DEPTH_TO_SPACE and the like, as reshape, transpose, reshape ------------------------------- */

/* Splits dimensions, permutes the parts and joins them: each list ends with rank entries. */
static ew_status shuffle(tfl_builder *b, uint32_t x, uint32_t rank, const size_t *split,
                         const size_t *order, uint32_t joined_rank, const size_t *joined,
                         uint32_t to) {
  const ew_dtype dtype = tfl_value(b, x)->dtype;
  const ew_quant quant = tfl_value(b, x)->quant;
  uint32_t parts = EW_NONE, moved = EW_NONE;
  EW_TRY(tfl_temporary(b, dtype, &quant, &parts));
  EW_TRY(tfl_reshape(b, x, rank, split, parts));
  EW_TRY(tfl_temporary(b, dtype, &quant, &moved));
  EW_TRY(tfl_permute(b, parts, order, moved));
  return tfl_reshape(b, moved, joined_rank, joined, to);
}

static ew_status read_block(tfl_builder *b, uint32_t x, size_t *block) {
  const int32_t size = ew_fb_i32(b->op->options, 0);
  TFL_CHECK(b, size >= 1 && size <= EW_MAX_SIDE && tfl_value(b, x)->rank == 4, EW_INVALID_PROGRAM,
            "blocks of %d for rank %u", size, tfl_value(b, x)->rank);
  *block = (size_t)size;
  return EW_OK;
}

ew_status tfl_read_depth_to_space(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  size_t k = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_block(b, x, &k));
  const size_t *d = tfl_value(b, x)->dims;
  TFL_CHECK(b, d[3] % k == 0 && d[3] / k % k == 0, EW_INVALID_PROGRAM,
            "%zu channels are no multiple of %zu x %zu", d[3], k, k);
  const size_t channels = d[3] / k / k;
  const size_t split[6] = {d[0], d[1], d[2], k, k, channels}, order[6] = {0, 1, 3, 2, 4, 5};
  const size_t joined[4] = {d[0], d[1] * k, d[2] * k, channels};
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(shuffle(b, x, 6, split, order, 4, joined, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_space_to_depth(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  size_t k = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_block(b, x, &k));
  const size_t *d = tfl_value(b, x)->dims;
  TFL_CHECK(b, d[1] % k == 0 && d[2] % k == 0, EW_INVALID_PROGRAM,
            "a map of %zu x %zu is no multiple of %zu", d[1], d[2], k);
  const size_t split[6] = {d[0], d[1] / k, k, d[2] / k, k, d[3]}, order[6] = {0, 1, 3, 2, 4, 5};
  const size_t joined[4] = {d[0], d[1] / k, d[2] / k, k * k * d[3]};
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(shuffle(b, x, 6, split, order, 4, joined, to));
  return tfl_finish_move(b, to, out);
}

/* Block sizes {h, w} and two pairs of paddings or crops, for maps [N,H,W,C] (or [N,H,C]: w is 1). */
typedef struct batch_blocks {
  size_t n, h, w, c, block[2], before[2], behind[2];
  bool flat; /* the map has no width */
} batch_blocks;

static ew_status read_batch_blocks(tfl_builder *b, uint32_t x, batch_blocks *out) {
  const int64_t *block = NULL;
  uint32_t count = 0;
  const ew_value *value = tfl_value(b, x);
  EW_TRY(tfl_ints(b, 1, "the blocks", &block, &count));
  TFL_CHECK(b, (value->rank == 4 && count == 2) || (value->rank == 3 && count == 1),
            EW_NOT_SUPPORTED, "%u blocks for rank %u", count, value->rank);
  *out = (batch_blocks){.n = value->dims[0], .h = value->dims[1], .w = 1, .block = {1, 1}};
  out->flat = count == 1;
  if (!out->flat) out->w = value->dims[2];
  out->c = value->dims[value->rank - 1];
  for (uint32_t i = 0; i < count; i++) {
    TFL_CHECK(b, block[i] >= 1 && block[i] <= EW_MAX_SIDE, EW_INVALID_PROGRAM, "blocks of %lld",
              (long long)block[i]);
    out->block[i] = (size_t)block[i];
  }
  return read_paddings(b, 2, count, out->before, out->behind);
}

/* The map's shape with and without a width. */
static uint32_t map_shape(const batch_blocks *m, size_t n, size_t h, size_t w, size_t out[4]) {
  out[0] = n;
  out[1] = h;
  out[2] = m->flat ? m->c : w;
  out[3] = m->c;
  return m->flat ? 3 : 4;
}

ew_status tfl_read_space_to_batch(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, padded = EW_NONE;
  batch_blocks m;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_batch_blocks(b, x, &m));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  const size_t h = m.h + m.before[0] + m.behind[0], w = m.w + m.before[1] + m.behind[1];
  TFL_CHECK(b, h % m.block[0] == 0 && w % m.block[1] == 0, EW_INVALID_PROGRAM,
            "a padded map of %zu x %zu is no multiple of %zu x %zu", h, w, m.block[0], m.block[1]);
  const size_t before[4] = {0, m.before[0], m.flat ? 0 : m.before[1], 0};
  const size_t behind[4] = {0, m.behind[0], m.flat ? 0 : m.behind[1], 0};
  const ew_value value = *tfl_value(b, x);
  const tfl_row pad = {.op = EW_OP_PAD, .kernel = "aten::constant_pad_nd.out"};
  (void)row;
  EW_TRY(tfl_temporary(b, value.dtype, &value.quant, &padded));
  EW_TRY(emit_constant_pad(b, &pad, x, before, behind, 0, padded));
  const size_t bh = m.block[0], bw = m.block[1];
  const size_t split[6] = {m.n, h / bh, bh, w / bw, bw, m.c}, order[6] = {2, 4, 0, 1, 3, 5};
  size_t joined[4];
  const uint32_t rank = map_shape(&m, m.n * bh * bw, h / bh, w / bw, joined);
  EW_TRY(shuffle(b, padded, 6, split, order, rank, joined, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_batch_to_space(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, whole = EW_NONE;
  batch_blocks m;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_batch_blocks(b, x, &m));
  const size_t bh = m.block[0], bw = m.block[1];
  TFL_CHECK(b, m.n % bh == 0 && m.n / bh % bw == 0, EW_INVALID_PROGRAM,
            "%zu pictures are no multiple of %zu x %zu", m.n, bh, bw);
  const size_t n = m.n / bh / bw, h = m.h * bh, w = m.w * bw;
  TFL_CHECK(b, m.before[0] + m.behind[0] < h && m.before[1] + m.behind[1] < w, EW_INVALID_PROGRAM,
            "the crops leave nothing of %zu x %zu", h, w);
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  const ew_value value = *tfl_value(b, x);
  const size_t split[6] = {bh, bw, n, m.h, m.w, m.c}, order[6] = {2, 3, 0, 4, 1, 5};
  size_t joined[4], sizes[4];
  const size_t begin[4] = {0, m.before[0], m.flat ? 0 : m.before[1], 0};
  const uint32_t rank = map_shape(&m, n, h, w, joined);
  map_shape(&m, n, h - m.before[0] - m.behind[0], w - m.before[1] - m.behind[1], sizes);
  EW_TRY(tfl_temporary(b, value.dtype, &value.quant, &whole));
  EW_TRY(shuffle(b, x, 6, split, order, rank, joined, whole));
  EW_TRY(tfl_take_slice(b, whole, begin, sizes, to));
  return tfl_finish_move(b, to, out);
}
