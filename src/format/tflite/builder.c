/* Values, constants and nodes of the graph in the making. */
#include "format/tflite/builder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/half.h"
#include "base/text.h"
#include "format/tflite/quant.h"
#include "graph/check.h"
#include "graph/shapes.h"

/* Results that are known at load are shapes and indices; larger ones are left to the run. */
enum { MAX_KNOWN_BYTES = 1 << 16 };

ew_status tfl_fail(const tfl_builder *b, ew_status code, const char *format, ...) {
  char message[400];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return ew_fail(b->err, code, "operator %u (%s): %s", b->operator_index, b->op_name, message);
}

/* --- values ---------------------------------------------------------------------------------------- */

const ew_value *tfl_value(const tfl_builder *b, uint32_t value) { return &b->graph->values[value]; }

const uint8_t *tfl_known(const tfl_builder *b, uint32_t value) {
  return value < b->cap_known ? b->known[value] : NULL;
}

static ew_status remember(tfl_builder *b, uint32_t value, const uint8_t *bytes) {
  if (value >= b->cap_known) {
    const uint32_t capacity = 2 * value + 64;
    const uint8_t **bigger = NULL;
    EW_TRY(ew_arena_alloc(b->arena, capacity, sizeof *bigger, &bigger, b->err));
    if (b->cap_known > 0) memcpy(bigger, b->known, b->cap_known * sizeof *bigger);
    b->known = bigger;
    b->cap_known = capacity;
  }
  b->known[value] = bytes;
  return EW_OK;
}

static ew_status add_value(tfl_builder *b, const ew_value *value, uint32_t *out) {
  return ew_graph_add_value(b->graph, value, out, b->err);
}

ew_status tfl_temporary(tfl_builder *b, ew_dtype dtype, const ew_quant *quant, uint32_t *out) {
  ew_value value = ew_value_default(dtype);
  if (quant != NULL) value.quant = *quant;
  return add_value(b, &value, out);
}

static void set_dims(ew_value *value, uint32_t rank, const size_t *dims) {
  value->rank = rank;
  if (rank > 0) memcpy(value->dims, dims, rank * sizeof *dims);
  for (uint32_t i = 0; i < EW_MAX_RANK; i++) value->order[i] = (uint8_t)i;
}

ew_status tfl_set_known(tfl_builder *b, uint32_t value, uint32_t rank, const size_t *dims,
                        const void *bytes) {
  ew_value *v = &b->graph->values[value];
  size_t size = 0;
  set_dims(v, rank, dims);
  TFL_CHECK(b, ew_shape_bytes(v->dtype, v->dims, rank, &size), EW_OUT_OF_RESOURCES,
            "a constant is too large");
  uint32_t constant = EW_NONE;
  EW_TRY(ew_graph_add_literal(b->graph, bytes, size, &constant, b->err));
  b->graph->values[value].constant = constant;
  return remember(b, value, b->graph->constants[constant].data);
}

ew_status tfl_literal(tfl_builder *b, ew_dtype dtype, uint32_t rank, const size_t *dims,
                      const void *bytes, uint32_t *out) {
  EW_TRY(tfl_temporary(b, dtype, NULL, out));
  return tfl_set_known(b, *out, rank, dims, bytes);
}

bool tfl_is_q8(const ew_value *value) {
  return (value->dtype == EW_U8 || value->dtype == EW_I8) && value->quant.kind == EW_QUANT_TENSOR;
}

bool tfl_is_executable(const ew_value *value) {
  return value->rank <= EW_XNN_MAX_RANK && (value->dtype == EW_F32 || tfl_is_q8(value));
}

bool tfl_same_quant(const ew_value *a, const ew_value *b) {
  if (a->dtype != b->dtype || a->quant.kind != b->quant.kind) return false;
  if (a->quant.kind != EW_QUANT_TENSOR) return true;
  return a->quant.zero_point == b->quant.zero_point &&
         memcmp(a->quant.scale, b->quant.scale, sizeof(float)) == 0;
}

ew_status tfl_scales(tfl_builder *b, const float *scales, uint32_t count, const float **out) {
  enum { SPARE = 16 };
  float *copy = NULL;
  EW_TRY(ew_arena_alloc(b->arena, (size_t)count + SPARE, sizeof *copy, &copy, b->err));
  memcpy(copy, scales, count * sizeof *copy);
  *out = copy;
  return EW_OK;
}

/* --- constants ------------------------------------------------------------------------------------- */

/* How the bytes of a constant are made of the stored ones. */
typedef struct recipe {
  const tfl_sparsity *sparsity; /* NULL: all values are stored */
  ew_dtype from, to;
  size_t count;   /* elements of the result */
  ew_quant quant; /* of 8-bit values that become f32 */
  size_t inner;   /* elements between two steps of the channel dimension */
} recipe;

static float scale_at(const recipe *r, size_t i) {
  return r->quant.scale[r->quant.count == 1 ? 0 : i / r->inner % r->quant.count];
}

static void widen(const recipe *r, const uint8_t *from, float *to) {
  for (size_t i = 0; i < r->count; i++) {
    if (r->from == EW_F16) {
      to[i] = ew_f16_to_f32(ew_load_u16(from + 2 * i));
    } else if (r->from == EW_F32) {
      to[i] = ew_load_f32(from + 4 * i);
    } else {
      const int32_t q = r->from == EW_I32  ? (int32_t)ew_load_u32(from + 4 * i)
                        : r->from == EW_U8 ? from[i]
                                           : (int8_t)from[i];
      to[i] = scale_at(r, i) * (float)(q - r->quant.zero_point);
    }
  }
}

