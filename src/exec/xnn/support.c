/* What this build of XNNPACK can run, and what becomes of the weights. */
#include <math.h>

#include "exec/xnn/internal.h"

static ew_status check_value(const ew_graph *graph, const ew_node *node, uint32_t id,
                             ew_error *err) {
  if (id == EW_NONE) return EW_OK;
  const ew_value *value = &graph->values[id];
  const unsigned index = (unsigned)(node - graph->nodes);
  /* XNNPACK has the types, but no kernels for them on WebAssembly (exec/half.c). */
  const bool half = value->dtype == EW_F16 || value->dtype == EW_BF16;
  EW_CHECK(!half && ew_xnn_datatype(value) != xnn_datatype_invalid, err, EW_NOT_SUPPORTED,
           "node %u (%s): XNNPACK has no %s tensors with the quantisation of value %u", index,
           ew_op_name(node->op), ew_dtype_name(value->dtype), id);
  return EW_OK;
}

/* --- ratios of scales ---------------------------------------------------------------------------- */

/* The scale of an 8-bit tensor that has one; 0 else. */
static float scale_of(const ew_graph *graph, uint32_t id) {
  if (id == EW_NONE) return 0;
  const ew_value *value = &graph->values[id];
  const bool small = value->dtype == EW_I8 || value->dtype == EW_U8;
  return small && value->quant.kind == EW_QUANT_TENSOR ? value->quant.scale[0] : 0;
}

static ew_status check_ratio(const ew_graph *graph, const ew_node *node, float ratio, int low,
                             int high, ew_error *err) {
  EW_CHECK(
      ratio >= ldexpf(1, low) && ratio < ldexpf(1, high), err, EW_INVALID_PROGRAM,
      "node %u (%s): the ratio %g of its inputs' scales to its output's is not in 2^%d to 2^%d",
      (unsigned)(node - graph->nodes), ew_op_name(node->op), (double)ratio, low, high);
  return EW_OK;
}

/* XNNPACK's fixed-point factors have limits, most of which it asserts rather than checks. */
static ew_status check_ratios(const ew_graph *graph, const ew_node *node, ew_error *err) {
  const float out = scale_of(graph, node->outputs[0]);
  const float a = scale_of(graph, node->inputs[0]);
  const float b = node->num_inputs > 1 ? scale_of(graph, node->inputs[1]) : 0;
  if (out == 0 || a == 0) return EW_OK;
  switch (node->op) {
    case EW_OP_ADD:
    case EW_OP_SUBTRACT:
      EW_TRY(check_ratio(graph, node, a / out, -10, 8, err));
      return check_ratio(graph, node, b / out, -10, 8, err);
    case EW_OP_MULTIPLY:
      return check_ratio(graph, node, a * b / out, -16, 8, err);
    case EW_OP_CONVERT:
    case EW_OP_GLOBAL_AVG_POOL_2D:
    case EW_OP_REDUCE_MEAN:
    case EW_OP_REDUCE_SUM:
      return check_ratio(graph, node, a / out, -8, 7, err);
    case EW_OP_LEAKY_RELU:
      EW_TRY(check_ratio(graph, node, a / out, -8, 7, err));
      return check_ratio(graph, node, fabsf(a / out * node->params->alpha), -8, 7, err);
    case EW_OP_FULLY_CONNECTED:
    case EW_OP_CONV_2D:
    case EW_OP_DEPTHWISE_CONV_2D:
    case EW_OP_CONV_TRANSPOSE_2D:
      return b == 0 ? EW_OK : check_ratio(graph, node, a * b / out, -32, 8, err);
    default:
      return EW_OK;
  }
}

/* A bound of a node's range as its 8-bit output has it. */
static float quantised(const ew_value *value, float bound) {
  const float least = value->dtype == EW_I8 ? -128 : 0;
  const float q = rintf(bound / value->quant.scale[0]) + (float)value->quant.zero_point;
  return fminf(fmaxf(q, least), least + 255);
}

