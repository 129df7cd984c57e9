/* Values of an XNNPACK payload.
 *
 * Those that the payload marks external are the method's own values (unified, not copied); all others are
 * new: the payload states their sizes in memory order (NHWC), so they are plain row-major tensors of those
 * sizes. */
#include <string.h>

#include "format/pte/payload.h"

enum { GRAPH_VALUES = 2, GRAPH_BUFFERS = 6, GRAPH_DATA = 8 };

/* --- ids ------------------------------------------------------------------------------------------ */

static ew_status map_id(payload_reader *r, uint32_t id, uint32_t value) {
  EW_CHECK(id != UINT32_MAX && ew_map_get(&r->ids, id) == EW_MAP_NONE, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value id %u is defined twice", id);
  ew_map_set(&r->ids, id, value);
  return EW_OK;
}

ew_status payload_find_id(const payload_reader *r, uint32_t id, bool optional, uint32_t *out) {
  *out = EW_NONE;
  if (id == UINT32_MAX && optional) return EW_OK;
  *out = ew_map_get(&r->ids, id);
  EW_CHECK(id != UINT32_MAX && *out != EW_MAP_NONE, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: a node names value id %u, which is not defined", id);
  return EW_OK;
}

/* --- types and data ------------------------------------------------------------------------------- */

/* XNNDatatype of the file -> data type. The file's numbers are not XNNPACK's own. */
static ew_status read_datatype(const payload_reader *r, int16_t datatype, uint32_t id,
                               ew_dtype *out) {
  switch (datatype) {
    case 1:
      *out = EW_F32;
      return EW_OK;
    case 2:
      *out = EW_F16;
      return EW_OK;
    case 3: /* qint8 */
    case 6: /* qcint8 */
      *out = EW_I8;
      return EW_OK;
    case 4: /* quint8 */
      *out = EW_U8;
      return EW_OK;
    case 5:  /* qint32 */
    case 7:  /* qcint32 */
    case 12: /* int32 */
      *out = EW_I32;
      return EW_OK;
    case 8:  /* qcint4 */
    case 10: /* qbint4 */
      *out = EW_I4;
      return EW_OK;
    case 9: /* qdint8 */
      *out = EW_QD8;
      return EW_OK;
    case 14:
      *out = EW_BF16;
      return EW_OK;
    default:
      return ew_fail(r->err, EW_NOT_SUPPORTED,
                     "XNNPACK payload: value %u has data type %d, which is not supported", id,
                     datatype);
  }
}

/* File range of constant_data[index] (or of an XN00 buffer). */
static ew_status data_range(payload_reader *r, uint32_t index, uint64_t *out_offset,
                            uint64_t *out_size) {
  const ew_fb_vector entries = ew_fb_vec(r->root, GRAPH_DATA, 4);
  EW_TRY(ew_fb_status(&r->fb));
  if (entries.count == 0) {
    const ew_fb_vector buffers = ew_fb_vec(r->root, GRAPH_BUFFERS, 4);
    EW_CHECK(index < buffers.count, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: names constant %u of %u", index, buffers.count);
    const ew_fb_vector storage = ew_fb_vec(ew_fb_vec_table(buffers, index), 0, 1);
    EW_TRY(ew_fb_status(&r->fb));
    *out_offset = r->payload->offset + r->payload->header.graph_offset + storage.position;
    *out_size = storage.count;
    return EW_OK;
  }
  EW_CHECK(index < entries.count, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: names constant %u of %u", index, entries.count);
  const ew_fb_table entry = ew_fb_vec_table(entries, index);
  const uint64_t offset = ew_fb_u64(entry, 0);
  const uint64_t size = ew_fb_u64(entry, 1);
  const char *key = ew_fb_str(entry, 2);
  EW_TRY(ew_fb_status(&r->fb));
  if (*key != '\0') {
    EW_TRY(pte_named_range(r->pte, key, out_offset, out_size, r->err));
    EW_CHECK(size <= *out_size, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: constant %u needs %llu bytes, its segment has %llu", index,
             (unsigned long long)size, (unsigned long long)*out_size);
    return EW_OK;
  }
  EW_CHECK(ew_in_range(offset, size, r->payload->header.constants_size), r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: constant %u at %llu (%llu bytes) leaves the payload", index,
           (unsigned long long)offset, (unsigned long long)size);
  *out_offset = r->payload->offset + r->payload->header.constants_offset + offset;
  *out_size = size;
  return EW_OK;
}

static ew_status add_data(payload_reader *r, uint32_t index, size_t bytes, uint32_t id,
                          uint32_t *out_constant) {
  uint64_t offset = 0, size = 0;
  EW_TRY(data_range(r, index, &offset, &size));
  EW_CHECK(bytes <= size, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value %u needs %zu bytes, its constant has %llu", id, bytes,
           (unsigned long long)size);
  return ew_graph_add_constant(r->graph, offset, bytes, out_constant, r->err);
}

/* Inline scales of a vector, or a constant that holds them. */
static ew_status read_scales(payload_reader *r, ew_fb_table params, uint32_t buffer_field,
                             uint32_t id, ew_quant *quant) {
  const bool bf16 = quant->kind == EW_QUANT_BLOCK;
  const ew_fb_vector inline_scales = ew_fb_vec(params, 0, 4);
  EW_TRY(ew_fb_status(&r->fb));
  if (inline_scales.count > 0 && !bf16) {
    float *scale = NULL;
    /* XNNPACK may read a few entries behind the last. */
    EW_TRY(ew_arena_alloc(r->graph->arena, (size_t)inline_scales.count + 16, sizeof *scale, &scale,
                          r->err));
    for (uint32_t i = 0; i < inline_scales.count; i++) {
      scale[i] = ew_load_f32(inline_scales.items + 4 * (size_t)i);
    }
    quant->scale = scale;
    quant->count = inline_scales.count;
    return EW_OK;
  }
  if (inline_scales.count > 0) {
    /* Old block scales in f32: XNNPACK wants bf16, rounded as ExecuTorch rounds them. */
    uint16_t *bits = NULL;
    EW_TRY(ew_arena_alloc(r->graph->arena, inline_scales.count, sizeof *bits, &bits, r->err));
    for (uint32_t i = 0; i < inline_scales.count; i++) {
      const float rounded = ew_load_f32(inline_scales.items + 4 * (size_t)i) * 1.00389105f;
      uint32_t word;
      memcpy(&word, &rounded, sizeof word);
      bits[i] = (uint16_t)(word >> 16);
    }
    quant->count = inline_scales.count;
    return ew_graph_add_literal(r->graph, bits, inline_scales.count * sizeof *bits,
                                &quant->scale_constant, r->err);
  }
  quant->count = ew_fb_u32(params, buffer_field + 1);
  const uint32_t index = ew_fb_u32(params, buffer_field);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(quant->count > 0 && quant->count <= (1u << 28), r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value %u has %u scales", id, quant->count);
  return add_data(r, index, (size_t)quant->count * (bf16 ? 2 : 4), id, &quant->scale_constant);
}

static ew_status read_quant(payload_reader *r, ew_fb_table table, uint32_t id, ew_value *value) {
  const uint8_t type = ew_fb_u8(table, 1);
  const ew_fb_table params = ew_fb_sub(table, 2);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(type >= 1 && type <= 4 && params.position != 0, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value %u has unknown quantisation parameters %u", id, type);
  ew_quant *quant = &value->quant;
  switch (type) {
    case 1:
      quant->kind = EW_QUANT_CHANNEL;
      quant->channel_dim = (uint32_t)ew_fb_i32(params, 1);
      quant->zero_point = value->dtype == EW_I4 ? 8 : 0;
      return read_scales(r, params, 2, id, quant);
    case 2: {
      float *scale = NULL;
      EW_TRY(ew_arena_alloc(r->graph->arena, 16, sizeof *scale, &scale, r->err));
      scale[0] = ew_fb_f32(params, 0);
      quant->kind = EW_QUANT_TENSOR;
      quant->scale = scale;
      quant->count = 1;
      quant->zero_point = ew_fb_i32(params, 1);
      return ew_fb_status(&r->fb);
    }
    case 3:
      quant->kind = EW_QUANT_TOKEN;
      quant->num_nonbatch_dims = (uint32_t)ew_fb_i32(params, 0);
      return ew_fb_status(&r->fb);
    default: {
      quant->kind = EW_QUANT_BLOCK;
      quant->channel_dim = (uint32_t)ew_fb_i32(params, 1);
      quant->block_size = (uint32_t)ew_fb_i32(params, 2);
      quant->zero_point = 8;
      const ew_fb_vector bf16 = ew_fb_vec(params, 3, 2);
      EW_TRY(ew_fb_status(&r->fb));
      if (bf16.count == 0) return read_scales(r, params, 4, id, quant);
      quant->count = bf16.count;
      return ew_graph_add_literal(r->graph, bf16.items, (size_t)bf16.count * 2,
                                  &quant->scale_constant, r->err);
    }
  }
}

static ew_status read_dims(payload_reader *r, ew_fb_table tensor, uint32_t id, ew_value *value) {
  const ew_fb_vector dims = ew_fb_vec(tensor, 2, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(dims.count <= EW_XNN_MAX_RANK, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value %u has rank %u, the limit is %d", id, dims.count,
           EW_XNN_MAX_RANK);
  value->rank = dims.count;
  for (uint32_t i = 0; i < dims.count; i++) {
    value->dims[i] = ew_fb_vec_u32(dims, i);
    EW_CHECK(value->dims[i] > 0, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: value %u has an empty dimension %u", id, i);
  }
  return EW_OK;
}

/* True when the method's value and the payload's are the same bytes: same physical dims, or both hold
 * one element (a rank-0 tensor is declared [1]). */
static bool same_layout(const ew_value *outer, const ew_value *inner) {
  const ew_shape a = ew_value_shape(outer), b = ew_value_shape(inner);
  if (a.rank != b.rank) return payload_numel(outer) == 1 && payload_numel(inner) == 1;
  return memcmp(a.dims, b.dims, a.rank * sizeof *a.dims) == 0;
}

static bool same_quant(const ew_quant *a, const ew_quant *b) {
  if (a->kind != b->kind || a->kind == EW_QUANT_NONE) return a->kind == b->kind;
  return a->kind == EW_QUANT_TENSOR && a->zero_point == b->zero_point && a->scale[0] == b->scale[0];
}

/* Unifies an external value of the payload with the method's value of that argument. */
static ew_status bind_external(payload_reader *r, uint32_t external, uint32_t flags,
                               const ew_value *inner, uint32_t id, uint32_t *out_value) {
  ew_error *err = r->err;
  EW_CHECK(external < r->num_externs && r->extern_flags[external] == 0, err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value %u has external id %u, which is out of range or taken", id,
           external);
  EW_CHECK(flags == PAYLOAD_EXTERNAL_INPUT || flags == PAYLOAD_EXTERNAL_OUTPUT, err,
           EW_INVALID_PROGRAM, "XNNPACK payload: external value %u has flags 0x%x", id, flags);
  const uint32_t outer_id = r->call->args[external];
  EW_CHECK(outer_id != EW_NONE, err, EW_INVALID_PROGRAM,
           "XNNPACK payload: argument %u of the call is not a tensor", external);
  r->extern_flags[external] = (uint8_t)flags;
  ew_value *outer = &r->graph->values[outer_id];
  EW_CHECK(same_layout(outer, inner), err, EW_INVALID_PROGRAM,
           "XNNPACK payload: external value %u does not have the shape of argument %u", id,
           external);
  if (inner->dtype == EW_I32 && outer->dtype == EW_I64 && flags == PAYLOAD_EXTERNAL_OUTPUT) {
    /* XNNPACK's argmax gives i32 where PyTorch has i64: a cast behind the segment widens it. */
    EW_TRY(ew_graph_add_value(r->graph, inner, out_value, err));
    r->widened[external] = *out_value;
    return EW_OK;
  }
  EW_CHECK(outer->dtype == inner->dtype, err, EW_INVALID_PROGRAM,
           "XNNPACK payload: external value %u is %s, argument %u is %s", id,
           ew_dtype_name(inner->dtype), external, ew_dtype_name(outer->dtype));
  if (inner->quant.kind != EW_QUANT_NONE) {
    EW_CHECK(outer->quant.kind == EW_QUANT_NONE || same_quant(&outer->quant, &inner->quant), err,
             EW_NOT_SUPPORTED,
             "XNNPACK payload: argument %u is quantised differently by two delegates", external);
    outer->quant = inner->quant;
  }
  *out_value = outer_id;
  return EW_OK;
}

static ew_status read_value(payload_reader *r, ew_fb_table entry) {
  const uint8_t type = ew_fb_u8(entry, 0);
  const ew_fb_table content = ew_fb_sub(entry, 1);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK((type == 1 || type == 2) && content.position != 0, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: unknown value type %u", type);
  const ew_fb_table tensor = type == 2 ? ew_fb_sub(content, 0) : content;
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(tensor.position != 0, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: a quantised value without tensor");
  const uint32_t buffer = ew_fb_u32(tensor, 3);
  const uint32_t external = ew_fb_u32(tensor, 4);
  const uint32_t flags = ew_fb_u32(tensor, 5);
  const uint32_t id = ew_fb_u32(tensor, 6);
  ew_value value = ew_value_default(EW_F32);
  EW_TRY(read_datatype(r, ew_fb_i16(tensor, 0), id, &value.dtype));
  EW_TRY(read_dims(r, tensor, id, &value));
  if (type == 2) EW_TRY(read_quant(r, content, id, &value));
  size_t bytes = 0;
  EW_CHECK(ew_shape_bytes(value.dtype, value.dims, value.rank, &bytes), r->err, EW_OUT_OF_RESOURCES,
           "XNNPACK payload: value %u is larger than 1 GiB", id);
  EW_CHECK(flags <= 3, r->err, EW_INVALID_PROGRAM, "XNNPACK payload: value %u has flags 0x%x", id,
           flags);
  uint32_t graph_id = EW_NONE;
  if (buffer != 0) {
    EW_CHECK(flags == 0, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: value %u is both constant and external", id);
    EW_TRY(add_data(r, buffer, bytes, id, &value.constant));
  }
  if (flags != 0) {
    EW_TRY(bind_external(r, external, flags, &value, id, &graph_id));
  } else {
    EW_TRY(ew_graph_add_value(r->graph, &value, &graph_id, r->err));
  }
  return map_id(r, id, graph_id);
}

ew_status payload_read_values(payload_reader *r) {
  const ew_fb_vector values = ew_fb_vec(r->root, GRAPH_VALUES, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(values.present && values.count <= EW_MAX_VALUES, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: %u values", values.count);
  EW_TRY(ew_map_init(&r->ids, r->graph->arena, values.count, r->err));
  for (uint32_t i = 0; i < values.count; i++) EW_TRY(read_value(r, ew_fb_vec_table(values, i)));
  for (uint32_t i = 0; i < r->num_externs; i++) {
    EW_CHECK(r->extern_flags[i] != 0, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: external id %u has no value", i);
  }
  return EW_OK;
}
