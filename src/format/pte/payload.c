/* The XNNPACK delegate payload: a serialised XNNGraph becomes nodes of one segment.
 *
 * Values that the payload marks external are the method's own values (unified, not copied); all others
 * are new: the payload states their sizes in memory order (NHWC), so they are plain row-major tensors of those sizes.
 * Schema: executorch/backends/xnnpack/serialization/schema.fbs (XN00 and XN01). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "format/pte/internal.h"
#include "graph/check.h"
#include "graph/segment.h"
#include "kernels/kernel.h"

enum { GRAPH_NODES = 1, GRAPH_VALUES = 2, GRAPH_EXTERNS = 3, GRAPH_BUFFERS = 6, GRAPH_DATA = 8 };
enum { VALUE_EXTERNAL_INPUT = 1, VALUE_EXTERNAL_OUTPUT = 2 };

/* How the fields of a node are laid out. */
typedef enum layout {
  N1,
  N2,
  FC,
  CAT,
  CONV,
  POOL,
  PERM,
  RESIZE,
  PADS,
  SLICE,
  ARGMAX,
  ALPHA
} layout;

/* XNodeUnion, index = union type. */
static const struct {
  ew_op op;
  layout layout;
  const char *name;
} node_kinds[] = {
    [1] = {EW_OP_ADD, N2, "Add"},
    [2] = {EW_OP_FULLY_CONNECTED, FC, "FullyConnected"},
    [3] = {EW_OP_SOFTMAX, N1, "Softmax"},
    [4] = {EW_OP_SIGMOID, N1, "Sigmoid"},
    [5] = {EW_OP_TRANSPOSE, PERM, "StaticTranspose"},
    [6] = {EW_OP_CLAMP, N1, "Clamp"},
    [7] = {EW_OP_CONV_2D, CONV, "Conv2d"},
    [8] = {EW_OP_DIVIDE, N2, "Div"},
    [9] = {EW_OP_RESIZE_BILINEAR_2D, RESIZE, "StaticResizeBilinear2D"},
    [10] = {EW_OP_PAD, PADS, "StaticConstantPad"},
    [11] = {EW_OP_AVG_POOL_2D, POOL, "AvgPooling2d"},
    [12] = {EW_OP_MINIMUM, N2, "Minimum"},
    [13] = {EW_OP_DEPTHWISE_CONV_2D, CONV, "DepthwiseConv2d"},
    [14] = {EW_OP_MAX_POOL_2D, POOL, "MaxPooling2d"},
    [15] = {EW_OP_MULTIPLY, N2, "Multiply"},
    [16] = {EW_OP_SUBTRACT, N2, "Subtract"},
    [17] = {EW_OP_FLOOR, N1, "Floor"},
    [18] = {EW_OP_CONVERT, N1, "Convert"},
    [19] = {EW_OP_GLOBAL_AVG_POOL_2D, N1, "GlobalAvgPooling2d"},
    [20] = {EW_OP_RESHAPE, PERM, "StaticReshape"},
    [21] = {EW_OP_ARGMAX_POOL_2D, ARGMAX, "ArgMaxPooling2d"},
    [22] = {EW_OP_SQUARE_ROOT, N1, "SquareRoot"},
    [23] = {EW_OP_CEILING, N1, "Ceiling"},
    [24] = {EW_OP_HARDSWISH, N1, "Hardswish"},
    [25] = {EW_OP_LEAKY_RELU, ALPHA, "LeakyReLU"},
    [26] = {EW_OP_MAXIMUM, N2, "Maximum"},
    [27] = {EW_OP_NEGATE, N1, "Negate"},
    [28] = {EW_OP_SQUARE, N1, "Square"},
    [29] = {EW_OP_ELU, ALPHA, "ELU"},
    [30] = {EW_OP_ABS, N1, "Abs"},
    [31] = {EW_OP_PRELU, N2, "PReLU"},
    [32] = {EW_OP_CONCATENATE, CAT, "Concatenate2"},
    [33] = {EW_OP_CONCATENATE, CAT, "Concatenate3"},
    [34] = {EW_OP_CONCATENATE, CAT, "Concatenate4"},
    [35] = {EW_OP_SLICE, SLICE, "StaticSlice"},
    [36] = {EW_OP_COUNT, N1, "ScaledDotProductAttention"},
    [37] = {EW_OP_BATCH_MATRIX_MULTIPLY, N2, "BatchMatrixMultiply"},
    [38] = {EW_OP_CONCATENATE, CAT, "Concatenate5"},
    [39] = {EW_OP_CONV_TRANSPOSE_2D, CONV, "ConvTranspose2d"},
    [40] = {EW_OP_RECIPROCAL_SQUARE_ROOT, N1, "ReciprocalSquareRoot"},
    [41] = {EW_OP_LOG, N1, "Log"},
    [42] = {EW_OP_GELU, N1, "Gelu"},
    [43] = {EW_OP_TANH, N1, "Tanh"},
    [44] = {EW_OP_EXP, N1, "Exp"},
    [45] = {EW_OP_SINE, N1, "Sin"},
    [46] = {EW_OP_COPY, N1, "Copy"},
    [47] = {EW_OP_COSINE, N1, "Cos"},
};
enum { NUM_NODE_KINDS = sizeof node_kinds / sizeof node_kinds[0] };

