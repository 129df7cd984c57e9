/* Binary and unary operators, conversions, softmax. */

#include "exec/xnn/internal.h"

enum xnn_binary_operator ew_xnn_binary(ew_op op) {
  switch (op) {
    case EW_OP_ADD:
      return xnn_binary_add;
    case EW_OP_SUBTRACT:
      return xnn_binary_subtract;
    case EW_OP_MULTIPLY:
      return xnn_binary_multiply;
    case EW_OP_DIVIDE:
      return xnn_binary_divide;
    case EW_OP_MINIMUM:
      return xnn_binary_minimum;
    case EW_OP_MAXIMUM:
      return xnn_binary_maximum;
    case EW_OP_PRELU:
      return xnn_binary_prelu;
    default:
      return xnn_binary_invalid;
  }
}

ew_status ew_lower_binary(ew_lowering *low, const ew_node *node) {
  uint32_t a = 0, b = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &a));
  EW_TRY(ew_use_value(low, node->inputs[1], &b));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  if (ew_xnn_is_add_relu(low->graph, node)) {
    return ew_defined(low, node,
                      xnn_define_binary(low->subgraph, xnn_binary_invalid, NULL, a, b, out, 0));
  }
  const struct xnn_binary_params range = {.output_min = node->params->output_min,
                                          .output_max = node->params->output_max};
  return ew_defined(
      low, node, xnn_define_binary(low->subgraph, ew_xnn_binary(node->op), &range, a, b, out, 0));
}

static enum xnn_unary_operator unary_operator(ew_op op) {
  switch (op) {
    case EW_OP_ABS:
      return xnn_unary_abs;
    case EW_OP_CEILING:
      return xnn_unary_ceiling;
    case EW_OP_CLAMP:
      return xnn_unary_clamp;
    case EW_OP_COSINE:
      return xnn_unary_cosine;
    case EW_OP_ELU:
      return xnn_unary_elu;
    case EW_OP_EXP:
      return xnn_unary_exp;
    case EW_OP_FLOOR:
      return xnn_unary_floor;
    case EW_OP_GELU:
      return xnn_unary_gelu;
    case EW_OP_HARDSWISH:
      return xnn_unary_hardswish;
    case EW_OP_LEAKY_RELU:
      return xnn_unary_leaky_relu;
    case EW_OP_LOG:
      return xnn_unary_log;
    case EW_OP_NEGATE:
      return xnn_unary_negate;
    case EW_OP_RECIPROCAL_SQUARE_ROOT:
      return xnn_unary_reciprocal_square_root;
    case EW_OP_SIGMOID:
      return xnn_unary_sigmoid;
    case EW_OP_SINE:
      return xnn_unary_sine;
    case EW_OP_SQUARE:
      return xnn_unary_square;
    case EW_OP_SQUARE_ROOT:
      return xnn_unary_square_root;
    case EW_OP_TANH:
      return xnn_unary_tanh;
    case EW_OP_CONVERT:
      return xnn_unary_convert;
    default:
      return xnn_unary_invalid;
  }
}

enum xnn_unary_operator ew_xnn_unary(const ew_node *node, union xnn_unary_params *params) {
  *params = (union xnn_unary_params){.clamp = {.min = 0, .max = 0}};
  if (node->op == EW_OP_CLAMP) {
    params->clamp.min = node->params->output_min;
    params->clamp.max = node->params->output_max;
  } else if (node->op == EW_OP_ELU) {
    params->elu.alpha = node->params->alpha;
  } else if (node->op == EW_OP_LEAKY_RELU) {
    params->leaky_relu.negative_slope = node->params->alpha;
  }
  return unary_operator(node->op);
}

ew_status ew_lower_unary(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  union xnn_unary_params params;
  const enum xnn_unary_operator op = ew_xnn_unary(node, &params);
  return ew_defined(low, node, xnn_define_unary(low->subgraph, op, &params, in, out, 0));
}

ew_status ew_lower_softmax(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  return ew_defined(low, node, xnn_define_softmax(low->subgraph, in, out, 0));
}