/* Called when the stored bytes have arrived. */
static ew_status make_constant(const ew_graph *graph, uint32_t id, uint8_t *out, ew_error *err) {
  const ew_constant *constant = &graph->constants[id];
  const recipe *r = constant->derivation->context;
  const uint8_t *stored = graph->constants[constant->derivation->sources[0]].data;
  const size_t item = ew_dtype_size(r->from);
  if (r->sparsity == NULL) {
    widen(r, stored, (float *)(void *)out);
    return EW_OK;
  }
  if (r->from == r->to) {
    tfl_densify(r->sparsity, stored, item, out);
    return EW_OK;
  }
  uint8_t *dense = ew_alloc(r->count * item);
  EW_CHECK(dense != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu values of a sparse constant",
           r->count);
  tfl_densify(r->sparsity, stored, item, dense);
  widen(r, dense, (float *)(void *)out);
  ew_free(dense);
  return EW_OK;
}

static ew_status constant_fail(const tfl_builder *b, uint32_t index, const char *what) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  char shape[96];
  return ew_fail(b->err, EW_INVALID_PROGRAM, "tensor %u (%s): %llu bytes for %s %s", index,
                 tensor->name, (unsigned long long)tensor->bytes.size, what,
                 ew_shape_text(tensor->dims, tensor->rank, shape, sizeof shape));
}

/* The stored bytes of a constant tensor, as a range of the file. */
static ew_status stored_range(tfl_builder *b, uint32_t index, uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  size_t bytes = 0;
  const bool fits = ew_shape_bytes(tensor->dtype, tensor->dims, tensor->rank, &bytes);
  if (!fits) return constant_fail(b, index, "a tensor that is too large:");
  if (tensor->sparsity.position == 0) {
    if (bytes != tensor->bytes.size) return constant_fail(b, index, ew_dtype_name(tensor->dtype));
  } else if (tensor->bytes.size > bytes || tensor->bytes.size % ew_dtype_size(tensor->dtype) != 0) {
    return constant_fail(b, index, "sparse");
  }
  return ew_graph_add_constant(b->graph, tensor->bytes.offset, (size_t)tensor->bytes.size, out,
                               b->err);
}

/* from: what the stored bytes are. */
static ew_status derived_constant(tfl_builder *b, uint32_t index, const ew_quant *quant,
                                  ew_dtype from, ew_dtype to, uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  uint32_t stored = EW_NONE;
  size_t bytes = 0;
  recipe *r = NULL;
  EW_TRY(stored_range(b, index, &stored));
  EW_TRY(ew_arena_alloc(b->arena, 1, sizeof *r, &r, b->err));
  EW_CHECK(ew_shape_bytes(to, tensor->dims, tensor->rank, &bytes), b->err, EW_OUT_OF_RESOURCES,
           "tensor %u (%s) is too large", index, tensor->name);
  *r = (recipe){.from = from, .to = to, .quant = *quant, .inner = 1};
  r->count = bytes / ew_dtype_size(to);
  if (quant->kind == EW_QUANT_CHANNEL) {
    for (uint32_t i = quant->channel_dim + 1; i < tensor->rank; i++) r->inner *= tensor->dims[i];
  }
  if (tensor->sparsity.position != 0) {
    tfl_sparsity *sparsity = NULL;
    EW_TRY(ew_arena_alloc(b->arena, 1, sizeof *sparsity, &sparsity, b->err));
    EW_TRY(tfl_read_sparsity(tensor, index, (size_t)tensor->bytes.size / ew_dtype_size(r->from),
                             b->arena, sparsity, b->err));
    r->sparsity = sparsity;
  }
  const ew_derivation derivation = {
      .make = make_constant, .context = r, .num_sources = 1, .sources = {stored}};
  return ew_graph_add_derived(b->graph, bytes, &derivation, out, b->err);
}

/* A value for the constant tensor `index`, whose bytes are of type `from` (its own, or i8 for a u8), as type `to`. */
static ew_status constant_value(tfl_builder *b, uint32_t index, ew_dtype from, ew_dtype to,
                                uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  ew_value value = ew_value_default(to);
  ew_quant quant;
  EW_CHECK(tensor->dtype != EW_DTYPE_NONE, b->err, EW_NOT_SUPPORTED,
           "tensor %u (%s) is %s, which is not supported", index, tensor->name,
           tfl_type_name(tensor->type));
  EW_TRY(tfl_read_quant(tensor, index, b->arena, &quant, b->err));
  if (from != tensor->dtype) quant.zero_point = 0;
  set_dims(&value, tensor->rank, tensor->dims);
  EW_TRY(ew_arena_string(b->arena, tensor->name, strlen(tensor->name), &value.name, b->err));
  if (to == from) value.quant = quant;
  if (to == from && tensor->sparsity.position == 0) {
    EW_TRY(stored_range(b, index, &value.constant));
  } else {
    EW_CHECK(to == EW_F32 || to == from, b->err, EW_NOT_SUPPORTED,
             "tensor %u (%s): %s cannot become %s", index, tensor->name,
             ew_dtype_name(tensor->dtype), ew_dtype_name(to));
    const bool small = from == EW_U8 || from == EW_I8;
    EW_CHECK(
        to == from || from == EW_F16 || from == EW_F32 || (small && quant.kind != EW_QUANT_NONE),
        b->err, EW_NOT_SUPPORTED, "tensor %u (%s): %s without a scale cannot become f32", index,
        tensor->name, ew_dtype_name(tensor->dtype));
    EW_TRY(derived_constant(b, index, &quant, from, to, &value.constant));
  }
  EW_TRY(add_value(b, &value, out));
  if (to != from || tensor->sparsity.position != 0) return EW_OK;
  const uint8_t *bytes = tfl_small_bytes(b->model, tensor);
  if (bytes == NULL) return EW_OK;
  uint8_t *copy = NULL;
  EW_TRY(ew_arena_alloc(b->arena, (size_t)tensor->bytes.size + 1, 1, &copy, b->err));
  memcpy(copy, bytes, (size_t)tensor->bytes.size);
  return remember(b, *out, copy);
}