typedef struct id_entry {
  uint32_t id;    /* id_out + 1; 0 = free slot */
  uint32_t value; /* graph value */
} id_entry;

/* One payload being inlined. */
typedef struct payload_reader {
  ew_pte *pte;
  ew_graph *graph;
  const ew_pte_payload *payload;
  pte_call *call;
  ew_fb fb;
  ew_fb_table root;
  uint64_t flatbuffer_offset; /* in the file */
  uint64_t constants_offset;  /* in the file */
  uint64_t constants_size;
  id_entry *ids; /* hash table of id_out */
  uint32_t ids_mask;
  uint32_t num_externs;
  uint8_t *extern_flags; /* per external id: flags seen */
  uint32_t *widened; /* per external id: i32 value whose i64 twin the method wants, or EW_NONE */
  ew_error *err;
} payload_reader;

static ew_status open_payload(payload_reader *r, ew_bytes bytes) {
  ew_error *err = r->err;
  ew_bytes graph = bytes;
  r->flatbuffer_offset = r->payload->offset;
  if (bytes.size >= 30 && memcmp(bytes.data + 4, "XH00", 4) == 0) {
    /* Ranges were checked with the head. */
    const uint32_t start = ew_load_u32(bytes.data + 10);
    graph = (ew_bytes){bytes.data + start, ew_load_u32(bytes.data + 14)};
    r->flatbuffer_offset += start;
    r->constants_offset = r->payload->offset + ew_load_u32(bytes.data + 18);
    r->constants_size = ew_load_u64(bytes.data + 22);
  }
  EW_CHECK(graph.size >= 8 &&
               (memcmp(graph.data + 4, "XN01", 4) == 0 || memcmp(graph.data + 4, "XN00", 4) == 0),
           err, EW_INVALID_PROGRAM, "XNNPACK payload: neither 'XN01' nor 'XN00' at byte 4");
  ew_fb_init(&r->fb, graph, "XNNPACK payload", err);
  r->root = ew_fb_root(&r->fb);
  r->num_externs = ew_fb_u32(r->root, GRAPH_EXTERNS);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(r->num_externs <= EW_MAX_EXTERNALS && r->num_externs <= r->call->num_args, err,
           EW_INVALID_PROGRAM, "XNNPACK payload: %u external values, the call passes %u arguments",
           r->num_externs, r->call->num_args);
  EW_TRY(ew_arena_alloc(r->graph->arena, r->num_externs, 1, &r->extern_flags, err));
  EW_TRY(ew_arena_alloc(r->graph->arena, r->num_externs, sizeof *r->widened, &r->widened, err));
  for (uint32_t i = 0; i < r->num_externs; i++) r->widened[i] = EW_NONE;
  return EW_OK;
}

/* --- ids ----------------------------------------------------------------------------------------- */

static id_entry *id_slot(const payload_reader *r, uint32_t id) {
  uint32_t slot = (id * 2654435761u) & r->ids_mask;
  while (r->ids[slot].id != 0 && r->ids[slot].id != id + 1) slot = (slot + 1) & r->ids_mask;
  return &r->ids[slot];
}

