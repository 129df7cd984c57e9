/* What this build of XNNPACK can run, and what becomes of the weights. */
#include "exec/xnn/internal.h"

static ew_status check_value(const ew_graph *graph, const ew_node *node, uint32_t id,
                             ew_error *err) {
  if (id == EW_NONE) return EW_OK;
  const ew_value *value = &graph->values[id];
  const unsigned index = (unsigned)(node - graph->nodes);
  EW_CHECK(value->dtype != EW_F16 && value->dtype != EW_BF16, err, EW_NOT_SUPPORTED,
           "node %u (%s) works in half precision (%s), for which XNNPACK has no kernels on "
           "WebAssembly: export the model in f32 or int8",
           index, ew_op_name(node->op), ew_dtype_name(value->dtype));
  EW_CHECK(ew_xnn_datatype(value) != xnn_datatype_invalid, err, EW_NOT_SUPPORTED,
           "node %u (%s): XNNPACK has no %s tensors with the quantisation of value %u", index,
           ew_op_name(node->op), ew_dtype_name(value->dtype), id);
  return EW_OK;
}

ew_status ew_xnn_supports(const ew_graph *graph, const ew_node *node, ew_error *err) {
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    EW_TRY(check_value(graph, node, node->inputs[i], err));
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    EW_TRY(check_value(graph, node, node->outputs[i], err));
  }
  return EW_OK;
}

/* The node that writes a value, if it precedes node in its segment. */
static const ew_node *producer_in_segment(const ew_graph *graph, const ew_node *node,
                                          uint32_t value) {
  if (node->segment == EW_NONE) return NULL;
  const ew_node *first = &graph->nodes[graph->segments[node->segment].first_node];
  for (const ew_node *n = node; n-- > first;) {
    for (uint32_t i = 0; i < n->num_outputs; i++) {
      if (n->outputs[i] == value) return n;
    }
  }
  return NULL;
}

/* XNNPACK may fuse a preceding zero padding into a convolution; for a 1x1 kernel that changes the
 * micro-kernel, and with it the packed layout. */
static bool may_take_padding(const ew_graph *graph, const ew_node *node) {
  const ew_params *p = node->params;
  if (p->kernel_h != 1 || p->kernel_w != 1) return false;
  const ew_node *producer = producer_in_segment(graph, node, node->inputs[0]);
  return producer != NULL && (producer->op == EW_OP_PAD || producer->op == EW_OP_COPY);
}

static bool is_constant(const ew_graph *graph, const ew_node *node, uint32_t input) {
  return input < node->num_inputs && node->inputs[input] != EW_NONE &&
         graph->values[node->inputs[input]].constant != EW_NONE;
}

bool ew_xnn_packs(const ew_graph *graph, const ew_node *node) {
  if (!is_constant(graph, node, 1)) return false;
  const ew_params *p = node->params;
  switch (node->op) {
    case EW_OP_FULLY_CONNECTED:
      return node->num_inputs < 3 || node->inputs[2] == EW_NONE || is_constant(graph, node, 2);
    case EW_OP_CONV_2D:
      /* One channel in, one out per group: the dwconv and vmulcaddc kernels, which never look up. */
      return (p->group_input_channels != 1 || p->group_output_channels != 1) &&
             !may_take_padding(graph, node);
    default: /* depthwise convolutions: XNNPACK gives them no weights cache */
      return false;
  }
}

/* True when ew_xnn_build copies this operand at the latest: filters and biases. */
static bool is_copied_at_build(const ew_graph *graph, const ew_node *node, uint32_t input) {
  if (input == 0 || !is_constant(graph, node, input)) return false;
  switch (node->op) {
    case EW_OP_CONV_2D:
    case EW_OP_DEPTHWISE_CONV_2D:
    case EW_OP_CONV_TRANSPOSE_2D:
      return true;
    default:
      return false;
  }
}

ew_keep ew_xnn_keeps(const ew_executor *executor, uint32_t node_index, uint32_t input) {
  const ew_graph *graph = ew_xnn_of_const(executor)->graph;
  const ew_node *node = &graph->nodes[node_index];
  if (input >= 1 && ew_xnn_packs(graph, node)) return EW_KEEP_UNTIL_PACKED;
  return is_copied_at_build(graph, node, input) ? EW_KEEP_UNTIL_BUILT : EW_KEEP_ALWAYS;
}
