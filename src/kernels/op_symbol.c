/* Symbolic numbers: sizes of tensors and arithmetic on them, run while shapes are prepared. */
#include <math.h>

#include "kernels/support.h"

static ew_status give_int(ew_call *call, int64_t value) {
  if (call->outputs[0].dtype == EW_F64) {
    *(double *)call->outputs[0].data = (double)value;
  } else {
    *(int64_t *)call->outputs[0].data = value;
  }
  return EW_OK;
}

static ew_status give_double(ew_call *call, double value) {
  if (call->outputs[0].dtype != EW_F64) return give_int(call, ew_double_to_int(value));
  *(double *)call->outputs[0].data = value;
  return EW_OK;
}

/* The output is of type i64, or f64 where the file has a double. */
ew_status ew_prepare_symbol(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_dtype dtype = call->outputs[0].dtype;
  EW_KERNEL_CHECK(call, dtype == EW_I64 || dtype == EW_F64, EW_INVALID_TYPE,
                  "output 0 has data type %s", ew_dtype_name(dtype));
  return ew_set_shape(call, 0, 0, NULL);
}

/* sym_size(self, dim) */
ew_status ew_run_sym_size(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  return give_int(call, (int64_t)in->dims[dim]);
}

ew_status ew_run_sym_numel(ew_call *call) {
  return give_int(call, (int64_t)ew_tensor_numel(&call->inputs[0]));
}

static ew_status operands(const ew_call *call, ew_number *x, ew_number *y) {
  EW_TRY(ew_arg_number(call, 0, x));
  return ew_arg_number(call, 1, y);
}

/* Of integers, which wrap, or of doubles when one operand is one. */
#define SYMBOL(id, int_expr, double_expr)              \
  ew_status ew_run_sym_##id(ew_call *call) {           \
    ew_number x, y;                                    \
    EW_TRY(operands(call, &x, &y));                    \
    if (x.is_float || y.is_float) {                    \
      const double a = x.d, b = y.d;                   \
      return give_double(call, (double)(double_expr)); \
    }                                                  \
    const int64_t a = x.i, b = y.i;                    \
    return give_int(call, (int64_t)(int_expr));        \
  }

SYMBOL(add, (uint64_t)a + (uint64_t)b, a + b)
SYMBOL(sub, (uint64_t)a - (uint64_t)b, a - b)
SYMBOL(mul, (uint64_t)a *(uint64_t)b, a *b)
SYMBOL(max, a > b ? a : b, a > b ? a : b)
SYMBOL(min, a < b ? a : b, a < b ? a : b)
SYMBOL(eq, a == b, a == b)
SYMBOL(ne, a != b, a != b)
SYMBOL(lt, a < b, a < b)
SYMBOL(le, a <= b, a <= b)
SYMBOL(gt, a > b, a > b)
SYMBOL(ge, a >= b, a >= b)
SYMBOL(truediv, (double)a / (double)b, a / b)

static ew_status divide(const ew_call *call, int64_t *quotient, int64_t *remainder) {
  int64_t a = 0, b = 0;
  EW_TRY(ew_arg_int(call, 0, &a));
  EW_TRY(ew_arg_int(call, 1, &b));
  EW_KERNEL_CHECK(call, b != 0 && !(a == INT64_MIN && b == -1), EW_INVALID_PROGRAM,
                  "%lld divided by %lld", (long long)a, (long long)b);
  *quotient = a / b;
  *remainder = a % b;
  if (*remainder != 0 && (*remainder < 0) != (b < 0)) {
    --*quotient;
    *remainder += b;
  }
  return EW_OK;
}

/* Rounded down, as Python's // and %. */
ew_status ew_run_sym_floordiv(ew_call *call) {
  int64_t quotient = 0, remainder = 0;
  EW_TRY(divide(call, &quotient, &remainder));
  return give_int(call, quotient);
}

ew_status ew_run_sym_mod(ew_call *call) {
  int64_t quotient = 0, remainder = 0;
  EW_TRY(divide(call, &quotient, &remainder));
  return give_int(call, remainder);
}

static ew_status round_symbol(ew_call *call, double (*fn)(double)) {
  ew_number x;
  EW_TRY(ew_arg_number(call, 0, &x));
  return x.is_float ? give_double(call, fn(x.d)) : give_int(call, x.i);
}

static double same(double x) { return x; }

ew_status ew_run_sym_ceil(ew_call *call) { return round_symbol(call, ceil); }
/* Halves go to the even neighbour. */
ew_status ew_run_sym_round(ew_call *call) { return round_symbol(call, rint); }
ew_status ew_run_sym_trunc(ew_call *call) { return round_symbol(call, trunc); }
/* sym_float and sym_int: the type of the output says which. */
ew_status ew_run_sym_convert(ew_call *call) { return round_symbol(call, same); }

ew_status ew_run_sym_neg(ew_call *call) {
  ew_number x;
  EW_TRY(ew_arg_number(call, 0, &x));
  return x.is_float ? give_double(call, -x.d) : give_int(call, (int64_t)(0 - (uint64_t)x.i));
}

ew_status ew_run_sym_not(ew_call *call) {
  bool value = false;
  EW_TRY(ew_arg_bool(call, 0, &value));
  return give_int(call, !value);
}

/* sym_ite(condition, yes, no) */
ew_status ew_run_sym_ite(ew_call *call) {
  bool condition = false;
  ew_number chosen;
  EW_TRY(ew_arg_bool(call, 0, &condition));
  EW_TRY(ew_arg_number(call, condition ? 1 : 2, &chosen));
  return chosen.is_float ? give_double(call, chosen.d) : give_int(call, chosen.i);
}
