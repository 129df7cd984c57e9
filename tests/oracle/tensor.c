#include "oracle/tensor.h"

#include <math.h>
#include <string.h>

static bool is_8bit(const oracle_tensor *tensor) {
  return tensor->dtype == EW_I8 || tensor->dtype == EW_U8;
}

ew_status oracle_tensor_init(oracle_tensor *tensor, const ew_value *value, const size_t *dims,
                             ew_arena *arena, ew_error *err) {
  *tensor = (oracle_tensor){
      .dtype = value->dtype, .quant = value->quant, .rank = value->rank, .count = 1};
  for (uint32_t i = 0; i < value->rank; i++) tensor->count *= tensor->dims[i] = dims[i];
  EW_TRY(ew_arena_alloc(arena, tensor->count, sizeof(double), &tensor->value, err));
  return ew_arena_alloc(arena, tensor->count, sizeof(double), &tensor->slack, err);
}

/* --- bytes to numbers ---------------------------------------------------------------------------- */

/* Scales as floats, whatever they are stored as. */
static ew_status load_scales(oracle_tensor *tensor, const void *bytes, ew_arena *arena,
                             ew_error *err) {
  ew_quant *quant = &tensor->quant;
  if (quant->kind == EW_QUANT_NONE || quant->kind == EW_QUANT_TOKEN || bytes == NULL) return EW_OK;
  float *scales = NULL;
  EW_TRY(ew_arena_alloc(arena, quant->count, sizeof *scales, &scales, err));
  for (uint32_t i = 0; i < quant->count; i++) {
    if (quant->kind == EW_QUANT_BLOCK) {
      uint16_t upper = 0;
      memcpy(&upper, (const char *)bytes + i * sizeof upper, sizeof upper);
      const uint32_t bits = (uint32_t)upper << 16;
      memcpy(&scales[i], &bits, sizeof bits);
    } else {
      memcpy(&scales[i], (const char *)bytes + i * sizeof *scales, sizeof *scales);
    }
  }
  quant->scale = scales;
  return EW_OK;
}

static double scale_at(const oracle_tensor *tensor, size_t i) {
  const ew_quant *quant = &tensor->quant;
  size_t inner = 1;
  switch (quant->kind) {
    case EW_QUANT_TENSOR:
      return quant->scale[0];
    case EW_QUANT_CHANNEL:
      for (uint32_t d = quant->channel_dim + 1; d < tensor->rank; d++) inner *= tensor->dims[d];
      return quant->scale[i / inner % tensor->dims[quant->channel_dim]];
    case EW_QUANT_BLOCK:
      return quant->scale[i / quant->block_size];
    default:
      return 1;
  }
}

static int nibble_at(const uint8_t *bytes, const oracle_tensor *tensor, size_t i) {
  const size_t columns = tensor->dims[tensor->rank - 1], row = i / columns, column = i % columns;
  return bytes[row * ((columns + 1) / 2) + column / 2] >> (column % 2 * 4) & 15;
}

static double number_at(const oracle_tensor *tensor, const void *bytes, size_t i) {
  float f = 0;
  int32_t n = 0;
  switch (tensor->dtype) {
    case EW_F32:
      memcpy(&f, (const char *)bytes + i * sizeof f, sizeof f);
      return f;
    case EW_I32:
      memcpy(&n, (const char *)bytes + i * sizeof n, sizeof n);
      return n;
    case EW_I8:
      return ((const int8_t *)bytes)[i];
    case EW_I4:
      return nibble_at(bytes, tensor, i);
    default:
      return ((const uint8_t *)bytes)[i];
  }
}

ew_status oracle_tensor_load(oracle_tensor *tensor, const void *bytes, const void *scales,
                             ew_arena *arena, ew_error *err) {
  EW_TRY(load_scales(tensor, scales, arena, err));
  for (size_t i = 0; i < tensor->count; i++) {
    const double number = number_at(tensor, bytes, i);
    const bool quantised = tensor->quant.kind != EW_QUANT_NONE;
    tensor->value[i] =
        quantised ? (number - tensor->quant.zero_point) * scale_at(tensor, i) : number;
    tensor->slack[i] = 0;
  }
  return EW_OK;
}

