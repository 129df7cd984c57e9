/* Rules of all nodes; those of ops.def have more in check_ops.c. */
#include "graph/check.h"

static const struct {
  uint8_t min_inputs, max_inputs, outputs;
} arity[] = {
#define EW_OP(id, name, min_inputs, max_inputs, outputs, ...) {min_inputs, max_inputs, outputs},
#include "graph/ops.def"
#undef EW_OP
};

static ew_status check_operands(const ew_graph *graph, const ew_node *node, const uint32_t *ids,
                                uint32_t count, bool optional, const char *what, ew_error *err) {
  for (uint32_t i = 0; i < count; i++) {
    if (ids[i] == EW_NONE && optional) continue;
    EW_CHECK(ids[i] < graph->num_values, err, EW_INVALID_PROGRAM,
             "node %u (%s): %s %u names value %u of %u", (unsigned)(node - graph->nodes),
             ew_op_name(node->op), what, i, ids[i], graph->num_values);
  }
  return EW_OK;
}

ew_status ew_graph_check_node(const ew_graph *graph, uint32_t index, ew_error *err) {
  const ew_node *node = &graph->nodes[index];
  /* A convolution may lack its bias (input 2); kernels know which of theirs are optional. */
  const bool optional = true;
  EW_TRY(check_operands(graph, node, node->inputs, node->num_inputs, optional, "input", err));
  EW_TRY(check_operands(graph, node, node->outputs, node->num_outputs, false, "output", err));
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    EW_CHECK(graph->values[node->outputs[i]].constant == EW_NONE, err, EW_INVALID_PROGRAM,
             "node %u (%s) writes to constant value %u", index, ew_node_name(node),
             node->outputs[i]);
    /* The buffer of an input is as large as what the caller gave, which may be less than declared. */
    EW_CHECK(!(graph->values[node->outputs[i]].flags & EW_VALUE_INPUT), err, EW_NOT_SUPPORTED,
             "node %u (%s) writes to input value %u of the method", index, ew_node_name(node),
             node->outputs[i]);
  }
  if (node->op >= EW_OP_KERNEL) return EW_OK;
  EW_CHECK(node->num_inputs >= arity[node->op].min_inputs &&
               node->num_inputs <= arity[node->op].max_inputs &&
               node->num_outputs == arity[node->op].outputs,
           err, EW_INVALID_PROGRAM, "node %u (%s) has %u inputs and %u outputs", index,
           ew_op_name(node->op), node->num_inputs, node->num_outputs);
  for (uint32_t i = 0; i < arity[node->op].min_inputs; i++) {
    EW_CHECK(node->inputs[i] != EW_NONE, err, EW_INVALID_PROGRAM,
             "node %u (%s): input %u is missing", index, ew_op_name(node->op), i);
  }
  return ew_graph_check_op_node(graph, node, err);
}

ew_status ew_graph_check_nodes(const ew_graph *graph, uint32_t first_node, ew_error *err) {
  for (uint32_t i = first_node; i < graph->num_nodes; i++) {
    EW_TRY(ew_graph_check_node(graph, i, err));
  }
  return EW_OK;
}
