/* Which operands XNNPACK needs the bytes of, and until when. */
#include "exec/xnn/internal.h"
#include "graph/segment.h"

/* The node that writes a value, if it precedes node in its segment. */
static const ew_node *producer_in_segment(const ew_graph *graph, const ew_node *node,
                                          uint32_t value) {
  if (node->segment == EW_NONE) return NULL;
  const ew_segment *segment = &graph->segments[node->segment];
  const uint32_t id = (uint32_t)(node - graph->nodes);
  uint32_t end = 0;
  while (end < segment->num_nodes && segment->nodes[end] != id) end++;
  return ew_segment_writer(graph, node->segment, end, value);
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
