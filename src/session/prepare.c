/* Shapes, lifetimes and memory: what is decided before a run.
 *
 * Lifetimes follow from the steps alone and are found once. Shapes are found at load, and again when a
 * dynamic input changes; then memory is laid out anew: values share one block where their lifetimes do
 * not overlap. Inputs, mutable buffers and constants lie elsewhere. */
#include <string.h>

#include "base/bytes.h"
#include "graph/shapes.h"
#include "session/model.h"

enum { ALIGN = 64 };

/* --- lifetimes ------------------------------------------------------------------------------------ */

static uint32_t root_of(const ew_model *model, uint32_t value) { return model->storage_of[value]; }

static void touch(ew_model *model, uint32_t value, uint32_t step) {
  if (value == EW_NONE) return;
  ew_storage *storage = &model->storages[root_of(model, value)];
  if (storage->first == EW_NONE) storage->first = step;
  storage->last = step;
}

static void touch_all(ew_model *model, const uint32_t *values, uint32_t count, uint32_t step) {
  for (uint32_t i = 0; i < count; i++) touch(model, values[i], step);
}

static bool lies_elsewhere(const ew_value *value) {
  return value->constant != EW_NONE ||
         (value->flags & (EW_VALUE_INPUT | EW_VALUE_STATE | EW_VALUE_SCALAR)) != 0;
}

/* Conditions of a step's branches are read before it. */
static void touch_conditions(ew_model *model, uint32_t branch, uint32_t step) {
  for (; branch != 0; branch = model->graph.branches[branch].parent) {
    touch(model, model->graph.branches[branch].condition, step);
  }
}

static void find_lifetimes(ew_model *model) {
  const ew_graph *graph = &model->graph;
  for (uint32_t i = 0; i < graph->num_values; i++) {
    model->storage_of[i] = i;
    model->storages[i] =
        (ew_storage){.first = EW_NONE, .planned = !lies_elsewhere(&graph->values[i])};
  }
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    touch_conditions(model, step.branch, s);
    if (step.segment != EW_NONE) {
      const ew_segment *segment = &graph->segments[step.segment];
      touch_all(model, segment->inputs, segment->num_inputs, s);
      touch_all(model, segment->outputs, segment->num_outputs, s);
      continue;
    }
    const ew_node *node = &graph->nodes[step.node];
    if (node->op == EW_OP_VIEW) {
      /* Views are written once, before anything reads them, so their root is known here. */
      model->storage_of[node->outputs[0]] = root_of(model, node->inputs[0]);
    }
    touch_all(model, node->inputs, node->num_inputs, s);
    touch_all(model, node->outputs, node->num_outputs, s);
  }
  touch_all(model, graph->outputs, graph->num_outputs, graph->num_steps);
}

/* --- memory plan ---------------------------------------------------------------------------------- */

/* A hole or the tail of the block, ordered by offset. */
typedef struct gap {
  size_t offset, size;
} gap;

typedef struct planner {
  gap *gaps;
  uint32_t num_gaps;
  size_t end; /* bytes used so far */
} planner;

static void remove_gap(planner *p, uint32_t i) {
  memmove(&p->gaps[i], &p->gaps[i + 1], (p->num_gaps - i - 1) * sizeof *p->gaps);
  p->num_gaps--;
}

/* Best fit; grows the end when nothing fits. False when the block would become larger than it may be. */
static bool take(planner *p, size_t size, size_t *out_offset) {
  uint32_t best = EW_NONE;
  for (uint32_t i = 0; i < p->num_gaps; i++) {
    if (p->gaps[i].size >= size && (best == EW_NONE || p->gaps[i].size < p->gaps[best].size))
      best = i;
  }
  if (best != EW_NONE) {
    *out_offset = p->gaps[best].offset;
    p->gaps[best].offset += size;
    p->gaps[best].size -= size;
    if (p->gaps[best].size == 0) remove_gap(p, best);
    return true;
  }
  size_t offset = p->end;
  if (p->num_gaps > 0) {
    /* A gap at the very end is grown rather than left. */
    const gap *last = &p->gaps[p->num_gaps - 1];
    if (last->offset + last->size == p->end) {
      offset = last->offset;
      p->num_gaps--;
    }
  }
  /* Compared before it is added: the sum may not fit into 32 bits. */
  if (size > EW_MAX_PLANNED_BYTES - offset) return false;
  p->end = offset + size;
  *out_offset = offset;
  return true;
}