/* A constant without elements has no bytes: a list of no axes. */
static bool is_empty(const tfl_tensor *tensor) {
  for (uint32_t i = 0; i < tensor->rank; i++) {
    if (tensor->dims[i] == 0) return true;
  }
  return false;
}

/* --- operands -------------------------------------------------------------------------------------- */

bool tfl_has_input(const tfl_builder *b, uint32_t i) {
  return i < b->op->num_inputs && b->op->inputs[i] != EW_NONE;
}

static ew_status slot_value(tfl_builder *b, uint32_t index, uint32_t *out) {
  tfl_slot *slot = &b->slots[index];
  const tfl_tensor *tensor = &b->model->tensors[index];
  if (slot->value == EW_NONE && slot->constant) {
    EW_TRY(constant_value(b, slot->source, tensor->dtype, tensor->dtype, &slot->value));
  } else if (slot->value == EW_NONE && is_empty(tensor)) {
    static const uint8_t nothing[16] = {0};
    EW_TRY(tfl_literal(b, tensor->dtype, tensor->rank, tensor->dims, nothing, &slot->value));
  }
  EW_CHECK(slot->value != EW_NONE, b->err, EW_INVALID_PROGRAM,
           "operator %u (%s): tensor %u (%s) is read before it is written", b->operator_index,
           b->op_name, index, tensor->name);
  *out = slot->value;
  return EW_OK;
}

ew_status tfl_input(tfl_builder *b, uint32_t i, uint32_t *out) {
  TFL_CHECK(b, tfl_has_input(b, i), EW_INVALID_PROGRAM, "input %u is missing", i);
  return slot_value(b, b->op->inputs[i], out);
}

bool tfl_is_constant(const tfl_builder *b, uint32_t i) {
  return tfl_has_input(b, i) && b->slots[b->op->inputs[i]].constant;
}

const tfl_tensor *tfl_source(const tfl_builder *b, uint32_t i, uint32_t *out_index) {
  const uint32_t index = b->slots[b->op->inputs[i]].source;
  if (out_index != NULL) *out_index = index;
  return &b->model->tensors[index];
}

ew_status tfl_constant_as_f32(tfl_builder *b, uint32_t i, uint32_t *out) {
  const uint32_t index = b->op->inputs[i];
  if (b->slots[index].value != EW_NONE && b->graph->values[b->slots[index].value].dtype == EW_F32) {
    *out = b->slots[index].value;
    return EW_OK;
  }
  const uint32_t source = b->slots[index].source;
  return constant_value(b, source, b->model->tensors[source].dtype, EW_F32, out);
}

ew_status tfl_constant_from_i8(tfl_builder *b, uint32_t i, ew_dtype to, uint32_t *out) {
  return constant_value(b, b->slots[b->op->inputs[i]].source, EW_I8, to, out);
}

ew_status tfl_constant_times(tfl_builder *b, uint32_t i, const ew_quant *quant, uint32_t *out) {
  const uint32_t index = b->slots[b->op->inputs[i]].source;
  const tfl_tensor *tensor = &b->model->tensors[index];
  ew_value value = ew_value_default(EW_F32);
  set_dims(&value, tensor->rank, tensor->dims);
  EW_TRY(derived_constant(b, index, quant, EW_I32, EW_F32, &value.constant));
  return add_value(b, &value, out);
}

ew_status tfl_with_quant(tfl_builder *b, uint32_t constant, const ew_quant *quant, uint32_t *out) {
  ew_value value = b->graph->values[constant];
  value.quant = *quant;
  return add_value(b, &value, out);
}

ew_status tfl_output(tfl_builder *b, uint32_t i, uint32_t *out) {
  const uint32_t index = b->op->outputs[i];
  const tfl_tensor *tensor = &b->model->tensors[index];
  TFL_CHECK(b, !b->slots[index].constant && !b->slots[index].written, EW_INVALID_PROGRAM,
            "tensor %u (%s) is written, but is an input, a constant or has been written", index,
            tensor->name);
  TFL_CHECK(b, tensor->dtype != EW_DTYPE_NONE, EW_NOT_SUPPORTED,
            "tensor %u (%s) is %s, which is not supported", index, tensor->name,
            tfl_type_name(tensor->type));
  ew_value value = ew_value_default(tensor->dtype);
  EW_TRY(tfl_read_quant(tensor, index, b->arena, &value.quant, b->err));
  TFL_CHECK(b, value.quant.kind != EW_QUANT_CHANNEL, EW_NOT_SUPPORTED,
            "tensor %u (%s) has a scale per channel but is no constant", index, tensor->name);
  EW_TRY(ew_arena_string(b->arena, tensor->name, strlen(tensor->name), &value.name, b->err));
  EW_TRY(add_value(b, &value, out));
  b->slots[index] = (tfl_slot){.value = *out, .written = true, .source = index};
  return EW_OK;
}

