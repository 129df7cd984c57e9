/* Segments in half precision; see half.h. */
#include "exec/half.h"

#include <string.h>

#include "base/half.h"
#include "kernels/kernel.h"

typedef struct widener {
  ew_graph *graph;
  uint32_t segment;
  uint32_t *twins; /* per value that was there before: its f32 twin, or EW_NONE */
  ew_error *err;
} widener;

static bool is_half(const ew_graph *graph, uint32_t value) {
  if (value == EW_NONE) return false;
  const ew_dtype dtype = graph->values[value].dtype;
  return dtype == EW_F16 || dtype == EW_BF16;
}

static bool any_half(const ew_graph *graph, const uint32_t *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (is_half(graph, values[i])) return true;
  }
  return false;
}

static bool is_refused(const ew_executor_ops *ops, const ew_graph *graph, uint32_t segment) {
  ew_error ignored;
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    const bool half = any_half(graph, node->inputs, node->num_inputs) ||
                      any_half(graph, node->outputs, node->num_outputs);
    if (half && ops->supports(graph, node, &ignored) != EW_OK) return true;
  }
  return false;
}

/* The context of the derivation is the type of the source. */
static ew_status widen_constant(const ew_graph *graph, uint32_t id, uint8_t *out, ew_error *err) {
  (void)err;
  const ew_constant *constant = &graph->constants[id];
  const ew_derivation *derivation = constant->derivation;
  const bool brain = *(const ew_dtype *)derivation->context == EW_BF16;
  const uint16_t *from = (const void *)graph->constants[derivation->sources[0]].data;
  float *to = (void *)out;
  for (size_t i = 0; i < constant->size / sizeof *to; i++) {
    to[i] = brain ? ew_bf16_to_f32(from[i]) : ew_f16_to_f32(from[i]);
  }
  return EW_OK;
}

static ew_status add_twin(widener *w, uint32_t id, uint32_t *out) {
  ew_value twin = w->graph->values[id];
  static const ew_dtype types[] = {EW_F16, EW_BF16};
  const ew_dtype *from = &types[twin.dtype == EW_BF16];
  twin.dtype = EW_F32;
  twin.flags &= EW_VALUE_DYNAMIC;
  twin.initial = EW_NONE;
  if (twin.constant != EW_NONE) {
    const ew_derivation derivation = {
        .make = widen_constant, .context = from, .num_sources = 1, .sources = {twin.constant}};
    size_t bytes = 0;
    EW_CHECK(ew_shape_bytes(EW_F32, twin.dims, twin.rank, &bytes), w->err, EW_OUT_OF_RESOURCES,
             "value %u (%s) is larger than 1 GiB in f32", id, ew_dtype_name(*from));
    EW_TRY(ew_graph_add_derived(w->graph, bytes, &derivation, &twin.constant, w->err));
  }
  return ew_graph_add_value(w->graph, &twin, out, w->err);
}

/* Names the twins in place of half values. */
static ew_status use_twins(widener *w, uint32_t *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t id = values[i];
    if (!is_half(w->graph, id)) continue;
    if (w->twins[id] == EW_NONE) EW_TRY(add_twin(w, id, &w->twins[id]));
    values[i] = w->twins[id];
  }
  return EW_OK;
}

static ew_status cast_at(widener *w, uint32_t behind, uint32_t from, uint32_t to) {
  uint32_t step = 0;
  while (w->graph->steps[step].segment != w->segment) step++;
  const uint32_t branch = w->graph->steps[step].branch;
  return ew_kernel_insert_cast(w->graph, step + behind, branch, from, to, w->err);
}

static ew_status cast_borders(widener *w) {
  ew_segment *s = &w->graph->segments[w->segment];
  for (uint32_t i = 0; i < s->num_inputs; i++) {
    const uint32_t half = s->inputs[i];
    EW_TRY(use_twins(w, &s->inputs[i], 1));
    if (s->inputs[i] != half) EW_TRY(cast_at(w, 0, half, s->inputs[i]));
  }
  for (uint32_t i = 0; i < s->num_outputs; i++) {
    const uint32_t half = s->outputs[i];
    EW_TRY(use_twins(w, &s->outputs[i], 1));
    if (s->outputs[i] != half) EW_TRY(cast_at(w, 1, s->outputs[i], half));
  }
  return EW_OK;
}

static ew_status widen(widener *w) {
  const ew_segment *s = &w->graph->segments[w->segment];
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    const ew_node *node = ew_segment_node(w->graph, w->segment, n);
    EW_TRY(use_twins(w, node->inputs, node->num_inputs));
    EW_TRY(use_twins(w, node->outputs, node->num_outputs));
  }
  return cast_borders(w);
}

ew_status ew_widen_half(const ew_executor_ops *ops, ew_graph *graph, uint32_t segment,
                        ew_error *err) {
  if (!is_refused(ops, graph, segment)) return EW_OK;
  const size_t bytes = graph->num_values * sizeof(uint32_t);
  widener w = {.graph = graph, .segment = segment, .twins = ew_alloc(bytes), .err = err};
  EW_CHECK(w.twins != NULL, err, EW_OUT_OF_MEMORY, "out of memory: widening half precision");
  memset(w.twins, 0xff, bytes);
  const ew_status status = widen(&w);
  ew_free(w.twins);
  return status;
}
