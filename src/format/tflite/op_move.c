/* Shapes, and moving elements: reshape, transpose, slice, join, pad, pick, resize. */
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

/* Output number `index`: size elements from begin on along axis; drop: without that dimension. */
static ew_status cut(tfl_builder *b, uint32_t x, uint32_t index, uint32_t axis, size_t begin,
                     size_t size, bool drop) {
  uint32_t out = EW_NONE, to = EW_NONE, piece = EW_NONE, rank = 0;
  const ew_value value = *tfl_value(b, x);
  size_t first[EW_MAX_RANK] = {0}, sizes[EW_MAX_RANK], kept[EW_MAX_RANK];
  memcpy(sizes, value.dims, sizeof sizes);
  first[axis] = begin;
  sizes[axis] = size;
  EW_TRY(tfl_output(b, index, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  piece = to;
  if (drop) EW_TRY(tfl_temporary(b, value.dtype, &value.quant, &piece));
  EW_TRY(tfl_take_slice(b, x, first, sizes, piece));
  for (uint32_t i = 0; i < value.rank; i++) {
    if (i != axis) kept[rank++] = sizes[i];
  }
  if (drop) EW_TRY(tfl_reshape(b, piece, rank, kept, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_unpack(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, axis = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_dim(b, ew_fb_i32(b->op->options, 1), tfl_value(b, x)->rank, &axis));
  TFL_CHECK(b, tfl_value(b, x)->dims[axis] == b->op->num_outputs, EW_INVALID_PROGRAM,
            "%u outputs for %zu elements", b->op->num_outputs, tfl_value(b, x)->dims[axis]);
  for (uint32_t i = 0; i < b->op->num_outputs; i++) EW_TRY(cut(b, x, i, axis, i, 1, true));
  return EW_OK;
}

/* --- SPLIT, SPLIT_V, SLICE, STRIDED_SLICE ------------------------------------------------------------- */

ew_status tfl_read_split(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, axis = 0;
  int64_t dim = 0;
  EW_TRY(tfl_int(b, 0, "the axis", &dim));
  EW_TRY(tfl_input(b, 1, &x));
  EW_TRY(tfl_dim(b, dim, tfl_value(b, x)->rank, &axis));
  const size_t total = tfl_value(b, x)->dims[axis], count = b->op->num_outputs;
  TFL_CHECK(b, total % count == 0, EW_INVALID_PROGRAM, "%zu elements in %zu equal parts", total,
            count);
  for (uint32_t i = 0; i < count; i++) {
    EW_TRY(cut(b, x, i, axis, i * (total / count), total / count, false));
  }
  return EW_OK;
}

ew_status tfl_read_split_v(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, axis = 0, count = 0, inferred = EW_NONE;
  int64_t dim = 0;
  const int64_t *sizes = NULL;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the sizes", &sizes, &count));
  EW_TRY(tfl_int(b, 2, "the axis", &dim));
  EW_TRY(tfl_dim(b, dim, tfl_value(b, x)->rank, &axis));
  TFL_CHECK(b, count == b->op->num_outputs, EW_INVALID_PROGRAM, "%u sizes for %u outputs", count,
            b->op->num_outputs);
  const size_t total = tfl_value(b, x)->dims[axis];
  size_t at = 0;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    TFL_CHECK(
        b, sizes[i] >= -1 && sizes[i] <= (int64_t)total && (sizes[i] != -1 || inferred == EW_NONE),
        EW_INVALID_PROGRAM, "size %u is %lld", i, (long long)sizes[i]);
    if (sizes[i] == -1) inferred = i;
    if (sizes[i] > 0) sum += (uint64_t)sizes[i];
  }
  TFL_CHECK(b, inferred == EW_NONE ? sum == total : sum <= total, EW_INVALID_PROGRAM,
            "parts of %llu elements, the tensor has %zu", (unsigned long long)sum, total);
  for (uint32_t i = 0; i < count; i++) {
    const size_t size = i == inferred ? total - (size_t)sum : (size_t)sizes[i];
    TFL_CHECK(b, size >= 1, EW_NOT_SUPPORTED, "part %u has no elements", i);
    EW_TRY(cut(b, x, i, axis, at, size, false));
    at += size;
  }
  return EW_OK;
}

ew_status tfl_read_slice(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, counts[2] = {0, 0};
  const int64_t *begin = NULL, *size = NULL;
  size_t first[EW_MAX_RANK], sizes[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_ints(b, 1, "the start", &begin, &counts[0]));
  EW_TRY(tfl_ints(b, 2, "the sizes", &size, &counts[1]));
  const ew_value *value = tfl_value(b, x);
  TFL_CHECK(b, counts[0] == value->rank && counts[1] == value->rank, EW_INVALID_PROGRAM,
            "%u starts and %u sizes for rank %u", counts[0], counts[1], value->rank);
  for (uint32_t i = 0; i < value->rank; i++) {
    const int64_t all = (int64_t)value->dims[i];
    const int64_t length = size[i] == -1 ? all - begin[i] : size[i];
    TFL_CHECK(b, begin[i] >= 0 && begin[i] < all && length >= 1 && length <= all - begin[i],
              EW_INVALID_PROGRAM, "%lld elements from %lld on of dimension %u of size %lld",
              (long long)length, (long long)begin[i], i, (long long)all);
    first[i] = (size_t)begin[i];
    sizes[i] = (size_t)length;
  }
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  EW_TRY(tfl_take_slice(b, x, first, sizes, to));
  return tfl_finish_move(b, to, out);
}

/* STRIDED_SLICE after its masks are resolved: per dimension of the input, and the shape that remains. */
typedef struct strided {
  uint32_t rank; /* of the input */
  int64_t begin[EW_MAX_RANK], length[EW_MAX_RANK], stride[EW_MAX_RANK];
  uint32_t kept; /* rank of the output */
  size_t dims[EW_MAX_RANK];
} strided;

typedef struct strided_spec {
  uint32_t count;
  const int64_t *begin, *end, *stride;
  uint32_t begin_mask, end_mask, ellipsis_mask, new_mask, shrink_mask;
  bool offset; /* end counts from begin */
} strided_spec;

static ew_status read_spec(tfl_builder *b, strided_spec *s) {
  uint32_t counts[3];
  EW_TRY(tfl_ints(b, 1, "the start", &s->begin, &counts[0]));
  EW_TRY(tfl_ints(b, 2, "the end", &s->end, &counts[1]));
  EW_TRY(tfl_ints(b, 3, "the strides", &s->stride, &counts[2]));
  TFL_CHECK(b, counts[0] == counts[1] && counts[0] == counts[2] && counts[0] <= 31,
            EW_INVALID_PROGRAM, "%u starts, %u ends, %u strides", counts[0], counts[1], counts[2]);
  s->count = counts[0];
  s->begin_mask = ew_fb_u32(b->op->options, 0);
  s->end_mask = ew_fb_u32(b->op->options, 1);
  s->ellipsis_mask = ew_fb_u32(b->op->options, 2);
  s->new_mask = ew_fb_u32(b->op->options, 3);
  s->shrink_mask = ew_fb_u32(b->op->options, 4);
  s->offset = ew_fb_u8(b->op->options, 5) != 0;
  const uint32_t ellipsis = s->ellipsis_mask & ((1u << s->count) - 1);
  TFL_CHECK(b, (ellipsis & (ellipsis - 1)) == 0, EW_INVALID_PROGRAM, "two ellipses");
  return EW_OK;
}

static int64_t bounded(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* One dimension of size n that entry i describes. */
static ew_status resolve_entry(const tfl_builder *b, const strided_spec *s, uint32_t i, int64_t n,
                               strided *out, uint32_t dim) {
  const int64_t most = INT32_MAX, step = s->stride[i];
  TFL_CHECK(b, step != 0 && step >= -most && step <= most, EW_INVALID_PROGRAM, "stride %lld",
            (long long)step);
  int64_t begin = bounded(s->begin[i], -most, most), end = bounded(s->end[i], -most, most);
  if (begin < 0) begin += n;
  out->stride[dim] = step;
  if (s->shrink_mask >> i & 1) {
    TFL_CHECK(b, begin >= 0 && begin < n, EW_INVALID_PROGRAM, "element %lld of %lld",
              (long long)begin, (long long)n);
    out->begin[dim] = begin;
    out->length[dim] = out->stride[dim] = 1;
    return EW_OK;
  }
  if (s->offset) {
    end += begin;
  } else if (end < 0) {
    end += n;
  }
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
  begin = s->begin_mask >> i & 1 ? (step > 0 ? 0 : n - 1) : bounded(begin, low, high);
  end = s->end_mask >> i & 1 ? (step > 0 ? n : -1) : bounded(end, low, high);
  const int64_t span = step > 0 ? end - begin : begin - end, size = step > 0 ? step : -step;
  out->begin[dim] = begin;
  out->length[dim] = span > 0 ? (span + size - 1) / size : 0;
  TFL_CHECK(b, out->length[dim] > 0, EW_NOT_SUPPORTED, "the slice has no elements");
  out->dims[out->kept++] = (size_t)out->length[dim];
  return EW_OK;
}

static void take_whole(strided *out, uint32_t dim, size_t size) {
  out->begin[dim] = 0;
  out->length[dim] = (int64_t)size;
  out->stride[dim] = 1;
  out->dims[out->kept++] = size;
}

static ew_status resolve(const tfl_builder *b, const strided_spec *s, const ew_value *x,
                         strided *out) {
  uint32_t dim = 0, entries = 0;
  *out = (strided){.rank = x->rank};
  /* Dimensions that entries take; an ellipsis stands for the others. */
  for (uint32_t i = 0; i < s->count; i++) {
    if (!((s->ellipsis_mask | s->new_mask) >> i & 1)) entries++;
  }
  TFL_CHECK(b, entries <= x->rank, EW_INVALID_PROGRAM, "%u entries for rank %u", entries, x->rank);
  for (uint32_t i = 0; i < s->count; i++) {
    TFL_CHECK(b, out->kept + x->rank - dim <= EW_MAX_RANK, EW_NOT_SUPPORTED,
              "the result has too many dimensions");
    if (s->ellipsis_mask >> i & 1) {
      for (uint32_t k = x->rank - entries; k > 0; k--, dim++) take_whole(out, dim, x->dims[dim]);
    } else if (s->new_mask >> i & 1) {
      TFL_CHECK(b, out->kept < EW_MAX_RANK, EW_NOT_SUPPORTED, "the result has too many dimensions");
      out->dims[out->kept++] = 1;
    } else {
      EW_TRY(resolve_entry(b, s, i, (int64_t)x->dims[dim], out, dim));
      dim++;
    }
  }
  for (; dim < x->rank; dim++) take_whole(out, dim, x->dims[dim]);
  return EW_OK;
}

static ew_status emit_strided(tfl_builder *b, const tfl_row *row, uint32_t x, const strided *s,
                              uint32_t to) {
  bool dense = true;
  size_t begin[EW_MAX_RANK], size[EW_MAX_RANK];
  for (uint32_t i = 0; i < s->rank; i++) {
    dense = dense && s->stride[i] == 1;
    begin[i] = (size_t)s->begin[i];
    size[i] = (size_t)s->length[i];
  }
  if (dense) return tfl_take_slice(b, x, begin, size, to);
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, begin, s->rank));
  EW_TRY(tfl_arg_sizes(b, &args, size, s->rank));
  int64_t *stride = NULL;
  EW_TRY(ew_arena_alloc(b->arena, s->rank, sizeof *stride, &stride, b->err));
  memcpy(stride, s->stride, s->rank * sizeof *stride);
  tfl_arg_ints(&args, stride, s->rank);
  return tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1);
}

ew_status tfl_read_strided_slice(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, piece = EW_NONE;
  strided_spec spec;
  strided s;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_spec(b, &spec));
  EW_TRY(resolve(b, &spec, tfl_value(b, x), &s));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  const ew_value value = *tfl_value(b, x);
  const bool same = s.kept == s.rank && spec.new_mask == 0 && spec.shrink_mask == 0;
  piece = to;
  if (!same) EW_TRY(tfl_temporary(b, value.dtype, &value.quant, &piece));
  EW_TRY(emit_strided(b, row, x, &s, piece));
  if (!same) EW_TRY(tfl_reshape(b, piece, s.kept, s.dims, to));
  return tfl_finish_move(b, to, out);
}

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
