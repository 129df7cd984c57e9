/* Lifetimes and memory: values share one block where their lifetimes do not overlap. Inputs, mutable buffers and
 * constants lie elsewhere. Lifetimes follow from the steps alone and are found once; memory is laid out again when
 * shapes change. */
#include <string.h>

#include "session/model.h"

enum { ALIGN = 64 };

static uint32_t root_of(const ew_model *model, uint32_t value) { return model->storage_of[value]; }

/* --- lifetimes ------------------------------------------------------------------------------------ */

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

void ew_model_find_lifetimes(ew_model *model) {
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

ew_status ew_model_plan_memory(ew_model *model, ew_error *err) {
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

/* Memory was planned for the most that data-dependent values can be; what follows from smaller ones must
 * fit into it. */
ew_status ew_model_check_room(const ew_model *model, ew_error *err) {
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