ew_status tfl_ints(tfl_builder *b, uint32_t i, const char *what, const int64_t **out,
                   uint32_t *out_count) {
  uint32_t id = EW_NONE;
  EW_TRY(tfl_input(b, i, &id));
  const ew_value *value = tfl_value(b, id);
  const uint8_t *bytes = tfl_known(b, id);
  TFL_CHECK(b, value->dtype == EW_I32 || value->dtype == EW_I64, EW_INVALID_TYPE,
            "%s are %s, not i32 or i64", what, ew_dtype_name(value->dtype));
  TFL_CHECK(b, bytes != NULL, EW_NOT_SUPPORTED, "%s are only known while the model runs", what);
  size_t count = 1;
  for (uint32_t d = 0; d < value->rank; d++) count *= value->dims[d];
  TFL_CHECK(b, count <= EW_MAX_OPERANDS, EW_OUT_OF_RESOURCES, "%s have %zu entries", what, count);
  int64_t *items = NULL;
  EW_TRY(ew_arena_alloc(b->arena, count, sizeof *items, &items, b->err));
  for (size_t k = 0; k < count; k++) {
    items[k] = value->dtype == EW_I32 ? (int32_t)ew_load_u32(bytes + 4 * k)
                                      : (int64_t)ew_load_u64(bytes + 8 * k);
  }
  *out = items;
  *out_count = (uint32_t)count;
  return EW_OK;
}

ew_status tfl_int(tfl_builder *b, uint32_t i, const char *what, int64_t *out) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(tfl_ints(b, i, what, &items, &count));
  TFL_CHECK(b, count == 1, EW_INVALID_PROGRAM, "%s has %u entries", what, count);
  *out = items[0];
  return EW_OK;
}

/* --- nodes ----------------------------------------------------------------------------------------- */

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
  set_dims(&graph->values[output], result.rank, result.dims);
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
  if (total > MAX_KNOWN_BYTES) return EW_OK;
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    ew_tensor *output = &call->outputs[i];
    ew_tensor_set_strides(output, NULL);
    EW_TRY(ew_arena_alloc(arena, ew_tensor_bytes(output) + 1, 1, &output->data, b->err));
  }
  EW_TRY(ew_arena_alloc(arena, call->scratch_size + 1, 1, &call->scratch, b->err));
  if (call->node->kernel->run != NULL) EW_TRY(call->node->kernel->run(call));
  for (uint32_t i = 0; i < call->num_outputs; i++) {
    const ew_tensor *output = &call->outputs[i];
    EW_TRY(tfl_set_known(b, call->node->outputs[i], output->rank, output->dims, output->data));
  }
  *out_folded = true;
  return EW_OK;
}

/* Shapes of the newest node's outputs, and its results when they are known. */
static ew_status infer_kernel(tfl_builder *b, ew_node *node, ew_arena *arena, bool *out_folded) {
  ew_tensor *inputs = NULL, *outputs = NULL;
  EW_TRY(ew_arena_alloc(arena, node->num_inputs + 1, sizeof *inputs, &inputs, b->err));
  EW_TRY(ew_arena_alloc(arena, node->num_outputs + 1, sizeof *outputs, &outputs, b->err));
  for (uint32_t i = 0; i < node->num_inputs; i++) inputs[i] = tensor_of(b, node->inputs[i]);
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    outputs[i] = (ew_tensor){.dtype = tfl_value(b, node->outputs[i])->dtype};
  }
  ew_call call = {.node = node,
                  .num_inputs = node->num_inputs,
                  .num_outputs = node->num_outputs,
                  .num_attrs = node->num_attrs,
                  .inputs = inputs,
                  .outputs = outputs,
                  .attrs = node->attrs,
                  .err = b->err};
  EW_TRY(node->kernel->prepare(&call));
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    set_dims(&b->graph->values[node->outputs[i]], outputs[i].rank, outputs[i].dims);
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

/* --- what many operators need ----------------------------------------------------------------------- */

ew_status tfl_to_float(tfl_builder *b, uint32_t in, uint32_t *out) {
  *out = in;
  if (!tfl_is_q8(tfl_value(b, in))) return EW_OK;
  const ew_params params = tfl_params();
  EW_TRY(tfl_temporary(b, EW_F32, NULL, out));
  return tfl_node(b, EW_OP_CONVERT, &params, &in, 1, *out);
}

ew_status tfl_from_float(tfl_builder *b, uint32_t out, uint32_t *from) {
  *from = out;
  return tfl_is_q8(tfl_value(b, out)) ? tfl_temporary(b, EW_F32, NULL, from) : EW_OK;
}

ew_status tfl_finish_float(tfl_builder *b, uint32_t from, uint32_t out) {
  const ew_params params = tfl_params();
  return from == out ? EW_OK : tfl_node(b, EW_OP_CONVERT, &params, &from, 1, out);
}

