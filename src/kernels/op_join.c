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
