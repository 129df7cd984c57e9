/* Expand, views and selections: one strided copy each. */
#include "kernels/elementwise.h"

/* --- expand --------------------------------------------------------------------------------------- */

/* expand_copy(self, size, implicit): -1 keeps a dimension; dimensions may be added in front. */
ew_status ew_prepare_expand(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  const int64_t *size = NULL;
  uint32_t rank = 0;
  EW_TRY(ew_arg_ints(call, 0, &size, &rank));
  EW_KERNEL_CHECK(call, rank >= in->rank && rank <= EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "%s cannot expand to rank %u", ew_shape_of(in).text, rank);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) {
    const bool added = i < rank - in->rank;
    const size_t old = added ? 1 : in->dims[i - (rank - in->rank)];
    if (size[i] == -1 && !added) {
      dims[i] = old;
      continue;
    }
    EW_TRY(ew_arg_size(call, size[i], "size", &dims[i]));
    EW_KERNEL_CHECK(call, old == 1 || old == dims[i], EW_INVALID_PROGRAM,
                    "dimension %u of size %zu cannot expand to %zu", i, old, dims[i]);
  }
  return ew_set_shape(call, 0, rank, dims);
}

/* --- views ---------------------------------------------------------------------------------------- */

/* view_copy(self, size) and et_view: one size may be -1. */
ew_status ew_prepare_view(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  const int64_t *size = NULL;
  uint32_t rank = 0;
  EW_TRY(ew_arg_ints(call, 0, &size, &rank));
  EW_KERNEL_CHECK(call, rank <= EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d", rank,
                  EW_MAX_RANK);
  size_t dims[EW_MAX_RANK];
  size_t known = 1;
  uint32_t inferred = EW_NONE;
  for (uint32_t i = 0; i < rank; i++) {
    if (size[i] == -1) {
      EW_KERNEL_CHECK(call, inferred == EW_NONE, EW_INVALID_PROGRAM, "two sizes are -1");
      inferred = i;
      continue;
    }
    EW_TRY(ew_arg_size(call, size[i], "size", &dims[i]));
    EW_KERNEL_CHECK(call, ew_mul_size(known, dims[i], &known), EW_INVALID_PROGRAM,
                    "the sizes are too large");
  }
  const size_t numel = ew_tensor_numel(in);
  if (inferred != EW_NONE) dims[inferred] = known == 0 ? 0 : numel / known;
  const size_t total = inferred != EW_NONE ? known * dims[inferred] : known;
  EW_KERNEL_CHECK(call, total == numel && (inferred == EW_NONE || known != 0), EW_INVALID_PROGRAM,
                  "%s of %zu elements cannot be viewed in sizes of %zu", ew_shape_of(in).text,
                  numel, total);
  return ew_set_shape(call, 0, rank, dims);
}

/* The output in row-major order holds the elements of the input in its logical order. */
ew_status ew_run_reshape(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  ew_tensor out = call->outputs[0];
  EW_TRY(ew_check_row_major(call, &out));
  out.rank = in->rank;
  for (uint32_t i = 0; i < in->rank; i++) out.dims[i] = in->dims[i];
  ew_tensor_set_strides(&out, NULL);
  ew_copy_tensor(&out, in);
  return EW_OK;
}

/* --- select --------------------------------------------------------------------------------------- */

static ew_status select_index(const ew_call *call, uint32_t *dim, size_t *index) {
  const ew_tensor *in = &call->inputs[0];
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  EW_TRY(ew_arg_dim(call, 0, in->rank, dim));
  int64_t at = 0;
  EW_TRY(ew_arg_int(call, 1, &at));
  const int64_t size = (int64_t)in->dims[*dim];
  EW_KERNEL_CHECK(call, at >= -size && at < size, EW_INVALID_PROGRAM,
                  "index %lld is out of range for dimension %u of size %lld", (long long)at, *dim,
                  (long long)size);
  *index = (size_t)(at < 0 ? at + size : at);
  return EW_OK;
}

/* select_copy(self, dim, index) */
ew_status ew_prepare_select(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  return ew_set_shape_reduced(call, 0, 1u << dim, false);
}

/* Removes a dimension of a view. */
static void drop_dim(ew_strided *view, uint32_t dim) {
  for (uint32_t i = dim; i + 1 < view->rank; i++) {
    view->dims[i] = view->dims[i + 1];
    view->strides[i] = view->strides[i + 1];
  }
  view->rank--;
}

ew_status ew_run_select(ew_call *call) {
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  ew_strided from = ew_strided_of(&call->inputs[0]);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  ew_strided_advance(&from, dim, index);
  drop_dim(&from, dim);
  ew_copy(&to, &from);
  return EW_OK;
}