ew_status tfl_begin_move(tfl_builder *b, uint32_t in, uint32_t out, uint32_t *to) {
  const ew_value *from = tfl_value(b, in), *result = tfl_value(b, out);
  *to = out;
  if (tfl_same_quant(from, result)) return EW_OK;
  TFL_CHECK(b, tfl_is_q8(from) && tfl_is_q8(result), EW_INVALID_TYPE,
            "the input is %s, the output %s", ew_dtype_name(from->dtype),
            ew_dtype_name(result->dtype));
  const ew_quant quant = from->quant;
  return tfl_temporary(b, from->dtype, &quant, to);
}

ew_status tfl_finish_move(tfl_builder *b, uint32_t to, uint32_t out) {
  return tfl_finish_float(b, to, out);
}

ew_status tfl_requantise(tfl_builder *b, uint32_t in, uint32_t like, uint32_t *out) {
  const ew_value *from = tfl_value(b, in), *wanted = tfl_value(b, like);
  *out = in;
  if (tfl_same_quant(from, wanted)) return EW_OK;
  TFL_CHECK(b, tfl_is_q8(from) && tfl_is_q8(wanted), EW_INVALID_TYPE, "%s and %s do not mix",
            ew_dtype_name(from->dtype), ew_dtype_name(wanted->dtype));
  const ew_quant quant = wanted->quant;
  const ew_params params = tfl_params();
  EW_TRY(tfl_temporary(b, wanted->dtype, &quant, out));
  return tfl_node(b, EW_OP_CONVERT, &params, &in, 1, *out);
}

ew_status tfl_reshape(tfl_builder *b, uint32_t in, uint32_t rank, const size_t *dims, uint32_t to) {
  size_t before = 1, after = 1;
  const ew_value *value = tfl_value(b, in);
  for (uint32_t i = 0; i < value->rank; i++) before *= value->dims[i];
  for (uint32_t i = 0; i < rank; i++) after *= dims[i];
  TFL_CHECK(b, before == after, EW_INVALID_PROGRAM, "%zu elements do not fit a shape of %zu",
            before, after);
  if (tfl_is_executable(value) && rank > 0 && rank <= EW_XNN_MAX_RANK) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, dims, rank * sizeof *dims);
    return tfl_node(b, EW_OP_RESHAPE, &params, &in, 1, to);
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, dims, rank));
  return tfl_kernel(b, "aten::view_copy.out", &in, 1, &args, &to, 1);
}

ew_status tfl_permute(tfl_builder *b, uint32_t in, const size_t *order, uint32_t to) {
  const ew_value *value = tfl_value(b, in);
  const uint32_t rank = value->rank;
  if (tfl_is_executable(value) && rank > 0) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, order, rank * sizeof *order);
    return tfl_node(b, EW_OP_TRANSPOSE, &params, &in, 1, to);
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, order, rank));
  return tfl_kernel(b, "aten::permute_copy.out", &in, 1, &args, &to, 1);
}

ew_status tfl_take_slice(tfl_builder *b, uint32_t in, const size_t *begin, const size_t *size,
                         uint32_t to) {
  const ew_value *value = tfl_value(b, in);
  const uint32_t rank = value->rank;
  if (tfl_is_executable(value) && rank > 0) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, begin, rank * sizeof *begin);
    memcpy(params.shape2, size, rank * sizeof *size);
    return tfl_node(b, EW_OP_SLICE, &params, &in, 1, to);
  }
  size_t ones[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) ones[i] = 1;
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, begin, rank));
  EW_TRY(tfl_arg_sizes(b, &args, size, rank));
  EW_TRY(tfl_arg_sizes(b, &args, ones, rank));
  return tfl_kernel(b, "tfl::strided_slice", &in, 1, &args, &to, 1);
}

/* XNNPACK joins five at most: the first five, then the result with the next four, and so on. */
static ew_status join_by_fives(tfl_builder *b, const uint32_t *parts, uint32_t count, uint32_t axis,
                               uint32_t to) {
  enum { MOST = 5 };
  ew_params params = tfl_params();
  params.axis = axis;
  uint32_t group[MOST], used = 0;
  for (uint32_t i = 0; i < count; i++) {
    group[used++] = parts[i];
    if (used < MOST || i + 1 == count) continue;
    const ew_value *like = tfl_value(b, to);
    const ew_dtype dtype = like->dtype;
    const ew_quant quant = like->quant;
    uint32_t joined = EW_NONE;
    EW_TRY(tfl_temporary(b, dtype, &quant, &joined));
    EW_TRY(tfl_node(b, EW_OP_CONCATENATE, &params, group, used, joined));
    group[0] = joined;
    used = 1;
  }
  return tfl_node(b, EW_OP_CONCATENATE, &params, group, used, to);
}

ew_status tfl_join(tfl_builder *b, const uint32_t *parts, uint32_t count, uint32_t axis,
                   uint32_t to) {
  bool executable = tfl_value(b, parts[0])->rank > 0;
  for (uint32_t i = 0; i < count; i++) {
    executable = executable && tfl_is_executable(tfl_value(b, parts[i]));
  }
  if (executable) return join_by_fives(b, parts, count, axis, to);
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, axis);
  return tfl_kernel(b, "aten::cat.out", parts, count, &args, &to, 1);
}

