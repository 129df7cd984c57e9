#include "oracle/graph_run.h"

#include <string.h>

#include "exec/xnn/internal.h"
#include "graph/check.h"
#include "graph/passes/passes.h"
#include "graph/shapes.h"

/* --- constants ------------------------------------------------------------------------------------- */

static ew_status arrive(graph_run *run, ew_error *err) {
  ew_graph *graph = &run->random->graph;
  for (uint32_t i = 0; i < graph->num_constants; i++) {
    ew_constant *constant = &graph->constants[i];
    constant->data = ew_alloc(constant->size);
    EW_CHECK(constant->data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a constant");
    if (constant->kind == EW_CONSTANT_DERIVED) {
      EW_TRY(constant->derivation->make(graph, i, constant->data, err));
    } else {
      memcpy(constant->data, run->random->constants[i], constant->size);
    }
  }
  return EW_OK;
}

/* Frees the constants that no operand keeps longer than `until`; scales stay until the segment is built. */
static void release(graph_run *run, ew_keep until) {
  ew_graph *graph = &run->random->graph;
  bool needed[2 * RANDOM_MAX_VALUES] = {false};
  for (uint32_t p = 0; p < run->num_parts; p++) {
    for (uint32_t n = 0; n < graph->segments[run->parts[p]].num_nodes; n++) {
      const ew_node *node = ew_segment_node(graph, run->parts[p], n);
      for (uint32_t i = 0; i < node->num_inputs; i++) {
        if (node->inputs[i] == EW_NONE) continue;
        const ew_value *value = &graph->values[node->inputs[i]];
        if (value->constant == EW_NONE) continue;
        const ew_keep keep =
            run->executor->ops->keeps(run->executor, (uint32_t)(node - graph->nodes), i);
        if (keep > until) needed[value->constant] = true;
        const bool scales_needed = until < EW_KEEP_UNTIL_BUILT || keep > until;
        if (value->quant.scale_constant != EW_NONE && scales_needed) {
          needed[value->quant.scale_constant] = true;
        }
      }
    }
  }
  for (uint32_t i = 0; i < graph->num_constants; i++) {
    if (needed[i]) continue;
    ew_free(graph->constants[i].data);
    graph->constants[i].data = NULL;
  }
}

static ew_status pack_node(graph_run *run, const ew_node *node, ew_error *err) {
  const ew_graph *graph = &run->random->graph;
  const uint32_t index = (uint32_t)(node - graph->nodes);
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE || graph->values[node->inputs[i]].constant == EW_NONE) continue;
    if (run->executor->ops->keeps(run->executor, index, i) != EW_KEEP_UNTIL_PACKED) continue;
    return run->executor->ops->pack(run->executor, index, err);
  }
  return EW_OK;
}

static ew_status load(graph_run *run, ew_error *err) {
  const ew_graph *graph = &run->random->graph;
  EW_TRY(arrive(run, err));
  for (uint32_t p = 0; p < run->num_parts; p++) {
    for (uint32_t n = 0; n < graph->segments[run->parts[p]].num_nodes; n++) {
      EW_TRY(pack_node(run, ew_segment_node(graph, run->parts[p], n), err));
    }
  }
  release(run, EW_KEEP_UNTIL_PACKED);
  for (uint32_t p = 0; p < run->num_parts; p++) {
    EW_TRY(run->executor->ops->build(run->executor, run->parts[p], err));
  }
  release(run, EW_KEEP_UNTIL_BUILT);
  return EW_OK;
}

/* --- rewrites -------------------------------------------------------------------------------------- */

static ew_status rewrite(graph_run *run, uint32_t rewrites, ew_error *err) {
  ew_graph *graph = &run->random->graph;
  const ew_executor_ops *ops = run->executor->ops;
  if (rewrites & RUN_CLAMPS) EW_TRY(ew_xnn_fuse_clamps(graph, 0, err));
  if (rewrites & RUN_TRANSPOSES) ew_pass_transposes(graph, 0);
  if (rewrites & RUN_DEAD_TAPS) EW_TRY(ew_pass_dead_taps(graph, 0, err));
  if (ops->refine != NULL) {
    EW_TRY(ops->refine(run->executor, graph, 0, (rewrites & RUN_OPTIMISE) != 0, err));
  }
  run->changed = graph->num_steps > 1 || graph->segments[0].num_nodes != run->original_nodes;
  run->num_parts = graph->num_steps;
  for (uint32_t i = 0; i < graph->num_steps; i++) run->parts[i] = graph->steps[i].segment;
  return EW_OK;
}

