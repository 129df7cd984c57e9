/* Fully connected layers and batched matrix products. */
#include "exec/xnn/internal.h"

ew_status ew_lower_fully_connected(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, filter = 0, bias = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_weight(low, node, 1, &filter));
  EW_TRY(ew_use_weight(low, node, 2, &bias));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const ew_params *p = node->params;
  const uint32_t flags = p->transpose_weights ? XNN_FLAG_TRANSPOSE_WEIGHTS : 0;
  return ew_defined(low, node,
                    xnn_define_fully_connected(low->subgraph, p->output_min, p->output_max, in,
                                               filter, bias, out, flags));
}

ew_status ew_lower_batch_matrix_multiply(ew_lowering *low, const ew_node *node) {
  uint32_t a = 0, b = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &a));
  EW_TRY(ew_use_value(low, node->inputs[1], &b));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const uint32_t flags = node->params->transpose_weights ? XNN_FLAG_TRANSPOSE_B : 0;
  return ew_defined(low, node, xnn_define_batch_matrix_multiply(low->subgraph, a, b, out, flags));
}
