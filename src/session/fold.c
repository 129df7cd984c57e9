/* Constant folding: kernels whose inputs are all constants run once, at load; their outputs become
 * constants. Exporters leave such calls behind (index tables, casts of scalars, position embeddings). */
#include <string.h>

#include "session/model.h"

/* Results must be worth keeping: an expanded scalar would only cost memory. The total counts what all
 * calls read and write, and EW_MAX_FOLD_WORK what they compute, so that no file makes loading long. */
enum { MAX_RESULT_BYTES = 1 << 20, MAX_TOTAL_BYTES = 16 << 20 };

typedef struct folder {
  ew_graph *graph;
  uint8_t *writers; /* per value: nodes that write it, at most 2 counted */
  uint64_t total, work;
  ew_error *err;
} folder;

/* The tensor of a constant in row-major order whose bytes are here; false when it is none. */
static bool constant_tensor(const ew_graph *graph, uint32_t id, ew_tensor *out) {
  *out = (ew_tensor){.dtype = EW_DTYPE_NONE};
  if (id == EW_NONE) return true;
  const ew_value *value = &graph->values[id];
  if (value->constant == EW_NONE || !ew_value_is_row_major(value)) return false;
  const ew_constant *constant = &graph->constants[value->constant];
  if (constant->data == NULL) return false;
  *out = (ew_tensor){.dtype = value->dtype, .rank = value->rank, .data = constant->data};
  memcpy(out->dims, value->dims, sizeof out->dims);
  ew_tensor_set_strides(out, NULL);
  return true;
}

static bool is_foldable_output(const folder *f, uint32_t id) {
  const ew_value *value = &f->graph->values[id];
  const uint32_t fixed =
      EW_VALUE_INPUT | EW_VALUE_OUTPUT | EW_VALUE_STATE | EW_VALUE_SCALAR | EW_VALUE_DYNAMIC;
  return (value->flags & fixed) == 0 && f->writers[id] == 1 && ew_value_is_row_major(value);
}

static bool is_foldable(const folder *f, const ew_node *node, ew_tensor *inputs) {
  const uint32_t not_whole = EW_KERNEL_SHAPE | EW_KERNEL_PART;
  if (node->op != EW_OP_KERNEL || (node->kernel->flags & not_whole) != 0) return false;
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (!constant_tensor(f->graph, node->inputs[i], &inputs[i])) return false;
    if (ew_kernel_dtype(node->kernel, inputs[i].dtype) != inputs[i].dtype) return false;
  }
  for (uint32_t i = 0; i < node->num_attrs; i++) {
    if (node->attrs[i].scalars != NULL) return false;
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    if (!is_foldable_output(f, node->outputs[i])) return false;
  }
  return true;
}

/* Prepares the call and allocates its outputs; *fits is false when they are not worth keeping or not
 * what the value declares (the session reports that). */
static ew_status prepare_outputs(folder *f, ew_call *call, ew_arena *arena, bool *fits) {
  *fits = false;
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    call->outputs[i] = (ew_tensor){.dtype = f->graph->values[call->node->outputs[i]].dtype};
  }
  ew_error ignored = {0};
  call->err = &ignored;
  const ew_status status = call->node->kernel->prepare(call);
  call->err = f->err;
  if (status != EW_OK) return EW_OK;
  uint64_t total = 0;
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    ew_tensor *output = &call->outputs[i];
    const ew_value *value = &f->graph->values[call->node->outputs[i]];
    if (output->rank != value->rank ||
        memcmp(output->dims, value->dims, value->rank * sizeof *value->dims) != 0) {
      return EW_OK;
    }
    total += ew_tensor_bytes(output);
  }
  const bool small = total <= MAX_RESULT_BYTES;
  for (uint32_t i = 0; i < call->num_inputs; i++) total += ew_tensor_bytes(&call->inputs[i]);
  const uint64_t work = ew_kernel_work(call);
  if (!small || f->total + total > MAX_TOTAL_BYTES || call->scratch_size > MAX_TOTAL_BYTES ||
      work > EW_MAX_FOLD_WORK - f->work) {
    return EW_OK;
  }
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    EW_TRY(ew_arena_alloc(arena, ew_tensor_bytes(&call->outputs[i]) + 1, 1, &call->outputs[i].data,
                          f->err));
  }
  EW_TRY(ew_arena_alloc(arena, call->scratch_size + 1, 1, &call->scratch, f->err));
  f->total += total;
  f->work += work;
  *fits = true;
  return EW_OK;
}

