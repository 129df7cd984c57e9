/* What can be said about outputs from how the graph ends. */
#include "session/model.h"

/* --- values from 0 to 1 --------------------------------------------------------------------------- */

/* An 8-bit value can hold 256 numbers only: they may all be from 0 to 1. */
static bool holds_unit_only(const ew_value *value) {
  const ew_quant *quant = &value->quant;
  if (quant->kind != EW_QUANT_TENSOR || quant->scale == NULL) return false;
  if (value->dtype != EW_U8 && value->dtype != EW_I8) return false;
  const int least = value->dtype == EW_I8 ? -128 : 0;
  const float low = quant->scale[0] * (float)(least - quant->zero_point);
  const float high = quant->scale[0] * (float)(least + 255 - quant->zero_point);
  /* 256 / 255 leaves room for scales that were rounded. */
  return low >= 0.0f && high <= 256.0f / 255.0f;
}

/* How many leading inputs of the node bound its result: when they all lie in 0..1, it does. */
static uint32_t bounding_inputs(const ew_node *node) {
  switch (node->op) {
    case EW_OP_CONVERT:
    case EW_OP_COPY:
    case EW_OP_RESHAPE:
    case EW_OP_TRANSPOSE:
    case EW_OP_SLICE:
    case EW_OP_RESIZE_BILINEAR_2D:
    case EW_OP_MAX_POOL_2D:
    case EW_OP_AVG_POOL_2D:
    case EW_OP_GLOBAL_AVG_POOL_2D:
    case EW_OP_SILU:
    case EW_OP_VIEW:
      return 1;
    case EW_OP_MULTIPLY:
    case EW_OP_CONCATENATE:
      return node->num_inputs;
    case EW_OP_KERNEL:
      return (node->kernel->flags & (EW_KERNEL_COPIES | EW_KERNEL_VIEW | EW_KERNEL_WITHIN)) != 0;
    default:
      return 0;
  }
}

static bool makes_unit(const ew_node *node) {
  if (node->op == EW_OP_SIGMOID || node->op == EW_OP_SOFTMAX) return true;
  if (node->op == EW_OP_KERNEL) return (node->kernel->flags & EW_KERNEL_UNIT) != 0;
  return node->params != NULL && node->params->output_min >= 0.0f &&
         node->params->output_max <= 1.0f;
}

/* True when the node's results lie in 0..1, given which of its inputs do. */
static bool stays_unit(const ew_node *node, const ew_unit *units) {
  if (makes_unit(node)) return true;
  const uint32_t count = bounding_inputs(node);
  for (uint32_t i = 0; i < count; i++) {
    if (node->inputs[i] == EW_NONE || units[node->inputs[i]] != EW_UNIT) return false;
  }
  return count > 0;
}

static void add_node(const ew_graph *graph, const ew_node *node, ew_unit *units) {
  const bool is_unit = stays_unit(node, units);
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    /* Branches write the same value: all of them must keep to the range. */
    const bool holds = is_unit || holds_unit_only(&graph->values[id]);
    units[id] = holds && units[id] != EW_UNIT_NOT ? EW_UNIT : EW_UNIT_NOT;
  }
}

ew_status ew_model_find_units(ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  EW_TRY(
      ew_arena_alloc(&model->arena, graph->num_values, sizeof *model->units, &model->units, err));
  for (uint32_t i = 0; i < graph->num_values; i++) {
    if (holds_unit_only(&graph->values[i])) model->units[i] = EW_UNIT;
  }
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    if (step.segment == EW_NONE) {
      add_node(graph, &graph->nodes[step.node], model->units);
      continue;
    }
    for (uint32_t i = 0; i < graph->segments[step.segment].num_nodes; i++) {
      add_node(graph, ew_segment_node(graph, step.segment, i), model->units);
    }
  }
  return EW_OK;
}

bool ew_model_output_is_probability(const ew_model *model, uint32_t index) {
  return model->units[model->graph.outputs[index]] == EW_UNIT;
}

/* --- numbers and order ---------------------------------------------------------------------------- */

bool ew_model_output_scale(const ew_model *model, uint32_t index, float *scale,
                           int32_t *zero_point) {
  const ew_value *value = &model->graph.values[model->graph.outputs[index]];
  if (value->quant.kind != EW_QUANT_TENSOR || value->quant.scale == NULL) return false;
  *scale = value->quant.scale[0];
  *zero_point = value->quant.zero_point;
  return true;
}

bool ew_model_has_channels_last(const ew_model *model) {
  if (model->graph.num_inputs == 0) return false;
  const ew_value *input = &model->graph.values[model->graph.inputs[0]];
  return input->rank == 4 && input->dims[3] == 3 && input->dims[1] != 3;
}
