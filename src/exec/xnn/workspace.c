/* How much working memory a segment will need, before XNNPACK says so. */
#include <string.h>

#include "exec/xnn/internal.h"

static size_t value_bytes(const ew_graph *graph, uint32_t id) {
  size_t bytes = 0;
  if (id == EW_NONE || graph->values[id].constant != EW_NONE) return 0;
  const ew_value *value = &graph->values[id];
  return ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes) ? bytes : 0;
}

static bool is_external(const ew_segment *segment, uint32_t id) {
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    if (segment->inputs[i] == id) return true;
  }
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    if (segment->outputs[i] == id) return true;
  }
  return false;
}

/* The most that internal values of the segment take at a time: about what its workspace will be.
 * last_use: scratch, per value. */
static uint64_t peak_bytes(const ew_graph *graph, uint32_t index, uint32_t *last_use) {
  const ew_segment *segment = &graph->segments[index];
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = ew_segment_node(graph, index, i);
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      if (node->inputs[k] != EW_NONE) last_use[node->inputs[k]] = i;
    }
  }
  uint64_t live = 0, peak = 0;
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = ew_segment_node(graph, index, i);
    for (uint32_t k = 0; k < node->num_outputs; k++) {
      if (!is_external(segment, node->outputs[k])) live += value_bytes(graph, node->outputs[k]);
    }
    if (live > peak) peak = live;
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t id = node->inputs[k];
      if (id == EW_NONE || last_use[id] != i || is_external(segment, id)) continue;
      const uint64_t bytes = value_bytes(graph, id);
      live -= bytes < live ? bytes : live;
      last_use[id] = EW_NONE; /* an operand that is named twice ends once */
    }
  }
  return peak;
}

ew_status ew_xnn_workspace(const ew_executor *executor, uint32_t segment, size_t *out_bytes,
                           ew_error *err) {
  const ew_xnn *xnn = ew_xnn_of_const(executor);
  const ew_graph *graph = xnn->graph;
  *out_bytes = 0;
  if (segment < xnn->num_segments && xnn->is_fast[segment]) return EW_OK;
  uint32_t *last_use = ew_alloc(graph->num_values * sizeof *last_use);
  EW_CHECK(last_use != NULL, err, EW_OUT_OF_MEMORY, "out of memory: lifetimes of a segment");
  memset(last_use, 0, graph->num_values * sizeof *last_use);
  const uint64_t peak = peak_bytes(graph, segment, last_use);
  *out_bytes = peak < SIZE_MAX ? (size_t)peak : SIZE_MAX;
  ew_free(last_use);
  return EW_OK;
}
