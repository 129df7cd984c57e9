/* Rewrites within one segment: clamps into their producers, transposes that undo each other. */
#include <string.h>

#include "graph/passes/passes.h"

/* One segment, and the node that writes each of its values. */
typedef struct editor {
  ew_graph *graph;
  ew_segment *segment;
  ew_node *nodes;
} editor;

static editor edit(ew_graph *graph, uint32_t segment_id) {
  ew_segment *segment = &graph->segments[segment_id];
  return (editor){graph, segment, graph->nodes + segment->first_node};
}

/* The node of the segment before index that writes value, or NULL. */
static ew_node *producer_of(const editor *e, uint32_t index, uint32_t value) {
  while (index-- > 0) {
    for (uint32_t i = 0; i < e->nodes[index].num_outputs; i++) {
      if (e->nodes[index].outputs[i] == value) return &e->nodes[index];
    }
  }
  return NULL;
}

/* Reads of a value, its being an output of the segment among them. */
static uint32_t count_uses(const editor *e, uint32_t value) {
  uint32_t uses = 0;
  for (uint32_t n = 0; n < e->segment->num_nodes; n++) {
    for (uint32_t i = 0; i < e->nodes[n].num_inputs; i++) uses += e->nodes[n].inputs[i] == value;
  }
  for (uint32_t i = 0; i < e->segment->num_outputs; i++) uses += e->segment->outputs[i] == value;
  return uses;
}

static bool is_output(const editor *e, uint32_t value) {
  for (uint32_t i = 0; i < e->segment->num_outputs; i++) {
    if (e->segment->outputs[i] == value) return true;
  }
  return false;
}

/* The segment is the graph's newest, so that its nodes are the last ones. */
static void remove_node(editor *e, uint32_t index) {
  memmove(&e->nodes[index], &e->nodes[index + 1],
          (e->segment->num_nodes - index - 1) * sizeof *e->nodes);
  e->segment->num_nodes--;
  e->graph->num_nodes--;
}

static bool is_newest(const ew_graph *graph, const ew_segment *segment) {
  return segment->first_node + segment->num_nodes == graph->num_nodes;
}

/* --- clamps ---------------------------------------------------------------------------------------- */

static bool takes_clamp(ew_op op) {
  return op == EW_OP_CONV_2D || op == EW_OP_DEPTHWISE_CONV_2D || op == EW_OP_CONV_TRANSPOSE_2D ||
         op == EW_OP_FULLY_CONNECTED;
}

static float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

void ew_pass_clamps(ew_graph *graph, uint32_t segment_id) {
  editor e = edit(graph, segment_id);
  if (!is_newest(graph, e.segment)) return;
  for (uint32_t n = 0; n < e.segment->num_nodes; n++) {
    const ew_node *node = &e.nodes[n];
    if (node->op != EW_OP_CLAMP) continue;
    ew_node *producer = producer_of(&e, n, node->inputs[0]);
    if (producer == NULL || !takes_clamp(producer->op) || count_uses(&e, node->inputs[0]) != 1)
      continue;
    const ew_params *p = node->params;
    const float low = clamp(producer->params->output_min, p->output_min, p->output_max);
    const float high = clamp(producer->params->output_max, p->output_min, p->output_max);
    if (!(low < high)) continue;
    producer->params->output_min = low;
    producer->params->output_max = high;
    producer->outputs[0] = node->outputs[0];
    remove_node(&e, n--);
  }
}

/* --- transposes ------------------------------------------------------------------------------------ */

static bool is_inverse(const ew_params *first, const ew_params *second) {
  if (first->rank != second->rank) return false;
  for (uint32_t i = 0; i < first->rank; i++) {
    if (second->shape[i] >= first->rank || first->shape[second->shape[i]] != i) return false;
  }
  return true;
}

static void replace_uses(editor *e, uint32_t from, uint32_t to) {
  for (uint32_t n = 0; n < e->segment->num_nodes; n++) {
    for (uint32_t i = 0; i < e->nodes[n].num_inputs; i++) {
      if (e->nodes[n].inputs[i] == from) e->nodes[n].inputs[i] = to;
    }
  }
}

static void remove_unused_transposes(editor *e) {
  for (uint32_t n = e->segment->num_nodes; n-- > 0;) {
    if (e->nodes[n].op == EW_OP_TRANSPOSE && count_uses(e, e->nodes[n].outputs[0]) == 0) {
      remove_node(e, n);
    }
  }
}

void ew_pass_transposes(ew_graph *graph, uint32_t segment_id) {
  editor e = edit(graph, segment_id);
  if (!is_newest(graph, e.segment)) return;
  bool any = false;
  for (uint32_t n = 0; n < e.segment->num_nodes; n++) {
    ew_node *node = &e.nodes[n];
    if (node->op != EW_OP_TRANSPOSE) continue;
    const ew_node *first = producer_of(&e, n, node->inputs[0]);
    if (first == NULL || first->op != EW_OP_TRANSPOSE) continue;
    if (!is_inverse(first->params, node->params)) continue;
    any = true;
    if (is_output(&e, node->outputs[0])) {
      node->op = EW_OP_COPY;
      node->inputs[0] = first->inputs[0];
      continue;
    }
    replace_uses(&e, node->outputs[0], first->inputs[0]);
    remove_node(&e, n--);
  }
  if (any) remove_unused_transposes(&e);
}
