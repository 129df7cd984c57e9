/* Values, constants and nodes of the graph in the making. */
#include "format/tflite/builder.h"

#include <stdio.h>
#include <string.h>

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

ew_status tfl_remember(tfl_builder *b, uint32_t value, const uint8_t *bytes) {
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

ew_status tfl_add_value(tfl_builder *b, const ew_value *value, uint32_t *out) {
  return ew_graph_add_value(b->graph, value, out, b->err);
}

ew_status tfl_temporary(tfl_builder *b, ew_dtype dtype, const ew_quant *quant, uint32_t *out) {
  ew_value value = ew_value_default(dtype);
  if (quant != NULL) value.quant = *quant;
  return tfl_add_value(b, &value, out);
}

void tfl_set_dims(ew_value *value, uint32_t rank, const size_t *dims) {
  value->rank = rank;
  if (rank > 0) memcpy(value->dims, dims, rank * sizeof *dims);
  for (uint32_t i = 0; i < EW_MAX_RANK; i++) value->order[i] = (uint8_t)i;
}

ew_status tfl_set_known(tfl_builder *b, uint32_t value, uint32_t rank, const size_t *dims,
                        const void *bytes) {
  ew_value *v = &b->graph->values[value];
  size_t size = 0;
  tfl_set_dims(v, rank, dims);
  TFL_CHECK(b, ew_shape_bytes(v->dtype, v->dims, rank, &size), EW_OUT_OF_RESOURCES,
            "a constant is too large");
  uint32_t constant = EW_NONE;
  EW_TRY(ew_graph_add_literal(b->graph, bytes, size, &constant, b->err));
  b->graph->values[value].constant = constant;
  return tfl_remember(b, value, b->graph->constants[constant].data);
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
