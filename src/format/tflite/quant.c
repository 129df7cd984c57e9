/* Scale, zero point and the dimension that they belong to. */
#include "format/tflite/quant.h"

#include <float.h>
#include <math.h>

enum { QUANT_SCALE = 2, QUANT_ZERO = 3, QUANT_DETAILS_TYPE = 4, QUANT_DIMENSION = 6 };
enum { DETAILS_CUSTOM = 1 };
/* XNNPACK reads a few entries behind the last scale. */
enum { SPARE_SCALES = 16 };

static ew_status read_zero_point(const tfl_tensor *tensor, uint32_t index, ew_fb_vector zeros,
                                 ew_quant *out, ew_error *err) {
  const int64_t low = tensor->dtype == EW_U8 ? 0 : INT8_MIN;
  const int64_t high = tensor->dtype == EW_U8 ? UINT8_MAX : INT8_MAX;
  const int64_t first = ew_fb_vec_i64(zeros, 0);
  for (uint32_t i = 0; i < zeros.count; i++) {
    const int64_t zero = ew_fb_vec_i64(zeros, i);
    EW_CHECK(zero >= low && zero <= high, err, EW_INVALID_PROGRAM,
             "tensor %u (%s): zero point %lld is not in %lld to %lld", index, tensor->name,
             (long long)zero, (long long)low, (long long)high);
    EW_CHECK(zero == first, err, EW_NOT_SUPPORTED,
             "tensor %u (%s): zero points differ between channels", index, tensor->name);
  }
  out->zero_point = (int32_t)first;
  return EW_OK;
}

static ew_status read_channels(const tfl_tensor *tensor, uint32_t index, ew_quant *out,
                               ew_error *err) {
  const int32_t dim = ew_fb_i32(tensor->quantization, QUANT_DIMENSION);
  EW_CHECK(dim >= 0 && (uint32_t)dim < tensor->rank && tensor->dims[dim] == out->count, err,
           EW_INVALID_PROGRAM, "tensor %u (%s): %u scales along dimension %d", index, tensor->name,
           out->count, dim);
  out->kind = EW_QUANT_CHANNEL;
  out->channel_dim = (uint32_t)dim;
  return EW_OK;
}

ew_status tfl_read_quant(const tfl_tensor *tensor, uint32_t index, ew_arena *arena, ew_quant *out,
                         ew_error *err) {
  *out = (ew_quant){.kind = EW_QUANT_NONE, .scale_constant = EW_NONE};
  if (tensor->dtype != EW_U8 && tensor->dtype != EW_I8) return EW_OK;
  const ew_fb_table table = tensor->quantization;
  const ew_fb_vector scales = ew_fb_vec(table, QUANT_SCALE, 4);
  const ew_fb_vector zeros = ew_fb_vec(table, QUANT_ZERO, 8);
  const uint8_t details = ew_fb_u8(table, QUANT_DETAILS_TYPE);
  EW_TRY(ew_fb_status(table.fb));
  EW_CHECK(details <= DETAILS_CUSTOM, err, EW_NOT_SUPPORTED,
           "tensor %u (%s) has scales per block, which are not supported", index, tensor->name);
  if (scales.count == 0) return EW_OK;
  EW_CHECK(zeros.count == scales.count, err, EW_INVALID_PROGRAM,
           "tensor %u (%s): %u zero points for %u scales", index, tensor->name, zeros.count,
           scales.count);
  float *scale = NULL;
  EW_TRY(ew_arena_alloc(arena, (size_t)scales.count + SPARE_SCALES, sizeof *scale, &scale, err));
  for (uint32_t i = 0; i < scales.count; i++) {
    scale[i] = ew_load_f32(scales.items + 4 * (size_t)i);
    /* A channel whose weights are all 0. */
    if (scale[i] == 0 && scales.count > 1) scale[i] = FLT_MIN;
    EW_CHECK(isnormal(scale[i]) && scale[i] > 0, err, EW_INVALID_PROGRAM,
             "tensor %u (%s): scale %u is %g; scales are positive and finite", index, tensor->name,
             i, (double)scale[i]);
  }
  out->scale = scale;
  out->count = scales.count;
  out->kind = EW_QUANT_TENSOR;
  EW_TRY(read_zero_point(tensor, index, zeros, out, err));
  return scales.count > 1 ? read_channels(tensor, index, out, err) : EW_OK;
}
