/* Joining and taking apart: cat, stack, split, unbind. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

/* Old exporters pass empty vectors as "nothing" to cat; they do not take part. */
static bool is_nothing(const ew_tensor *tensor) {
  return tensor->rank == 1 && tensor->dims[0] == 0;
}

/* cat(tensors, dim) */
ew_status ew_prepare_cat(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_KERNEL_CHECK(call, call->num_inputs > 0, EW_INVALID_PROGRAM, "no tensors");
  const ew_tensor *first = &call->inputs[0];
  for (uint32_t i = 0; i < call->num_inputs && is_nothing(first); i++) first = &call->inputs[i];
  EW_KERNEL_CHECK(call, first->rank > 0, EW_INVALID_PROGRAM, "scalars cannot be joined");
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, first->rank, &dim));
  size_t dims[EW_MAX_RANK];
  memcpy(dims, first->dims, sizeof dims);
  dims[dim] = 0;
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    const ew_tensor *in = &call->inputs[i];
    if (is_nothing(in)) continue;
    bool same = in->rank == first->rank;
    for (uint32_t k = 0; same && k < in->rank; k++)
      same = k == dim || in->dims[k] == first->dims[k];
    EW_KERNEL_CHECK(call, same && ew_add_size(dims[dim], in->dims[dim], &dims[dim]),
                    EW_INVALID_PROGRAM, "input %u %s does not fit %s along dimension %u", i,
                    ew_shape_of(in).text, ew_shape_of(first).text, dim);
  }
  return ew_set_shape(call, 0, first->rank, dims);
}

ew_status ew_run_cat(ew_call *call) {
  const ew_tensor *out = &call->outputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, out->rank, &dim));
  ew_strided to = ew_strided_of(out);
  to.strides[dim] = (ptrdiff_t)out->strides[dim];
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    const ew_tensor *in = &call->inputs[i];
    if (is_nothing(in)) continue;
    const ew_strided from = ew_strided_of(in);
    to.dims[dim] = in->dims[dim];
    ew_copy(&to, &from);
    ew_strided_advance(&to, dim, in->dims[dim]);
  }
  return EW_OK;
}

/* stack(tensors, dim): equal shapes along a new dimension. */
ew_status ew_prepare_stack(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_KERNEL_CHECK(call, call->num_inputs > 0, EW_INVALID_PROGRAM, "no tensors");
  const ew_tensor *first = &call->inputs[0];
  EW_KERNEL_CHECK(call, first->rank < EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d",
                  first->rank + 1, EW_MAX_RANK);
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, first->rank + 1, &dim));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i <= first->rank; i++) {
    dims[i] = i == dim ? call->num_inputs : first->dims[i < dim ? i : i - 1];
  }
  for (uint32_t i = 1; i < call->num_inputs; i++) {
    EW_KERNEL_CHECK(call, ew_tensor_same_shape(first, &call->inputs[i]), EW_INVALID_PROGRAM,
                    "input %u %s does not have the shape %s", i, ew_shape_of(&call->inputs[i]).text,
                    ew_shape_of(first).text);
  }
  return ew_set_shape(call, 0, first->rank + 1, dims);
}

ew_status ew_run_stack(ew_call *call) {
  const ew_tensor *out = &call->outputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, out->rank, &dim));
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    const ew_strided from = ew_strided_of(&call->inputs[i]);
    ew_strided to = ew_strided_of(out);
    ew_strided_advance(&to, dim, i);
    ew_strided_drop(&to, dim);
    ew_copy(&to, &from);
  }
  return EW_OK;
}

/* --- split, unbind ---------------------------------------------------------------------------------- */

/* split(self, size, dim) and split_with_sizes(self, sizes, dim) */
static ew_status part_size(const ew_call *call, uint32_t dim, uint32_t part, size_t *out) {
  const size_t size = call->inputs[0].dims[dim];
  const int64_t *sizes = NULL;
  uint32_t count = 0;
  if (call->attrs[0].kind == EW_ATTR_INTS) {
    EW_TRY(ew_arg_ints(call, 0, &sizes, &count));
    EW_KERNEL_CHECK(call, count == call->num_outputs, EW_INVALID_PROGRAM, "%u sizes for %u outputs",
                    count, call->num_outputs);
    return ew_arg_size(call, sizes[part], "size", out);
  }
  int64_t each = 0;
  size_t step = 0;
  EW_TRY(ew_arg_int(call, 0, &each));
  EW_TRY(ew_arg_size(call, each, "size", &step));
  const size_t start = step * part;
  *out = start >= size ? 0 : size - start < step ? size - start : step;
  return EW_OK;
}

ew_status ew_prepare_split(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 1, in->rank, &dim));
  size_t dims[EW_MAX_RANK];
  uint64_t total = 0;
  memcpy(dims, in->dims, sizeof dims);
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    EW_TRY(ew_check_same_dtype(call, in, &call->outputs[i]));
    EW_TRY(part_size(call, dim, i, &dims[dim]));
    total += dims[dim];
    EW_TRY(ew_set_shape(call, i, in->rank, dims));
  }
  EW_KERNEL_CHECK(call, total == in->dims[dim], EW_INVALID_PROGRAM,
                  "the parts have %llu elements along dimension %u of %s",
                  (unsigned long long)total, dim, ew_shape_of(in).text);
  return EW_OK;
}

ew_status ew_run_split(ew_call *call) {
  ew_strided from = ew_strided_of(&call->inputs[0]);
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 1, from.rank, &dim));
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    const ew_strided to = ew_strided_of(&call->outputs[i]);
    from.dims[dim] = to.dims[dim];
    ew_copy(&to, &from);
    ew_strided_advance(&from, dim, to.dims[dim]);
  }
  return EW_OK;
}

/* unbind(self, dim): one output for each index. */
ew_status ew_prepare_unbind(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_KERNEL_CHECK(call, in->rank > 0 && call->num_outputs == in->dims[dim], EW_INVALID_PROGRAM,
                  "%u outputs for dimension %u of %s", call->num_outputs, dim,
                  ew_shape_of(in).text);
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    EW_TRY(ew_check_same_dtype(call, in, &call->outputs[i]));
    EW_TRY(ew_set_shape_reduced(call, i, 1u << dim, false));
  }
  return EW_OK;
}

ew_status ew_run_unbind(ew_call *call) {
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, call->inputs[0].rank, &dim));
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    ew_strided from = ew_strided_of(&call->inputs[0]);
    const ew_strided to = ew_strided_of(&call->outputs[i]);
    ew_strided_advance(&from, dim, i);
    ew_strided_drop(&from, dim);
    ew_copy(&to, &from);
  }
  return EW_OK;
}