static void give(planner *p, size_t offset, size_t size) {
  uint32_t i = 0;
  while (i < p->num_gaps && p->gaps[i].offset < offset) i++;
  const bool joins_left = i > 0 && p->gaps[i - 1].offset + p->gaps[i - 1].size == offset;
  const bool joins_right = i < p->num_gaps && offset + size == p->gaps[i].offset;
  if (joins_left && joins_right) {
    p->gaps[i - 1].size += size + p->gaps[i].size;
    remove_gap(p, i);
  } else if (joins_left) {
    p->gaps[i - 1].size += size;
  } else if (joins_right) {
    p->gaps[i].offset = offset;
    p->gaps[i].size += size;
  } else {
    memmove(&p->gaps[i + 1], &p->gaps[i], (p->num_gaps - i) * sizeof *p->gaps);
    p->gaps[i] = (gap){offset, size};
    p->num_gaps++;
  }
}

/* Values by the step at which they start or end: two counting-sorted lists. */
static ew_status list_by_step(const ew_model *model, bool by_last, ew_arena *arena,
                              uint32_t **out_start, uint32_t **out_ids, ew_error *err) {
  const ew_graph *graph = &model->graph;
  const uint32_t steps = graph->num_steps + 1;
  EW_TRY(ew_arena_alloc(arena, (size_t)steps + 1, sizeof **out_start, out_start, err));
  EW_TRY(ew_arena_alloc(arena, graph->num_values, sizeof **out_ids, out_ids, err));
  uint32_t *start = *out_start;
  for (int fill = 0; fill < 2; fill++) {
    for (uint32_t i = 0; i < graph->num_values; i++) {
      const ew_storage *storage = &model->storages[i];
      if (storage->first == EW_NONE || !storage->planned) continue;
      const uint32_t step = by_last ? storage->last : storage->first;
      if (fill == 0) {
        start[step + 1]++;
      } else {
        (*out_ids)[start[step]++] = i;
      }
    }
    if (fill == 0) {
      for (uint32_t s = 0; s < steps; s++) start[s + 1] += start[s];
    }
  }
  /* Filling has moved each start to the next one's. */
  memmove(start + 1, start, steps * sizeof *start);
  start[0] = 0;
  return EW_OK;
}

static ew_status size_storages(ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  for (uint32_t i = 0; i < graph->num_values; i++) model->storages[i].size = 0;
  for (uint32_t i = 0; i < graph->num_values; i++) {
    ew_storage *storage = &model->storages[root_of(model, i)];
    if (storage->first == EW_NONE || !storage->planned) continue;
    size_t bytes = 0;
    EW_CHECK(ew_shape_bytes(model->tensors[i].dtype, model->tensors[i].dims, model->tensors[i].rank,
                            &bytes),
             err, EW_OUT_OF_RESOURCES, "value %u is larger than 1 GiB", i);
    bytes = (bytes + EW_EXTRA_BYTES + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes > storage->size) storage->size = bytes;
  }
  return EW_OK;
}

static ew_status fail_too_large(ew_error *err) {
  return ew_fail(err, EW_OUT_OF_RESOURCES, "the model needs more than %zu MiB of working memory",
                 EW_MAX_PLANNED_BYTES >> 20);
}

static ew_status plan_memory(ew_model *model, ew_error *err) {
  const ew_graph *graph = &model->graph;
  EW_TRY(size_storages(model, err));
  ew_arena arena;
  ew_arena_init(&arena);
  uint32_t *births = NULL, *born = NULL, *deaths = NULL, *dead = NULL;
  planner p = {0};
  ew_status status = list_by_step(model, false, &arena, &births, &born, err);
  if (status == EW_OK) status = list_by_step(model, true, &arena, &deaths, &dead, err);
  if (status == EW_OK) {
    status = ew_arena_alloc(&arena, (size_t)graph->num_values + 1, sizeof *p.gaps, &p.gaps, err);
  }
  for (uint32_t s = 0; status == EW_OK && s <= graph->num_steps; s++) {
    for (uint32_t i = births[s]; status == EW_OK && i < births[s + 1]; i++) {
      ew_storage *storage = &model->storages[born[i]];
      if (!take(&p, storage->size, &storage->offset)) status = fail_too_large(err);
    }
    for (uint32_t i = deaths[s]; i < deaths[s + 1]; i++) {
      give(&p, model->storages[dead[i]].offset, model->storages[dead[i]].size);
    }
  }
  ew_arena_free(&arena);
  EW_TRY(status);
  if (model->scratch_size > EW_MAX_PLANNED_BYTES - p.end) return fail_too_large(err);
  const size_t total = p.end + model->scratch_size;
  model->memory_size = p.end;
  if (total > model->memory_capacity || model->memory == NULL) {
    ew_free(model->memory);
    model->memory_capacity = 0;
    model->memory = ew_alloc(total);
    EW_CHECK(model->memory != NULL, err, EW_OUT_OF_MEMORY,
             "out of memory: %zu bytes of working memory", total);
    model->memory_capacity = total;
  }
  return EW_OK;
}

