/* Building a graph: growable lists in an arena. */
#include "graph/ir.h"
#include "graph/kernel.h"

#include <math.h>
#include <string.h>

enum { LOOK_BACK = 4096 };

void ew_graph_init(ew_graph *graph, ew_arena *arena, const char *name) {
  memset(graph, 0, sizeof *graph);
  graph->arena = arena;
  graph->name = name;
}

void ew_graph_free(ew_graph *graph) {
  for (uint32_t i = 0; i < graph->num_constants; i++) {
    ew_free(graph->constants[i].data);
    graph->constants[i].data = NULL;
  }
}

/* Doubles a list; the old copy stays in the arena (at most as much again in the end). */
static ew_status grow(ew_graph *graph, void *list_pointer, uint32_t count, uint32_t *cap,
                      uint32_t limit, size_t item, const char *what, ew_error *err) {
  if (count < *cap) return EW_OK;
  EW_CHECK(count < limit, err, EW_OUT_OF_RESOURCES, "the model has more than %u %s", limit, what);
  const uint32_t capacity = *cap == 0 ? 64 : *cap * 2;
  void *bigger = NULL;
  void *old = NULL;
  EW_TRY(ew_arena_alloc(graph->arena, capacity, item, &bigger, err));
  memcpy(&old, list_pointer, sizeof old);
  if (count > 0) memcpy(bigger, old, count * item);
  memcpy(list_pointer, &bigger, sizeof bigger);
  *cap = capacity;
  return EW_OK;
}

ew_status ew_graph_add_value(ew_graph *graph, const ew_value *value, uint32_t *out_id,
                             ew_error *err) {
  EW_TRY(grow(graph, &graph->values, graph->num_values, &graph->cap_values, EW_MAX_VALUES,
              sizeof *value, "values", err));
  graph->values[graph->num_values] = *value;
  *out_id = graph->num_values++;
  return EW_OK;
}

static ew_status add_constant(ew_graph *graph, const ew_constant *constant, uint32_t *out_id,
                              ew_error *err) {
  EW_TRY(grow(graph, &graph->constants, graph->num_constants, &graph->cap_constants, EW_MAX_VALUES,
              sizeof *constant, "constants", err));
  graph->constants[graph->num_constants] = *constant;
  *out_id = graph->num_constants++;
  return EW_OK;
}

ew_status ew_graph_add_constant(ew_graph *graph, uint64_t offset, size_t size, uint32_t *out_id,
                                ew_error *err) {
  /* Weights lie in use order, so a shared one is usually among the newest: look backwards. Where it is
   * not, its bytes are read twice. */
  const uint32_t oldest = graph->num_constants < LOOK_BACK ? 0 : graph->num_constants - LOOK_BACK;
  for (uint32_t i = graph->num_constants; i-- > oldest;) {
    const ew_constant *constant = &graph->constants[i];
    if (constant->kind == EW_CONSTANT_RANGE && constant->offset == offset &&
        constant->size == size) {
      *out_id = i;
      return EW_OK;
    }
  }
  const ew_constant constant = {.kind = EW_CONSTANT_RANGE, .offset = offset, .size = size};
  return add_constant(graph, &constant, out_id, err);
}

ew_status ew_graph_add_literal(ew_graph *graph, const void *bytes, size_t size, uint32_t *out_id,
                               ew_error *err) {
  ew_constant constant = {.kind = EW_CONSTANT_LITERAL, .size = size};
  constant.data = ew_alloc(size);
  EW_CHECK(constant.data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for a constant",
           size);
  memcpy(constant.data, bytes, size);
  memset(constant.data + size, 0, EW_EXTRA_BYTES);
  const ew_status status = add_constant(graph, &constant, out_id, err);
  if (status != EW_OK) ew_free(constant.data);
  return status;
}

ew_status ew_graph_add_derived(ew_graph *graph, size_t size, const ew_derivation *derivation,
                               uint32_t *out_id, ew_error *err) {
  ew_derivation *copy = NULL;
  EW_TRY(ew_arena_alloc(graph->arena, 1, sizeof *copy, &copy, err));
  *copy = *derivation;
  const ew_constant constant = {.kind = EW_CONSTANT_DERIVED, .size = size, .derivation = copy};
  return add_constant(graph, &constant, out_id, err);
}

static ew_status fill_none(ew_graph *graph, uint32_t count, uint32_t **out, ew_error *err) {
  EW_TRY(ew_arena_alloc(graph->arena, count, sizeof **out, out, err));
  for (uint32_t i = 0; i < count; i++) (*out)[i] = EW_NONE;
  return EW_OK;
}

