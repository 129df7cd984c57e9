/* Copies through strides that the arguments give: bare strides, diagonals and windows. */
#include "kernels/strided.h"
#include "kernels/support.h"

/* The output has the shape of a view of input 0. */
static ew_status prepare_view_copy(ew_call *call,
                                   ew_status (*read)(const ew_call *call, ew_strided *out)) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  ew_strided view;
  EW_TRY(read(call, &view));
  return ew_set_shape(call, 0, view.rank, view.dims);
}

static ew_status run_view_copy(ew_call *call,
                               ew_status (*read)(const ew_call *call, ew_strided *out)) {
  ew_strided from;
  EW_TRY(read(call, &from));
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  ew_copy(&to, &from);
  return EW_OK;
}

/* as_strided_copy(self, size, stride, storage_offset?): strides count elements of the memory of self,
 * whatever its dim order. */
static ew_status read_as_strided(const ew_call *call, ew_strided *out) {
  const ew_tensor *in = &call->inputs[0];
  const int64_t *sizes = NULL, *strides = NULL;
  uint32_t rank = 0, num_strides = 0;
  int64_t offset = 0;
  EW_TRY(ew_arg_ints(call, 0, &sizes, &rank));
  EW_TRY(ew_arg_ints(call, 1, &strides, &num_strides));
  if (!ew_arg_absent(call, 2)) EW_TRY(ew_arg_int(call, 2, &offset));
  EW_KERNEL_CHECK(call, rank == num_strides && rank <= EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "%u sizes and %u strides", rank, num_strides);
  *out = (ew_strided){.data = in->data, .dtype = in->dtype, .rank = rank};
  size_t start = 0;
  EW_TRY(ew_arg_size(call, offset, "storage offset", &start));
  /* 64 bit holds the sum: each term is at most 2^60, and the first too large ends it. */
  uint64_t last = start;
  bool empty = false;
  const size_t numel = ew_tensor_numel(in);
  for (uint32_t i = 0; i < rank; i++) {
    size_t stride = 0;
    EW_TRY(ew_arg_size(call, sizes[i], "size", &out->dims[i]));
    EW_TRY(ew_arg_size(call, strides[i], "stride", &stride));
    out->strides[i] = (ptrdiff_t)stride;
    empty = empty || out->dims[i] == 0;
    if (out->dims[i] > 1 && last < numel) last += (uint64_t)(out->dims[i] - 1) * stride;
  }
  EW_KERNEL_CHECK(call, empty || last < numel, EW_INVALID_PROGRAM,
                  "sizes, strides and offset leave the %zu elements of input %s", numel,
                  ew_shape_of(in).text);
  if (out->data != NULL && !empty) out->data += start * ew_dtype_size(in->dtype);
  return EW_OK;
}

ew_status ew_prepare_as_strided(ew_call *call) { return prepare_view_copy(call, read_as_strided); }
ew_status ew_run_as_strided(ew_call *call) { return run_view_copy(call, read_as_strided); }

/* diagonal_copy(self, offset, dim1, dim2): the diagonal becomes the last dimension. */
static ew_status read_diagonal(const ew_call *call, ew_strided *out) {
  const ew_tensor *in = &call->inputs[0];
  int64_t offset = 0;
  uint32_t row = 0, column = 0;
  EW_TRY(ew_arg_int(call, 0, &offset));
  EW_TRY(ew_arg_dim(call, 1, in->rank, &row));
  EW_TRY(ew_arg_dim(call, 2, in->rank, &column));
  EW_KERNEL_CHECK(call, in->rank >= 2 && row != column, EW_INVALID_PROGRAM,
                  "no diagonal of %s in dimensions %u and %u", ew_shape_of(in).text, row, column);
  *out = ew_strided_of(in);
  const int64_t rows = (int64_t)in->dims[row], columns = (int64_t)in->dims[column];
  const int64_t down = offset < 0 ? (offset < -rows ? rows : -offset) : 0;
  const int64_t right = offset > 0 ? (offset > columns ? columns : offset) : 0;
  const size_t count = (size_t)(rows - down < columns - right ? rows - down : columns - right);
  if (count > 0) {
    ew_strided_advance(out, row, (size_t)down);
    ew_strided_advance(out, column, (size_t)right);
  }
  const ptrdiff_t stride = out->strides[row] + out->strides[column];
  ew_strided_drop(out, row > column ? row : column);
  ew_strided_drop(out, row > column ? column : row);
  out->dims[out->rank] = count;
  out->strides[out->rank++] = stride;
  return EW_OK;
}

ew_status ew_prepare_diagonal(ew_call *call) { return prepare_view_copy(call, read_diagonal); }
ew_status ew_run_diagonal(ew_call *call) { return run_view_copy(call, read_diagonal); }

/* unfold_copy(self, dim, size, step): windows along a dimension; their elements become the last one. */
static ew_status read_unfold(const ew_call *call, ew_strided *out) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  int64_t size = 0, step = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_TRY(ew_arg_int(call, 1, &size));
  EW_TRY(ew_arg_int(call, 2, &step));
  const int64_t length = in->rank == 0 ? 1 : (int64_t)in->dims[dim];
  EW_KERNEL_CHECK(call, size >= 0 && size <= length && step > 0, EW_INVALID_PROGRAM,
                  "windows of %lld every %lld for a dimension of size %lld", (long long)size,
                  (long long)step, (long long)length);
  EW_KERNEL_CHECK(call, in->rank < EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d",
                  in->rank + 1, EW_MAX_RANK);
  *out = ew_strided_of(in);
  ptrdiff_t stride = 1;
  if (in->rank > 0) {
    stride = out->strides[dim];
    out->dims[dim] = (size_t)((length - size) / step + 1);
    /* One window needs no step, which may be too large to multiply. */
    out->strides[dim] = out->dims[dim] > 1 ? stride * (ptrdiff_t)step : 0;
  }
  out->dims[out->rank] = (size_t)size;
  out->strides[out->rank++] = stride;
  return EW_OK;
}

ew_status ew_prepare_unfold(ew_call *call) { return prepare_view_copy(call, read_unfold); }
ew_status ew_run_unfold(ew_call *call) { return run_view_copy(call, read_unfold); }

/* narrow_copy(self, dim, start, length) */
static ew_status read_narrow(const ew_call *call, ew_strided *out) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  int64_t start = 0, length = 0;
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_TRY(ew_arg_int(call, 1, &start));
  EW_TRY(ew_arg_int(call, 2, &length));
  const int64_t size = (int64_t)in->dims[dim];
  if (start < 0 && start >= -size) start += size;
  EW_KERNEL_CHECK(call, start >= 0 && start <= size && length >= 0 && length <= size - start,
                  EW_INVALID_PROGRAM, "%lld elements from %lld on leave dimension %u of size %lld",
                  (long long)length, (long long)start, dim, (long long)size);
  *out = ew_strided_of(in);
  if (length > 0) ew_strided_advance(out, dim, (size_t)start);
  out->dims[dim] = (size_t)length;
  return EW_OK;
}

ew_status ew_prepare_narrow(ew_call *call) { return prepare_view_copy(call, read_narrow); }
ew_status ew_run_narrow(ew_call *call) { return run_view_copy(call, read_narrow); }
