/* Values: data types, quantisation parameters and the three kinds of definition (external,
 * internal, static). */
#include <math.h>
#include <string.h>

#include "exec/xnn/internal.h"

enum xnn_datatype ew_xnn_datatype(const ew_value *value) {
  const ew_quant_kind kind = value->quant.kind;
  switch (value->dtype) {
    case EW_F32:
      return kind == EW_QUANT_NONE ? xnn_datatype_fp32 : xnn_datatype_invalid;
    case EW_F16:
      return kind == EW_QUANT_NONE ? xnn_datatype_fp16 : xnn_datatype_invalid;
    case EW_BF16:
      return kind == EW_QUANT_NONE ? xnn_datatype_bf16 : xnn_datatype_invalid;
    case EW_U8:
      return kind == EW_QUANT_TENSOR ? xnn_datatype_quint8 : xnn_datatype_invalid;
    case EW_I8:
      if (kind == EW_QUANT_TENSOR) return xnn_datatype_qint8;
      return kind == EW_QUANT_CHANNEL ? xnn_datatype_qcint8 : xnn_datatype_invalid;
    case EW_I32:
      if (kind == EW_QUANT_TENSOR) return xnn_datatype_qint32;
      if (kind == EW_QUANT_CHANNEL) return xnn_datatype_qcint32;
      return kind == EW_QUANT_NONE ? xnn_datatype_int32 : xnn_datatype_invalid;
    case EW_I4:
      if (kind == EW_QUANT_CHANNEL) return xnn_datatype_qcint4;
      return kind == EW_QUANT_BLOCK ? xnn_datatype_qbint4 : xnn_datatype_invalid;
    case EW_QD8:
      return kind == EW_QUANT_TOKEN ? xnn_datatype_qdint8 : xnn_datatype_invalid;
    default:
      return xnn_datatype_invalid;
  }
}

static const char *datatype_name(enum xnn_datatype datatype) {
  switch (datatype) {
    case xnn_datatype_fp32:
      return "f32";
    case xnn_datatype_fp16:
      return "f16";
    case xnn_datatype_bf16:
      return "bf16";
    case xnn_datatype_quint8:
      return "quint8";
    case xnn_datatype_qint8:
      return "qint8";
    case xnn_datatype_qcint8:
      return "qcint8";
    case xnn_datatype_qint32:
      return "qint32";
    case xnn_datatype_qcint32:
      return "qcint32";
    case xnn_datatype_int32:
      return "int32";
    case xnn_datatype_qcint4:
      return "qcint4";
    case xnn_datatype_qbint4:
      return "qbint4";
    case xnn_datatype_qdint8:
      return "qdint8";
    default:
      return "none";
  }
}

/* bf16 (item of 2 bytes) is the upper half of f32. */
static ew_status check_scales(const ew_lowering *low, const ew_value *value, const void *scales,
                              size_t item) {
  for (uint32_t i = 0; i < value->quant.count; i++) {
    uint32_t bits = 0;
    memcpy((char *)&bits + sizeof bits - item, (const char *)scales + i * item, item);
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    EW_CHECK(isnormal(scale) && scale > 0, low->err, EW_INVALID_PROGRAM,
             "value %u: scale %u is %g; scales are positive and finite",
             (unsigned)(value - low->graph->values), i, (double)scale);
  }
  return EW_OK;
}

/* Copies the scales: XNNPACK's packing reads up to XNN_EXTRA_QUANTIZATION_PARAMS entries too far,
 * and neither a constant nor an inline array has so many spare ones. */
