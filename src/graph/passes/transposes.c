/* Transposes that undo each other; see passes.h. */
#include "graph/passes/passes.h"
#include "graph/segment.h"

static bool is_inverse(const ew_params *first, const ew_params *second) {
  if (first->rank != second->rank) return false;
  for (uint32_t i = 0; i < first->rank; i++) {
    if (second->shape[i] >= first->rank || first->shape[second->shape[i]] != i) return false;
  }
  return true;
}

static void replace_uses(ew_graph *graph, uint32_t segment, uint32_t from, uint32_t to) {
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      if (node->inputs[i] == from) node->inputs[i] = to;
    }
  }
}

static void remove_unused(ew_graph *graph, uint32_t segment) {
  for (uint32_t n = graph->segments[segment].num_nodes; n-- > 0;) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    if (node->op == EW_OP_TRANSPOSE &&
        ew_segment_count_uses(graph, segment, node->outputs[0]) == 0) {
      ew_segment_remove_node(graph, segment, n);
    }
  }
}

/* The transpose that node number n of the segment undoes, or NULL. */
static const ew_node *undone_by(const ew_graph *graph, uint32_t segment, uint32_t n) {
  const ew_node *node = ew_segment_node(graph, segment, n);
  if (node->op != EW_OP_TRANSPOSE) return NULL;
  const ew_node *first = ew_segment_writer(graph, segment, n, node->inputs[0]);
  const bool undoes =
      first != NULL && first->op == EW_OP_TRANSPOSE && is_inverse(first->params, node->params);
  return undoes ? first : NULL;
}

void ew_pass_transposes(ew_graph *graph, uint32_t segment) {
  const ew_segment *s = &graph->segments[segment];
  bool any = false;
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    const ew_node *first = undone_by(graph, segment, n);
    if (first == NULL) continue;
    any = true;
    ew_node *node = &graph->nodes[s->nodes[n]];
    if (ew_segment_has_output(graph, segment, node->outputs[0])) {
      node->op = EW_OP_COPY;
      node->inputs[0] = first->inputs[0];
      continue;
    }
    replace_uses(graph, segment, node->outputs[0], first->inputs[0]);
    ew_segment_remove_node(graph, segment, n--);
  }
  if (any) remove_unused(graph, segment);
}