void oracle_tensor_store(const oracle_tensor *tensor, void *bytes) {
  for (size_t i = 0; i < tensor->count; i++) {
    if (tensor->dtype == EW_F32) {
      const float f = (float)tensor->value[i];
      memcpy((char *)bytes + i * sizeof f, &f, sizeof f);
    } else if (tensor->dtype == EW_I32) {
      const int32_t n = (int32_t)tensor->value[i];
      memcpy((char *)bytes + i * sizeof n, &n, sizeof n);
    } else {
      const double code = rint(tensor->value[i] / scale_at(tensor, i)) + tensor->quant.zero_point;
      ((uint8_t *)bytes)[i] = (uint8_t)(int)code;
    }
  }
}

/* --- rounding ------------------------------------------------------------------------------------ */

static void settle_f32(oracle_tensor *tensor) {
  double largest = 0;
  for (size_t i = 0; i < tensor->count; i++) largest = fmax(largest, fabs(tensor->value[i]));
  for (size_t i = 0; i < tensor->count; i++) {
    tensor->value[i] = (float)tensor->value[i];
    tensor->slack[i] += largest * ORACLE_F32_SHARE;
  }
}

static void settle_8bit(oracle_tensor *tensor) {
  const double scale = tensor->quant.scale[0], zero = tensor->quant.zero_point;
  const double low = tensor->dtype == EW_I8 ? INT8_MIN : 0;
  const double high = tensor->dtype == EW_I8 ? INT8_MAX : UINT8_MAX;
  for (size_t i = 0; i < tensor->count; i++) {
    const double code = fmin(fmax(rint(tensor->value[i] / scale) + zero, low), high);
    tensor->value[i] = (code - zero) * scale;
    /* Numbers that differ by more than the rounding of sums are rounded apart, by up to a quantum more. */
    tensor->slack[i] += tensor->slack[i] > scale * 1e-3 ? 2 * scale : scale;
  }
}

/* Asymmetric quantisation of one row to 8 bits, as XNNPACK defines it: the range holds zero, and of the two
 * zero points that map an end of the range exactly the one with the smaller error counts. */
static void settle_row(double *value, double *slack, size_t count) {
  double low = 0, high = 0, spread = 0;
  for (size_t i = 0; i < count; i++) {
    low = fmin(low, value[i]);
    high = fmax(high, value[i]);
    spread = fmax(spread, slack[i]);
  }
  const double steps = INT8_MAX - INT8_MIN;
  const double scale = low == high ? 1 : (high - low) / steps;
  const double from_low = INT8_MIN - low / scale, from_high = INT8_MAX - high / scale;
  const double error_low = INT8_MIN + low / scale, error_high = INT8_MAX + high / scale;
  const double wanted = error_low + error_high > 0 ? from_low : from_high;
  const double zero = rint(fmin(fmax(wanted, INT8_MIN), INT8_MAX));
  for (size_t i = 0; i < count; i++) {
    const double steps_up = value[i] / scale, code = rint(steps_up) + zero;
    /* Only what lies halfway between two codes may go either way. */
    const bool is_tie = fabs(fabs(steps_up - rint(steps_up)) - 0.5) < 1e-3;
    value[i] = (fmin(fmax(code, INT8_MIN), INT8_MAX) - zero) * scale;
    /* Another range moves all codes. */
    slack[i] += spread > 0 ? spread + 2 * scale : is_tie ? scale : 0;
  }
}

static void settle_dynamic(oracle_tensor *tensor) {
  size_t row = 1;
  for (uint32_t i = 0; i < tensor->quant.num_nonbatch_dims; i++) {
    row *= tensor->dims[tensor->rank - 1 - i];
  }
  for (size_t i = 0; i < tensor->count; i += row) {
    settle_row(tensor->value + i, tensor->slack + i, row);
  }
}

void oracle_settle(oracle_tensor *tensor, oracle_rounding rounding) {
  if (rounding == ORACLE_EXACT) return;
  if (tensor->dtype == EW_F32) settle_f32(tensor);
  if (is_8bit(tensor)) settle_8bit(tensor);
  if (tensor->dtype == EW_QD8) settle_dynamic(tensor);
}

/* --- indices ------------------------------------------------------------------------------------- */

size_t oracle_broadcast_index(const oracle_tensor *tensor, const size_t *index, uint32_t rank) {
  size_t at = 0;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    const size_t along = tensor->dims[i] == 1 ? 0 : index[i + rank - tensor->rank];
    at = at * tensor->dims[i] + along;
  }
  return at;
}

bool oracle_next_index(size_t *index, const size_t *dims, uint32_t rank) {
  for (uint32_t i = rank; i-- > 0;) {
    if (++index[i] < dims[i]) return true;
    index[i] = 0;
  }
  return false;
}
