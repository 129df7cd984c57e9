/* x * sigmoid(x) as one node, also with a factor inside (the approximation of GELU that CLIP uses). */
#include <math.h>

#include "graph/passes/passes.h"
#include "graph/segment.h"

static bool is_plain(const ew_graph *graph, uint32_t id) {
  return graph->values[id].dtype == EW_F32 && graph->values[id].quant.kind == EW_QUANT_NONE;
}

static bool has_same_shape(const ew_graph *graph, uint32_t a, uint32_t b) {
  return ew_value_same_shape(&graph->values[a], &graph->values[b]);
}

static bool is_number(const ew_graph *graph, uint32_t id) {
  const ew_value *value = &graph->values[id];
  return value->constant != EW_NONE && graph->constants[value->constant].size == sizeof(float);
}

static bool is_product(const ew_graph *graph, const ew_node *node) {
  return node != NULL && node->op == EW_OP_MULTIPLY && node->params->output_min == -INFINITY &&
         node->params->output_max == INFINITY && is_plain(graph, node->inputs[0]) &&
         is_plain(graph, node->inputs[1]);
}

/* The node before place n that writes a value which place n alone reads; NULL: none. */
static ew_node *sole_source(const ew_graph *graph, uint32_t segment, uint32_t n, uint32_t value) {
  if (ew_segment_count_uses(graph, segment, value) != 1) return NULL;
  return ew_segment_writer(graph, segment, n, value);
}

/* Whether `scaled` is x, or x times a number, which *out_factor receives. */
static bool is_multiple(const ew_graph *graph, const ew_node *scaling, uint32_t x,
                        uint32_t *out_factor) {
  if (!is_product(graph, scaling)) return false;
  const uint32_t other = scaling->inputs[scaling->inputs[0] == x];
  *out_factor = other;
  return (scaling->inputs[0] == x || scaling->inputs[1] == x) && is_number(graph, other) &&
         has_same_shape(graph, x, scaling->outputs[0]);
}

/* Place n of the segment, a product: is input number `gate` the sigmoid of the other one? */
static bool fold(ew_graph *graph, uint32_t segment, uint32_t n, uint32_t gate) {
  ew_node *product = &graph->nodes[graph->segments[segment].nodes[n]];
  const uint32_t x = product->inputs[1 - gate];
  ew_node *sigmoid = sole_source(graph, segment, n, product->inputs[gate]);
  if (sigmoid == NULL || sigmoid->op != EW_OP_SIGMOID || !is_plain(graph, sigmoid->inputs[0]) ||
      !has_same_shape(graph, x, product->outputs[0])) {
    return false;
  }
  uint32_t factor = EW_NONE;
  if (sigmoid->inputs[0] != x) {
    const ew_node *scaling = sole_source(graph, segment, n, sigmoid->inputs[0]);
    if (!is_multiple(graph, scaling, x, &factor)) return false;
    ew_segment_remove_node(graph, segment, ew_segment_place_of(graph, segment, scaling));
  }
  ew_segment_remove_node(graph, segment, ew_segment_place_of(graph, segment, sigmoid));
  product->op = EW_OP_SILU;
  product->inputs[0] = x;
  product->inputs[1] = factor;
  product->num_inputs = factor == EW_NONE ? 1 : 2;
  return true;
}

/* What is rounded otherwise may become another byte, and so a whole step of the scale. */
static bool quantises(const ew_graph *graph, uint32_t segment) {
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    if (node->op == EW_OP_CONVERT && graph->values[node->outputs[0]].dtype != EW_F32) return true;
  }
  return false;
}

void ew_pass_silu(ew_graph *graph, uint32_t segment) {
  if (quantises(graph, segment)) return;
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    if (!is_product(graph, ew_segment_node(graph, segment, n))) continue;
    const uint32_t before = graph->segments[segment].num_nodes;
    if (!fold(graph, segment, n, 1)) fold(graph, segment, n, 0);
    n -= before - graph->segments[segment].num_nodes;
  }
}