ew_status ew_copy_scales(ew_lowering *low, const ew_value *value, size_t item, const void **out) {
  const ew_quant *quant = &value->quant;
  const void *from = quant->scale;
  if (quant->scale_constant != EW_NONE) {
    const ew_constant *constant = &low->graph->constants[quant->scale_constant];
    EW_CHECK(constant->data != NULL, low->err, EW_INVALID_STATE,
             "value %u: its scales have not arrived", (unsigned)(value - low->graph->values));
    EW_CHECK(constant->size / item >= quant->count, low->err, EW_INVALID_PROGRAM,
             "value %u: %zu bytes for %u scales", (unsigned)(value - low->graph->values),
             constant->size, quant->count);
    from = constant->data;
  }
  EW_CHECK(from != NULL, low->err, EW_INVALID_PROGRAM, "value %u has no scales",
           (unsigned)(value - low->graph->values));
  void *copy = NULL;
  EW_TRY(ew_arena_alloc(&low->arena, (size_t)quant->count + XNN_EXTRA_QUANTIZATION_PARAMS, item,
                        &copy, low->err));
  memcpy(copy, from, quant->count * item);
  *out = copy;
  return check_scales(low, value, copy, item);
}

static ew_status define_quantised(ew_lowering *low, const ew_value *value, const size_t *dims,
                                  const void *data, uint32_t external_id, uint32_t flags,
                                  uint32_t *out_id, enum xnn_status *status) {
  const enum xnn_datatype datatype = ew_xnn_datatype(value);
  const ew_quant *quant = &value->quant;
  const void *scales = NULL;
  switch (quant->kind) {
    case EW_QUANT_TENSOR: {
      float scale = 0;
      EW_TRY(ew_copy_scales(low, value, sizeof scale, &scales));
      memcpy(&scale, scales, sizeof scale);
      *status =
          xnn_define_quantized_tensor_value(low->subgraph, datatype, quant->zero_point, scale,
                                            value->rank, dims, data, external_id, flags, out_id);
      return EW_OK;
    }
    case EW_QUANT_CHANNEL:
      EW_TRY(ew_copy_scales(low, value, sizeof(float), &scales));
      *status = xnn_define_channelwise_quantized_tensor_value_v2(
          low->subgraph, datatype, quant->zero_point, scales, value->rank, quant->channel_dim, dims,
          data, external_id, flags, out_id);
      return EW_OK;
    case EW_QUANT_BLOCK:
      EW_TRY(ew_copy_scales(low, value, sizeof(uint16_t), &scales));
      *status = xnn_define_blockwise_quantized_tensor_value(
          low->subgraph, datatype, quant->zero_point, scales, value->rank, quant->channel_dim,
          quant->block_size, dims, data, external_id, flags, out_id);
      return EW_OK;
    default:
      *status = xnn_define_dynamically_quantized_tensor_value(low->subgraph, datatype, value->rank,
                                                              quant->num_nonbatch_dims, dims,
                                                              external_id, flags, out_id);
      return EW_OK;
  }
}

static ew_status define_sized(ew_lowering *low, uint32_t id, const size_t *dims, const void *data,
                              uint32_t external_id, uint32_t flags, uint32_t *out_id) {
  const ew_value *value = &low->graph->values[id];
  const enum xnn_datatype datatype = ew_xnn_datatype(value);
  EW_CHECK(datatype != xnn_datatype_invalid && value->rank <= EW_XNN_MAX_RANK, low->err,
           EW_NOT_SUPPORTED,
           "value %u: XNNPACK has no %s tensors of rank %u with this quantisation", id,
           ew_dtype_name(value->dtype), value->rank);
  enum xnn_status status = xnn_status_success;
  if (value->quant.kind == EW_QUANT_NONE) {
    status = xnn_define_tensor_value(low->subgraph, datatype, value->rank, dims, data, external_id,
                                     flags, out_id);
  } else {
    EW_TRY(define_quantised(low, value, dims, data, external_id, flags, out_id, &status));
  }
  if (status != xnn_status_success) {
    return ew_xnn_fail(low->err, status, "defining value %u (%s)", id, datatype_name(datatype));
  }
  return EW_OK;
}

static ew_status define(ew_lowering *low, uint32_t id, const void *data, uint32_t external_id,
                        uint32_t flags, uint32_t *out_id) {
  const ew_shape shape = ew_value_shape(&low->graph->values[id]);
  return define_sized(low, id, shape.dims, data, external_id, flags, out_id);
}

