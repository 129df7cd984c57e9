/* Elements picked by index: TensorFlow's gather, gather_nd, strided_slice and one-hot. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

static ew_status check_index_type(const ew_call *call, const ew_tensor *index) {
  EW_KERNEL_CHECK(call, index->dtype == EW_I32 || index->dtype == EW_I64, EW_INVALID_TYPE,
                  "indices are %s, not i32 or i64", ew_dtype_name(index->dtype));
  return EW_OK;
}

static int64_t index_at(const ew_tensor *index, size_t i) {
  return index->dtype == EW_I32 ? ((const int32_t *)index->data)[i]
                                : ((const int64_t *)index->data)[i];
}

static ew_status checked_index(const ew_call *call, const ew_tensor *index, size_t i, size_t size,
                               size_t *out) {
  const int64_t value = index_at(index, i);
  EW_KERNEL_CHECK(call, value >= 0 && (uint64_t)value < size, EW_INVALID_ARGUMENT,
                  "index %lld is out of range [0, %zu)", (long long)value, size);
  *out = (size_t)value;
  return EW_OK;
}

static size_t product(const size_t *dims, uint32_t first, uint32_t end) {
  size_t total = 1;
  for (uint32_t i = first; i < end; i++) total *= dims[i];
  return total;
}

/* --- gather(x, indices, axis, batch_dims) --------------------------------------------------------- */

static ew_status gather_args(const ew_call *call, uint32_t *axis, uint32_t *batch) {
  const ew_tensor *x = &call->inputs[0], *index = &call->inputs[1];
  int64_t dims = 0;
  EW_TRY(ew_arg_dim(call, 0, x->rank, axis));
  EW_TRY(ew_arg_int(call, 1, &dims));
  EW_KERNEL_CHECK(call, x->rank >= 1 && dims >= 0 && dims <= *axis && dims <= index->rank,
                  EW_INVALID_PROGRAM, "%lld batch dimensions for axis %u and indices %s",
                  (long long)dims, *axis, ew_shape_of(index).text);
  *batch = (uint32_t)dims;
  for (uint32_t i = 0; i < *batch; i++) {
    EW_KERNEL_CHECK(call, x->dims[i] == index->dims[i], EW_INVALID_PROGRAM,
                    "batch dimension %u of %s and %s", i, ew_shape_of(x).text,
                    ew_shape_of(index).text);
  }
  return EW_OK;
}

ew_status ew_prepare_take(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *x = &call->inputs[0], *index = &call->inputs[1];
  uint32_t axis = 0, batch = 0, rank = 0;
  EW_TRY(check_index_type(call, index));
  EW_TRY(ew_check_same_dtype(call, x, &call->outputs[0]));
  EW_TRY(gather_args(call, &axis, &batch));
  EW_KERNEL_CHECK(call, x->rank - 1 + index->rank - batch <= EW_MAX_RANK, EW_NOT_SUPPORTED,
                  "the result has rank %u", x->rank - 1 + index->rank - batch);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < axis; i++) dims[rank++] = x->dims[i];
  for (uint32_t i = batch; i < index->rank; i++) dims[rank++] = index->dims[i];
  for (uint32_t i = axis + 1; i < x->rank; i++) dims[rank++] = x->dims[i];
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_take(ew_call *call) {
  const ew_tensor *x = &call->inputs[0], *index = &call->inputs[1];
  uint32_t axis = 0, batch = 0;
  EW_TRY(gather_args(call, &axis, &batch));
  const size_t batches = product(x->dims, 0, batch), outer = product(x->dims, batch, axis);
  const size_t picks = product(index->dims, batch, index->rank);
  const size_t row = product(x->dims, axis + 1, x->rank) * ew_dtype_size(x->dtype);
  uint8_t *to = call->outputs[0].data;
  const uint8_t *from = x->data;
  for (size_t b = 0; b < batches; b++) {
    for (size_t o = 0; o < outer; o++, from += x->dims[axis] * row) {
      for (size_t i = 0; i < picks; i++, to += row) {
        size_t at = 0;
        EW_TRY(checked_index(call, index, b * picks + i, x->dims[axis], &at));
        memcpy(to, from + at * row, row);
      }
    }
  }
  return EW_OK;
}

/* --- gather_nd(x, indices): the last dimension of indices holds coordinates ------------------------- */

ew_status ew_prepare_gather_nd(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *x = &call->inputs[0], *index = &call->inputs[1];
  EW_TRY(check_index_type(call, index));
  EW_TRY(ew_check_same_dtype(call, x, &call->outputs[0]));
  EW_KERNEL_CHECK(call, index->rank >= 1 && index->dims[index->rank - 1] <= x->rank,
                  EW_INVALID_PROGRAM, "indices %s into a tensor %s", ew_shape_of(index).text,
                  ew_shape_of(x).text);
  const uint32_t depth = (uint32_t)index->dims[index->rank - 1];
  const uint32_t rank = index->rank - 1 + x->rank - depth;
  EW_KERNEL_CHECK(call, rank <= EW_MAX_RANK, EW_NOT_SUPPORTED, "the result has rank %u", rank);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i + 1 < index->rank; i++) dims[i] = index->dims[i];
  for (uint32_t i = depth; i < x->rank; i++) dims[index->rank - 1 + i - depth] = x->dims[i];
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_gather_nd(ew_call *call) {
  const ew_tensor *x = &call->inputs[0], *index = &call->inputs[1];
  const uint32_t depth = (uint32_t)index->dims[index->rank - 1];
  const size_t rows = product(index->dims, 0, index->rank - 1);
  const size_t size = product(x->dims, depth, x->rank) * ew_dtype_size(x->dtype);
  uint8_t *to = call->outputs[0].data;
  for (size_t r = 0; r < rows; r++, to += size) {
    size_t offset = 0;
    for (uint32_t d = 0; d < depth; d++) {
      size_t at = 0;
      EW_TRY(checked_index(call, index, r * depth + d, x->dims[d], &at));
      offset = offset * x->dims[d] + at;
    }
    memcpy(to, (const uint8_t *)x->data + offset * size, size);
  }
  return EW_OK;
}

