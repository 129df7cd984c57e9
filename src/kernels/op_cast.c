/* Copies: clone, type conversion and memory order. The output's own strides say where elements go. */
#include "kernels/elementwise.h"

ew_status ew_run_copy(ew_call *call) {
  ew_copy_tensor(&call->outputs[0], &call->inputs[0]);
  return EW_OK;
}

ew_status ew_prepare_clone(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  return ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]);
}

/* copy.out(self, src, non_blocking): src is broadcast to self. */
ew_status ew_prepare_copy_from(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  size_t dims[EW_MAX_RANK];
  const ew_tensor *self = &call->inputs[0];
  uint32_t rank = self->rank;
  for (uint32_t i = 0; i < rank; i++) dims[i] = self->dims[i];
  EW_TRY(ew_broadcast_dims(call, &call->inputs[1], &rank, dims));
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_copy_from(ew_call *call) {
  ew_copy_tensor(&call->outputs[0], &call->inputs[1]);
  return EW_OK;
}
