/* Look-ups by index tensors. Indices are data: each is checked when it is read. */
#include "kernels/strided.h"
#include "kernels/support.h"

static ew_status check_index_dtype(const ew_call *call, const ew_tensor *tensor) {
  EW_KERNEL_CHECK(call, tensor->dtype == EW_I64 || tensor->dtype == EW_I32, EW_INVALID_TYPE,
                  "indices have data type %s, expected i64 or i32", ew_dtype_name(tensor->dtype));
  return EW_OK;
}

/* Element at offset of an index tensor; negative ones count from the end when wrap. */
static ew_status read_index(const ew_call *call, const ew_tensor *indices, ptrdiff_t offset,
                            size_t limit, bool wrap, size_t *out) {
  const int64_t index = indices->dtype == EW_I64 ? ((const int64_t *)indices->data)[offset]
                                                 : ((const int32_t *)indices->data)[offset];
  const int64_t end = (int64_t)limit;
  EW_KERNEL_CHECK(call, index < end && index >= (wrap ? -end : 0), EW_INVALID_ARGUMENT,
                  "index %lld is out of range [0, %lld)", (long long)index, (long long)end);
  *out = (size_t)(index < 0 ? index + end : index);
  return EW_OK;
}

/* Offset of the n-th element in logical order. */
static ptrdiff_t element_offset(const ew_tensor *tensor, size_t n) {
  ptrdiff_t offset = 0;
  for (uint32_t dim = tensor->rank; dim-- > 0;) {
    offset += (ptrdiff_t)(n % tensor->dims[dim] * tensor->strides[dim]);
    n /= tensor->dims[dim];
  }
  return offset;
}

/* embedding(weight, indices, padding_idx, scale_grad_by_freq, sparse) */
ew_status ew_prepare_embedding(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *weight = &call->inputs[0], *indices = &call->inputs[1];
  EW_TRY(check_index_dtype(call, indices));
  EW_TRY(ew_check_same_dtype(call, weight, &call->outputs[0]));
  EW_KERNEL_CHECK(call, weight->rank == 2 && indices->rank < EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "weight %s must have rank 2", ew_shape_of(weight).text);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < indices->rank; i++) dims[i] = indices->dims[i];
  dims[indices->rank] = weight->dims[1];
  return ew_set_shape(call, 0, indices->rank + 1, dims);
}

ew_status ew_run_embedding(ew_call *call) {
  const ew_tensor *weight = &call->inputs[0], *indices = &call->inputs[1];
  const ew_tensor *out = &call->outputs[0];
  EW_TRY(ew_check_row_major(call, out));
  const size_t size = ew_dtype_size(out->dtype), width = weight->dims[1];
  const size_t count = ew_tensor_numel(indices);
  for (size_t k = 0; k < count; k++) {
    size_t row = 0;
    EW_TRY(read_index(call, indices, element_offset(indices, k), weight->dims[0], false, &row));
    if (width == 0) continue;
    ew_convert((uint8_t *)out->data + k * width * size, out->dtype, 1,
               (const uint8_t *)weight->data + row * weight->strides[0] * size, weight->dtype,
               (ptrdiff_t)weight->strides[1], width);
  }
  return EW_OK;
}
