/* Functions of one element. */
#include <math.h>

#include "base/simd.h"
#include "kernels/elementwise.h"

static void apply_f64(const void *const *in, void *out, size_t n, ew_map_params *p) {
  const double *x = in[0];
  double *to = out;
  for (size_t k = 0; k < n; k++) to[k] = p->fn(x[k]);
}

/* Functions of floats; integers come in as floats, since the output is one. */
static ew_status run_math(ew_call *call, ew_map_fn f32, double (*fn)(double)) {
  const ew_loops loops = {f32, apply_f64, NULL};
  return ew_run_unary(call, &loops, EW_RESULT_SAME, &(ew_map_params){.fn = fn});
}

#define VECTOR(name, fn)                                                           \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    (void)p;                                                                       \
    ew_v4_map(fn, in[0], out, n);                                                  \
  }

VECTOR(exp_f32, ew_v4_exp)
VECTOR(sigmoid_f32, ew_v4_sigmoid)
VECTOR(tanh_f32, ew_v4_tanh)
VECTOR(gelu_f32, ew_v4_gelu)
VECTOR(gelu_tanh_f32, ew_v4_gelu_tanh)

static void silu_f32(const void *const *in, void *out, size_t n, ew_map_params *p) {
  (void)p;
  ew_silu(in[0], 1, out, n);
}

static double rsqrt(double x) { return 1 / sqrt(x); }
static double reciprocal(double x) { return 1 / x; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double silu(double x) { return x / (1 + exp(-x)); }
static double mish(double x) { return x * tanh(log1p(exp(x))); }
static double hardswish(double x) { return x * fmin(fmax(x + 3, 0), 6) / 6; }
/* fmin and fmax drop NaN, the sum keeps it. */
static double hardsigmoid(double x) { return x != x ? x : fmin(fmax(x + 3, 0), 6) / 6; }
static double gelu(double x) { return 0.5 * x * (1 + erf(x * 0.70710678118654752440)); }
static double gelu_tanh(double x) {
  const double inner = 0.79788456080286535588 * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + tanh(inner));
}

#define MATH(id, f32, fn) \
  ew_status ew_run_##id(ew_call *call) { return run_math(call, f32, fn); }

MATH(acos, NULL, acos)
MATH(acosh, NULL, acosh)
MATH(asin, NULL, asin)
MATH(asinh, NULL, asinh)
MATH(atan, NULL, atan)
MATH(atanh, NULL, atanh)
MATH(cos, NULL, cos)
MATH(cosh, NULL, cosh)
MATH(erf, NULL, erf)
MATH(exp, exp_f32, exp)
MATH(expm1, NULL, expm1)
MATH(hardsigmoid, NULL, hardsigmoid)
MATH(hardswish, NULL, hardswish)
MATH(log, NULL, log)
MATH(log10, NULL, log10)
MATH(log1p, NULL, log1p)
MATH(log2, NULL, log2)
MATH(mish, NULL, mish)
MATH(reciprocal, NULL, reciprocal)
MATH(rsqrt, NULL, rsqrt)
MATH(sigmoid, sigmoid_f32, sigmoid)
MATH(silu, silu_f32, silu)
MATH(sin, NULL, sin)
MATH(sinh, NULL, sinh)
MATH(sqrt, NULL, sqrt)
MATH(tan, NULL, tan)
MATH(tanh, tanh_f32, tanh)

/* gelu(self, approximate): "none" or "tanh" */
ew_status ew_run_gelu(ew_call *call) {
  const bool text = call->num_attrs > 0 && call->attrs[0].kind == EW_ATTR_STRING;
  const char *approximate = text ? call->attrs[0].u.s : "";
  if (strcmp(approximate, "none") == 0) return run_math(call, gelu_f32, gelu);
  EW_KERNEL_CHECK(call, strcmp(approximate, "tanh") == 0, EW_INVALID_PROGRAM,
                  "approximation \"%s\" is unknown", approximate);
  return run_math(call, gelu_tanh_f32, gelu_tanh);
}

/* --- functions of integers too ---------------------------------------------------------------------- */

