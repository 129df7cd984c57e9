/* What only moves elements moves bytes instead of floats; see passes.h. */
#include "graph/passes/passes.h"
#include "graph/segment.h"

static ew_node *node_at(ew_graph *graph, uint32_t segment, uint32_t n) {
  return &graph->nodes[graph->segments[segment].nodes[n]];
}

static bool is_byte(const ew_value *value) {
  return (value->dtype == EW_I8 || value->dtype == EW_U8) && value->quant.kind == EW_QUANT_TENSOR &&
         value->quant.scale != NULL;
}

static bool is_f32(const ew_value *value) {
  return value->dtype == EW_F32 && value->quant.kind == EW_QUANT_NONE;
}

/* Zero is the one number whose byte does not depend on how a kernel rounds. */
static bool moves(const ew_node *node) {
  return node->op == EW_OP_TRANSPOSE || node->op == EW_OP_RESHAPE || node->op == EW_OP_COPY ||
         (node->op == EW_OP_PAD && node->params->alpha == 0);
}

static bool quantises(const ew_graph *graph, const ew_node *node) {
  return node->op == EW_OP_CONVERT && is_f32(&graph->values[node->inputs[0]]) &&
         is_byte(&graph->values[node->outputs[0]]);
}

/* move, quantise -> quantise, move; *done tells whether. */
static ew_status swap(ew_graph *graph, uint32_t segment, uint32_t n, bool *done, ew_error *err) {
  ew_node *quantise = node_at(graph, segment, n);
  *done = false;
  if (!quantises(graph, quantise)) return EW_OK;
  ew_node *move = ew_segment_writer(graph, segment, n, quantise->inputs[0]);
  if (move == NULL || !moves(move) ||
      ew_segment_count_uses(graph, segment, quantise->inputs[0]) != 1) {
    return EW_OK;
  }
  ew_value between = graph->values[move->inputs[0]];
  if (!is_f32(&between) || between.constant != EW_NONE) return EW_OK;
  between.dtype = graph->values[quantise->outputs[0]].dtype;
  between.quant = graph->values[quantise->outputs[0]].quant;
  between.flags &= EW_VALUE_DYNAMIC;
  uint32_t id = EW_NONE;
  EW_TRY(ew_graph_add_value(graph, &between, &id, err));
  ew_params *params = move->params;
  quantise->op = move->op;
  move->op = EW_OP_CONVERT;
  move->params = quantise->params;
  quantise->params = params;
  quantise->inputs[0] = move->outputs[0] = id;
  *done = true;
  return EW_OK;
}

static bool same_bytes(const ew_value *a, const ew_value *b) {
  return is_byte(a) && is_byte(b) && a->dtype == b->dtype &&
         a->quant.zero_point == b->quant.zero_point && a->quant.scale[0] == b->quant.scale[0] &&
         /* Within these limits neither product nor quotient loses bits to underflow. */
         a->quant.scale[0] > 1e-30f && a->quant.scale[0] < 1e30f;
}

/* Bytes that become floats and then the same bytes. The floats may have other readers. */
static bool skip_floats(ew_graph *graph, uint32_t segment, uint32_t n) {
  const ew_node *quantise = node_at(graph, segment, n);
  if (!quantises(graph, quantise)) return false;
  const ew_node *first = ew_segment_writer(graph, segment, n, quantise->inputs[0]);
  const uint32_t to = quantise->outputs[0];
  if (first == NULL || first->op != EW_OP_CONVERT || ew_segment_has_output(graph, segment, to) ||
      !same_bytes(&graph->values[first->inputs[0]], &graph->values[to])) {
    return false;
  }
  const uint32_t from = first->inputs[0];
  for (uint32_t i = n + 1; i < graph->segments[segment].num_nodes; i++) {
    ew_node *reader = node_at(graph, segment, i);
    for (uint32_t k = 0; k < reader->num_inputs; k++) {
      if (reader->inputs[k] == to) reader->inputs[k] = from;
    }
  }
  ew_segment_remove_node(graph, segment, n);
  return true;
}

static void remove_unused(ew_graph *graph, uint32_t segment) {
  for (uint32_t n = graph->segments[segment].num_nodes; n-- > 0;) {
    const ew_node *node = node_at(graph, segment, n);
    if (node->op == EW_OP_CONVERT && ew_segment_count_uses(graph, segment, node->outputs[0]) == 0) {
      ew_segment_remove_node(graph, segment, n);
    }
  }
}

ew_status ew_pass_quantise_early(ew_graph *graph, uint32_t segment, ew_error *err) {
  bool any = true, skipped = false;
  while (any) {
    any = false;
    for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
      bool swapped = false;
      EW_TRY(swap(graph, segment, n, &swapped, err));
      any = any || swapped;
    }
  }
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    if (!skip_floats(graph, segment, n)) continue;
    skipped = true;
    n--;
  }
  if (skipped) remove_unused(graph, segment);
  return EW_OK;
}
