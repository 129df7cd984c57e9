/* What can be said about an output's values from how the graph ends. */
#include "session/model.h"

/* Nodes that are looked at behind an output. */
enum { MOST_DEPTH = 64 };

static const ew_node *writer_of(const ew_graph *graph, uint32_t value) {
  for (uint32_t i = graph->num_nodes; i-- > 0;) {
    const ew_node *node = &graph->nodes[i];
    for (uint32_t k = 0; k < node->num_outputs; k++) {
      if (node->outputs[k] == value) return node;
    }
  }
  return NULL;
}

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

static bool is_unit(const ew_graph *graph, uint32_t value, uint32_t depth) {
  if (value == EW_NONE || depth > MOST_DEPTH) return false;
  if (holds_unit_only(&graph->values[value])) return true;
  const ew_node *node = writer_of(graph, value);
  if (node == NULL) return false;
  if (makes_unit(node)) return true;
  const uint32_t count = bounding_inputs(node);
  for (uint32_t i = 0; i < count; i++) {
    if (!is_unit(graph, node->inputs[i], depth + 1)) return false;
  }
  return count > 0;
}

bool ew_model_output_is_probability(const ew_model *model, uint32_t index) {
  return is_unit(&model->graph, model->graph.outputs[index], 0);
}

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
