/* Constants of the file as values: as they are stored, widened to f32, made dense. */
#include "format/tflite/builder.h"

#include <string.h>

#include "base/half.h"
#include "format/tflite/quant.h"

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
ew_status tfl_constant_value(tfl_builder *b, uint32_t index, ew_dtype from, ew_dtype to,
                             uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  ew_value value = ew_value_default(to);
  ew_quant quant;
  EW_CHECK(tensor->dtype != EW_DTYPE_NONE, b->err, EW_NOT_SUPPORTED,
           "tensor %u (%s) is %s, which is not supported", index, tensor->name,
           tfl_type_name(tensor->type));
  EW_TRY(tfl_read_quant(tensor, index, b->arena, &quant, b->err));
  if (from != tensor->dtype) quant.zero_point = 0;
  tfl_set_dims(&value, tensor->rank, tensor->dims);
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
  EW_TRY(tfl_add_value(b, &value, out));
  if (to != from || tensor->sparsity.position != 0) return EW_OK;
  const uint8_t *bytes = tfl_small_bytes(b->model, tensor);
  if (bytes == NULL) return EW_OK;
  uint8_t *copy = NULL;
  EW_TRY(ew_arena_alloc(b->arena, (size_t)tensor->bytes.size + 1, 1, &copy, b->err));
  memcpy(copy, bytes, (size_t)tensor->bytes.size);
  return tfl_remember(b, *out, copy);
}

/* A constant without elements has no bytes: a list of no axes. */
bool tfl_is_empty(const tfl_tensor *tensor) {
  for (uint32_t i = 0; i < tensor->rank; i++) {
    if (tensor->dims[i] == 0) return true;
  }
  return false;
}

ew_status tfl_constant_times(tfl_builder *b, uint32_t i, const ew_quant *quant, uint32_t *out) {
  const uint32_t index = b->slots[b->op->inputs[i]].source;
  const tfl_tensor *tensor = &b->model->tensors[index];
  ew_value value = ew_value_default(EW_F32);
  tfl_set_dims(&value, tensor->rank, tensor->dims);
  EW_TRY(derived_constant(b, index, quant, EW_I32, EW_F32, &value.constant));
  return tfl_add_value(b, &value, out);
}