static ew_status supports_all(const ew_executor_ops *ops, const ew_graph *graph, ew_error *err) {
  for (uint32_t n = 0; n < graph->segments[0].num_nodes; n++) {
    EW_TRY(ops->supports(graph, ew_segment_node(graph, 0, n), err));
  }
  return EW_OK;
}

ew_status graph_run_prepare(graph_run *run, random_graph *random, const ew_executor_ops *ops,
                            uint32_t num_threads, uint32_t rewrites, ew_error *err) {
  memset(run, 0, sizeof *run);
  run->random = random;
  ew_graph *graph = &random->graph;
  const ew_segment *whole = &graph->segments[0];
  run->original_nodes = whole->num_nodes;
  run->num_whole_outputs = whole->num_outputs;
  memcpy(run->whole_outputs, whole->outputs, whole->num_outputs * sizeof *whole->outputs);
  EW_TRY(ew_graph_check_segment(graph, 0, err));
  EW_TRY(supports_all(ops, graph, err));
  const ew_executor_options options = {.num_threads = num_threads};
  EW_TRY(ops->create(graph, &options, &run->executor, err));
  EW_TRY(rewrite(run, rewrites, err));
  EW_TRY(load(run, err));
  EW_TRY(ew_arena_alloc(&random->arena, graph->num_values, sizeof *run->shapes, &run->shapes, err));
  return ew_arena_alloc(&random->arena, graph->num_values, sizeof *run->data, &run->data, err);
}

/* --- running --------------------------------------------------------------------------------------- */

/* Bytes for an input or output, filled with what must not be taken for a result. */
static ew_status give_memory(graph_run *run, uint32_t id, ew_error *err) {
  size_t size = 0;
  const ew_shape *shape = &run->shapes[id];
  ew_free(run->data[id]);
  run->data[id] = NULL;
  EW_CHECK(ew_shape_bytes(run->random->graph.values[id].dtype, shape->dims, shape->rank, &size),
           err, EW_INTERNAL, "value %u is too large", id);
  run->data[id] = ew_alloc(size);
  EW_CHECK(run->data[id] != NULL, err, EW_OUT_OF_MEMORY, "out of memory: value %u", id);
  memset(run->data[id], 0xA5, size);
  return EW_OK;
}

static ew_status give_inputs(graph_run *run, const oracle_tensor *inputs, ew_error *err) {
  for (uint32_t i = 0; i < run->random->num_inputs; i++) {
    const uint32_t id = run->random->inputs[i];
    run->shapes[id].rank = inputs[id].rank;
    memcpy(run->shapes[id].dims, inputs[id].dims, sizeof inputs[id].dims);
    EW_TRY(give_memory(run, id, err));
    oracle_tensor_store(&inputs[id], run->data[id]);
  }
  return EW_OK;
}

static ew_status run_part(graph_run *run, uint32_t part, ew_error *err) {
  const ew_segment *segment = &run->random->graph.segments[part];
  const ew_executor_ops *ops = run->executor->ops;
  void *inputs[RANDOM_MAX_VALUES], *outputs[RANDOM_MAX_VALUES];
  uint64_t work = 0;
  EW_TRY(ew_graph_derive_segment(&run->random->graph, part, run->shapes, EW_MAX_WORK, &work, err));
  EW_TRY(ops->reshape(run->executor, part, run->shapes, err));
  for (uint32_t i = 0; i < segment->num_inputs; i++) inputs[i] = run->data[segment->inputs[i]];
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    EW_TRY(give_memory(run, segment->outputs[i], err));
    outputs[i] = run->data[segment->outputs[i]];
  }
  EW_TRY(ops->setup(run->executor, part, inputs, outputs, err));
  EW_TRY(ops->start(run->executor, part, err));
  ew_progress progress = EW_WAITING;
  while (progress == EW_WAITING) EW_TRY(ops->poll(run->executor, part, &progress, err));
  return EW_OK;
}

ew_status graph_run_start(graph_run *run, const oracle_tensor *inputs, ew_error *err) {
  EW_TRY(give_inputs(run, inputs, err));
  for (uint32_t i = 0; i < run->num_parts; i++) EW_TRY(run_part(run, run->parts[i], err));
  return EW_OK;
}

void graph_run_destroy(graph_run *run) {
  for (uint32_t i = 0; run->data != NULL && i < run->random->graph.num_values; i++) {
    ew_free(run->data[i]);
  }
  if (run->executor != NULL) run->executor->ops->destroy(run->executor);
  memset(run, 0, sizeof *run);
}
