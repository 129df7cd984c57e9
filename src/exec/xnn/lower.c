/* Building a subgraph: the table of operators and what their functions share. */

#include "exec/xnn/internal.h"

static const ew_lower_fn lower_functions[] = {
#define EW_OP(id, name, min_inputs, max_inputs, outputs, shape, family) \
  [EW_OP_##id] = ew_lower_##family,
#include "graph/ops.def"
#undef EW_OP
};

ew_status ew_lower_node(ew_lowering *low, const ew_node *node) {
  EW_CHECK(node->op < EW_OP_KERNEL, low->err, EW_NOT_IMPLEMENTED,
           "node %u (%s) is not an XNNPACK operator", (unsigned)(node - low->graph->nodes),
           ew_op_name(node->op));
  return lower_functions[node->op](low, node);
}

ew_status ew_lowering_begin(ew_lowering *low, ew_xnn *xnn, uint32_t num_external, ew_error *err) {
  *low = (ew_lowering){.xnn = xnn, .graph = xnn->graph, .err = err};
  ew_arena_init(&low->arena);
  for (uint32_t i = 0; i < xnn->graph->num_values; i++) xnn->ids[i] = EW_NONE;
  const enum xnn_status status = xnn_create_subgraph(num_external, 0, &low->subgraph);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "creating a subgraph");
  return EW_OK;
}

void ew_lowering_end(ew_lowering *low) {
  if (low->subgraph != NULL) xnn_delete_subgraph(low->subgraph);
  low->subgraph = NULL;
  ew_arena_free(&low->arena);
}
