/* Rules of all nodes (those of ops.def have more in check_ops.c) and of segments. */
#include "graph/check.h"

#include <string.h>

static const struct {
  uint8_t min_inputs, max_inputs, outputs;
} arity[] = {
#define EW_OP(id, name, min_inputs, max_inputs, outputs, ...) {min_inputs, max_inputs, outputs},
#include "graph/ops.def"
#undef EW_OP
};

static ew_status check_operand(const ew_graph *graph, const ew_node *node, uint32_t id,
                               const char *what, uint32_t index, ew_error *err) {
  EW_CHECK(id < graph->num_values, err, EW_INVALID_PROGRAM,
           "node %u (%s): %s %u names value %u of %u", (unsigned)(node - graph->nodes),
           ew_op_name(node->op), what, index, id, graph->num_values);
  return EW_OK;
}

ew_status ew_graph_check_node(const ew_graph *graph, uint32_t index, ew_error *err) {
  const ew_node *node = &graph->nodes[index];
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    /* A convolution may lack its bias (input 2); kernels know which of theirs are optional. */
    if (node->inputs[i] != EW_NONE)
      EW_TRY(check_operand(graph, node, node->inputs[i], "input", i, err));
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    EW_TRY(check_operand(graph, node, node->outputs[i], "output", i, err));
  }
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

/* --- segments ------------------------------------------------------------------------------------ */

/* What has happened to a value in its segment. */
enum { WRITTEN = 1, READ = 2 };

static ew_status check_order(const ew_graph *graph, const ew_segment *segment, uint8_t *states,
                             ew_error *err) {
  for (uint32_t i = 0; i < segment->num_inputs; i++) states[segment->inputs[i]] = WRITTEN;
  for (uint32_t n = 0; n < segment->num_nodes; n++) {
    const ew_node *node = &graph->nodes[segment->nodes[n]];
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      const uint32_t id = node->inputs[i];
      if (id == EW_NONE || graph->values[id].constant != EW_NONE) continue;
      EW_CHECK(states[id] & WRITTEN, err, EW_INVALID_PROGRAM,
               "node %u (%s): input value %u is read before it is written", segment->nodes[n],
               ew_op_name(node->op), id);
      states[id] |= READ;
    }
    for (uint32_t i = 0; i < node->num_outputs; i++) {
      EW_CHECK(states[node->outputs[i]] == 0, err, EW_INVALID_PROGRAM,
               "node %u (%s) writes to value %u, which has been written already", segment->nodes[n],
               ew_op_name(node->op), node->outputs[i]);
      states[node->outputs[i]] = WRITTEN;
    }
  }
  return EW_OK;
}

/* A node whose result nobody uses is a mistake of whoever made the segment; XNNPACK would drop it, and abort at
 * the node before it. */
static ew_status check_uses(const ew_graph *graph, const ew_segment *segment, uint8_t *states,
                            ew_error *err) {
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    EW_CHECK(states[segment->outputs[i]] & WRITTEN, err, EW_INVALID_PROGRAM,
             "output value %u of the segment is never written", segment->outputs[i]);
    states[segment->outputs[i]] |= READ;
  }
  for (uint32_t n = 0; n < segment->num_nodes; n++) {
    const ew_node *node = &graph->nodes[segment->nodes[n]];
    bool used = false;
    for (uint32_t i = 0; i < node->num_outputs; i++) used |= (states[node->outputs[i]] & READ) != 0;
    EW_CHECK(used, err, EW_INVALID_PROGRAM, "node %u (%s): nothing uses its result",
             segment->nodes[n], ew_op_name(node->op));
  }
  return EW_OK;
}

ew_status ew_graph_check_segment(const ew_graph *graph, uint32_t index, ew_error *err) {
  const ew_segment *segment = &graph->segments[index];
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    EW_TRY(ew_graph_check_node(graph, segment->nodes[i], err));
  }
  uint8_t *states = ew_alloc(graph->num_values);
  EW_CHECK(states != NULL, err, EW_OUT_OF_MEMORY, "out of memory while checking a segment");
  memset(states, 0, graph->num_values);
  ew_status status = check_order(graph, segment, states, err);
  if (status == EW_OK) status = check_uses(graph, segment, states, err);
  ew_free(states);
  return status;
}
