#include "oracle/oracle.h"

#include <string.h>

#include "oracle/loops.h"

/* What is known of one segment. Both lists are by value id. */
typedef struct segment_state {
  ew_arena built, shaped;   /* memory of the constants, and of the tensors */
  oracle_tensor *constants; /* read by build: scales are there no longer; NULL before */
  oracle_tensor *tensors;   /* the values of the segment; NULL before reshape */
  uint32_t num_values;      /* when it was built */
  void **inputs, **outputs; /* copies of setup's lists; NULL before */
  uint32_t waits;           /* answers of EW_WAITING still to come */
  bool is_running;
} segment_state;

typedef struct oracle {
  ew_executor base;
  const ew_graph *graph;
  segment_state *segments[EW_MAX_SEGMENTS];
} oracle;

static uint32_t waits_per_run;

void oracle_set_waits(uint32_t waits) { waits_per_run = waits; }

static oracle *self(ew_executor *executor) { return (oracle *)executor; }

/* --- life ------------------------------------------------------------------------------------------ */

static ew_status create(const ew_graph *graph, const ew_executor_options *options,
                        ew_executor **out, ew_error *err) {
  (void)options;
  oracle *o = ew_alloc(sizeof *o);
  *out = NULL;
  EW_CHECK(o != NULL, err, EW_OUT_OF_MEMORY, "out of memory: the oracle");
  memset(o, 0, sizeof *o);
  o->base.ops = &oracle_executor;
  o->graph = graph;
  *out = &o->base;
  return EW_OK;
}

static void destroy(ew_executor *executor) {
  if (executor == NULL) return;
  oracle *o = self(executor);
  for (uint32_t i = 0; i < EW_MAX_SEGMENTS; i++) {
    if (o->segments[i] == NULL) continue;
    ew_arena_free(&o->segments[i]->built);
    ew_arena_free(&o->segments[i]->shaped);
    ew_free(o->segments[i]->inputs);
    ew_free(o->segments[i]->outputs);
    ew_free(o->segments[i]);
  }
  ew_free(o);
}

static ew_status supports(const ew_graph *graph, const ew_node *node, ew_error *err) {
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE) continue;
    const ew_dtype dtype = graph->values[node->inputs[i]].dtype;
    EW_CHECK(dtype != EW_F16 && dtype != EW_BF16, err, EW_NOT_SUPPORTED,
             "the oracle does not know %s", ew_dtype_name(dtype));
  }
  return EW_OK;
}

static ew_keep keeps(const ew_executor *executor, uint32_t node, uint32_t input) {
  (void)executor;
  (void)node;
  (void)input;
  return EW_KEEP_ALWAYS;
}

static ew_status state_of(oracle *o, uint32_t segment, segment_state **out, ew_error *err) {
  EW_CHECK(segment < o->graph->num_segments, err, EW_INVALID_ARGUMENT, "there is no segment %u",
           segment);
  if (o->segments[segment] == NULL) {
    segment_state *state = ew_alloc(sizeof *state);
    EW_CHECK(state != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a segment of the oracle");
    memset(state, 0, sizeof *state);
    ew_arena_init(&state->built);
    ew_arena_init(&state->shaped);
    o->segments[segment] = state;
  }
  *out = o->segments[segment];
  return EW_OK;
}

static const void *bytes_of(const ew_graph *graph, uint32_t constant) {
  return constant == EW_NONE ? NULL : graph->constants[constant].data;
}

static ew_status load_constant(const ew_graph *graph, uint32_t id, oracle_tensor *tensor,
                               ew_arena *arena, ew_error *err) {
  const ew_value *value = &graph->values[id];
  const void *bytes = bytes_of(graph, value->constant);
  const void *scales = bytes_of(graph, value->quant.scale_constant);
  const bool complete = bytes != NULL && (value->quant.scale_constant == EW_NONE || scales != NULL);
  EW_CHECK(complete, err, EW_INVALID_STATE, "value %u: its bytes or scales are not there", id);
  EW_TRY(oracle_tensor_init(tensor, value, ew_value_shape(value).dims, arena, err));
  return oracle_tensor_load(tensor, bytes, scales, arena, err);
}

static ew_status build(ew_executor *executor, uint32_t segment, ew_error *err) {
  const ew_graph *graph = self(executor)->graph;
  segment_state *state = NULL;
  EW_TRY(state_of(self(executor), segment, &state, err));
  EW_CHECK(state->constants == NULL, err, EW_INVALID_STATE, "segment %u is built already", segment);
  state->num_values = graph->num_values;
  EW_TRY(ew_arena_alloc(&state->built, state->num_values, sizeof *state->constants,
                        &state->constants, err));
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, segment, n);
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      const uint32_t id = node->inputs[i];
      if (id == EW_NONE || graph->values[id].constant == EW_NONE) continue;
      EW_TRY(load_constant(graph, id, &state->constants[id], &state->built, err));
    }
  }
  return EW_OK;
}

/* --- shapes ---------------------------------------------------------------------------------------- */

static ew_status add_value(const ew_graph *graph, uint32_t id, const ew_shape *shapes,
                           segment_state *state, ew_error *err) {
  if (id == EW_NONE || state->tensors[id].value != NULL) return EW_OK;
  if (state->constants[id].value != NULL) {
    state->tensors[id] = state->constants[id];
    return EW_OK;
  }
  return oracle_tensor_init(&state->tensors[id], &graph->values[id], shapes[id].dims,
                            &state->shaped, err);
}