ew_status ew_define_external(ew_lowering *low, uint32_t value, uint32_t external_id,
                             uint32_t flags) {
  EW_CHECK(low->xnn->ids[value] == EW_NONE, low->err, EW_INVALID_PROGRAM,
           "value %u is an input or output of its segment twice", value);
  return define(low, value, NULL, external_id, flags, &low->xnn->ids[value]);
}

static ew_status constant_data(ew_lowering *low, uint32_t value, const void **out) {
  const ew_constant *constant = &low->graph->constants[low->graph->values[value].constant];
  EW_CHECK(constant->data != NULL, low->err, EW_INVALID_STATE,
           "value %u: its bytes have not arrived or were freed too early", value);
  *out = constant->data;
  return EW_OK;
}

ew_status ew_use_value(ew_lowering *low, uint32_t value, uint32_t *out_id) {
  if (low->xnn->ids[value] == EW_NONE) {
    const void *data = NULL;
    if (low->graph->values[value].constant != EW_NONE) {
      EW_TRY(constant_data(low, value, &data));
    }
    EW_TRY(define(low, value, data, XNN_INVALID_VALUE_ID, 0, &low->xnn->ids[value]));
  }
  *out_id = low->xnn->ids[value];
  return EW_OK;
}

ew_status ew_use_weight(ew_lowering *low, const ew_node *node, uint32_t input_index,
                        uint32_t *out_id) {
  *out_id = XNN_INVALID_VALUE_ID;
  if (input_index >= node->num_inputs || node->inputs[input_index] == EW_NONE) return EW_OK;
  const uint32_t value = node->inputs[input_index];
  if (low->packing || !ew_xnn_packs(low->graph, node)) return ew_use_value(low, value, out_id);
  /* Another node may share the bytes, but not the packed form: no entry in ids. */
  const uint32_t index = (uint32_t)(node - low->graph->nodes);
  return define(low, value, ew_weights_token(&low->xnn->weights, index), XNN_INVALID_VALUE_ID, 0,
                out_id);
}

ew_status ew_define_static(ew_lowering *low, uint32_t value, const size_t *dims, const void *data,
                           uint32_t *out_id) {
  return define_sized(low, value, dims, data, XNN_INVALID_VALUE_ID, 0, out_id);
}

ew_status ew_define_like(ew_lowering *low, uint32_t value, uint32_t *out_id) {
  return define(low, value, NULL, XNN_INVALID_VALUE_ID, 0, out_id);
}

/* --- whole numbers of quantised values ------------------------------------------------------------ */

static float number_at(const ew_value *value, const void *bytes, size_t i) {
  int32_t number = 0;
  if (value->dtype == EW_I8) return (float)(((const int8_t *)bytes)[i] - value->quant.zero_point);
  memcpy(&number, (const char *)bytes + i * sizeof number, sizeof number);
  return (float)number;
}

static ew_status numbers_of(ew_lowering *low, uint32_t id, const float **out) {
  const ew_value *value = &low->graph->values[id];
  const ew_shape shape = ew_value_shape(value);
  const void *bytes = NULL;
  float *numbers = NULL;
  size_t count = 1;
  for (uint32_t i = 0; i < shape.rank; i++) count *= shape.dims[i];
  EW_TRY(constant_data(low, id, &bytes));
  EW_TRY(ew_arena_alloc(&low->arena, count, sizeof *numbers, &numbers, low->err));
  for (size_t i = 0; i < count; i++) numbers[i] = number_at(value, bytes, i);
  *out = numbers;
  return EW_OK;
}

ew_status ew_use_numbers(ew_lowering *low, uint32_t value, uint32_t *out_id) {
  const float *data = NULL;
  const ew_shape shape = ew_value_shape(&low->graph->values[value]);
  if (low->graph->values[value].constant != EW_NONE) EW_TRY(numbers_of(low, value, &data));
  const enum xnn_status status =
      xnn_define_tensor_value(low->subgraph, xnn_datatype_fp32, shape.rank, shape.dims, data,
                              XNN_INVALID_VALUE_ID, 0, out_id);
  if (status == xnn_status_success) return EW_OK;
  return ew_xnn_fail(low->err, status, "defining value %u in f32", value);
}
