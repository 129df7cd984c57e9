/* The shapes of all values, step by step, and what the steps need for them: work and scratch memory. Found at load, and
 * again when a dynamic input changes. */
#include <string.h>

#include "graph/shapes.h"
#include "session/model.h"

/* --- shapes --------------------------------------------------------------------------------------- */

ew_status ew_model_check_shape(const ew_model *model, uint32_t id, const char *who, ew_error *err) {
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
    EW_TRY(ew_model_check_shape(model, id, model->executor->ops->name, err));
  }
  return EW_OK;
}

static ew_status count_work(const ew_model *model, const ew_call *call, uint64_t *inout_work,
                            ew_error *err) {
  const uint64_t work = ew_kernel_work(call);
  EW_CHECK(work <= model->max_work - *inout_work, err, EW_OUT_OF_RESOURCES,
           "%s: one run would need more than %llu operations", call->node->kernel->name,
           (unsigned long long)model->max_work);
  *inout_work += work;
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

/* Takes over the shapes that the kernel gave to its outputs. */
static ew_status set_outputs(ew_model *model, const ew_call *call, ew_error *err) {
  const ew_node *node = call->node;
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    ew_tensor *tensor = &model->tensors[id];
    tensor->rank = call->outputs[i].rank;
    memcpy(tensor->dims, call->outputs[i].dims, sizeof tensor->dims);
    EW_TRY(ew_model_check_shape(model, id, node->kernel->name, err));
    ew_tensor_set_strides(tensor, model->graph.values[id].order);
  }
  return EW_OK;
}

static ew_status prepare_call(ew_model *model, ew_step_call *c, uint64_t *inout_work,
                              ew_error *err) {
  ew_call *call = &c->call;
  const ew_node *node = call->node;
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    c->inputs[i].dtype = ew_kernel_dtype(node->kernel, c->inputs[i].dtype);
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    call->outputs[i].dtype = ew_kernel_dtype(node->kernel, call->outputs[i].dtype);
  }
  EW_TRY(node->kernel->prepare(call));
  if (node->kernel->flags & EW_KERNEL_SIZES) ew_model_bound_outputs(model, node, call->outputs);
  EW_TRY(set_outputs(model, call, err));
  if (node->op == EW_OP_KERNEL) EW_TRY(count_work(model, call, inout_work, err));
  EW_TRY(count_scratch(model, node, call->scratch_size, err));
  if ((node->kernel->flags & EW_KERNEL_SHAPE) == 0) return EW_OK;
  /* Its outputs are symbolic integers that later shapes depend on: they have memory already. */
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    call->outputs[i] = model->tensors[node->outputs[i]];
  }
  return node->kernel->run(call);
}

static ew_status prepare_kernel(ew_model *model, const ew_node *node, uint64_t *inout_work,
                                ew_error *err) {
  ew_step_call c;
  ew_status status = ew_step_call_begin(model, node, &c, err);
  if (status == EW_OK) status = prepare_call(model, &c, inout_work, err);
  ew_step_call_end(&c);
  return status;
}

/* --- steps -------------------------------------------------------------------------------------- */

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

ew_status ew_model_find_shapes(ew_model *model, uint32_t first, ew_error *err) {
  ew_shape *shapes = ew_alloc(model->graph.num_values * sizeof *shapes);
  EW_CHECK(shapes != NULL, err, EW_OUT_OF_MEMORY, "out of memory: shapes");
  ew_status status = first == 0 ? prepare_greediest(model, shapes, err) : EW_OK;
  if (status == EW_OK) status = prepare_steps(model, first, shapes, err);
  ew_free(shapes);
  return status;
}