static ew_status fold_node(folder *f, const ew_node *node, ew_arena *arena, bool *folded) {
  *folded = false;
  ew_call call;
  ew_tensor *inputs = NULL;
  EW_TRY(ew_kernel_new_call(node, arena, &inputs, &call, f->err));
  if (!is_foldable(f, node, inputs)) return EW_OK;
  bool fits = false;
  EW_TRY(prepare_outputs(f, &call, arena, &fits));
  if (!fits) return EW_OK;
  EW_TRY(ew_kernel_run(&call));
  /* Sizes that depend on data are left to the session. */
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const ew_value *value = &f->graph->values[node->outputs[i]];
    const size_t bytes = value->rank * sizeof *value->dims;
    if (memcmp(call.outputs[i].dims, value->dims, bytes) != 0) return EW_OK;
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    uint32_t constant = EW_NONE;
    EW_TRY(ew_graph_add_literal(f->graph, call.outputs[i].data, ew_tensor_bytes(&call.outputs[i]),
                                &constant, f->err));
    f->graph->values[node->outputs[i]].constant = constant;
  }
  *folded = true;
  return EW_OK;
}

/* A view of a constant is that constant. */
static bool fold_view(const folder *f, const ew_node *node) {
  ew_tensor input;
  if (node->op != EW_OP_VIEW || node->num_inputs != 1 || node->inputs[0] == EW_NONE) return false;
  if (!constant_tensor(f->graph, node->inputs[0], &input)) return false;
  ew_value *out = &f->graph->values[node->outputs[0]];
  size_t bytes = 0;
  if (!is_foldable_output(f, node->outputs[0]) || out->dtype != input.dtype ||
      !ew_shape_bytes(out->dtype, out->dims, out->rank, &bytes) ||
      bytes != ew_tensor_bytes(&input)) {
    return false;
  }
  out->constant = f->graph->values[node->inputs[0]].constant;
  return true;
}

static void count_writer(folder *f, uint32_t value) {
  if (f->writers[value] < 2) f->writers[value]++;
}

static ew_status fold_steps(folder *f, ew_arena *arena) {
  ew_graph *graph = f->graph;
  uint32_t kept = 0;
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    bool folded = false;
    /* What a branch writes may be written in another one too. */
    if (step.segment == EW_NONE && step.branch == 0) {
      const ew_node *node = &graph->nodes[step.node];
      folded = fold_view(f, node);
      if (!folded) EW_TRY(fold_node(f, node, arena, &folded));
    }
    if (!folded) graph->steps[kept++] = step;
  }
  graph->num_steps = kept;
  return EW_OK;
}

ew_status ew_fold_constants(ew_graph *graph, ew_error *err) {
  folder f = {.graph = graph, .err = err};
  ew_arena arena;
  ew_arena_init(&arena);
  ew_status status = ew_arena_alloc(&arena, graph->num_values + 1, 1, &f.writers, err);
  if (status == EW_OK) {
    for (uint32_t n = 0; n < graph->num_nodes; n++) {
      const ew_node *node = &graph->nodes[n];
      for (uint32_t i = 0; i < node->num_outputs; i++) count_writer(&f, node->outputs[i]);
    }
    status = fold_steps(&f, &arena);
  }
  ew_arena_free(&arena);
  return status;
}