void ew_model_assign_pointers(ew_model *model) {
  const ew_graph *graph = &model->graph;
  for (uint32_t i = 0; i < graph->num_values; i++) {
    const uint32_t root = root_of(model, i);
    const ew_value *value = &graph->values[root];
    const ew_storage *storage = &model->storages[root];
    void *data = NULL;
    if (value->constant != EW_NONE) {
      data = graph->constants[value->constant].data;
    } else if (model->states[root] != NULL) {
      data = model->states[root];
    } else if (storage->planned && storage->first != EW_NONE) {
      data = (char *)model->memory + storage->offset;
    }
    model->tensors[i].data = data;
  }
  for (uint32_t i = 0; i < graph->num_inputs; i++) {
    model->tensors[graph->inputs[i]].data = model->inputs[i].data;
  }
  /* Views of inputs. */
  for (uint32_t i = 0; i < graph->num_values; i++) {
    const uint32_t root = root_of(model, i);
    if (root != i && (graph->values[root].flags & EW_VALUE_INPUT)) {
      model->tensors[i].data = model->tensors[root].data;
    }
  }
}

/* --- shapes --------------------------------------------------------------------------------------- */

static ew_status check_shape(const ew_model *model, uint32_t id, const char *who, ew_error *err) {
  const ew_value *value = &model->graph.values[id];
  const ew_tensor *tensor = &model->tensors[id];
  char actual[128], declared[128];
  size_t bound = 1, bytes = 0;
  bool same = tensor->rank == value->rank;
  for (uint32_t d = 0; d < value->rank; d++) {
    bound *= value->dims[d];
    same = same && tensor->dims[d] == value->dims[d];
  }
  const bool fits = same || ((value->flags & EW_VALUE_DYNAMIC) && tensor->rank == value->rank &&
                             ew_shape_bytes(tensor->dtype, tensor->dims, tensor->rank, &bytes) &&
                             ew_tensor_numel(tensor) <= bound);
  EW_CHECK(fits, err, EW_WRONG_DIMENSIONS, "%s: output value %u has shape %s, declared %s", who, id,
           ew_shape_text(tensor->dims, tensor->rank, actual, sizeof actual),
           ew_shape_text(value->dims, value->rank, declared, sizeof declared));
  return EW_OK;
}

static ew_shape physical_shape(const ew_model *model, uint32_t id) {
  const ew_tensor *tensor = &model->tensors[id];
  const uint8_t *order = model->graph.values[id].order;
  ew_shape shape = {.rank = tensor->rank};
  for (uint32_t d = 0; d < tensor->rank; d++) shape.dims[d] = tensor->dims[order[d]];
  return shape;
}

/* shapes: scratch, one per value of the graph. */
static ew_status prepare_segment(ew_model *model, uint32_t index, ew_shape *shapes,
                                 uint64_t *inout_work, ew_error *err) {
  const ew_graph *graph = &model->graph;
  const ew_segment *segment = &graph->segments[index];
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    shapes[segment->inputs[i]] = physical_shape(model, segment->inputs[i]);
  }
  EW_TRY(ew_graph_derive_segment(graph, index, shapes, model->max_work, inout_work, err));
  EW_TRY(model->executor->ops->reshape(model->executor, index, shapes, err));
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    const uint32_t id = segment->outputs[i];
    const uint8_t *order = graph->values[id].order;
    ew_tensor *tensor = &model->tensors[id];
    for (uint32_t d = 0; d < tensor->rank; d++) tensor->dims[order[d]] = shapes[id].dims[d];
    ew_tensor_set_strides(tensor, order);
    EW_TRY(check_shape(model, id, "XNNPACK segment", err));
  }
  return EW_OK;
}

