/* Arithmetic of two tensors, or of a tensor and a number. */
#include <math.h>

#include "kernels/elementwise.h"

/* Signed integers wrap around. */
#define WRAP(a, op, b) ((int64_t)((uint64_t)(a)op(uint64_t)(b)))

EW_BINARY_LOOP(mul_f32, float, float, a *b)
EW_BINARY_LOOP(mul_f64, double, double, a *b)
EW_BINARY_LOOP(mul_i64, int64_t, int64_t, WRAP(a, *, b))
static const ew_loops mul_loops = {mul_f32, mul_f64, mul_i64};

ew_status ew_run_mul(ew_call *call) { return ew_run_binary(call, &mul_loops, EW_RESULT_SAME, NULL); }

static ew_status run_scalar(ew_call *call, const ew_loops *loops, const ew_map_params *params) {
  ew_number scalar;
  EW_TRY(ew_arg_number(call, 0, &scalar));
  return ew_run_binary_scalar(call, loops, EW_RESULT_SAME, &scalar, params);
}

ew_status ew_run_mul_scalar(ew_call *call) { return run_scalar(call, &mul_loops, NULL); }
