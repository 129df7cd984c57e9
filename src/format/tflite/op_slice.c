/* Taking tensors apart: unpack, split, slice. */
#include <string.h>

#include "format/tflite/builder.h"

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