/* XNNPACK asserts that a range holds more than one value, also when the output's scale makes one of it. */
static ew_status check_range(const ew_graph *graph, const ew_node *node, ew_error *err) {
  const ew_params *p = node->params;
  if (p == NULL || scale_of(graph, node->outputs[0]) == 0) return EW_OK;
  if (p->output_min == -INFINITY && p->output_max == INFINITY) return EW_OK;
  const ew_value *out = &graph->values[node->outputs[0]];
  EW_CHECK(quantised(out, p->output_min) < quantised(out, p->output_max), err, EW_NOT_SUPPORTED,
           "node %u (%s): the range %g to %g is a single value for the output's scale of %g",
           (unsigned)(node - graph->nodes), ew_op_name(node->op), (double)p->output_min,
           (double)p->output_max, (double)out->quant.scale[0]);
  return EW_OK;
}

/* --- the whole node ------------------------------------------------------------------------------ */

static ew_status check_output_rank(const ew_graph *graph, const ew_node *node, ew_error *err) {
  const uint32_t rank = graph->values[node->outputs[0]].rank;
  EW_CHECK(rank <= EW_XNN_MAX_RANK, err, EW_INVALID_PROGRAM,
           "node %u (%s): the result has rank %u, the limit is %d", (unsigned)(node - graph->nodes),
           ew_op_name(node->op), rank, EW_XNN_MAX_RANK);
  return EW_OK;
}

/* Rows of 4-bit weights are whole bytes; XNNPACK reads them without gaps. */
static ew_status check_nibbles(const ew_graph *graph, const ew_node *node, ew_error *err) {
  if (node->num_inputs < 2 || node->inputs[1] == EW_NONE) return EW_OK;
  const ew_value *filter = &graph->values[node->inputs[1]];
  if (filter->dtype != EW_I4) return EW_OK;
  const size_t columns = filter->rank == 0 ? 0 : filter->dims[filter->rank - 1];
  EW_CHECK(columns % 2 == 0 && !node->params->transpose_weights, err, EW_NOT_SUPPORTED,
           "node %u (%s): 4-bit weights in rows of %zu; XNNPACK needs an even number of inputs",
           (unsigned)(node - graph->nodes), ew_op_name(node->op), columns);
  return EW_OK;
}

/* XNNPACK's 8-bit sums along the innermost dimension give wrong results for some shapes and, with relaxed
 * SIMD, assert (random graphs found both). Other dimensions use different kernels, which are right. */
static ew_status check_reduction(const ew_graph *graph, const ew_node *node, ew_error *err) {
  if (node->op != EW_OP_REDUCE_MEAN && node->op != EW_OP_REDUCE_SUM) return EW_OK;
  const ew_value *x = &graph->values[node->inputs[0]];
  const ew_params *p = node->params;
  if (x->dtype == EW_F32 || x->rank == 0 || p->rank == 0) return EW_OK;
  EW_CHECK(p->shape[p->rank - 1] != x->rank - 1, err, EW_NOT_SUPPORTED,
           "node %u (%s): XNNPACK cannot sum %s along the last dimension",
           (unsigned)(node - graph->nodes), ew_op_name(node->op), ew_dtype_name(x->dtype));
  return EW_OK;
}

/* XNNPACK chooses kernels by the type of one tensor, and of some nodes never looks at the other's: it would write floats
 * where there is room for bytes. */
static ew_status check_types(const ew_graph *graph, const ew_node *node, ew_error *err) {
  if (node->op == EW_OP_CONVERT || node->op == EW_OP_TABLE) return EW_OK;
  const ew_dtype in = graph->values[node->inputs[0]].dtype;
  const ew_dtype out = graph->values[node->outputs[0]].dtype;
  EW_CHECK(out == (in == EW_QD8 ? EW_F32 : in), err, EW_INVALID_TYPE,
           "node %u (%s): its input is %s, its result %s", (unsigned)(node - graph->nodes),
           ew_op_name(node->op), ew_dtype_name(in), ew_dtype_name(out));
  return EW_OK;
}

ew_status ew_xnn_supports(const ew_graph *graph, const ew_node *node, ew_error *err) {
  EW_TRY(check_types(graph, node, err));
  EW_TRY(check_ratios(graph, node, err));
  EW_TRY(check_range(graph, node, err));
  EW_TRY(check_nibbles(graph, node, err));
  EW_TRY(check_reduction(graph, node, err));
  EW_TRY(ew_xnn_check_declared(graph, node, err));
  EW_TRY(check_output_rank(graph, node, err));
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    EW_TRY(check_value(graph, node, node->inputs[i], err));
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    EW_TRY(check_value(graph, node, node->outputs[i], err));
  }
  return EW_OK;
}
