/* Comparisons and logic: the result is true or false whatever the inputs are. */
#include "kernels/elementwise.h"

#define COMPARISON(id, op)                                           \
  EW_BINARY_LOOP(id##_f32, float, uint8_t, a op b)                   \
  EW_BINARY_LOOP(id##_f64, double, uint8_t, a op b)                  \
  EW_BINARY_LOOP(id##_i64, int64_t, uint8_t, a op b)                 \
  static const ew_loops id##_loops = {id##_f32, id##_f64, id##_i64}; \
  ew_status ew_run_##id(ew_call *call) {                             \
    return ew_run_binary(call, &id##_loops, EW_RESULT_BOOL, NULL);   \
  }                                                                  \
  ew_status ew_run_##id##_scalar(ew_call *call) { return run_scalar(call, &id##_loops); }

static ew_status run_scalar(ew_call *call, const ew_loops *loops) {
  ew_number scalar;
  EW_TRY(ew_arg_number(call, 0, &scalar));
  return ew_run_binary_scalar(call, loops, EW_RESULT_BOOL, &scalar, NULL);
}

COMPARISON(eq, ==)
COMPARISON(ne, !=)
COMPARISON(lt, <)
COMPARISON(le, <=)
COMPARISON(gt, >)
COMPARISON(ge, >=)

#define LOGIC(id, expr)                                       \
  EW_BINARY_LOOP(id##_f64, double, uint8_t, expr)             \
  EW_BINARY_LOOP(id##_i64, int64_t, uint8_t, expr)            \
  ew_status ew_run_##id(ew_call *call) {                      \
    static const ew_loops loops = {NULL, id##_f64, id##_i64}; \
    return ew_run_binary(call, &loops, EW_RESULT_BOOL, NULL); \
  }

LOGIC(logical_and, (a != 0) & (b != 0))
LOGIC(logical_or, (a != 0) | (b != 0))
LOGIC(logical_xor, (a != 0) ^ (b != 0))

#define PREDICATE(id, float_expr, int_expr)                   \
  EW_UNARY_LOOP(id##_f64, double, uint8_t, float_expr)        \
  EW_UNARY_LOOP(id##_i64, int64_t, uint8_t, int_expr)         \
  ew_status ew_run_##id(ew_call *call) {                      \
    static const ew_loops loops = {NULL, id##_f64, id##_i64}; \
    return ew_run_unary(call, &loops, EW_RESULT_BOOL, NULL);  \
  }

PREDICATE(logical_not, a == 0, a == 0)
PREDICATE(isnan, a != a, ((void)a, 0))
PREDICATE(isinf, a - a != 0 && a == a, ((void)a, 0))

/* --- where ---------------------------------------------------------------------------------------- */

ew_status ew_prepare_where(ew_call *call) {
  EW_TRY(ew_prepare_broadcast(call));
  const ew_dtype condition = call->inputs[0].dtype;
  EW_KERNEL_CHECK(call, condition == EW_BOOL || condition == EW_U8, EW_INVALID_TYPE,
                  "the condition has data type %s", ew_dtype_name(condition));
  return EW_OK;
}

#define WHERE_LOOP(name, T)                                                        \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const uint8_t *condition = in[0];                                              \
    const T *a = in[1], *b = in[2];                                                \
    T *to = out;                                                                   \
    (void)p;                                                                       \
    for (size_t k = 0; k < n; k++) to[k] = condition[k] != 0 ? a[k] : b[k];        \
  }

WHERE_LOOP(where_f32, float)
WHERE_LOOP(where_f64, double)
WHERE_LOOP(where_i64, int64_t)

static ew_status run_where(ew_call *call, const ew_tensor *condition, const ew_tensor *yes,
                           const ew_tensor *no) {
  static const ew_loops loops = {where_f32, where_f64, where_i64};
  const ew_tensor *out = &call->outputs[0];
  const ew_tensor *const inputs[] = {condition, yes, no};
  ew_dtype compute = ew_compute_dtype(out->dtype);
  ew_map map = {.num_inputs = 3, .output = ew_strided_of(out)};
  EW_TRY(ew_pick_loop(call, &loops, &compute, &map.fn));
  for (uint32_t k = 0; k < 3; k++) {
    map.inputs[k] = ew_strided_broadcast(inputs[k], out);
    map.compute[k] = k == 0 ? condition->dtype : compute;
  }
  map.result = compute;
  ew_map_run(&map);
  return EW_OK;
}

ew_status ew_run_where(ew_call *call) {
  return run_where(call, &call->inputs[0], &call->inputs[1], &call->inputs[2]);
}

/* masked_fill(self, mask, value): value where mask is true. */
ew_status ew_prepare_masked_fill(ew_call *call) {
  EW_TRY(ew_prepare_broadcast(call));
  EW_KERNEL_CHECK(call, call->inputs[1].dtype == EW_BOOL, EW_INVALID_TYPE,
                  "the mask has data type %s", ew_dtype_name(call->inputs[1].dtype));
  return EW_OK;
}

ew_status ew_run_masked_fill(ew_call *call) {
  ew_number number;
  EW_TRY(ew_arg_number(call, 0, &number));
  const ew_tensor value = {.dtype = number.is_float ? EW_F64 : EW_I64,
                           .data = number.is_float ? (void *)&number.d : (void *)&number.i};
  return run_where(call, &call->inputs[1], &value, &call->inputs[0]);
}