static ew_status reshape(ew_executor *executor, uint32_t index, const ew_shape *shapes,
                         ew_error *err) {
  oracle *o = self(executor);
  segment_state *state = NULL;
  EW_TRY(state_of(o, index, &state, err));
  EW_CHECK(state->constants != NULL, err, EW_INVALID_STATE, "segment %u is not built yet", index);
  ew_arena_free(&state->shaped);
  ew_arena_init(&state->shaped);
  EW_TRY(ew_arena_alloc(&state->shaped, state->num_values, sizeof *state->tensors, &state->tensors,
                        err));
  const ew_segment *segment = &o->graph->segments[index];
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    EW_TRY(add_value(o->graph, segment->inputs[i], shapes, state, err));
  }
  for (uint32_t n = 0; n < segment->num_nodes; n++) {
    const ew_node *node = ew_segment_node(o->graph, index, n);
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      EW_TRY(add_value(o->graph, node->inputs[i], shapes, state, err));
    }
    for (uint32_t i = 0; i < node->num_outputs; i++) {
      EW_TRY(add_value(o->graph, node->outputs[i], shapes, state, err));
    }
  }
  return EW_OK;
}

/* --- running --------------------------------------------------------------------------------------- */

static ew_status copy_list(void ***list, void *const *from, uint32_t count, ew_error *err) {
  ew_free(*list);
  *list = ew_alloc((count + 1) * sizeof **list);
  EW_CHECK(*list != NULL, err, EW_OUT_OF_MEMORY, "out of memory: pointers of the oracle");
  if (count > 0) memcpy(*list, from, count * sizeof **list);
  return EW_OK;
}

static ew_status setup(ew_executor *executor, uint32_t index, void *const *inputs,
                       void *const *outputs, ew_error *err) {
  segment_state *state = NULL;
  EW_TRY(state_of(self(executor), index, &state, err));
  EW_CHECK(state->tensors != NULL, err, EW_INVALID_STATE, "segment %u has no shapes yet", index);
  const ew_segment *segment = &self(executor)->graph->segments[index];
  EW_TRY(copy_list(&state->inputs, inputs, segment->num_inputs, err));
  return copy_list(&state->outputs, outputs, segment->num_outputs, err);
}

static ew_status run_node(const segment_state *state, const ew_node *node, ew_error *err) {
  oracle_tensor in[5] = {{0}}, out[2] = {{0}};
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] != EW_NONE) in[i] = state->tensors[node->inputs[i]];
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) out[i] = state->tensors[node->outputs[i]];
  return oracle_run(&(oracle_call){.op = node->op,
                                   .params = node->params,
                                   .num_inputs = node->num_inputs,
                                   .in = in,
                                   .out = out},
                    err);
}

static ew_status run(const oracle *o, uint32_t index, const segment_state *state, ew_error *err) {
  const ew_segment *segment = &o->graph->segments[index];
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    oracle_tensor *tensor = &state->tensors[segment->inputs[i]];
    if (tensor->value == NULL) continue;
    EW_TRY(oracle_tensor_load(tensor, state->inputs[i], NULL, NULL, err));
  }
  for (uint32_t n = 0; n < segment->num_nodes; n++) {
    EW_TRY(run_node(state, ew_segment_node(o->graph, index, n), err));
  }
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    oracle_tensor_store(&state->tensors[segment->outputs[i]], state->outputs[i]);
  }
  return EW_OK;
}

static ew_status start(ew_executor *executor, uint32_t index, ew_error *err) {
  segment_state *state = NULL;
  EW_TRY(state_of(self(executor), index, &state, err));
  EW_CHECK(state->inputs != NULL && !state->is_running, err, EW_INVALID_STATE,
           "segment %u is not ready to start", index);
  state->is_running = true;
  state->waits = waits_per_run;
  return EW_OK;
}

static ew_status poll(ew_executor *executor, uint32_t index, ew_progress *out, ew_error *err) {
  segment_state *state = NULL;
  EW_TRY(state_of(self(executor), index, &state, err));
  EW_CHECK(state->is_running, err, EW_INVALID_STATE, "segment %u has not been started", index);
  *out = EW_WAITING;
  if (state->waits > 0) {
    state->waits--;
    return EW_OK;
  }
  *out = EW_DONE;
  state->is_running = false;
  return run(self(executor), index, state, err);
}

static ew_status times(ew_executor *executor, uint32_t segment, ew_time_visitor *visit,
                       void *context, ew_error *err) {
  (void)executor;
  (void)segment;
  (void)visit;
  (void)context;
  return ew_fail(err, EW_INVALID_STATE, "the oracle measures nothing");
}

static size_t memory(const ew_executor *executor) {
  (void)executor;
  return 0;
}

const oracle_tensor *oracle_result(const ew_executor *executor, uint32_t segment, uint32_t value) {
  const oracle *o = (const oracle *)executor;
  return &o->segments[segment]->tensors[value];
}

const ew_executor_ops oracle_executor = {
    .name = "oracle",
    .supports = supports,
    .create = create,
    .destroy = destroy,
    .keeps = keeps,
    .build = build,
    .reshape = reshape,
    .setup = setup,
    .start = start,
    .poll = poll,
    .times = times,
    .memory = memory,
};
