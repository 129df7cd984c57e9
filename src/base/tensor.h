/* Data types and dense tensors. */
#ifndef EW_BASE_TENSOR_H
#define EW_BASE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/status.h"

/* Numbered as ExecuTorch's ScalarType, which is also what JavaScript sees. */
typedef enum ew_dtype {
  EW_U8 = 0,
  EW_I8 = 1,
  EW_I16 = 2,
  EW_I32 = 3,
  EW_I64 = 4,
  EW_F16 = 5,
  EW_F32 = 6,
  EW_F64 = 7,
  EW_BOOL = 11,
  EW_BF16 = 15,
  EW_U16 = 27,
  EW_U32 = 28,
  EW_U64 = 29,
  /* Not ScalarTypes: 4-bit packed constants (two per byte, low nibble first, rows padded to even),
   * and the dynamically quantised activations that live only inside an XNNPACK segment. */
  EW_I4 = 64,
  EW_QD8 = 65,
  EW_DTYPE_NONE = 255
} ew_dtype;

/* Bytes per element; 0 for EW_I4, EW_QD8, EW_DTYPE_NONE and unknown numbers. */
size_t ew_dtype_size(ew_dtype dtype);
/* "f32" etc.; "?" when unknown. */
const char *ew_dtype_name(ew_dtype dtype);
bool ew_dtype_is_float(ew_dtype dtype);

/* A dense tensor. strides are in elements and follow from dims and the dim order; data may be NULL
 * while shapes are prepared. rank 0 is a scalar of one element. */
typedef struct ew_tensor {
  ew_dtype dtype; /* EW_DTYPE_NONE: an optional argument that is absent */
  uint32_t rank;
  size_t dims[EW_MAX_RANK];    /* logical sizes */
  size_t strides[EW_MAX_RANK]; /* in elements */
  void *data;
} ew_tensor;

size_t ew_tensor_numel(const ew_tensor *tensor);
size_t ew_tensor_bytes(const ew_tensor *tensor);
/* True when strides are those of a row-major tensor (size-1 dims do not matter). */
bool ew_tensor_is_contiguous(const ew_tensor *tensor);
/* Sets strides for a row-major tensor, or for a dim order (outermost first) when order != NULL. */
void ew_tensor_set_strides(ew_tensor *tensor, const uint8_t *order);
/* Copies all elements from or to row-major memory of ew_tensor_bytes(tensor) bytes. */
void ew_tensor_from_row_major(const ew_tensor *tensor, const void *row_major);
void ew_tensor_to_row_major(const ew_tensor *tensor, void *row_major);
bool ew_tensor_same_shape(const ew_tensor *a, const ew_tensor *b);

/* Product of dims times element size with overflow and EW_MAX_TENSOR_BYTES checks, which pass over sizes of 0: loops
 * around an empty dimension are bounded as well. EW_I4 packs two elements per byte and pads the last dimension to
 * even. */
bool ew_shape_bytes(ew_dtype dtype, const size_t *dims, uint32_t rank, size_t *out_bytes);

/* Writes "[1,3,224,224]" (truncated to size) and returns text. */
const char *ew_shape_text(const size_t *dims, uint32_t rank, char *text, size_t size);

#endif
