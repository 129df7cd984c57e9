/* Shapes, types and dispatch of elementwise operators. */
#include "kernels/elementwise.h"

ew_status ew_prepare_broadcast(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  size_t dims[EW_MAX_RANK];
  uint32_t rank = 0;
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    if (call->inputs[i].dtype == EW_DTYPE_NONE) continue;
    EW_TRY(ew_broadcast_dims(call, &call->inputs[i], &rank, dims));
  }
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_prepare_like(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  return ew_set_shape_like(call, 0, &call->inputs[0]);
}

ew_dtype ew_compute_dtype(ew_dtype dtype) {
  return dtype == EW_F64 ? EW_F64 : ew_dtype_is_float(dtype) ? EW_F32 : EW_I64;
}

/* Common type of two tensors: floats beat integers, tensors beat scalars (rank 0) of their kind. */
static ew_dtype promote(const ew_tensor *a, const ew_tensor *b) {
  const ew_dtype x = ew_compute_dtype(a->dtype), y = ew_compute_dtype(b->dtype);
  if (x == y || y == EW_I64) return x;
  if (x == EW_I64) return y;
  /* f32 and f64: a scalar does not widen a tensor. */
  if (a->rank == 0 && b->rank > 0) return y;
  if (b->rank == 0 && a->rank > 0) return x;
  return EW_F64;
}

ew_status ew_pick_loop(const ew_call *call, const ew_loops *loops, ew_dtype *compute,
                       ew_map_fn *out) {
  if (*compute == EW_F32 && loops->f32 == NULL) *compute = EW_F64;
  *out = *compute == EW_F32 ? loops->f32 : *compute == EW_F64 ? loops->f64 : loops->i64;
  EW_KERNEL_CHECK(call, *out != NULL, EW_INVALID_TYPE, "output 0 cannot have data type %s",
                  ew_dtype_name(call->outputs[0].dtype));
  return EW_OK;
}

/* Runs the map of call with the operands that the caller has put in. */
static ew_status run_map(ew_call *call, ew_map *map, const ew_loops *loops, ew_result result,
                         ew_dtype compute, const ew_map_params *params) {
  EW_TRY(ew_pick_loop(call, loops, &compute, &map->fn));
  for (uint32_t k = 0; k < map->num_inputs; k++) {
    map->compute[k] = compute;
  }
  map->output = ew_strided_of(&call->outputs[0]);
  map->result = result == EW_RESULT_BOOL ? EW_BOOL : compute;
  if (params != NULL) map->params = *params;
  ew_map_run(map);
  EW_KERNEL_CHECK(call, !map->params.failed, EW_INVALID_ARGUMENT, "integer division by zero");
  return EW_OK;
}

ew_status ew_run_binary(ew_call *call, const ew_loops *loops, ew_result result,
                        const ew_map_params *params) {
  const ew_tensor *a = &call->inputs[0], *b = &call->inputs[1], *out = &call->outputs[0];
  ew_map map = {.num_inputs = 2};
  map.inputs[0] = ew_strided_broadcast(a, out);
  map.inputs[1] = ew_strided_broadcast(b, out);
  const ew_dtype compute = result == EW_RESULT_BOOL ? promote(a, b) : ew_compute_dtype(out->dtype);
  return run_map(call, &map, loops, result, compute, params);
}

ew_status ew_run_binary_scalar(ew_call *call, const ew_loops *loops, ew_result result,
                               const ew_number *scalar, const ew_map_params *params) {
  const ew_tensor *a = &call->inputs[0], *out = &call->outputs[0];
  ew_map map = {.num_inputs = 2};
  map.inputs[0] = ew_strided_of(a);
  union {
    double d;
    int64_t i;
  } value;
  ew_tensor constant = {.dtype = scalar->is_float ? EW_F64 : EW_I64, .data = &value};
  if (scalar->is_float) {
    value.d = scalar->d;
  } else {
    value.i = scalar->i;
  }
  map.inputs[1] = ew_strided_broadcast(&constant, out);
  ew_dtype compute = ew_compute_dtype(out->dtype);
  if (result == EW_RESULT_BOOL) {
    compute = ew_compute_dtype(a->dtype);
    if (compute == EW_I64 && scalar->is_float) compute = EW_F32;
  }
  return run_map(call, &map, loops, result, compute, params);
}

ew_status ew_run_unary(ew_call *call, const ew_loops *loops, ew_result result,
                       const ew_map_params *params) {
  const ew_tensor *a = &call->inputs[0];
  ew_map map = {.num_inputs = 1};
  map.inputs[0] = ew_strided_of(a);
  const ew_dtype compute =
      ew_compute_dtype(result == EW_RESULT_BOOL ? a->dtype : call->outputs[0].dtype);
  return run_map(call, &map, loops, result, compute, params);
}
