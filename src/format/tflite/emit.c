/* Nodes: of ops.def, and of kernels, whose shapes are found here and whose results too, when all they read is known. */
#include "format/tflite/builder.h"

#include <math.h>
#include <string.h>

#include "graph/shapes.h"

/* Results that are known at load are shapes and indices; larger ones, and those that would take long, are left to the run. */
enum { MAX_KNOWN_BYTES = 1 << 16 };

ew_params tfl_params(void) { return (ew_params){.output_min = -INFINITY, .output_max = INFINITY}; }

static ew_status add_step(tfl_builder *b) {
  return ew_graph_add_step(b->graph, EW_NONE, b->graph->num_nodes - 1, b->err);
}

ew_status tfl_node(tfl_builder *b, ew_op op, const ew_params *params, const uint32_t *inputs,
                   uint32_t num_inputs, uint32_t output) {
  ew_graph *graph = b->graph;
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, op, num_inputs, 1, 0, &node, b->err));
  ew_shape shapes[5] = {{0}}, result;
  for (uint32_t i = 0; i < num_inputs; i++) {
    node->inputs[i] = inputs[i];
    if (inputs[i] != EW_NONE) shapes[i] = ew_value_shape(&graph->values[inputs[i]]);
  }
  node->outputs[0] = output;
  *node->params = *params;
  uint64_t work = 0;
  ew_status status = ew_derive_shape(graph, node, shapes, &result, &work, b->err);
  if (status != EW_OK) {
    return ew_fail_context(b->err, status, "operator %u (%s)", b->operator_index, b->op_name);
  }
  tfl_set_dims(&graph->values[output], result.rank, result.dims);
  return add_step(b);
}

static ew_attr *next_arg(tfl_args *args, ew_attr_kind kind) {
  ew_attr *attr = &args->items[args->count++];
  *attr = (ew_attr){.kind = kind};
  return attr;
}

void tfl_arg_int(tfl_args *args, int64_t value) { next_arg(args, EW_ATTR_INT)->u.i = value; }
void tfl_arg_bool(tfl_args *args, bool value) { next_arg(args, EW_ATTR_BOOL)->u.i = value; }
void tfl_arg_double(tfl_args *args, double value) { next_arg(args, EW_ATTR_DOUBLE)->u.d = value; }
void tfl_arg_none(tfl_args *args) { next_arg(args, EW_ATTR_NONE); }

void tfl_arg_ints(tfl_args *args, const int64_t *items, uint32_t count) {
  ew_attr *attr = next_arg(args, EW_ATTR_INTS);
  attr->count = count;
  attr->u.ints = (int64_t *)(uintptr_t)items;
}

void tfl_arg_string(tfl_args *args, const char *text) {
  ew_attr *attr = next_arg(args, EW_ATTR_STRING);
  attr->count = (uint32_t)strlen(text);
  attr->u.s = text;
}

ew_status tfl_arg_sizes(tfl_builder *b, tfl_args *args, const size_t *items, uint32_t count) {
  int64_t *copy = NULL;
  EW_TRY(ew_arena_alloc(b->arena, count, sizeof *copy, &copy, b->err));
  for (uint32_t i = 0; i < count; i++) copy[i] = (int64_t)items[i];
  tfl_arg_ints(args, copy, count);
  return EW_OK;
}

static ew_tensor tensor_of(const tfl_builder *b, uint32_t id) {
  ew_tensor tensor = {.dtype = EW_DTYPE_NONE};
  if (id == EW_NONE) return tensor;
  const ew_value *value = tfl_value(b, id);
  tensor.dtype = value->dtype;
  tensor.rank = value->rank;
  memcpy(tensor.dims, value->dims, sizeof tensor.dims);
  ew_tensor_set_strides(&tensor, NULL);
  tensor.data = (void *)(uintptr_t)tfl_known(b, id);
  return tensor;
}

/* Runs a kernel whose inputs are all known, and takes it out of the graph again. */
static ew_status fold(tfl_builder *b, ew_call *call, ew_arena *arena, bool *out_folded) {
  *out_folded = false;
  uint64_t total = call->scratch_size;
  for (uint32_t i = 0; i < call->num_inputs; i++) {
    if (call->inputs[i].dtype != EW_DTYPE_NONE && call->inputs[i].data == NULL) return EW_OK;
  }
  for (uint32_t i = 0; i < call->num_outputs; i++) total += ew_tensor_bytes(&call->outputs[i]);
  const uint64_t work = ew_kernel_work(call);
  if (total > MAX_KNOWN_BYTES || work > *b->work) return EW_OK;
  *b->work -= work;
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    ew_tensor *output = &call->outputs[i];
    ew_tensor_set_strides(output, NULL);
    EW_TRY(ew_arena_alloc(arena, ew_tensor_bytes(output) + 1, 1, &output->data, b->err));
  }
  EW_TRY(ew_arena_alloc(arena, call->scratch_size + 1, 1, &call->scratch, b->err));
  if (call->node->kernel->run != NULL) EW_TRY(ew_kernel_run(call));
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    const ew_tensor *output = &call->outputs[i];
    EW_TRY(tfl_set_known(b, call->node->outputs[i], output->rank, output->dims, output->data));
  }
  *out_folded = true;
  return EW_OK;
}

/* Shapes of the newest node's outputs, and its results when they are known. */
static ew_status infer_kernel(tfl_builder *b, ew_node *node, ew_arena *arena, bool *out_folded) {
  ew_tensor *inputs = NULL;
  ew_call call;
  EW_TRY(ew_kernel_new_call(node, arena, &inputs, &call, b->err));
  for (uint32_t i = 0; i < node->num_inputs; i++) inputs[i] = tensor_of(b, node->inputs[i]);
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    call.outputs[i].dtype = tfl_value(b, node->outputs[i])->dtype;
  }
  EW_TRY(node->kernel->prepare(&call));
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    tfl_set_dims(&b->graph->values[node->outputs[i]], call.outputs[i].rank, call.outputs[i].dims);
  }
  return fold(b, &call, arena, out_folded);
}

ew_status tfl_kernel(tfl_builder *b, const char *name, const uint32_t *inputs, uint32_t num_inputs,
                     const tfl_args *args, const uint32_t *outputs, uint32_t num_outputs) {
  const uint32_t num_attrs = args != NULL ? args->count : 0;
  ew_node *node = NULL;
  EW_TRY(
      ew_graph_add_node(b->graph, EW_OP_KERNEL, num_inputs, num_outputs, num_attrs, &node, b->err));
  node->kernel = ew_kernel_find(name);
  TFL_CHECK(b, node->kernel != NULL, EW_OPERATOR_MISSING, "the kernel %s is missing", name);
  for (uint32_t i = 0; i < num_inputs; i++) node->inputs[i] = inputs[i];
  for (uint32_t i = 0; i < num_outputs; i++) node->outputs[i] = outputs[i];
  if (num_attrs > 0) memcpy(node->attrs, args->items, num_attrs * sizeof *node->attrs);
  ew_arena arena;
  ew_arena_init(&arena);
  bool folded = false;
  const ew_status status = infer_kernel(b, node, &arena, &folded);
  ew_arena_free(&arena);
  if (status != EW_OK) {
    return ew_fail_context(b->err, status, "operator %u (%s)", b->operator_index, b->op_name);
  }
  if (!folded) return add_step(b);
  b->graph->num_nodes--;
  return EW_OK;
}