static ew_status map_id(payload_reader *r, uint32_t id, uint32_t value) {
  id_entry *slot = id_slot(r, id);
  EW_CHECK(id != UINT32_MAX && slot->id == 0, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: value id %u is defined twice", id);
  *slot = (id_entry){.id = id + 1, .value = value};
  return EW_OK;
}

static ew_status find_id(const payload_reader *r, uint32_t id, bool optional, uint32_t *out) {
  *out = EW_NONE;
  if (id == UINT32_MAX && optional) return EW_OK;
  const id_entry *slot = id == UINT32_MAX ? NULL : id_slot(r, id);
  EW_CHECK(slot != NULL && slot->id != 0, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: a node names value id %u, which is not defined", id);
  *out = slot->value;
  return EW_OK;
}

/* --- values -------------------------------------------------------------------------------------- */

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
    *out_offset = r->flatbuffer_offset + storage.position;
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
  EW_CHECK(ew_in_range(offset, size, r->constants_size), r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: constant %u at %llu (%llu bytes) leaves the payload", index,
           (unsigned long long)offset, (unsigned long long)size);
  *out_offset = r->constants_offset + offset;
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

static size_t numel(const ew_value *value) {
  size_t n = 1;
  for (uint32_t i = 0; i < value->rank; i++) n *= value->dims[i];
  return n;
}

/* True when the method's value and the payload's are the same bytes: same physical dims, or both hold
 * one element (a rank-0 tensor is declared [1]). */
static bool same_layout(const ew_value *outer, const ew_value *inner) {
  const ew_shape a = ew_value_shape(outer), b = ew_value_shape(inner);
  if (a.rank != b.rank) return numel(outer) == 1 && numel(inner) == 1;
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
  EW_CHECK(flags == VALUE_EXTERNAL_INPUT || flags == VALUE_EXTERNAL_OUTPUT, err, EW_INVALID_PROGRAM,
           "XNNPACK payload: external value %u has flags 0x%x", id, flags);
  const uint32_t outer_id = r->call->args[external];
  EW_CHECK(outer_id != EW_NONE, err, EW_INVALID_PROGRAM,
           "XNNPACK payload: argument %u of the call is not a tensor", external);
  r->extern_flags[external] = (uint8_t)flags;
  ew_value *outer = &r->graph->values[outer_id];
  EW_CHECK(same_layout(outer, inner), err, EW_INVALID_PROGRAM,
           "XNNPACK payload: external value %u does not have the shape of argument %u", id,
           external);
  if (inner->dtype == EW_I32 && outer->dtype == EW_I64 && flags == VALUE_EXTERNAL_OUTPUT) {
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

static ew_status read_values(payload_reader *r) {
  const ew_fb_vector values = ew_fb_vec(r->root, GRAPH_VALUES, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(values.present && values.count <= EW_MAX_VALUES, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: %u values", values.count);
  uint32_t slots = 16;
  while (slots < values.count * 2) slots *= 2;
  EW_TRY(ew_arena_alloc(r->graph->arena, slots, sizeof *r->ids, &r->ids, r->err));
  r->ids_mask = slots - 1;
  for (uint32_t i = 0; i < values.count; i++) EW_TRY(read_value(r, ew_fb_vec_table(values, i)));
  for (uint32_t i = 0; i < r->num_externs; i++) {
    EW_CHECK(r->extern_flags[i] != 0, r->err, EW_INVALID_PROGRAM,
             "XNNPACK payload: external id %u has no value", i);
  }
  return EW_OK;
}

/* --- nodes --------------------------------------------------------------------------------------- */

static ew_status read_size_list(payload_reader *r, ew_fb_table table, uint32_t field,
                                const char *name, size_t *out, uint32_t *out_count) {
  const ew_fb_vector items = ew_fb_vec(table, field, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(items.count <= EW_XNN_MAX_RANK, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: %s has a list of %u items, the limit is %d", name, items.count,
           EW_XNN_MAX_RANK);
  for (uint32_t i = 0; i < items.count; i++) out[i] = ew_fb_vec_u32(items, i);
  *out_count = items.count;
  return EW_OK;
}

/* Field numbers of the operands: inputs, then outputs. */
typedef struct operands {
  uint32_t inputs[6];
  uint32_t num_inputs;
  uint32_t outputs[2];
  uint32_t num_outputs;
  uint32_t flags;
  bool last_optional; /* the last input may be absent (bias) */
} operands;

static operands operands_of(uint8_t type) {
  switch (node_kinds[type].layout) {
    case N1:
      return (operands){
          .inputs = {0}, .num_inputs = 1, .outputs = {1}, .num_outputs = 1, .flags = 2};
    case N2:
      return (operands){
          .inputs = {0, 1}, .num_inputs = 2, .outputs = {2}, .num_outputs = 1, .flags = 3};
    case FC:
      return (operands){.inputs = {0, 1, 2},
                        .num_inputs = 3,
                        .outputs = {3},
                        .num_outputs = 1,
                        .flags = 4,
                        .last_optional = true};
    case CONV:
      return (operands){.inputs = {15, 16, 17},
                        .num_inputs = 3,
                        .outputs = {18},
                        .num_outputs = 1,
                        .flags = 19,
                        .last_optional = true};
    case CAT:
      return (operands){.inputs = {1, 2, 3, 4, 7},
                        .num_inputs = type == 38 ? 5 : (uint32_t)type - 30,
                        .outputs = {5},
                        .num_outputs = 1,
                        .flags = 6};
    case POOL:
      return (operands){
          .inputs = {10}, .num_inputs = 1, .outputs = {11}, .num_outputs = 1, .flags = 12};
    case ARGMAX:
      return (operands){
          .inputs = {6}, .num_inputs = 1, .outputs = {7, 8}, .num_outputs = 2, .flags = 9};
    case ALPHA:
      return (operands){
          .inputs = {1}, .num_inputs = 1, .outputs = {2}, .num_outputs = 1, .flags = 3};
    case PERM:
    case RESIZE:
      return (operands){
          .inputs = {2}, .num_inputs = 1, .outputs = {3}, .num_outputs = 1, .flags = 4};
    case PADS:
    case SLICE:
    default:
      return (operands){
          .inputs = {3}, .num_inputs = 1, .outputs = {4}, .num_outputs = 1, .flags = 5};
  }
}

static void read_window(ew_fb_table t, bool pool, ew_params *p) {
  p->pad_top = ew_fb_u32(t, 0);
  p->pad_right = ew_fb_u32(t, 1);
  p->pad_bottom = ew_fb_u32(t, 2);
  p->pad_left = ew_fb_u32(t, 3);
  p->kernel_h = ew_fb_u32(t, 4);
  p->kernel_w = ew_fb_u32(t, 5);
  p->stride_h = ew_fb_u32(t, 6);
  p->stride_w = ew_fb_u32(t, 7);
  p->dilation_h = ew_fb_u32(t, 8);
  p->dilation_w = ew_fb_u32(t, 9);
  if (pool) return;
  p->group_input_channels = ew_fb_u32(t, 10);
  p->group_output_channels = ew_fb_u32(t, 11);
  p->groups = ew_fb_u32(t, 12);
  p->adjust_h = ew_fb_u32(t, 13);
  p->adjust_w = ew_fb_u32(t, 14);
}

static ew_status read_params(payload_reader *r, ew_fb_table t, uint8_t type, ew_params *p) {
  const char *name = node_kinds[type].name;
  uint32_t count2 = 0;
  switch (node_kinds[type].layout) {
    case CAT:
      p->axis = ew_fb_u32(t, 0);
      break;
    case CONV:
    case POOL:
      read_window(t, node_kinds[type].layout == POOL, p);
      /* Files state 0: average pooling has no dilation. */
      if (node_kinds[type].op == EW_OP_AVG_POOL_2D) p->dilation_h = p->dilation_w = 1;
      break;
    case ARGMAX:
      p->pad_top = ew_fb_u32(t, 0);
      p->pad_right = ew_fb_u32(t, 1);
      p->pad_bottom = ew_fb_u32(t, 2);
      p->pad_left = ew_fb_u32(t, 3);
      p->dilation_h = p->dilation_w = 1;
      p->kernel_h = p->stride_h = ew_fb_u32(t, 4);
      p->kernel_w = p->stride_w = ew_fb_u32(t, 5);
      break;
    case PERM:
      EW_TRY(read_size_list(r, t, 1, name, p->shape, &p->rank));
      break;
    case RESIZE:
      p->rank = 2;
      p->shape[0] = ew_fb_u32(t, 0);
      p->shape[1] = ew_fb_u32(t, 1);
      break;
    case PADS:
      EW_TRY(read_size_list(r, t, 0, name, p->shape, &p->rank));
      EW_TRY(read_size_list(r, t, 1, name, p->shape2, &count2));
      EW_CHECK(count2 == p->rank, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: %s has %u sizes before and %u behind", name, p->rank, count2);
      p->alpha = ew_fb_f32(t, 2);
      break;
    case SLICE:
      EW_TRY(read_size_list(r, t, 1, name, p->shape, &p->rank));
      EW_TRY(read_size_list(r, t, 2, name, p->shape2, &count2));
      EW_CHECK(count2 == p->rank, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: %s has %u offsets and %u sizes", name, p->rank, count2);
      break;
    case ALPHA:
      p->alpha = ew_fb_f32(t, 0);
      break;
    default:
      break;
  }
  return ew_fb_status(&r->fb);
}

/* Bits of `flags`, which are XNNPACK's. */
enum { FLAG_TRANSPOSE_WEIGHTS = 0x1, FLAG_ALIGN_CORNERS = 0x8, FLAG_KEEP_DIMS = 0x40 };

static void read_flags(uint32_t flags, ew_node *node) {
  ew_params *p = node->params;
  switch (node->op) {
    case EW_OP_FULLY_CONNECTED:
    case EW_OP_BATCH_MATRIX_MULTIPLY:
      p->transpose_weights = (flags & FLAG_TRANSPOSE_WEIGHTS) != 0;
      break;
    case EW_OP_RESIZE_BILINEAR_2D:
      p->align_corners = (flags & FLAG_ALIGN_CORNERS) != 0;
      break;
    case EW_OP_GLOBAL_AVG_POOL_2D:
      p->keep_dims = (flags & FLAG_KEEP_DIMS) != 0;
      break;
    default:
      break;
  }
}

/* Exporters state the logical sizes of a value that is quantised in front of a convolution, though it lies
 * there as NHWC like its source; XNNPACK takes the shape from the source, and so do we. */
static void take_shape_of_source(ew_graph *graph, const ew_node *node) {
  if (node->op != EW_OP_CONVERT) return;
  const ew_value *source = &graph->values[node->inputs[0]];
  ew_value *value = &graph->values[node->outputs[0]];
  if (value->dtype != EW_QD8 || value->rank != source->rank) return;
  const ew_shape actual = ew_value_shape(source);
  if (numel(value) == numel(source)) memcpy(value->dims, actual.dims, sizeof value->dims);
}

static ew_status read_node(payload_reader *r, ew_fb_table entry, uint32_t segment) {
  const uint8_t type = ew_fb_u8(entry, 0);
  const ew_fb_table content = ew_fb_sub(entry, 1);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(type > 0 && type < NUM_NODE_KINDS, r->err, EW_NOT_SUPPORTED,
           "XNNPACK payload: node type %u is newer than this runtime (it knows types up to %d)",
           type, NUM_NODE_KINDS - 1);
  EW_CHECK(node_kinds[type].op != EW_OP_COUNT, r->err, EW_NOT_SUPPORTED,
           "XNNPACK payload: node %s is not supported", node_kinds[type].name);
  EW_CHECK(content.position != 0, r->err, EW_INVALID_PROGRAM, "XNNPACK payload: %s without content",
           node_kinds[type].name);
  const operands ops = operands_of(type);
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(r->graph, node_kinds[type].op, ops.num_inputs, ops.num_outputs, 0, &node,
                           r->err));
  EW_TRY(ew_segment_add_node(r->graph, segment, r->graph->num_nodes - 1, r->err));
  for (uint32_t i = 0; i < ops.num_inputs; i++) {
    const bool optional = ops.last_optional && i + 1 == ops.num_inputs;
    EW_TRY(find_id(r, ew_fb_u32(content, ops.inputs[i]), optional, &node->inputs[i]));
  }
  for (uint32_t i = 0; i < ops.num_outputs; i++) {
    EW_TRY(find_id(r, ew_fb_u32(content, ops.outputs[i]), false, &node->outputs[i]));
  }
  take_shape_of_source(r->graph, node);
  read_flags(ew_fb_u32(content, ops.flags), node);
  const ew_fb_table range = ew_fb_sub(entry, 3);
  if (range.position != 0) {
    node->params->output_min = ew_fb_f32(range, 0);
    node->params->output_max = ew_fb_f32(range, 1);
  }
  return read_params(r, content, type, node->params);
}

/* Fills in inputs and outputs of the segment from the external flags. */
static ew_status list_externals(payload_reader *r, ew_segment *segment) {
  EW_TRY(
      ew_arena_alloc(r->graph->arena, r->num_externs, sizeof(uint32_t), &segment->inputs, r->err));
  EW_TRY(
      ew_arena_alloc(r->graph->arena, r->num_externs, sizeof(uint32_t), &segment->outputs, r->err));
  for (uint32_t i = 0; i < r->num_externs; i++) {
    const uint32_t value = r->widened[i] != EW_NONE ? r->widened[i] : r->call->args[i];
    const bool constant = r->graph->values[value].constant != EW_NONE;
    if (r->extern_flags[i] == VALUE_EXTERNAL_OUTPUT) {
      EW_CHECK(!constant, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: output argument %u is a constant", i);
      segment->outputs[segment->num_outputs++] = value;
    } else if (!constant) {
      segment->inputs[segment->num_inputs++] = value;
    }
  }
  return EW_OK;
}

static ew_status insert_cast(payload_reader *r, uint32_t from, uint32_t to) {
  ew_graph *graph = r->graph;
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_KERNEL, 1, 1, 2, &node, r->err));
  node->kernel = ew_kernel_find("dim_order_ops::_to_dim_order_copy.out");
  EW_CHECK(node->kernel != NULL, r->err, EW_OPERATOR_MISSING, "the cast of argmax is missing");
  node->inputs[0] = from;
  node->outputs[0] = to;
  node->attrs[0].kind = EW_ATTR_BOOL;
  uint32_t step = 0;
  while (graph->steps[step].segment != r->call->segment) step++;
  EW_TRY(ew_graph_insert_steps(graph, step + 1, 1, r->err));
  graph->steps[step + 1] = (ew_step){.segment = EW_NONE, .node = graph->num_nodes - 1};
  return EW_OK;
}

/* Behind the segment: casts of its i32 outputs to the i64 values of the method. */
static ew_status widen_outputs(payload_reader *r) {
  for (uint32_t i = 0; i < r->num_externs; i++) {
    if (r->widened[i] != EW_NONE) EW_TRY(insert_cast(r, r->widened[i], r->call->args[i]));
  }
  return EW_OK;
}

static ew_status read_nodes(payload_reader *r) {
  const ew_fb_vector nodes = ew_fb_vec(r->root, GRAPH_NODES, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(nodes.count > 0, r->err, EW_INVALID_PROGRAM, "XNNPACK payload: no nodes");
  for (uint32_t i = 0; i < nodes.count; i++) {
    EW_TRY(read_node(r, ew_fb_vec_table(nodes, i), r->call->segment));
  }
  return ew_fb_status(&r->fb);
}

ew_status pte_inline_call(ew_pte *pte, const ew_pte_payload *payload, ew_bytes bytes,
                          pte_call *call, ew_error *err) {
  payload_reader r = {
      .pte = pte, .graph = pte->graph, .payload = payload, .call = call, .err = err};
  EW_TRY(open_payload(&r, bytes));
  EW_TRY(read_values(&r));
  EW_TRY(read_nodes(&r));
  EW_TRY(list_externals(&r, &pte->graph->segments[call->segment]));
  EW_TRY(ew_graph_check_segment(pte->graph, call->segment, err));
  return widen_outputs(&r);
}
