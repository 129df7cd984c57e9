/* What a model is made of, as JSON, and the times of its last run. */
#include <string.h>

#include "graph/dump.h"
#include "session/model.h"

static void add_tensor(const ew_tensor *tensor, const ew_value *value, ew_text *text) {
  char shape[128];
  const bool dynamic = (value->flags & EW_VALUE_DYNAMIC) != 0;
  ew_text_add(text, "{\"scalarType\":%d,\"type\":\"%s\",\"sizes\":%s,\"dynamic\":%s", tensor->dtype,
              ew_dtype_name(tensor->dtype),
              ew_shape_text(tensor->dims, tensor->rank, shape, sizeof shape),
              dynamic ? "true" : "false");
  for (uint32_t d = 0, bits = value->free_dims; bits != 0; d++, bits >>= 1) {
    if ((bits & 1) == 0) continue;
    const bool first = (value->free_dims & ((1u << d) - 1)) == 0;
    ew_text_add(text, first ? ",\"freeDims\":[%u" : ",%u", d);
    if (bits == 1) ew_text_add(text, "]");
  }
  if (*value->name != '\0') {
    ew_text_add(text, ",\"name\":");
    ew_text_add_json_string(text, value->name);
  }
  if (value->quant.kind == EW_QUANT_TENSOR) {
    ew_text_add(text, ",\"scale\":%.9g,\"zeroPoint\":%d", (double)value->quant.scale[0],
                value->quant.zero_point);
  }
  ew_text_add(text, "}");
}

static void add_tensors(const ew_model *model, const char *key, const uint32_t *ids, uint32_t count,
                        bool outputs, ew_text *text) {
  ew_text_add(text, ",\"%s\":[", key);
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) ew_text_add(text, ",");
    const ew_tensor tensor =
        outputs ? ew_model_output_info(model, i) : ew_model_input_info(model, i);
    add_tensor(&tensor, &model->graph.values[ids[i]], text);
  }
  ew_text_add(text, "]");
}

static bool counts(const ew_node *node, bool segments) {
  return node->op != EW_OP_REMOVED && (node->segment != EW_NONE) == segments;
}

/* Counts by name: kernels and views (segments false) or nodes of segments (segments true). */
static void add_counts(const ew_graph *graph, const char *key, bool segments, ew_text *text) {
  ew_text_add(text, ",\"%s\":{", key);
  bool first = true;
  for (uint32_t i = 0; i < graph->num_nodes; i++) {
    const ew_node *node = &graph->nodes[i];
    if (!counts(node, segments)) continue;
    const char *name = ew_node_name(node);
    uint32_t count = 0;
    bool seen = false;
    for (uint32_t k = 0; k < graph->num_nodes && !seen; k++) {
      const ew_node *other = &graph->nodes[k];
      if (!counts(other, segments) || strcmp(ew_node_name(other), name) != 0) continue;
      seen = k < i;
      count++;
    }
    if (seen) continue;
    if (!first) ew_text_add(text, ",");
    first = false;
    ew_text_add_json_string(text, name);
    ew_text_add(text, ":%u", count);
  }
  ew_text_add(text, "}");
}

static uint32_t count_segments(const ew_graph *graph) {
  uint32_t count = 0;
  for (uint32_t s = 0; s < graph->num_steps; s++) count += graph->steps[s].segment != EW_NONE;
  return count;
}

void ew_model_info(const ew_model *model, ew_text *text) {
  const ew_graph *graph = &model->graph;
  ew_text_add(text, "{\"format\":\"%s\",\"fileBytes\":", model->file.format);
  if (model->file_size == UINT64_MAX) {
    ew_text_add(text, "null");
  } else {
    ew_text_add(text, "%llu", (unsigned long long)model->file_size);
  }
  ew_text_add(text, ",\"methods\":[");
  for (uint32_t i = 0; i < model->file.num_methods; i++) {
    if (i > 0) ew_text_add(text, ",");
    ew_text_add_json_string(text, model->file.method_names[i]);
  }
  ew_text_add(text, "],\"method\":");
  ew_text_add_json_string(text, graph->name);
  add_tensors(model, "inputs", graph->inputs, graph->num_inputs, false, text);
  add_tensors(model, "outputs", graph->outputs, graph->num_outputs, true, text);
  if (ew_model_has_channels_last(model)) ew_text_add(text, ",\"channelsLast\":true");
  add_counts(graph, "kernels", false, text);
  add_counts(graph, "nodes", true, text);
  size_t resident = 0;
  uint64_t constants = 0;
  for (uint32_t i = 0; i < graph->num_constants; i++) {
    constants += graph->constants[i].size;
    if (graph->constants[i].data != NULL) resident += graph->constants[i].size;
  }
  ew_text_add(
      text,
      ",\"segments\":%u,\"steps\":%u,\"memory\":{\"constantBytes\":%llu,"
      "\"residentBytes\":%zu,\"packedBytes\":%zu,\"plannedBytes\":%zu,\"metadataBytes\":%zu}%s}",
      count_segments(graph), graph->num_steps, (unsigned long long)constants, resident,
      model->executor->ops->memory(model->executor), model->memory_capacity, model->arena.total,
      model->file.members);
}

void ew_model_dump(const ew_model *model, ew_text *text) { ew_graph_dump(&model->graph, text); }

typedef struct profile_writer {
  ew_text *text;
  uint32_t segment;
  bool first;
} profile_writer;

static void add_time(profile_writer *writer, const char *name, uint64_t microseconds) {
  ew_text_add(writer->text, writer->first ? "{\"name\":" : ",{\"name\":");
  writer->first = false;
  ew_text_add_json_string(writer->text, name);
  if (writer->segment == EW_NONE) {
    ew_text_add(writer->text, ",\"segment\":null");
  } else {
    ew_text_add(writer->text, ",\"segment\":%u", writer->segment);
  }
  ew_text_add(writer->text, ",\"microseconds\":%llu}", (unsigned long long)microseconds);
}

static void visit_operator(void *context, const char *name, uint64_t microseconds) {
  add_time(context, name, microseconds);
}

void ew_model_profile(const ew_model *model, ew_text *text) {
  const uint32_t steps = model->profile && model->has_run ? model->graph.num_steps : 0;
  ew_error ignored;
  profile_writer writer = {.text = text, .first = true};
  ew_text_add(text, "[");
  for (uint32_t s = 0; s < steps; s++) {
    const ew_step step = model->graph.steps[s];
    if (model->step_times[s] == EW_STEP_NOT_TAKEN) continue;
    writer.segment = step.segment;
    if (step.segment == EW_NONE) {
      add_time(&writer, ew_node_name(&model->graph.nodes[step.node]), model->step_times[s]);
      continue;
    }
    const ew_executor_ops *ops = model->executor->ops;
    /* One whose times are not known is left out. */
    (void)ops->times(model->executor, step.segment, visit_operator, &writer, &ignored);
  }
  ew_text_add(text, "]");
}
