/* Arithmetic of two tensors, or of a tensor and a number. */
#include <math.h>

#include "base/simd.h"
#include "kernels/elementwise.h"

/* Signed integers wrap around. */
#define WRAP(a, op, b) ((int64_t)((uint64_t)(a)op(uint64_t)(b)))

/* f32 with vectors: expr must make sense for vectors and scalars alike. alpha is p->a. */
#define VECTOR_LOOP(name, expr)                                                    \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const float *x = in[0], *y = in[1];                                            \
    float *to = out;                                                               \
    const float alpha = (float)p->a;                                               \
    (void)alpha;                                                                   \
    size_t k = 0;                                                                  \
    for (; k + 4 <= n; k += 4) {                                                   \
      const ew_f32x4 a = ew_v4_load(x + k), b = ew_v4_load(y + k);                 \
      ew_v4_store(to + k, expr);                                                   \
    }                                                                              \
    for (; k < n; k++) {                                                           \
      const float a = x[k], b = y[k];                                              \
      to[k] = expr;                                                                \
    }                                                                              \
  }

VECTOR_LOOP(mul_f32, a *b)
EW_BINARY_LOOP(mul_f64, double, double, a *b)
EW_BINARY_LOOP(mul_i64, int64_t, int64_t, WRAP(a, *, b))
VECTOR_LOOP(add_f32, a + b * alpha)
EW_BINARY_LOOP(add_f64, double, double, a + b * p->a)
EW_BINARY_LOOP(add_i64, int64_t, int64_t, WRAP(a, +, WRAP(b, *, p->i)))
VECTOR_LOOP(rsub_f32, b - a * alpha)
EW_BINARY_LOOP(rsub_f64, double, double, b - a * p->a)
EW_BINARY_LOOP(rsub_i64, int64_t, int64_t, WRAP(b, -, WRAP(a, *, p->i)))
VECTOR_LOOP(div_f32, a / b)
EW_BINARY_LOOP(div_f64, double, double, a / b)

static const ew_loops mul_loops = {mul_f32, mul_f64, mul_i64};
static const ew_loops add_loops = {add_f32, add_f64, add_i64};
static const ew_loops rsub_loops = {rsub_f32, rsub_f64, rsub_i64};
static const ew_loops div_loops = {div_f32, div_f64, NULL};

static ew_status run_tensor(ew_call *call, const ew_loops *loops) {
  return ew_run_binary(call, loops, EW_RESULT_SAME, NULL);
}

static ew_status run_scalar(ew_call *call, const ew_loops *loops, const ew_map_params *params) {
  ew_number scalar;
  EW_TRY(ew_arg_number(call, 0, &scalar));
  return ew_run_binary_scalar(call, loops, EW_RESULT_SAME, &scalar, params);
}

ew_status ew_run_mul(ew_call *call) { return run_tensor(call, &mul_loops); }
ew_status ew_run_mul_scalar(ew_call *call) { return run_scalar(call, &mul_loops, NULL); }
ew_status ew_run_div(ew_call *call) { return run_tensor(call, &div_loops); }
ew_status ew_run_div_scalar(ew_call *call) { return run_scalar(call, &div_loops, NULL); }

/* --- add, sub, rsub: alpha is the last argument ---------------------------------------------------- */

static ew_status alpha_params(const ew_call *call, bool negate, ew_map_params *out) {
  ew_number alpha;
  EW_TRY(ew_arg_number(call, call->num_attrs - 1, &alpha));
  *out = (ew_map_params){.a = negate ? -alpha.d : alpha.d,
                         .i = negate ? WRAP(0, -, alpha.i) : alpha.i};
  return EW_OK;
}

static ew_status run_alpha(ew_call *call, const ew_loops *loops, bool negate) {
  ew_map_params params;
  EW_TRY(alpha_params(call, negate, &params));
  return call->num_attrs == 2 ? run_scalar(call, loops, &params)
                              : ew_run_binary(call, loops, EW_RESULT_SAME, &params);
}

/* add(self, other, alpha) = self + alpha * other, other a tensor or a number; sub and rsub alike. */
ew_status ew_run_add(ew_call *call) { return run_alpha(call, &add_loops, false); }
ew_status ew_run_sub(ew_call *call) { return run_alpha(call, &add_loops, true); }
ew_status ew_run_rsub(ew_call *call) { return run_alpha(call, &rsub_loops, false); }

/* --- division with rounding ------------------------------------------------------------------------ */

static int64_t div_trunc(int64_t a, int64_t b) { return b == -1 ? WRAP(0, -, a) : a / b; }

