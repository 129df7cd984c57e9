/* Shapes, and moving elements: reshape, transpose, join, repeat, pick, resize. */
#include <string.h>

#include "format/tflite/builder.h"

/* A movement of operand `in` that a function of builder.h carries out. */
static ew_status reshape_to(tfl_builder *b, uint32_t x, uint32_t rank, const size_t *dims) {
  uint32_t out = EW_NONE, to = EW_NONE;
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(tfl_reshape(b, x, rank, dims, to));
  return tfl_finish_move(b, to, out);
}

/* --- RESHAPE, SQUEEZE, EXPAND_DIMS, SHAPE, RANK ------------------------------------------------------- */

/* The target is an operand or, in older files, an option. */
static ew_status reshape_target(tfl_builder *b, const int64_t **out, uint32_t *out_count) {
  if (tfl_has_input(b, 1)) {
    uint32_t id = EW_NONE;
    EW_TRY(tfl_input(b, 1, &id));
    if (tfl_known(b, id) != NULL && tfl_value(b, id)->rank == 1) {
      return tfl_ints(b, 1, "the new shape", out, out_count);
    }
  }
  const ew_fb_vector list = ew_fb_vec(b->op->options, 0, 4);
  TFL_CHECK(b, list.present, EW_NOT_SUPPORTED, "the new shape is only known while the model runs");
  TFL_CHECK(b, list.count <= EW_MAX_RANK, EW_NOT_SUPPORTED, "the new shape has rank %u",
            list.count);
  int64_t *items = NULL;
  EW_TRY(ew_arena_alloc(b->arena, list.count, sizeof *items, &items, b->err));
  for (uint32_t i = 0; i < list.count; i++) items[i] = ew_fb_vec_i32(list, i);
  /* The oldest files write a scalar as [0]. */
  *out_count = list.count == 1 && items[0] == 0 ? 0 : list.count;
  *out = items;
  return EW_OK;
}

ew_status tfl_read_reshape(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, rank = 0, inferred = EW_NONE;
  const int64_t *target = NULL;
  size_t dims[EW_MAX_RANK], known = 1, total = 1;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(reshape_target(b, &target, &rank));
  TFL_CHECK(b, rank <= EW_MAX_RANK, EW_NOT_SUPPORTED, "the new shape has rank %u", rank);
  const ew_value *value = tfl_value(b, x);
  for (uint32_t i = 0; i < value->rank; i++) total *= value->dims[i];
  for (uint32_t i = 0; i < rank; i++) {
    dims[i] = (size_t)target[i];
    if (target[i] == -1) {
      TFL_CHECK(b, inferred == EW_NONE, EW_INVALID_PROGRAM, "the new shape has two -1");
      inferred = i;
      continue;
    }
    TFL_CHECK(b, target[i] >= 1 && (uint64_t)target[i] <= total && known <= total / dims[i],
              EW_INVALID_PROGRAM, "%zu elements do not fit the new shape", total);
    known *= dims[i];
  }
  if (inferred != EW_NONE) dims[inferred] = total / known;
  return reshape_to(b, x, rank, dims);
}