static ew_status run_both(ew_call *call, ew_map_fn f32, ew_map_fn f64, ew_map_fn i64,
                          const ew_map_params *params) {
  const ew_loops loops = {f32, f64, i64};
  return ew_run_unary(call, &loops, EW_RESULT_SAME, params);
}

#define NEGATE(a) ((int64_t)(0 - (uint64_t)(a)))

EW_UNARY_LOOP(neg_f32, float, float, -a)
EW_UNARY_LOOP(neg_f64, double, double, -a)
EW_UNARY_LOOP(neg_i64, int64_t, int64_t, NEGATE(a))
EW_UNARY_LOOP(abs_f32, float, float, fabsf(a))
EW_UNARY_LOOP(abs_f64, double, double, fabs(a))
EW_UNARY_LOOP(abs_i64, int64_t, int64_t, a < 0 ? NEGATE(a) : a)
EW_UNARY_LOOP(sign_f64, double, double, a > 0 ? 1 : a < 0 ? -1 : 0)
EW_UNARY_LOOP(sign_i64, int64_t, int64_t, a > 0 ? 1 : a < 0 ? -1 : 0)
EW_UNARY_LOOP(relu_f32, float, float, a < 0 ? 0 : a)
EW_UNARY_LOOP(relu_f64, double, double, a < 0 ? 0 : a)
EW_UNARY_LOOP(relu_i64, int64_t, int64_t, a < 0 ? 0 : a)
EW_UNARY_LOOP(same_i64, int64_t, int64_t, a)
EW_UNARY_LOOP(not_i64, int64_t, int64_t, ~a)

ew_status ew_run_neg(ew_call *call) { return run_both(call, neg_f32, neg_f64, neg_i64, NULL); }
ew_status ew_run_abs(ew_call *call) { return run_both(call, abs_f32, abs_f64, abs_i64, NULL); }
ew_status ew_run_sign(ew_call *call) { return run_both(call, NULL, sign_f64, sign_i64, NULL); }
ew_status ew_run_relu(ew_call *call) { return run_both(call, relu_f32, relu_f64, relu_i64, NULL); }

static ew_status run_rounding(ew_call *call, double (*fn)(double)) {
  return run_both(call, NULL, apply_f64, same_i64, &(ew_map_params){.fn = fn});
}

ew_status ew_run_floor(ew_call *call) { return run_rounding(call, floor); }
ew_status ew_run_ceil(ew_call *call) { return run_rounding(call, ceil); }
ew_status ew_run_trunc(ew_call *call) { return run_rounding(call, trunc); }
/* Halves go to the even neighbour. */
ew_status ew_run_round(ew_call *call) { return run_rounding(call, rint); }

ew_status ew_run_bitwise_not(ew_call *call) {
  if (call->inputs[0].dtype == EW_BOOL) return ew_run_logical_not(call);
  return run_both(call, NULL, NULL, not_i64, NULL);
}

/* --- functions with parameters ---------------------------------------------------------------------- */

/* A NaN bound wins, a NaN element stays, and the upper bound beats the lower. */
#define AT_LEAST(a, low) ((a) < (low) || (low) != (low) ? (low) : (a))
#define AT_MOST(a, high) ((a) > (high) || (high) != (high) ? (high) : (a))

#define CLAMP_LOOP(name, T, low, high)                                             \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const T *x = in[0], lo = (T)low, hi = (T)high;                                 \
    T *to = out;                                                                   \
    for (size_t k = 0; k < n; k++) {                                               \
      const T a = AT_LEAST(x[k], lo);                                              \
      to[k] = AT_MOST(a, hi);                                                      \
    }                                                                              \
  }

CLAMP_LOOP(clamp_f32, float, p->a, p->b)
CLAMP_LOOP(clamp_f64, double, p->a, p->b)
CLAMP_LOOP(clamp_i64, int64_t, p->i, p->j)

/* clamp(self, min?, max?) and hardtanh(self, min, max) */
ew_status ew_run_clamp(ew_call *call) {
  ew_map_params params = {.a = -INFINITY, .b = INFINITY, .i = INT64_MIN, .j = INT64_MAX};
  ew_number bound;
  if (!ew_arg_absent(call, 0)) {
    EW_TRY(ew_arg_number(call, 0, &bound));
    params.a = bound.d;
    params.i = bound.i;
  }
  if (!ew_arg_absent(call, 1)) {
    EW_TRY(ew_arg_number(call, 1, &bound));
    params.b = bound.d;
    params.j = bound.i;
  }
  return run_both(call, clamp_f32, clamp_f64, clamp_i64, &params);
}

