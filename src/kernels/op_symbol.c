/* Symbolic integers: sizes of tensors and arithmetic on them, run while shapes are prepared. */
#include "kernels/support.h"

static ew_status give(ew_call *call, int64_t value) {
  *(int64_t *)call->outputs[0].data = value;
  return EW_OK;
}

ew_status ew_prepare_symbol(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  return ew_set_shape(call, 0, 0, NULL);
}

/* sym_size(self, dim) */
ew_status ew_run_sym_size(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  return give(call, (int64_t)in->dims[dim]);
}

ew_status ew_run_sym_numel(ew_call *call) {
  return give(call, (int64_t)ew_tensor_numel(&call->inputs[0]));
}

/* Integer operands; arithmetic wraps. */
static ew_status operands(const ew_call *call, int64_t *a, int64_t *b) {
  EW_TRY(ew_arg_int(call, 0, a));
  return ew_arg_int(call, 1, b);
}

#define SYMBOL(id, expr)                     \
  ew_status ew_run_sym_##id(ew_call *call) { \
    int64_t a = 0, b = 0;                    \
    EW_TRY(operands(call, &a, &b));          \
    return give(call, (int64_t)(expr));      \
  }

SYMBOL(add, (uint64_t)a + (uint64_t)b)
SYMBOL(sub, (uint64_t)a - (uint64_t)b)
SYMBOL(mul, (uint64_t)a *(uint64_t)b)
SYMBOL(max, a > b ? a : b)
SYMBOL(min, a < b ? a : b)
SYMBOL(eq, a == b)
SYMBOL(ne, a != b)
SYMBOL(lt, a < b)
SYMBOL(le, a <= b)
SYMBOL(gt, a > b)
SYMBOL(ge, a >= b)

static ew_status divide(const ew_call *call, int64_t *quotient, int64_t *remainder) {
  int64_t a = 0, b = 0;
  EW_TRY(operands(call, &a, &b));
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
  return give(call, quotient);
}

ew_status ew_run_sym_mod(ew_call *call) {
  int64_t quotient = 0, remainder = 0;
  EW_TRY(divide(call, &quotient, &remainder));
  return give(call, remainder);
}

ew_status ew_run_sym_neg(ew_call *call) {
  int64_t a = 0;
  EW_TRY(ew_arg_int(call, 0, &a));
  return give(call, (int64_t)(0 - (uint64_t)a));
}