enum { ACT_NONE = 0, ACT_RELU, ACT_RELU_N1, ACT_RELU6, ACT_TANH };

bool tfl_activation_range(uint8_t activation, float *low, float *high) {
  *low = activation == ACT_NONE ? -INFINITY : activation == ACT_RELU_N1 ? -1.0f : 0.0f;
  *high = activation == ACT_RELU_N1 ? 1.0f : activation == ACT_RELU6 ? 6.0f : INFINITY;
  return activation <= ACT_RELU6;
}

ew_status tfl_begin_activation(tfl_builder *b, uint8_t activation, uint32_t out, uint32_t *to) {
  TFL_CHECK(b, activation <= ACT_TANH, EW_NOT_SUPPORTED, "activation %u is not supported",
            activation);
  *to = out;
  if (activation == ACT_NONE) return EW_OK;
  const ew_value *value = tfl_value(b, out);
  const ew_quant quant = value->quant;
  return tfl_temporary(b, value->dtype, &quant, to);
}

ew_status tfl_finish_activation(tfl_builder *b, uint8_t activation, uint32_t to, uint32_t out) {
  if (to == out) return EW_OK;
  ew_params params = tfl_params();
  if (activation == ACT_TANH) return tfl_node(b, EW_OP_TANH, &params, &to, 1, out);
  tfl_activation_range(activation, &params.output_min, &params.output_max);
  if (tfl_is_executable(tfl_value(b, to))) return tfl_node(b, EW_OP_CLAMP, &params, &to, 1, out);
  tfl_args args = {.count = 0};
  tfl_arg_double(&args, (double)params.output_min);
  tfl_arg_double(&args, (double)params.output_max);
  return tfl_kernel(b, "aten::clamp.out", &to, 1, &args, &out, 1);
}

ew_status tfl_dim(const tfl_builder *b, int64_t dim, uint32_t rank, uint32_t *out) {
  const int64_t wrapped = dim < 0 ? dim + rank : dim;
  TFL_CHECK(b, wrapped >= 0 && wrapped < rank, EW_INVALID_PROGRAM,
            "axis %lld of a tensor of rank %u", (long long)dim, rank);
  *out = (uint32_t)wrapped;
  return EW_OK;
}

/* --- the whole ------------------------------------------------------------------------------------- */

static const tfl_row rows[] = {
#define TFL_OP(code, name, read, min_in, max_in, min_out, max_out, op, kernel) \
  {code, #name, tfl_read_##read, min_in, max_in, min_out, max_out, op, kernel},
#define TFL_CUSTOM(name, read, min_in, max_in, min_out, max_out) \
  {32, name, tfl_read_##read, min_in, max_in, min_out, max_out, EW_OP_COUNT, NULL},
#include "format/tflite/ops.def"
#undef TFL_OP
#undef TFL_CUSTOM
};

enum { CUSTOM = 32 };

static const tfl_row *find_row(const tfl_code *code) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].code != code->builtin) continue;
    if (code->builtin != CUSTOM || strcmp(rows[i].name, code->custom) == 0) return &rows[i];
  }
  return NULL;
}

/* Names of operators that have no row, to say what a model would need. */
static const char *const absent_names[] = {
    [7] = "EMBEDDING_LOOKUP",
    [10] = "HASHTABLE_LOOKUP",
    [15] = "LSH_PROJECTION",
    [16] = "LSTM",
    [24] = "RNN",
    [27] = "SVDF",
    [29] = "CONCAT_EMBEDDINGS",
    [30] = "SKIP_GRAM",
    [31] = "CALL",
    [33] = "EMBEDDING_LOOKUP_SPARSE",
    [35] = "UNIDIRECTIONAL_SEQUENCE_RNN",
    [44] = "UNIDIRECTIONAL_SEQUENCE_LSTM",
    [46] = "BIDIRECTIONAL_SEQUENCE_RNN",
    [51] = "DELEGATE",
    [52] = "BIDIRECTIONAL_SEQUENCE_LSTM",
    [68] = "SPARSE_TO_DENSE",
    [80] = "FAKE_QUANT",
    [103] = "UNIQUE",
    [109] = "WHERE",
    [112] = "REVERSE_SEQUENCE",
    [113] = "MATRIX_DIAG",
    [115] = "MATRIX_SET_DIAG",
    [118] = "IF",
    [119] = "WHILE",
    [120] = "NON_MAX_SUPPRESSION_V4",
    [121] = "NON_MAX_SUPPRESSION_V5",
    [122] = "SCATTER_ND",
    [125] = "SEGMENT_SUM",
    [127] = "PLACEHOLDER_FOR_GREATER_OP_CODES",
    [129] = "CALL_ONCE",
    [131] = "RFFT2D",
    [132] = "CONV_3D",
    [133] = "IMAG",
    [134] = "REAL",
    [135] = "COMPLEX_ABS",
    [136] = "HASHTABLE",
    [137] = "HASHTABLE_FIND",
    [138] = "HASHTABLE_IMPORT",
    [139] = "HASHTABLE_SIZE",
    [141] = "CONV_3D_TRANSPOSE",
    [142] = "VAR_HANDLE",
    [143] = "READ_VARIABLE",
    [144] = "ASSIGN_VARIABLE",
    [145] = "BROADCAST_ARGS",
    [146] = "RANDOM_STANDARD_NORMAL",
    [147] = "BUCKETIZE",
    [148] = "RANDOM_UNIFORM",
    [149] = "MULTINOMIAL",
    [151] = "DYNAMIC_UPDATE_SLICE",
    [153] = "UNSORTED_SEGMENT_PROD",
    [154] = "UNSORTED_SEGMENT_MAX",
    [155] = "UNSORTED_SEGMENT_SUM",
    [157] = "UNSORTED_SEGMENT_MIN",
    [159] = "BITCAST",
    [206] = "STABLEHLO_COMPOSITE",
};