ew_status tfl_read_squeeze(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, mask = 0, rank = 0;
  size_t dims[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  const ew_value *value = tfl_value(b, x);
  const ew_fb_vector list = ew_fb_vec(b->op->options, 0, 4);
  for (uint32_t i = 0; i < list.count; i++) {
    uint32_t dim = 0;
    EW_TRY(tfl_dim(b, ew_fb_vec_i32(list, i), value->rank, &dim));
    TFL_CHECK(b, value->dims[dim] == 1, EW_INVALID_PROGRAM, "dimension %u has size %zu", dim,
              value->dims[dim]);
    mask |= 1u << dim;
  }
  for (uint32_t i = 0; i < value->rank; i++) {
    const bool goes = list.count == 0 ? value->dims[i] == 1 : (mask >> i & 1) != 0;
    if (!goes) dims[rank++] = value->dims[i];
  }
  return reshape_to(b, x, rank, dims);
}

/* dims of a value with a 1 put in front of dimension axis. */
static ew_status insert_one(const tfl_builder *b, const ew_value *value, int64_t axis,
                            size_t dims[EW_MAX_RANK], uint32_t *out_axis) {
  EW_TRY(tfl_dim(b, axis, value->rank + 1, out_axis));
  TFL_CHECK(b, value->rank < EW_MAX_RANK, EW_NOT_SUPPORTED, "the result has rank %u",
            value->rank + 1);
  for (uint32_t i = 0, k = 0; i <= value->rank; i++) {
    dims[i] = i == *out_axis ? 1 : value->dims[k++];
  }
  return EW_OK;
}

ew_status tfl_read_expand_dims(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, at = 0;
  int64_t axis = 0;
  size_t dims[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_int(b, 1, "the axis", &axis));
  EW_TRY(insert_one(b, tfl_value(b, x), axis, dims, &at));
  return reshape_to(b, x, tfl_value(b, x)->rank + 1, dims);
}

/* Integers that are known at load, as the type of output 0. */
static ew_status known_ints(tfl_builder *b, uint32_t rank, const int64_t *items, uint32_t count) {
  uint32_t out = EW_NONE;
  EW_TRY(tfl_output(b, 0, &out));
  const ew_dtype dtype = tfl_value(b, out)->dtype;
  TFL_CHECK(b, dtype == EW_I32 || dtype == EW_I64, EW_INVALID_TYPE, "the output is %s",
            ew_dtype_name(dtype));
  uint8_t *bytes = NULL;
  EW_TRY(ew_arena_alloc(b->arena, (size_t)count + 1, sizeof *items, &bytes, b->err));
  for (uint32_t i = 0; i < count; i++) {
    const int32_t narrow = (int32_t)items[i];
    if (dtype == EW_I32) memcpy(bytes + 4 * (size_t)i, &narrow, sizeof narrow);
    if (dtype == EW_I64) memcpy(bytes + 8 * (size_t)i, &items[i], sizeof items[i]);
  }
  const size_t dims[1] = {count};
  return tfl_set_known(b, out, rank, dims, bytes);
}

ew_status tfl_read_shape(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE;
  int64_t items[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  const ew_value *value = tfl_value(b, x);
  const uint32_t rank = value->rank;
  for (uint32_t i = 0; i < rank; i++) items[i] = (int64_t)value->dims[i];
  return known_ints(b, 1, items, rank);
}

ew_status tfl_read_rank(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  const int64_t rank = tfl_value(b, x)->rank;
  return known_ints(b, 0, &rank, 1);
}

ew_status tfl_read_range(tfl_builder *b, const tfl_row *row) {
  (void)row;
  int64_t first = 0, limit = 0, step = 0, *items = NULL;
  EW_TRY(tfl_int(b, 0, "the start", &first));
  EW_TRY(tfl_int(b, 1, "the limit", &limit));
  EW_TRY(tfl_int(b, 2, "the step", &step));
  const int64_t most = INT32_MAX;
  TFL_CHECK(b,
            step != 0 && step >= -most && step <= most && first >= -most && first <= most &&
                limit >= -most && limit <= most,
            EW_INVALID_PROGRAM, "from %lld to %lld in steps of %lld", (long long)first,
            (long long)limit, (long long)step);
  int64_t count = 0;
  if (step > 0 && limit > first) count = (limit - first + step - 1) / step;
  if (step < 0 && limit < first) count = (first - limit - step - 1) / -step;
  TFL_CHECK(b, count <= EW_MAX_OPERANDS, EW_OUT_OF_RESOURCES, "a range of %lld numbers",
            (long long)count);
  EW_TRY(ew_arena_alloc(b->arena, (size_t)count, sizeof *items, &items, b->err));
  for (int64_t i = 0; i < count; i++) items[i] = first + i * step;
  return known_ints(b, 1, items, (uint32_t)count);
}

/* --- TRANSPOSE, CONCATENATION, PACK, UNPACK ----------------------------------------------------------- */

ew_status tfl_read_transpose(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, count = 0, seen = 0;
  const int64_t *order = NULL;
  size_t dims[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the permutation", &order, &count));
  TFL_CHECK(b, count == tfl_value(b, x)->rank, EW_INVALID_PROGRAM,
            "a permutation of %u for rank %u", count, tfl_value(b, x)->rank);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t dim = 0;
    EW_TRY(tfl_dim(b, order[i], count, &dim));
    TFL_CHECK(b, (seen >> dim & 1) == 0, EW_INVALID_PROGRAM, "the permutation names %u twice", dim);
    seen |= 1u << dim;
    dims[i] = dim;
  }
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(tfl_permute(b, x, dims, to));
  return tfl_finish_move(b, to, out);
}

/* All operands, with the output's quantisation. */
static ew_status read_parts(tfl_builder *b, uint32_t like, uint32_t **out) {
  EW_TRY(ew_arena_alloc(b->arena, b->op->num_inputs, sizeof **out, out, b->err));
  for (uint32_t i = 0; i < b->op->num_inputs; i++) {
    EW_TRY(tfl_input(b, i, &(*out)[i]));
    EW_TRY(tfl_requantise(b, (*out)[i], like, &(*out)[i]));
  }
  return EW_OK;
}

ew_status tfl_read_concatenation(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t out = EW_NONE, to = EW_NONE, axis = 0, *parts = NULL;
  const uint8_t activation = ew_fb_u8(b->op->options, 1);
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(read_parts(b, out, &parts));
  EW_TRY(tfl_dim(b, ew_fb_i32(b->op->options, 0), tfl_value(b, parts[0])->rank, &axis));
  EW_TRY(tfl_begin_activation(b, activation, out, &to));
  EW_TRY(tfl_join(b, parts, b->op->num_inputs, axis, to));
  return tfl_finish_activation(b, activation, to, out);
}

ew_status tfl_read_pack(tfl_builder *b, const tfl_row *row) {
  uint32_t out = EW_NONE, axis = 0, *parts = NULL;
  size_t dims[EW_MAX_RANK];
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(read_parts(b, out, &parts));
  const uint32_t rank = tfl_value(b, parts[0])->rank;
  EW_TRY(insert_one(b, tfl_value(b, parts[0]), ew_fb_i32(b->op->options, 1), dims, &axis));
  if (!tfl_is_executable(tfl_value(b, parts[0]))) {
    tfl_args args = {.count = 0};
    tfl_arg_int(&args, axis);
    return tfl_kernel(b, row->kernel, parts, b->op->num_inputs, &args, &out, 1);
  }
  for (uint32_t i = 0; i < b->op->num_inputs; i++) {
    const uint32_t from = parts[i];
    const ew_quant quant = tfl_value(b, from)->quant;
    EW_TRY(tfl_temporary(b, tfl_value(b, from)->dtype, &quant, &parts[i]));
    EW_TRY(tfl_reshape(b, from, rank + 1, dims, parts[i]));
  }
  return tfl_join(b, parts, b->op->num_inputs, axis, out);
}

/* --- TILE, BROADCAST_TO, REVERSE_V2, FILL, ZEROS_LIKE -------------------------------------------------- */

/* A kernel of operand x and a list of integers. */
static ew_status emit_with_list(tfl_builder *b, const tfl_row *row, uint32_t x, const int64_t *list,
                                uint32_t count, bool more) {
  uint32_t out = EW_NONE, to = EW_NONE;
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  tfl_args args = {.count = 0};
  tfl_arg_ints(&args, list, count);
  if (more) tfl_arg_bool(&args, false);
  EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1));
  return tfl_finish_move(b, to, out);
}