/* Elements that a kernel reads and writes count as work. */
static ew_status count_work(const ew_model *model, const ew_node *node, uint64_t *inout_work,
                            ew_error *err) {
  uint64_t elements = 0;
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] != EW_NONE) elements += ew_tensor_numel(&model->tensors[node->inputs[i]]);
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    elements += ew_tensor_numel(&model->tensors[node->outputs[i]]);
  }
  EW_CHECK(elements <= model->max_work - *inout_work, err, EW_OUT_OF_RESOURCES,
           "%s: one run would move more than %llu elements", node->kernel->name,
           (unsigned long long)model->max_work);
  *inout_work += elements;
  return EW_OK;
}

/* Scratch memory for what the kernel of a node asks for, and for its row-major copies. */
static ew_status count_scratch(ew_model *model, const ew_node *node, size_t asked, ew_error *err) {
  const uint64_t total = asked + ew_dense_bytes(model, node);
  EW_CHECK(total <= EW_MAX_PLANNED_BYTES, err, EW_OUT_OF_RESOURCES,
           "%s: needs %llu bytes of working memory, the limit is %zu MiB", node->kernel->name,
           (unsigned long long)total, EW_MAX_PLANNED_BYTES >> 20);
  if (total > model->scratch_size) model->scratch_size = (size_t)total;
  return EW_OK;
}

void ew_model_bound_outputs(const ew_model *model, const ew_node *node, ew_tensor *outputs) {
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const ew_value *value = &model->graph.values[node->outputs[i]];
    if (!(value->flags & EW_VALUE_DYNAMIC) || outputs[i].rank != value->rank) continue;
    for (uint32_t d = 0; d < value->rank; d++) {
      if (outputs[i].dims[d] > value->dims[d]) outputs[i].dims[d] = value->dims[d];
    }
  }
}

static ew_status prepare_kernel(ew_model *model, const ew_node *node, uint64_t *inout_work,
                                ew_error *err) {
  const ew_graph *graph = &model->graph;
  ew_arena arena;
  ew_arena_init(&arena);
  ew_tensor *inputs = NULL, *outputs = NULL;
  ew_attr *attrs = NULL;
  ew_call call;
  ew_status status = ew_arena_alloc(&arena, node->num_inputs + 1, sizeof *inputs, &inputs, err);
  if (status == EW_OK) {
    status = ew_arena_alloc(&arena, node->num_outputs + 1, sizeof *outputs, &outputs, err);
  }
  if (status == EW_OK) {
    status = ew_arena_alloc(&arena, node->num_attrs + 1, sizeof *attrs, &attrs, err);
  }
  if (status == EW_OK) {
    ew_model_fill_call(model, node, inputs, outputs, attrs, &call, err);
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      inputs[i].dtype = ew_kernel_dtype(node->kernel, inputs[i].dtype);
    }
    for (uint32_t i = 0; i < node->num_outputs; i++) {
      outputs[i].dtype = ew_kernel_dtype(node->kernel, outputs[i].dtype);
    }
    status = node->kernel->prepare(&call);
    if (status == EW_OK && (node->kernel->flags & EW_KERNEL_SIZES)) {
      ew_model_bound_outputs(model, node, outputs);
    }
  }
  for (uint32_t i = 0; status == EW_OK && i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    ew_tensor *tensor = &model->tensors[id];
    tensor->rank = outputs[i].rank;
    memcpy(tensor->dims, outputs[i].dims, sizeof tensor->dims);
    status = check_shape(model, id, node->kernel->name, err);
    if (status == EW_OK) ew_tensor_set_strides(tensor, graph->values[id].order);
  }
  if (status == EW_OK && node->op == EW_OP_KERNEL) {
    status = count_work(model, node, inout_work, err);
  }
  if (status == EW_OK) status = count_scratch(model, node, call.scratch_size, err);
  if (status == EW_OK && (node->kernel->flags & EW_KERNEL_SHAPE)) {
    /* Its outputs are symbolic integers that later shapes depend on: they have memory already. */
    for (uint32_t i = 0; i < node->num_outputs; i++) outputs[i] = model->tensors[node->outputs[i]];
    status = node->kernel->run(&call);
  }
  ew_arena_free(&arena);
  return status;
}

/* --- segments -------------------------------------------------------------------------------------- */

/* A workspace that segments share grows from one to the next, and each time the old one leaves a hole in
 * the heap: the segment that will need the most goes first. Only where shapes are those of the file. */
