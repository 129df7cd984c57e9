/* Unary and binary operators, softmax. */
#include <math.h>

#include "oracle/loops.h"

#define EW_SQRT_HALF 0.70710678118654752440

static double unary(const oracle_call *call, double x) {
  const double alpha = call->params->alpha;
  switch (call->op) {
    case EW_OP_ABS:
      return fabs(x);
    case EW_OP_CEILING:
      return ceil(x);
    case EW_OP_COSINE:
      return cos(x);
    case EW_OP_ELU:
      return x < 0 ? alpha * expm1(x) : x;
    case EW_OP_EXP:
      return exp(x);
    case EW_OP_FLOOR:
      return floor(x);
    case EW_OP_GELU:
      return x * 0.5 * (1 + erf(x * EW_SQRT_HALF));
    case EW_OP_HARDSWISH:
      return x * fmin(fmax(x + 3, 0), 6) / 6;
    case EW_OP_LEAKY_RELU:
      return x < 0 ? alpha * x : x;
    case EW_OP_LOG:
      return log(x);
    case EW_OP_NEGATE:
      return -x;
    case EW_OP_RECIPROCAL_SQUARE_ROOT:
      return 1 / sqrt(x);
    case EW_OP_SIGMOID:
      return 1 / (1 + exp(-x));
    case EW_OP_SILU:
      return x / (1 + exp(-x * (call->num_inputs > 1 ? call->in[1].value[0] : 1)));
    case EW_OP_SINE:
      return sin(x);
    case EW_OP_SQUARE:
      return x * x;
    case EW_OP_SQUARE_ROOT:
      return sqrt(x);
    case EW_OP_TANH:
      return tanh(x);
    default: /* CLAMP, CONVERT: the range and the output's type do it */
      return x;
  }
}

/* How far a function of x may move when x moves by slack, either way. */
static double unary_slack(const oracle_call *call, double x, double slack) {
  if (slack == 0) return 0;
  if (call->op == EW_OP_COSINE || call->op == EW_OP_SINE) return fmin(slack, 2);
  if (call->op == EW_OP_SILU) return slack * 1.1; /* the steepest that it gets */
  const double y = unary(call, x);
  return fmax(fabs(unary(call, x - slack) - y), fabs(unary(call, x + slack) - y));
}

void oracle_unary(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  /* GELU of a negative number is the difference of two nearly equal ones, the exponent of SiLU is rounded. */
  const bool is_rough = call->op == EW_OP_GELU || call->op == EW_OP_SILU;
  const double rounding = is_rough && call->out->dtype == EW_F32 ? 0x1p-21 : 0;
  for (size_t i = 0; i < in->count; i++) {
    call->out->value[i] = unary(call, in->value[i]);
    call->out->slack[i] =
        unary_slack(call, in->value[i], in->slack[i]) + fabs(in->value[i]) * rounding;
  }
  oracle_clamp(call);
  oracle_settle(call->out, ORACLE_ROUNDED);
}

/* What becomes of one number of the input's type. */
static double look_up(const oracle_call *call, double code) {
  const uint8_t byte = call->params->table[(uint8_t)(int32_t)code];
  const double found = call->out->dtype == EW_I8 ? (int8_t)byte : byte;
  return (found - call->out->quant.zero_point) * call->out->quant.scale[0];
}

void oracle_table(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  const double first = in->dtype == EW_I8 ? INT8_MIN : 0, scale = in->quant.scale[0];
  for (size_t i = 0; i < in->count; i++) {
    const double code = rint(in->value[i] / scale) + in->quant.zero_point;
    const double reach = ceil(in->slack[i] / scale);
    call->out->value[i] = look_up(call, code);
    call->out->slack[i] = 0;
    for (double near = fmax(code - reach, first); near <= fmin(code + reach, first + 255); near++) {
      call->out->slack[i] =
          fmax(call->out->slack[i], fabs(look_up(call, near) - call->out->value[i]));
    }
  }
  oracle_settle(call->out, ORACLE_EXACT);
}

static double binary(ew_op op, double a, double b) {
  switch (op) {
    case EW_OP_ADD:
      return a + b;
    case EW_OP_SUBTRACT:
      return a - b;
    case EW_OP_MULTIPLY:
      return a * b;
    case EW_OP_DIVIDE:
      return a / b;
    case EW_OP_MINIMUM:
      return fmin(a, b);
    case EW_OP_MAXIMUM:
      return fmax(a, b);
    default: /* PRELU */
      return a < 0 ? a * b : a;
  }
}

static double binary_slack(ew_op op, double a, double b, double slack_a, double slack_b) {
  if (slack_a == 0 && slack_b == 0) return 0;
  const double y = binary(op, a, b);
  double most = 0;
  for (int corner = 0; corner < 4; corner++) {
    const double moved =
        binary(op, a + (corner & 1 ? slack_a : -slack_a), b + (corner & 2 ? slack_b : -slack_b));
    most = fmax(most, fabs(moved - y));
  }
  return most;
}

void oracle_binary(const oracle_call *call) {
  const oracle_tensor *a = &call->in[0], *b = &call->in[1];
  oracle_tensor *out = call->out;
  size_t index[EW_MAX_RANK] = {0}, i = 0;
  do {
    const size_t at_a = oracle_broadcast_index(a, index, out->rank);
    const size_t at_b = oracle_broadcast_index(b, index, out->rank);
    out->value[i] = binary(call->op, a->value[at_a], b->value[at_b]);
    out->slack[i++] =
        binary_slack(call->op, a->value[at_a], b->value[at_b], a->slack[at_a], b->slack[at_b]);
  } while (oracle_next_index(index, out->dims, out->rank));
  oracle_clamp(call);
  oracle_settle(out, ORACLE_ROUNDED);
}

void oracle_softmax(const oracle_call *call) {
  const oracle_tensor *in = &call->in[0];
  oracle_tensor *out = call->out;
  const size_t row = in->dims[in->rank - 1];
  for (size_t first = 0; first < in->count; first += row) {
    double largest = -INFINITY, sum = 0, slack = 0;
    for (size_t i = first; i < first + row; i++) largest = fmax(largest, in->value[i]);
    for (size_t i = first; i < first + row; i++) {
      sum += exp(in->value[i] - largest);
      slack = fmax(slack, in->slack[i]);
    }
    for (size_t i = first; i < first + row; i++) {
      out->value[i] = exp(in->value[i] - largest) / sum;
      /* Numerator and denominator may each be off by the factor exp(slack). */
      out->slack[i] = out->value[i] * expm1(2 * slack);
    }
  }
  oracle_settle(out, ORACLE_ROUNDED);
}