static ew_status check_sizes(const tfl_builder *b, const int64_t *list, uint32_t count) {
  TFL_CHECK(b, count <= EW_MAX_RANK, EW_NOT_SUPPORTED, "a list of %u sizes", count);
  for (uint32_t i = 0; i < count; i++) {
    TFL_CHECK(b, list[i] >= 1, EW_INVALID_PROGRAM, "size %lld", (long long)list[i]);
  }
  return EW_OK;
}

ew_status tfl_read_tile(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, count = 0;
  const int64_t *list = NULL;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the multiples", &list, &count));
  EW_TRY(check_sizes(b, list, count));
  return emit_with_list(b, row, x, list, count, false);
}

ew_status tfl_read_broadcast_to(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, count = 0;
  const int64_t *list = NULL;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the shape", &list, &count));
  EW_TRY(check_sizes(b, list, count));
  return emit_with_list(b, row, x, list, count, true);
}

ew_status tfl_read_fill(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, count = 0;
  const int64_t *list = NULL;
  EW_TRY(tfl_ints(b, 0, "the shape", &list, &count));
  EW_TRY(tfl_input(b, 1, &x));
  EW_TRY(check_sizes(b, list, count));
  return emit_with_list(b, row, x, list, count, true);
}

ew_status tfl_read_reverse(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, count = 0;
  const int64_t *list = NULL;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the axes", &list, &count));
  return emit_with_list(b, row, x, list, count, false);
}

