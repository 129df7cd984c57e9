/* Quantisation outside of XNNPACK segments: quantized_decomposed operators. */
#include <math.h>

#include "kernels/elementwise.h"

/* One map for all: operand 0 the elements, 1 the scales, 2 the zero points, each broadcast. */
static void quantize_loop(const void *const *in, void *out, size_t n, ew_map_params *p) {
  const float *x = in[0], *scale = in[1];
  const int64_t *zero = in[2];
  int64_t *to = out;
  for (size_t k = 0; k < n; k++) {
    const float scaled = x[k] * (1.0f / scale[k]);
    const int64_t q = ew_double_to_int((double)rintf(scaled)) + zero[k];
    to[k] = q < p->i ? p->i : q > p->j ? p->j : q;
  }
}

static void dequantize_loop(const void *const *in, void *out, size_t n, ew_map_params *p) {
  const int64_t *x = in[0], *zero = in[2];
  const float *scale = in[1];
  float *to = out;
  (void)p;
  for (size_t k = 0; k < n; k++) to[k] = (float)(x[k] - zero[k]) * scale[k];
}

/* A vector laid along one dimension of a tensor, or one element everywhere. */
static ew_strided along(const ew_tensor *vector, const ew_tensor *to, uint32_t axis) {
  ew_strided out = ew_strided_of(to);
  out.data = vector->data;
  out.dtype = vector->dtype;
  for (uint32_t i = 0; i < out.rank; i++) {
    out.strides[i] = i == axis && vector->rank == 1 ? (ptrdiff_t)vector->strides[0] : 0;
  }
  return out;
}

static ew_status run_quant(ew_call *call, const ew_tensor *scales, const ew_tensor *zeros,
                           uint32_t axis, uint32_t first_limit, bool quantize) {
  const ew_tensor *in = &call->inputs[0], *out = &call->outputs[0];
  ew_map map = {.num_inputs = 3,
                .inputs = {ew_strided_of(in), along(scales, out, axis), along(zeros, out, axis)},
                .compute = {quantize ? EW_F32 : EW_I64, EW_F32, EW_I64},
                .output = ew_strided_of(out),
                .result = quantize ? EW_I64 : EW_F32,
                .fn = quantize ? quantize_loop : dequantize_loop};
  EW_TRY(ew_arg_int(call, first_limit, &map.params.i));
  EW_TRY(ew_arg_int(call, first_limit + 1, &map.params.j));
  ew_map_run(&map);
  return EW_OK;
}

/* (input, scale, zero_point, quant_min, quant_max, …) */
ew_status ew_prepare_quant_tensor(ew_call *call) {
  double scale = 0;
  int64_t zero = 0;
  EW_TRY(ew_arg_double(call, 0, &scale));
  EW_TRY(ew_arg_int(call, 1, &zero));
  EW_KERNEL_CHECK(call, scale > 0 && isfinite(scale) && zero >= INT32_MIN && zero <= INT32_MAX,
                  EW_INVALID_PROGRAM, "scale %g or zero point %lld is out of range", scale,
                  (long long)zero);
  return ew_prepare_like(call);
}

static ew_status run_tensor(ew_call *call, bool quantize) {
  double scale = 0;
  int64_t zero = 0;
  EW_TRY(ew_arg_double(call, 0, &scale));
  EW_TRY(ew_arg_int(call, 1, &zero));
  const ew_tensor scales = {.dtype = EW_F64, .data = &scale};
  const ew_tensor zeros = {.dtype = EW_I64, .data = &zero};
  return run_quant(call, &scales, &zeros, 0, 2, quantize);
}

ew_status ew_run_quantize_tensor(ew_call *call) { return run_tensor(call, true); }
ew_status ew_run_dequantize_tensor(ew_call *call) { return run_tensor(call, false); }

/* (input, scales, zero_points?, axis, quant_min, quant_max, …) */
ew_status ew_prepare_quant_channel(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  uint32_t axis = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &axis));
  for (uint32_t i = 1; i < 3; i++) {
    const ew_tensor *each = &call->inputs[i];
    if (each->dtype == EW_DTYPE_NONE) continue;
    EW_KERNEL_CHECK(call, in->rank > 0 && each->rank == 1 && each->dims[0] == in->dims[axis],
                    EW_INVALID_PROGRAM, "%s %s do not fit dimension %u of %s",
                    i == 1 ? "scales" : "zero points", ew_shape_of(each).text, axis,
                    ew_shape_of(in).text);
  }
  return EW_OK;
}

static ew_status run_channel(ew_call *call, bool quantize) {
  int64_t none = 0;
  const ew_tensor zero = {.dtype = EW_I64, .data = &none};
  const ew_tensor *zeros = &call->inputs[2];
  uint32_t axis = 0;
  EW_TRY(ew_arg_dim(call, 0, call->inputs[0].rank, &axis));
  return run_quant(call, &call->inputs[1], zeros->dtype == EW_DTYPE_NONE ? &zero : zeros, axis, 1,
                   quantize);
}

ew_status ew_run_quantize_channel(ew_call *call) { return run_channel(call, true); }
ew_status ew_run_dequantize_channel(ew_call *call) { return run_channel(call, false); }