const char *tfl_op_name(int32_t builtin, char *text, size_t size) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].code == builtin && builtin != CUSTOM) return rows[i].name;
  }
  const size_t count = sizeof absent_names / sizeof absent_names[0];
  if (builtin >= 0 && (size_t)builtin < count && absent_names[builtin] != NULL) {
    return absent_names[builtin];
  }
  snprintf(text, size, "builtin operator %d", builtin);
  return text;
}

static void name_missing(const tfl_code *code, ew_text *names) {
  char text[48];
  const char *name = tfl_op_name(code->builtin, text, sizeof text);
  if (code->builtin == CUSTOM) {
    name = *code->custom != '\0' ? code->custom : "a custom operator without a name";
  }
  ew_text_add(names, "%s%s", names->size > 0 ? ", " : "", name);
}

/* All that are missing are named at once. Codes that no operator of the subgraph uses do not count. */
static ew_status check_operators(const tfl_builder *b) {
  const tfl_model *model = b->model;
  uint8_t *seen = NULL;
  EW_TRY(ew_arena_alloc(b->arena, model->num_codes + 1, 1, &seen, b->err));
  ew_text names = {0};
  for (uint32_t i = 0; i < model->num_operators; i++) {
    const uint32_t code = model->operators[i].code;
    if (!seen[code] && find_row(&model->codes[code]) == NULL) {
      name_missing(&model->codes[code], &names);
    }
    seen[code] = 1;
  }
  ew_status status = EW_OK;
  if (names.failed || names.size > 0) {
    status = ew_fail(b->err, EW_OPERATOR_MISSING,
                     "the model uses operators that this runtime does not have: %s",
                     names.failed ? "" : names.data);
  }
  ew_text_free(&names);
  return status;
}

static ew_status check_counts(const tfl_builder *b, const tfl_row *row) {
  const tfl_operator *op = b->op;
  TFL_CHECK(b, op->num_inputs >= row->min_inputs && op->num_inputs <= row->max_inputs,
            EW_INVALID_PROGRAM, "%u inputs, needs %u to %u", op->num_inputs, row->min_inputs,
            row->max_inputs);
  TFL_CHECK(b, op->num_outputs >= row->min_outputs && op->num_outputs <= row->max_outputs,
            EW_INVALID_PROGRAM, "%u outputs, needs %u to %u", op->num_outputs, row->min_outputs,
            row->max_outputs);
  return EW_OK;
}

static ew_status build_operator(tfl_builder *b, uint32_t index) {
  const tfl_operator *op = &b->model->operators[index];
  const tfl_row *row = find_row(&b->model->codes[op->code]);
  b->operator_index = index;
  b->op = op;
  b->op_name = row->name;
  EW_TRY(check_counts(b, row));
  EW_TRY(row->read(b, row));
  return ew_fb_status(&b->model->fb);
}

static const char *signature_name(const tfl_name *names, uint32_t count, uint32_t tensor,
                                  const char *fallback) {
  for (uint32_t i = 0; i < count; i++) {
    if (names[i].tensor == tensor) return names[i].name;
  }
  return fallback;
}

/* The sizes that the caller wants of an input: those that the file fixes must be the file's. */
static ew_status choose_sizes(tfl_builder *b, uint32_t index, ew_value *value) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  char given[96], wanted[96];
  size_t bytes = 0;
  bool fits = true;
  value->free_dims = tensor->dynamic;
  const uint32_t rank = b->sizes != NULL ? tensor->rank : 0;
  EW_CHECK(rank == 0 || b->num_sizes >= rank, b->err, EW_WRONG_DIMENSIONS,
           "input tensor %u (%s) has rank %u, of which %u sizes were given", index, tensor->name,
           rank, b->num_sizes);
  for (uint32_t d = 0; d < rank; d++) {
    value->dims[d] = b->sizes[d];
    fits =
        fits && b->sizes[d] > 0 && ((tensor->dynamic >> d & 1) || b->sizes[d] == tensor->dims[d]);
  }
  EW_CHECK(fits, b->err, EW_WRONG_DIMENSIONS,
           "input tensor %u (%s) has shape %s, which cannot become %s", index, tensor->name,
           ew_shape_text(tensor->dims, tensor->rank, wanted, sizeof wanted),
           ew_shape_text(value->dims, value->rank, given, sizeof given));
  EW_CHECK(ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes), b->err,
           EW_OUT_OF_RESOURCES, "input tensor %u (%s) of shape %s has more than %zu bytes", index,
           tensor->name, ew_shape_text(value->dims, value->rank, given, sizeof given),
           EW_MAX_TENSOR_BYTES);
  if (rank == 0) return EW_OK;
  b->sizes += tensor->rank;
  b->num_sizes -= tensor->rank;
  return EW_OK;
}

