/* Data types, shapes and strides. */
#include "base/tensor.h"

#include <stdio.h>

#include "base/bytes.h"

size_t ew_dtype_size(ew_dtype dtype) {
  switch (dtype) {
    case EW_U8:
    case EW_I8:
    case EW_BOOL:
      return 1;
    case EW_I16:
    case EW_U16:
    case EW_F16:
    case EW_BF16:
      return 2;
    case EW_I32:
    case EW_U32:
    case EW_F32:
      return 4;
    case EW_I64:
    case EW_U64:
    case EW_F64:
      return 8;
    default:
      return 0;
  }
}

const char *ew_dtype_name(ew_dtype dtype) {
  switch (dtype) {
    case EW_U8:
      return "u8";
    case EW_I8:
      return "i8";
    case EW_I16:
      return "i16";
    case EW_I32:
      return "i32";
    case EW_I64:
      return "i64";
    case EW_F16:
      return "f16";
    case EW_F32:
      return "f32";
    case EW_F64:
      return "f64";
    case EW_BOOL:
      return "bool";
    case EW_BF16:
      return "bf16";
    case EW_U16:
      return "u16";
    case EW_U32:
      return "u32";
    case EW_U64:
      return "u64";
    case EW_I4:
      return "i4";
    case EW_QD8:
      return "qd8";
    default:
      return "?";
  }
}

bool ew_dtype_is_float(ew_dtype dtype) {
  return dtype == EW_F32 || dtype == EW_F64 || dtype == EW_F16 || dtype == EW_BF16;
}

size_t ew_tensor_numel(const ew_tensor *tensor) {
  size_t n = 1;
  for (uint32_t i = 0; i < tensor->rank; i++) n *= tensor->dims[i];
  return n;
}

size_t ew_tensor_bytes(const ew_tensor *tensor) {
  return ew_tensor_numel(tensor) * ew_dtype_size(tensor->dtype);
}

bool ew_tensor_is_contiguous(const ew_tensor *tensor) {
  size_t expected = 1;
  for (uint32_t i = tensor->rank; i-- > 0;) {
    if (tensor->dims[i] != 1 && tensor->strides[i] != expected) return false;
    expected *= tensor->dims[i];
  }
  return true;
}

void ew_tensor_set_strides(ew_tensor *tensor, const uint8_t *order) {
  size_t stride = 1;
  for (uint32_t i = tensor->rank; i-- > 0;) {
    const uint32_t dim = order != NULL ? order[i] : i;
    tensor->strides[dim] = stride;
    /* A zero size leaves the stride unchanged, as in ExecuTorch. */
    if (tensor->dims[dim] != 0) stride *= tensor->dims[dim];
  }
}

/* Calls for each element, in row-major order, would cost more than the copy: offsets advance like an
 * odometer instead. */
static void copy_strided(const ew_tensor *tensor, char *row_major, bool to_tensor) {
  const size_t size = ew_dtype_size(tensor->dtype), n = ew_tensor_numel(tensor);
  size_t index[EW_MAX_RANK] = {0}, at = 0;
  char *data = tensor->data;
  for (size_t i = 0; i < n; i++) {
    char *element = data + at * size, *plain = row_major + i * size;
    memcpy(to_tensor ? element : plain, to_tensor ? plain : element, size);
    for (uint32_t d = tensor->rank; d-- > 0;) {
      at += tensor->strides[d];
      if (++index[d] < tensor->dims[d]) break;
      at -= tensor->strides[d] * tensor->dims[d];
      index[d] = 0;
    }
  }
}

void ew_tensor_from_row_major(const ew_tensor *tensor, const void *row_major) {
  copy_strided(tensor, (char *)(uintptr_t)row_major, true);
}

void ew_tensor_to_row_major(const ew_tensor *tensor, void *row_major) {
  copy_strided(tensor, row_major, false);
}

bool ew_tensor_same_shape(const ew_tensor *a, const ew_tensor *b) {
  if (a->rank != b->rank) return false;
  for (uint32_t i = 0; i < a->rank; i++) {
    if (a->dims[i] != b->dims[i]) return false;
  }
  return true;
}

bool ew_shape_bytes(ew_dtype dtype, const size_t *dims, uint32_t rank, size_t *out_bytes) {
  size_t n = 1;
  bool empty = false;
  for (uint32_t i = 0; i < rank; i++) {
    size_t dim = dims[i];
    empty = empty || dim == 0;
    if (dtype == EW_I4 && i + 1 == rank) {
      if (dim == SIZE_MAX) return false;
      dim = dim / 2 + dim % 2;
    }
    if (dim > 0 && !ew_mul_size(n, dim, &n)) return false;
  }
  const size_t size = dtype == EW_I4 || dtype == EW_QD8 ? 1 : ew_dtype_size(dtype);
  if (size == 0 || !ew_mul_size(n, size, &n) || n > EW_MAX_TENSOR_BYTES) return false;
  *out_bytes = empty ? 0 : n;
  return true;
}

const char *ew_shape_text(const size_t *dims, uint32_t rank, char *text, size_t size) {
  size_t used = 0;
  if (size > 0) text[0] = '\0';
  for (uint32_t i = 0; i <= rank && used < size; i++) {
    const char *separator = i == 0 ? "[" : i == rank ? "" : ",";
    int n;
    if (i == rank) {
      n = snprintf(text + used, size - used, rank == 0 ? "[]" : "]");
    } else {
      n = snprintf(text + used, size - used, "%s%zu", separator, dims[i]);
    }
    if (n < 0) break;
    used += (size_t)n;
  }
  return text;
}