ew_status tfl_read_zeros_like(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_output(b, 0, &out));
  tfl_args args = {.count = 0};
  tfl_arg_none(&args);
  return tfl_kernel(b, "aten::zeros_like.out", &x, 1, &args, &out, 1);
}

/* --- GATHER, GATHER_ND, RESIZE_* ------------------------------------------------------------------------ */

static ew_status emit_gather(tfl_builder *b, const tfl_row *row, const tfl_args *args) {
  uint32_t inputs[2], out = EW_NONE, to = EW_NONE;
  EW_TRY(tfl_input(b, 0, &inputs[0]));
  EW_TRY(tfl_input(b, 1, &inputs[1]));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, inputs[0], out, &to));
  EW_TRY(tfl_kernel(b, row->kernel, inputs, 2, args, &to, 1));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_gather(tfl_builder *b, const tfl_row *row) {
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, ew_fb_i32(b->op->options, 0));
  tfl_arg_int(&args, ew_fb_i32(b->op->options, 1));
  return emit_gather(b, row, &args);
}

ew_status tfl_read_gather_nd(tfl_builder *b, const tfl_row *row) {
  return emit_gather(b, row, NULL);
}

static ew_status read_resize(tfl_builder *b, uint32_t first_flag, uint32_t *x, const int64_t **size,
                             bool *align, bool *half) {
  uint32_t count = 0;
  EW_TRY(tfl_input(b, 0, x));
  EW_TRY(tfl_ints(b, 1, "the size", size, &count));
  *align = ew_fb_u8(b->op->options, first_flag) != 0;
  *half = ew_fb_u8(b->op->options, first_flag + 1) != 0;
  TFL_CHECK(b,
            count == 2 && (*size)[0] >= 1 && (*size)[1] >= 1 && (*size)[0] < EW_MAX_SIDE &&
                (*size)[1] < EW_MAX_SIDE,
            EW_INVALID_PROGRAM, "%u sizes, or one that is too small or too large", count);
  TFL_CHECK(b, !(*align && *half), EW_INVALID_PROGRAM,
            "align_corners and half_pixel_centers exclude each other");
  return EW_OK;
}

ew_status tfl_read_resize_bilinear(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  const int64_t *size = NULL;
  bool align = false, half = false;
  ew_params p = tfl_params();
  EW_TRY(read_resize(b, 2, &x, &size, &align, &half));
  TFL_CHECK(b, tfl_is_executable(tfl_value(b, x)), EW_NOT_SUPPORTED, "%s without a scale",
            ew_dtype_name(tfl_value(b, x)->dtype));
  p.rank = 2;
  p.shape[0] = (size_t)size[0];
  p.shape[1] = (size_t)size[1];
  p.align_corners = align;
  p.top_left = !align && !half;
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(tfl_node(b, row->op, &p, &x, 1, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_resize_nearest(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  const int64_t *size = NULL;
  bool align = false, half = false;
  EW_TRY(read_resize(b, 0, &x, &size, &align, &half));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  tfl_args args = {.count = 0};
  tfl_arg_ints(&args, size, 2);
  tfl_arg_bool(&args, align);
  tfl_arg_bool(&args, half);
  EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1));
  return tfl_finish_move(b, to, out);
}