static ew_status add_input(tfl_builder *b, uint32_t index, uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  const tfl_signature *signature = b->model->signature;
  EW_CHECK(tensor->dtype != EW_DTYPE_NONE, b->err, EW_NOT_SUPPORTED,
           "input tensor %u (%s) is %s, which is not supported", index, tensor->name,
           tfl_type_name(tensor->type));
  EW_CHECK(b->slots[index].value == EW_NONE, b->err, EW_INVALID_PROGRAM,
           "tensor %u (%s) is an input twice", index, tensor->name);
  EW_CHECK(!is_empty(tensor), b->err, EW_INVALID_PROGRAM, "input tensor %u (%s) has no elements",
           index, tensor->name);
  ew_value value = ew_value_default(tensor->dtype);
  value.flags = EW_VALUE_INPUT;
  set_dims(&value, tensor->rank, tensor->dims);
  EW_TRY(choose_sizes(b, index, &value));
  EW_TRY(tfl_read_quant(tensor, index, b->arena, &value.quant, b->err));
  EW_CHECK(value.quant.kind != EW_QUANT_CHANNEL, b->err, EW_INVALID_PROGRAM,
           "input tensor %u (%s) has a scale per channel", index, tensor->name);
  const char *name = tensor->name;
  if (signature != NULL) {
    name = signature_name(signature->inputs, signature->num_inputs, index, name);
  }
  EW_TRY(ew_arena_string(b->arena, name, strlen(name), &value.name, b->err));
  EW_TRY(add_value(b, &value, out));
  b->slots[index] = (tfl_slot){.value = *out, .written = true, .source = index};
  return EW_OK;
}

static ew_status begin_graph(tfl_builder *b) {
  const tfl_model *model = b->model;
  ew_graph *graph = b->graph;
  EW_TRY(ew_arena_alloc(b->arena, model->num_tensors, sizeof *b->slots, &b->slots, b->err));
  for (uint32_t i = 0; i < model->num_tensors; i++) {
    b->slots[i] =
        (tfl_slot){.value = EW_NONE, .constant = model->tensors[i].bytes.size > 0, .source = i};
  }
  graph->num_inputs = model->num_inputs;
  EW_TRY(
      ew_arena_alloc(b->arena, model->num_inputs, sizeof *graph->inputs, &graph->inputs, b->err));
  for (uint32_t i = 0; i < model->num_inputs; i++) {
    b->slots[model->inputs[i]].constant = false;
    EW_TRY(add_input(b, model->inputs[i], &graph->inputs[i]));
  }
  EW_CHECK(b->num_sizes == 0, b->err, EW_WRONG_DIMENSIONS,
           "%u sizes more were given than the inputs have", b->num_sizes);
  return EW_OK;
}

/* An output that is an input, a constant or named twice is copied: each output has memory of its own. */
static ew_status own_output(tfl_builder *b, uint32_t *inout) {
  const ew_value *value = tfl_value(b, *inout);
  if ((value->flags & (EW_VALUE_INPUT | EW_VALUE_OUTPUT)) == 0 && value->constant == EW_NONE) {
    return EW_OK;
  }
  const uint32_t from = *inout;
  ew_value copy = ew_value_default(value->dtype);
  copy.name = value->name;
  copy.quant = value->quant;
  EW_TRY(add_value(b, &copy, inout));
  tfl_args args = {.count = 0};
  tfl_arg_none(&args);
  const uint8_t *known = tfl_known(b, from);
  if (known != NULL) EW_TRY(remember(b, from, NULL));
  const ew_status status = tfl_kernel(b, "aten::clone.out", &from, 1, &args, inout, 1);
  if (known != NULL) EW_TRY(remember(b, from, known));
  return status;
}

static ew_status end_graph(tfl_builder *b) {
  const tfl_model *model = b->model;
  const tfl_signature *signature = model->signature;
  ew_graph *graph = b->graph;
  b->op_name = "outputs of the model";
  b->operator_index = model->num_operators;
  graph->num_outputs = model->num_outputs;
  EW_TRY(ew_arena_alloc(b->arena, model->num_outputs, sizeof *graph->outputs, &graph->outputs,
                        b->err));
  for (uint32_t i = 0; i < model->num_outputs; i++) {
    EW_TRY(slot_value(b, model->outputs[i], &graph->outputs[i]));
    EW_TRY(own_output(b, &graph->outputs[i]));
    ew_value *value = &graph->values[graph->outputs[i]];
    value->flags |= EW_VALUE_OUTPUT;
    if (signature == NULL) continue;
    const char *name =
        signature_name(signature->outputs, signature->num_outputs, model->outputs[i], value->name);
    EW_TRY(ew_arena_string(b->arena, name, strlen(name), &value->name, b->err));
  }
  return EW_OK;
}

ew_status tfl_build(const tfl_model *model, const size_t *sizes, uint32_t num_sizes,
                    ew_graph *graph, ew_error *err) {
  tfl_builder b = {.arena = graph->arena,
                   .graph = graph,
                   .model = model,
                   .op_name = "inputs of the model",
                   .sizes = sizes,
                   .num_sizes = num_sizes,
                   .err = err};
  EW_TRY(check_operators(&b));
  EW_TRY(begin_graph(&b));
  for (uint32_t i = 0; i < model->num_operators; i++) EW_TRY(build_operator(&b, i));
  EW_TRY(end_graph(&b));
  return ew_graph_check_nodes(graph, 0, err);
}