static ew_status prepare_greediest(ew_model *model, ew_shape *shapes, ew_error *err) {
  const ew_graph *graph = &model->graph;
  for (uint32_t i = 0; i < graph->num_inputs; i++) {
    if (graph->values[graph->inputs[i]].flags & EW_VALUE_DYNAMIC) return EW_OK;
  }
  uint32_t greediest = EW_NONE;
  size_t bytes = 0;
  EW_TRY(
      ew_executor_greediest(model->executor, model->graph.num_segments, &greediest, &bytes, err));
  uint64_t work = 0; /* counted when its turn comes */
  return greediest == EW_NONE ? EW_OK : prepare_segment(model, greediest, shapes, &work, err);
}

/* Prepares the steps from first on; shapes has room for one per value. */
static ew_status prepare_steps(ew_model *model, uint32_t first, ew_shape *shapes, ew_error *err) {
  const ew_graph *graph = &model->graph;
  uint64_t work = 0;
  for (uint32_t s = first; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    if (step.segment != EW_NONE) {
      EW_TRY(prepare_segment(model, step.segment, shapes, &work, err));
      continue;
    }
    const ew_node *node = &graph->nodes[step.node];
    /* A view that the exporter elided is static: its declared shape is its shape. */
    if (node->kernel != NULL) EW_TRY(prepare_kernel(model, node, &work, err));
  }
  return EW_OK;
}

/* From the step first on; the scratch memory only grows. */
static ew_status prepare_shapes(ew_model *model, uint32_t first, ew_error *err) {
  ew_shape *shapes = ew_alloc(model->graph.num_values * sizeof *shapes);
  EW_CHECK(shapes != NULL, err, EW_OUT_OF_MEMORY, "out of memory: shapes");
  ew_status status = first == 0 ? prepare_greediest(model, shapes, err) : EW_OK;
  if (status == EW_OK) status = prepare_steps(model, first, shapes, err);
  ew_free(shapes);
  return status;
}

/* --- sizes that depend on data -------------------------------------------------------------------- */

/* Memory was planned for the most that data-dependent values can be; what follows from smaller ones must
 * fit into it. */
static ew_status check_room(const ew_model *model, ew_error *err) {
  bool fits = model->memory_size + model->scratch_size <= model->memory_capacity;
  for (uint32_t i = 0; fits && i < model->graph.num_values; i++) {
    const ew_storage *storage = &model->storages[root_of(model, i)];
    if (storage->first == EW_NONE || !storage->planned) continue;
    fits = ew_tensor_bytes(&model->tensors[i]) + EW_EXTRA_BYTES <= storage->size;
  }
  EW_CHECK(fits, err, EW_OUT_OF_RESOURCES,
           "fewer elements than planned need more memory than planned");
  return EW_OK;
}

ew_status ew_model_prepare_behind(ew_model *model, const ew_tensor *outputs, ew_error *err) {
  const ew_node *node = &model->graph.nodes[model->graph.steps[model->step].node];
  bool changed = false;
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    ew_tensor *tensor = &model->tensors[id];
    if (ew_tensor_same_shape(tensor, &outputs[i])) continue;
    memcpy(tensor->dims, outputs[i].dims, sizeof tensor->dims);
    ew_tensor_set_strides(tensor, model->graph.values[id].order);
    EW_TRY(check_shape(model, id, node->kernel->name, err));
    changed = true;
  }
  if (!changed) return EW_OK;
  model->pointers_ready = false;
  /* Until it succeeds, shapes do not fit each other. */
  model->shapes_ready = false;
  EW_TRY(prepare_shapes(model, model->step + 1, err));
  EW_TRY(check_room(model, err));
  model->shapes_ready = true;
  return EW_OK;
}

/* --- model ---------------------------------------------------------------------------------------- */

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
  find_lifetimes(model);
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
    EW_CHECK(total <= EW_MAX_OUTPUT_BYTES, err, EW_OUT_OF_RESOURCES,
             "the %u outputs of the model take more than %zu MiB", graph->num_outputs,
             EW_MAX_OUTPUT_BYTES >> 20);
  }
  return EW_OK;
}

ew_status ew_model_prepare(ew_model *model, ew_error *err) {
  model->scratch_size = 0;
  EW_TRY(prepare_shapes(model, 0, err));
  EW_TRY(check_outputs(model, err));
  EW_TRY(plan_memory(model, err));
  model->shapes_ready = true;
  model->pointers_ready = false;
  return EW_OK;
}