/* --- strided_slice(x, begin, length, stride): one entry per dimension, nothing left to resolve -------- */

static ew_status slice_args(const ew_call *call, const int64_t *args[3]) {
  const ew_tensor *x = &call->inputs[0];
  for (uint32_t k = 0; k < 3; k++) {
    uint32_t count = 0;
    EW_TRY(ew_arg_ints(call, k, &args[k], &count));
    EW_KERNEL_CHECK(call, count == x->rank, EW_INVALID_PROGRAM, "argument %u has %u entries for %s",
                    k, count, ew_shape_of(x).text);
  }
  for (uint32_t i = 0; i < x->rank; i++) {
    const int64_t size = (int64_t)x->dims[i], first = args[0][i], length = args[1][i];
    const int64_t limit = (int64_t)EW_MAX_TENSOR_BYTES;
    EW_KERNEL_CHECK(call,
                    length >= 0 && length <= size && args[2][i] >= -limit && args[2][i] <= limit,
                    EW_INVALID_PROGRAM, "%lld elements of dimension %u of %s", (long long)length, i,
                    ew_shape_of(x).text);
    const int64_t last = first + (length - 1) * args[2][i];
    EW_KERNEL_CHECK(call, length == 0 || (first >= 0 && first < size && last >= 0 && last < size),
                    EW_INVALID_PROGRAM, "elements %lld to %lld of dimension %u of %s",
                    (long long)first, (long long)last, i, ew_shape_of(x).text);
  }
  return EW_OK;
}

ew_status ew_prepare_strided_slice(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  const int64_t *args[3] = {NULL, NULL, NULL};
  size_t dims[EW_MAX_RANK];
  EW_TRY(slice_args(call, args));
  for (uint32_t i = 0; i < call->inputs[0].rank; i++) dims[i] = (size_t)args[1][i];
  return ew_set_shape(call, 0, call->inputs[0].rank, dims);
}

ew_status ew_run_strided_slice(ew_call *call) {
  const int64_t *args[3] = {NULL, NULL, NULL};
  EW_TRY(slice_args(call, args));
  if (ew_tensor_numel(&call->outputs[0]) == 0) return EW_OK;
  ew_strided from = ew_strided_of(&call->inputs[0]);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  for (uint32_t i = 0; i < from.rank; i++) {
    ew_strided_advance(&from, i, (size_t)args[0][i]);
    from.strides[i] *= (ptrdiff_t)args[2][i];
    from.dims[i] = (size_t)args[1][i];
  }
  ew_copy(&to, &from);
  return EW_OK;
}

/* --- one_hot(indices, on, off, depth, axis) ---------------------------------------------------------- */

ew_status ew_prepare_one_hot(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *index = &call->inputs[0];
  EW_TRY(check_index_type(call, index));
  for (uint32_t i = 1; i < 3; i++) {
    EW_KERNEL_CHECK(call, ew_tensor_numel(&call->inputs[i]) == 1, EW_INVALID_PROGRAM,
                    "value %s is no scalar", ew_shape_of(&call->inputs[i]).text);
    EW_TRY(ew_check_same_dtype(call, &call->inputs[i], &call->outputs[0]));
  }
  int64_t depth = 0;
  uint32_t axis = 0;
  EW_KERNEL_CHECK(call, index->rank < EW_MAX_RANK, EW_NOT_SUPPORTED, "indices %s",
                  ew_shape_of(index).text);
  EW_TRY(ew_arg_int(call, 0, &depth));
  EW_TRY(ew_arg_dim(call, 1, index->rank + 1, &axis));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < axis; i++) dims[i] = index->dims[i];
  EW_TRY(ew_arg_size(call, depth, "depth", &dims[axis]));
  for (uint32_t i = axis; i < index->rank; i++) dims[i + 1] = index->dims[i];
  return ew_set_shape(call, 0, index->rank + 1, dims);
}

ew_status ew_run_one_hot(ew_call *call) {
  const ew_tensor *index = &call->inputs[0], *out = &call->outputs[0];
  uint32_t axis = 0;
  EW_TRY(ew_arg_dim(call, 1, index->rank + 1, &axis));
  const size_t depth = out->dims[axis], inner = product(out->dims, axis + 1, out->rank);
  const size_t outer = product(out->dims, 0, axis), size = ew_dtype_size(out->dtype);
  uint8_t *to = out->data;
  for (size_t o = 0; o < outer; o++) {
    for (size_t d = 0; d < depth; d++) {
      for (size_t i = 0; i < inner; i++, to += size) {
        const bool on = index_at(index, o * inner + i) == (int64_t)d;
        memcpy(to, call->inputs[on ? 1 : 2].data, size);
      }
    }
  }
  return EW_OK;
}
