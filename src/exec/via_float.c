/* Quantised nodes that an executor has no integer kernels for. */
#include "exec/via_float.h"

static bool is_q8(const ew_value *value) {
  return (value->dtype == EW_U8 || value->dtype == EW_I8) && value->quant.kind == EW_QUANT_TENSOR;
}

static bool is_plain(const ew_graph *graph, uint32_t id) {
  return id != EW_NONE && (graph->values[id].dtype == EW_F32 || is_q8(&graph->values[id]));
}

/* Only 8-bit and f32 operands, and one of them 8-bit. */
static bool can_be_float(const ew_graph *graph, const ew_node *node) {
  bool any = false;
  for (uint32_t i = 0; i < node->num_inputs + node->num_outputs; i++) {
    const uint32_t id =
        i < node->num_inputs ? node->inputs[i] : node->outputs[i - node->num_inputs];
    if (!is_plain(graph, id)) return false;
    any = any || is_q8(&graph->values[id]);
  }
  return any;
}

static bool needs_float(const ew_executor_ops *ops, const ew_graph *graph, ew_step step) {
  if (step.segment != EW_NONE) return false;
  const ew_node *node = &graph->nodes[step.node];
  ew_error ignored;
  return node->op < EW_OP_KERNEL && node->kernel == NULL && can_be_float(graph, node) &&
         ops->supports(graph, node, &ignored) != EW_OK;
}

static ew_status float_twin(ew_graph *graph, uint32_t id, uint32_t *out, ew_error *err) {
  ew_value twin = graph->values[id];
  twin.dtype = EW_F32;
  twin.flags = 0;
  twin.constant = EW_NONE;
  twin.quant = (ew_quant){.kind = EW_QUANT_NONE, .scale_constant = EW_NONE};
  return ew_graph_add_value(graph, &twin, out, err);
}

static ew_status convert(ew_graph *graph, uint32_t from, uint32_t to, ew_error *err) {
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_CONVERT, 1, 1, 0, &node, err));
  node->inputs[0] = from;
  node->outputs[0] = to;
  return ew_graph_add_step(graph, EW_NONE, graph->num_nodes - 1, err);
}

static ew_status rewrite(ew_graph *graph, uint32_t index, ew_error *err) {
  /* A conversion between 8-bit types is two conversions; nothing is left of the node. */
  const bool is_conversion = graph->nodes[index].op == EW_OP_CONVERT;
  for (uint32_t i = 0; i < graph->nodes[index].num_inputs; i++) {
    const uint32_t id = graph->nodes[index].inputs[i];
    if (!is_q8(&graph->values[id])) continue;
    uint32_t twin = EW_NONE;
    EW_TRY(float_twin(graph, id, &twin, err));
    EW_TRY(convert(graph, id, twin, err));
    graph->nodes[index].inputs[i] = twin;
  }
  EW_TRY(ew_graph_add_step(graph, EW_NONE, index, err));
  for (uint32_t i = 0; i < graph->nodes[index].num_outputs && !is_conversion; i++) {
    const uint32_t id = graph->nodes[index].outputs[i];
    if (!is_q8(&graph->values[id])) continue;
    uint32_t twin = EW_NONE;
    EW_TRY(float_twin(graph, id, &twin, err));
    graph->nodes[index].outputs[i] = twin;
    EW_TRY(convert(graph, twin, id, err));
  }
  return EW_OK;
}

ew_status ew_via_float(const ew_executor_ops *ops, ew_graph *graph, ew_error *err) {
  const uint32_t count = graph->num_steps;
  bool any = false;
  for (uint32_t s = 0; s < count && !any; s++) any = needs_float(ops, graph, graph->steps[s]);
  if (!any) return EW_OK;
  ew_step *steps = NULL;
  EW_TRY(ew_arena_alloc(graph->arena, count, sizeof *steps, &steps, err));
  for (uint32_t s = 0; s < count; s++) steps[s] = graph->steps[s];
  graph->num_steps = 0;
  for (uint32_t s = 0; s < count; s++) {
    const uint32_t first = graph->num_steps;
    if (needs_float(ops, graph, steps[s])) {
      EW_TRY(rewrite(graph, steps[s].node, err));
    } else {
      EW_TRY(ew_graph_add_step(graph, steps[s].segment, steps[s].node, err));
    }
    for (uint32_t i = first; i < graph->num_steps; i++) graph->steps[i].branch = steps[s].branch;
  }
  return EW_OK;
}
