/* Getting a model ready to run: buffers that live as long as it, shapes (shapes.c), memory (plan.c). */
#include <string.h>

#include "session/model.h"

/* --- a model from its graph ------------------------------------------------------------------------ */

static ew_status init_states(ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  for (uint32_t i = 0; i < graph->num_values; i++) {
    const ew_value *value = &graph->values[i];
    if (!(value->flags & (EW_VALUE_STATE | EW_VALUE_SCALAR)) || value->constant != EW_NONE)
      continue;
    size_t bytes = 0;
    EW_CHECK(ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes), err,
             EW_OUT_OF_RESOURCES, "value %u is larger than 1 GiB", i);
    model->states[i] = ew_alloc(bytes);
    EW_CHECK(model->states[i] != NULL, err, EW_OUT_OF_MEMORY,
             "out of memory: %zu bytes for a mutable buffer", bytes);
    memset(model->states[i], 0, bytes + EW_EXTRA_BYTES);
    if (value->initial != EW_NONE) {
      memcpy(model->states[i], graph->constants[value->initial].data, bytes);
    }
  }
  return EW_OK;
}

ew_status ew_model_init(ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  ew_arena *arena = &model->arena;
  const uint32_t n = graph->num_values;
  EW_TRY(ew_arena_alloc(arena, n, sizeof *model->storage_of, &model->storage_of, err));
  EW_TRY(ew_arena_alloc(arena, n, sizeof *model->storages, &model->storages, err));
  EW_TRY(ew_arena_alloc(arena, n, sizeof *model->states, &model->states, err));
  EW_TRY(ew_arena_alloc(arena, graph->num_inputs, sizeof *model->inputs, &model->inputs, err));
  EW_TRY(
      ew_arena_alloc(arena, graph->num_steps, sizeof *model->step_times, &model->step_times, err));
  ew_tensor *tensors = NULL;
  EW_TRY(ew_arena_alloc(arena, n, sizeof *tensors, &tensors, err));
  for (uint32_t i = 0; i < n; i++) {
    const ew_value *value = &graph->values[i];
    tensors[i].dtype = value->dtype;
    tensors[i].rank = value->rank;
    memcpy(tensors[i].dims, value->dims, sizeof value->dims);
    ew_tensor_set_strides(&tensors[i], value->order);
  }
  model->tensors = tensors;
  EW_TRY(init_states(model, err));
  EW_TRY(ew_model_find_units(model, err));
  ew_model_find_lifetimes(model);
  for (uint32_t i = 0; i < n; i++) {
    if (model->states[i] != NULL) tensors[i].data = model->states[i];
    if (graph->values[i].constant != EW_NONE) {
      tensors[i].data = graph->constants[graph->values[i].constant].data;
    }
  }
  return ew_model_prepare(model, err);
}

static ew_status check_outputs(const ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  uint64_t total = 0;
  for (uint32_t i = 0; i < graph->num_outputs; i++) {
    total += ew_tensor_bytes(&model->tensors[graph->outputs[i]]);
    EW_CHECK(total <= model->max_output_bytes, err, EW_OUT_OF_RESOURCES,
             "the outputs of the model take more than %u MiB; load({ maxOutputBytes }) allows more",
             (unsigned)(model->max_output_bytes >> 20));
  }
  return EW_OK;
}

ew_status ew_model_prepare(ew_model *model, ew_error *err) {
  model->scratch_size = 0;
  EW_TRY(ew_model_find_shapes(model, 0, err));
  EW_TRY(check_outputs(model, err));
  EW_TRY(ew_model_plan_memory(model, err));
  model->shapes_ready = true;
  model->pointers_ready = false;
  return EW_OK;
}

/* --- sizes that depend on data -------------------------------------------------------------------- */

ew_status ew_model_prepare_behind(ew_model *model, const ew_tensor *outputs, ew_error *err) {
  const ew_node *node = &model->graph.nodes[model->graph.steps[model->step].node];
  bool changed = false;
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    ew_tensor *tensor = &model->tensors[id];
    if (ew_tensor_same_shape(tensor, &outputs[i])) continue;
    memcpy(tensor->dims, outputs[i].dims, sizeof tensor->dims);
    ew_tensor_set_strides(tensor, model->graph.values[id].order);
    EW_TRY(ew_model_check_shape(model, id, node->kernel->name, err));
    changed = true;
  }
  if (!changed) return EW_OK;
  model->pointers_ready = false;
  /* Until it succeeds, shapes do not fit each other. */
  model->shapes_ready = false;
  EW_TRY(ew_model_find_shapes(model, model->step + 1, err));
  EW_TRY(ew_model_check_room(model, err));
  model->shapes_ready = true;
  return EW_OK;
}