ew_status ew_graph_add_node(ew_graph *graph, ew_op op, uint32_t num_inputs, uint32_t num_outputs,
                            uint32_t num_attrs, ew_node **out_node, ew_error *err) {
  EW_CHECK(num_inputs <= EW_MAX_OPERANDS && num_outputs <= EW_MAX_OPERANDS &&
               num_attrs <= EW_MAX_OPERANDS,
           err, EW_OUT_OF_RESOURCES, "node %u (%s) has more than %d operands", graph->num_nodes,
           ew_op_name(op), EW_MAX_OPERANDS);
  EW_TRY(grow(graph, &graph->nodes, graph->num_nodes, &graph->cap_nodes, EW_MAX_NODES,
              sizeof(ew_node), "nodes", err));
  ew_node node = {.op = op,
                  .segment = EW_NONE,
                  .num_inputs = num_inputs,
                  .num_outputs = num_outputs,
                  .num_attrs = num_attrs};
  EW_TRY(fill_none(graph, num_inputs, &node.inputs, err));
  EW_TRY(fill_none(graph, num_outputs, &node.outputs, err));
  if (num_attrs > 0) {
    EW_TRY(ew_arena_alloc(graph->arena, num_attrs, sizeof *node.attrs, &node.attrs, err));
  }
  if (op < EW_OP_KERNEL) {
    EW_TRY(ew_arena_alloc(graph->arena, 1, sizeof *node.params, &node.params, err));
    node.params->output_min = -INFINITY;
    node.params->output_max = INFINITY;
  }
  graph->nodes[graph->num_nodes] = node;
  *out_node = &graph->nodes[graph->num_nodes++];
  return EW_OK;
}

ew_status ew_graph_add_segment(ew_graph *graph, uint32_t *out_id, ew_error *err) {
  EW_TRY(grow(graph, &graph->segments, graph->num_segments, &graph->cap_segments, EW_MAX_SEGMENTS,
              sizeof(ew_segment), "segments", err));
  graph->segments[graph->num_segments] = (ew_segment){0};
  *out_id = graph->num_segments++;
  return EW_OK;
}

ew_status ew_graph_add_step(ew_graph *graph, uint32_t segment, uint32_t node, ew_error *err) {
  EW_TRY(grow(graph, &graph->steps, graph->num_steps, &graph->cap_steps, EW_MAX_NODES,
              sizeof(ew_step), "steps", err));
  graph->steps[graph->num_steps++] = (ew_step){.segment = segment, .node = node};
  return EW_OK;
}

ew_status ew_graph_add_branch(ew_graph *graph, ew_branch branch, uint32_t *out_id, ew_error *err) {
  /* The list has an unused number 0. */
  const uint32_t count = graph->num_branches == 0 ? 0 : graph->num_branches + 1;
  EW_TRY(grow(graph, &graph->branches, count, &graph->cap_branches, EW_MAX_NODES, sizeof branch,
              "branches", err));
  *out_id = ++graph->num_branches;
  graph->branches[*out_id] = branch;
  return EW_OK;
}

ew_status ew_graph_insert_steps(ew_graph *graph, uint32_t at, uint32_t count, ew_error *err) {
  const uint32_t behind = graph->num_steps - at;
  for (uint32_t i = 0; i < count; i++) EW_TRY(ew_graph_add_step(graph, EW_NONE, EW_NONE, err));
  memmove(&graph->steps[at + count], &graph->steps[at], behind * sizeof *graph->steps);
  return EW_OK;
}

ew_value ew_value_default(ew_dtype dtype) {
  ew_value value = {.dtype = dtype, .constant = EW_NONE, .initial = EW_NONE, .name = ""};
  for (uint8_t i = 0; i < EW_MAX_RANK; i++) value.order[i] = i;
  value.quant.scale_constant = EW_NONE;
  return value;
}

ew_shape ew_value_shape(const ew_value *value) {
  ew_shape shape = {.rank = value->rank};
  for (uint32_t i = 0; i < value->rank; i++) shape.dims[i] = value->dims[value->order[i]];
  return shape;
}

bool ew_value_same_shape(const ew_value *a, const ew_value *b) {
  const ew_shape x = ew_value_shape(a), y = ew_value_shape(b);
  return x.rank == y.rank && memcmp(x.dims, y.dims, x.rank * sizeof *x.dims) == 0;
}

bool ew_value_is_row_major(const ew_value *value) {
  for (uint32_t i = 0; i < value->rank; i++) {
    if (value->order[i] != i) return false;
  }
  return true;
}

const char *ew_op_name(ew_op op) {
  static const char *const names[] = {
#define EW_OP(id, name, ...) name,
#include "graph/ops.def"
#undef EW_OP
      "kernel", "view", "removed"};
  return op < EW_OP_COUNT ? names[op] : "?";
}

const char *ew_node_name(const ew_node *node) {
  return node->op >= EW_OP_KERNEL && node->kernel != NULL ? node->kernel->name
                                                          : ew_op_name(node->op);
}
