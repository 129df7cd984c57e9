/* Operands of an operator: values, constants, integers that are known at load. */
#include "format/tflite/builder.h"
#include "format/tflite/quant.h"

bool tfl_has_input(const tfl_builder *b, uint32_t i) {
  return i < b->op->num_inputs && b->op->inputs[i] != EW_NONE;
}

ew_status tfl_slot_value(tfl_builder *b, uint32_t index, uint32_t *out) {
  tfl_slot *slot = &b->slots[index];
  const tfl_tensor *tensor = &b->model->tensors[index];
  if (slot->value == EW_NONE && slot->constant) {
    /* The bytes may be another tensor's, of another type (f16 behind DEQUANTIZE). */
    const ew_dtype stored = b->model->tensors[slot->source].dtype;
    EW_TRY(tfl_constant_value(b, slot->source, stored, tensor->dtype, &slot->value));
  } else if (slot->value == EW_NONE && tfl_is_empty(tensor)) {
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
  return tfl_slot_value(b, b->op->inputs[i], out);
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
  return tfl_constant_value(b, source, b->model->tensors[source].dtype, EW_F32, out);
}

ew_status tfl_constant_from_i8(tfl_builder *b, uint32_t i, ew_dtype to, uint32_t *out) {
  return tfl_constant_value(b, b->slots[b->op->inputs[i]].source, EW_I8, to, out);
}

ew_status tfl_with_quant(tfl_builder *b, uint32_t constant, const ew_quant *quant, uint32_t *out) {
  ew_value value = b->graph->values[constant];
  value.quant = *quant;
  return tfl_add_value(b, &value, out);
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
  EW_TRY(tfl_add_value(b, &value, out));
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