EW_UNARY_LOOP(leaky_f32, float, float, a > 0 ? a : a * (float)p->a)
EW_UNARY_LOOP(leaky_f64, double, double, a > 0 ? a : a * p->a)
EW_UNARY_LOOP(softplus_f64, double, double, a * p->a > p->b ? a : log1p(exp(a * p->a)) / p->a)
EW_UNARY_LOOP(logit_f64, double, double, log(a / (1 - a)))
EW_UNARY_LOOP(logit_eps_f64, double, double,
              a != a ? a : log(fmin(fmax(a, p->a), 1 - p->a) / (1 - fmin(fmax(a, p->a), 1 - p->a))))

ew_status ew_run_leaky_relu(ew_call *call) {
  ew_map_params params = {.a = 0};
  EW_TRY(ew_arg_double(call, 0, &params.a));
  return run_both(call, leaky_f32, leaky_f64, NULL, &params);
}

/* softplus(self, beta, threshold) */
ew_status ew_run_softplus(ew_call *call) {
  ew_map_params params = {.a = 1};
  EW_TRY(ew_arg_double(call, 0, &params.a));
  EW_TRY(ew_arg_double(call, 1, &params.b));
  return run_both(call, NULL, softplus_f64, NULL, &params);
}

/* logit(self, eps?) */
ew_status ew_run_logit(ew_call *call) {
  ew_map_params params = {.a = 0};
  if (ew_arg_absent(call, 0)) return run_both(call, NULL, logit_f64, NULL, NULL);
  EW_TRY(ew_arg_double(call, 0, &params.a));
  return run_both(call, NULL, logit_eps_f64, NULL, &params);
}

/* elu(self, alpha, scale, input_scale) */
EW_UNARY_LOOP(elu_f64, double, double, a <= 0 ? expm1(a * p->c) * p->a * p->b : a * p->b)

ew_status ew_run_elu(ew_call *call) {
  ew_map_params params = {.a = 1};
  EW_TRY(ew_arg_double(call, 0, &params.a));
  EW_TRY(ew_arg_double(call, 1, &params.b));
  EW_TRY(ew_arg_double(call, 2, &params.c));
  return run_both(call, NULL, elu_f64, NULL, &params);
}

/* clamp(self, min?, max?) with tensors: an absent bound is infinite. */
#define CLAMP3_LOOP(name, T)                                                       \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const T *x = in[0], *low = in[1], *high = in[2];                               \
    T *to = out;                                                                   \
    (void)p;                                                                       \
    for (size_t k = 0; k < n; k++) {                                               \
      const T a = AT_LEAST(x[k], low[k]);                                          \
      to[k] = AT_MOST(a, high[k]);                                                 \
    }                                                                              \
  }

CLAMP3_LOOP(clamp3_f32, float)
CLAMP3_LOOP(clamp3_f64, double)
CLAMP3_LOOP(clamp3_i64, int64_t)

ew_status ew_run_clamp_tensor(ew_call *call) {
  static const ew_loops loops = {clamp3_f32, clamp3_f64, clamp3_i64};
  const ew_tensor *out = &call->outputs[0];
  ew_dtype compute = ew_compute_dtype(out->dtype);
  ew_map map = {.num_inputs = 3, .output = ew_strided_of(out)};
  EW_TRY(ew_pick_loop(call, &loops, &compute, &map.fn));
  double infinite[] = {0, -INFINITY, INFINITY};
  for (uint32_t k = 0; k < 3; k++) {
    /* As an integer, infinity saturates. */
    const ew_tensor unbounded = {.dtype = EW_F64, .data = &infinite[k]};
    const bool absent = call->inputs[k].dtype == EW_DTYPE_NONE;
    map.inputs[k] = ew_strided_broadcast(absent ? &unbounded : &call->inputs[k], out);
    map.compute[k] = compute;
  }
  map.result = compute;
  ew_map_run(&map);
  return EW_OK;
}