static int64_t mod_trunc(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

static int64_t div_floor(int64_t a, int64_t b) {
  const int64_t q = div_trunc(a, b);
  return mod_trunc(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* The remainder has the sign of the divisor. */
static int64_t mod_floor(int64_t a, int64_t b) {
  const int64_t r = mod_trunc(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static double mod_floor_f64(double a, double b) {
  const double r = fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* As Python's //: exact where a - remainder is a multiple of b. */
static double div_floor_f64(double a, double b) {
  if (b == 0) return a / b;
  const double r = fmod(a, b);
  double q = (a - r) / b;
  if (r != 0 && (r < 0) != (b < 0)) q -= 1;
  if (q == 0) return copysign(0, a / b);
  const double floored = floor(q);
  return q - floored > 0.5 ? floored + 1 : floored;
}

/* Integer loops stop at a divisor of zero. */
#define DIVIDING_LOOP(name, fn)                                                    \
  static void name(const void *const *in, void *out, size_t n, ew_map_params *p) { \
    const int64_t *a = in[0], *b = in[1];                                          \
    int64_t *to = out;                                                             \
    for (size_t k = 0; k < n; k++) {                                               \
      if (b[k] == 0) p->failed = true;                                             \
      to[k] = b[k] == 0 ? 0 : fn(a[k], b[k]);                                      \
    }                                                                              \
  }

DIVIDING_LOOP(trunc_i64, div_trunc)
DIVIDING_LOOP(floor_i64, div_floor)
DIVIDING_LOOP(fmod_i64, mod_trunc)
DIVIDING_LOOP(remainder_i64, mod_floor)
EW_BINARY_LOOP(trunc_f32, float, float, truncf(a / b))
EW_BINARY_LOOP(trunc_f64, double, double, trunc(a / b))
EW_BINARY_LOOP(floor_f64, double, double, div_floor_f64(a, b))
EW_BINARY_LOOP(fmod_f64, double, double, fmod(a, b))
EW_BINARY_LOOP(remainder_f64, double, double, mod_floor_f64(a, b))

static const ew_loops div_trunc_loops = {trunc_f32, trunc_f64, trunc_i64};
static const ew_loops div_floor_loops = {NULL, floor_f64, floor_i64};
static const ew_loops fmod_loops = {NULL, fmod_f64, fmod_i64};
static const ew_loops remainder_loops = {NULL, remainder_f64, remainder_i64};

/* The rounding_mode argument, the last one: absent, "trunc" or "floor". */
static ew_status pick_division(const ew_call *call, const ew_loops **out) {
  *out = &div_loops;
  const uint32_t index = call->num_attrs - 1;
  if (ew_arg_absent(call, index)) return EW_OK;
  const ew_attr *mode = &call->attrs[index];
  const char *text = mode->kind == EW_ATTR_STRING ? mode->u.s : "";
  if (strcmp(text, "trunc") == 0) {
    *out = &div_trunc_loops;
  } else if (strcmp(text, "floor") == 0) {
    *out = &div_floor_loops;
  } else {
    return ew_kernel_fail(call, EW_INVALID_PROGRAM, "rounding mode \"%s\" is unknown", text);
  }
  return EW_OK;
}

ew_status ew_run_div_mode(ew_call *call) {
  const ew_loops *loops = NULL;
  EW_TRY(pick_division(call, &loops));
  return call->num_attrs == 2 ? run_scalar(call, loops, NULL) : run_tensor(call, loops);
}

ew_status ew_run_floor_divide(ew_call *call) { return run_tensor(call, &div_floor_loops); }
ew_status ew_run_fmod(ew_call *call) { return run_tensor(call, &fmod_loops); }
ew_status ew_run_fmod_scalar(ew_call *call) { return run_scalar(call, &fmod_loops, NULL); }
ew_status ew_run_remainder(ew_call *call) { return run_tensor(call, &remainder_loops); }
ew_status ew_run_remainder_scalar(ew_call *call) {
  return run_scalar(call, &remainder_loops, NULL);
}

/* --- extrema, powers, bits -------------------------------------------------------------------------- */

/* NaN in either operand wins. */
EW_BINARY_LOOP(maximum_f32, float, float, a != a || a > b ? a : b)
EW_BINARY_LOOP(maximum_f64, double, double, a != a || a > b ? a : b)
EW_BINARY_LOOP(maximum_i64, int64_t, int64_t, a > b ? a : b)
EW_BINARY_LOOP(minimum_f32, float, float, a != a || a < b ? a : b)
EW_BINARY_LOOP(minimum_f64, double, double, a != a || a < b ? a : b)
EW_BINARY_LOOP(minimum_i64, int64_t, int64_t, a < b ? a : b)

ew_status ew_run_maximum(ew_call *call) {
  static const ew_loops loops = {maximum_f32, maximum_f64, maximum_i64};
  return run_tensor(call, &loops);
}
ew_status ew_run_minimum(ew_call *call) {
  static const ew_loops loops = {minimum_f32, minimum_f64, minimum_i64};
  return run_tensor(call, &loops);
}

/* Wraps around; a negative exponent gives 0 but for bases 1 and -1. */
static int64_t int_pow(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  }
  uint64_t result = 1, factor = (uint64_t)base;
  for (; exponent > 0; exponent >>= 1, factor *= factor) {
    if (exponent & 1) result *= factor;
  }
  return (int64_t)result;
}

EW_BINARY_LOOP(pow_f64, double, double, b == 2 ? a * a : pow(a, b))
EW_BINARY_LOOP(pow_i64, int64_t, int64_t, int_pow(a, b))
EW_BINARY_LOOP(rpow_f64, double, double, pow(b, a))
EW_BINARY_LOOP(rpow_i64, int64_t, int64_t, int_pow(b, a))
VECTOR_LOOP(square_f32, ((void)b, a *a))
EW_BINARY_LOOP(atan2_f64, double, double, atan2(a, b))

static const ew_loops pow_loops = {NULL, pow_f64, pow_i64};

ew_status ew_run_pow(ew_call *call) { return run_tensor(call, &pow_loops); }

/* pow(self, exponent) with a number: squares are what models contain. */
ew_status ew_run_pow_scalar(ew_call *call) {
  static const ew_loops square = {square_f32, pow_f64, pow_i64};
  ew_number exponent;
  EW_TRY(ew_arg_number(call, 0, &exponent));
  return run_scalar(call, exponent.d == 2 ? &square : &pow_loops, NULL);
}

/* pow(number, exponent tensor) */
ew_status ew_run_rpow(ew_call *call) {
  static const ew_loops loops = {NULL, rpow_f64, rpow_i64};
  return run_scalar(call, &loops, NULL);
}

ew_status ew_run_atan2(ew_call *call) {
  static const ew_loops loops = {NULL, atan2_f64, NULL};
  return run_tensor(call, &loops);
}

#define BITWISE(id, expr)                                                        \
  EW_BINARY_LOOP(id##_i64, int64_t, int64_t, expr)                               \
  static const ew_loops id##_loops = {NULL, NULL, id##_i64};                     \
  ew_status ew_run_##id(ew_call *call) { return run_tensor(call, &id##_loops); } \
  ew_status ew_run_##id##_scalar(ew_call *call) { return run_scalar(call, &id##_loops, NULL); }

BITWISE(bitwise_and, a &b)
BITWISE(bitwise_or, a | b)
BITWISE(bitwise_xor, a ^ b)
BITWISE(shift_left, b<0 || b> 63 ? 0 : (int64_t)((uint64_t)a << b))
BITWISE(shift_right, a >> (b < 0 || b > 63 ? 63 : b))

/* --- gates ------------------------------------------------------------------------------------------ */

static void glu_f32(const void *const *in, void *out, size_t n, ew_map_params *p) {
  (void)p;
  const float *x = in[0];
  float gate[EW_MAP_BLOCK], *to = out;
  for (size_t done = 0; done < n; done += EW_MAP_BLOCK) {
    const size_t m = n - done < EW_MAP_BLOCK ? n - done : EW_MAP_BLOCK;
    ew_v4_map(ew_v4_sigmoid, (const float *)in[1] + done, gate, m);
    for (size_t k = 0; k < m; k++) to[done + k] = x[done + k] * gate[k];
  }
}
EW_BINARY_LOOP(glu_f64, double, double, a / (1 + exp(-b)))

/* glu(self, dim): the first half of a dimension times the sigmoid of the second. */
ew_status ew_prepare_glu(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_KERNEL_CHECK(call, in->rank > 0 && in->dims[dim] % 2 == 0, EW_INVALID_PROGRAM,
                  "dimension %u of %s has no halves", dim, ew_shape_of(in).text);
  size_t dims[EW_MAX_RANK];
  memcpy(dims, in->dims, sizeof dims);
  dims[dim] /= 2;
  return ew_set_shape(call, 0, in->rank, dims);
}

ew_status ew_run_glu(ew_call *call) {
  static const ew_loops loops = {glu_f32, glu_f64, NULL};
  const ew_tensor *out = &call->outputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, out->rank, &dim));
  ew_dtype compute = ew_compute_dtype(out->dtype);
  ew_map map = {.num_inputs = 2, .output = ew_strided_of(out)};
  EW_TRY(ew_pick_loop(call, &loops, &compute, &map.fn));
  for (uint32_t k = 0; k < 2; k++) {
    map.inputs[k] = ew_strided_of(&call->inputs[0]);
    map.inputs[k].dims[dim] = out->dims[dim];
    ew_strided_advance(&map.inputs[k], dim, k * out->dims[dim]);
    map.compute[k] = compute;
  }
  map.result = compute;
  ew_map_run(&map);
  return EW_OK;
}
