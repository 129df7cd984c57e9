/* Layer, group and batch normalisation. */
#include <math.h>

#include "kernels/simd.h"
#include "kernels/strided.h"
#include "kernels/support.h"

/* --- rows ----------------------------------------------------------------------------------------- */

typedef struct moments {
  double mean, rstd;
} moments;

/* Two passes over a row that stays in cache: the variance of differences loses nothing. */
static moments row_moments(const float *x, size_t n, double eps) {
  ew_f32x4 sum = {0}, sum2 = {0};
  size_t k = 0;
  double total = 0;
  for (; k + 8 <= n; k += 8) {
    sum += ew_v4_load(x + k);
    sum2 += ew_v4_load(x + k + 4);
  }
  total = (double)ew_v4_sum(sum) + (double)ew_v4_sum(sum2);
  for (; k < n; k++) total += (double)x[k];
  const double mean = total / (double)n;
  const ew_f32x4 center = ew_v4_splat((float)mean);
  sum = sum2 = (ew_f32x4){0};
  for (k = 0; k + 8 <= n; k += 8) {
    const ew_f32x4 a = ew_v4_load(x + k) - center, b = ew_v4_load(x + k + 4) - center;
    sum += a * a;
    sum2 += b * b;
  }
  double variance = (double)ew_v4_sum(sum) + (double)ew_v4_sum(sum2);
  for (; k < n; k++) variance += ((double)x[k] - mean) * ((double)x[k] - mean);
  return (moments){mean, 1.0 / sqrt(variance / (double)n + eps)};
}

/* to = (x - mean) * rstd * weight + bias; weight and bias may be NULL. */
static void normalize_row(float *to, const float *x, size_t n, moments m, const float *weight,
                          const float *bias) {
  const float scale = (float)m.rstd, mean = (float)m.mean;
  const ew_f32x4 scale4 = ew_v4_splat(scale), mean4 = ew_v4_splat(mean);
  size_t k = 0;
  for (; k + 4 <= n; k += 4) {
    ew_f32x4 y = (ew_v4_load(x + k) - mean4) * scale4;
    if (weight != NULL) y *= ew_v4_load(weight + k);
    if (bias != NULL) y += ew_v4_load(bias + k);
    ew_v4_store(to + k, y);
  }
  for (; k < n; k++) {
    float y = (x[k] - mean) * scale;
    if (weight != NULL) y *= weight[k];
    if (bias != NULL) y += bias[k];
    to[k] = y;
  }
}

/* --- layer norm ----------------------------------------------------------------------------------- */

/* native_layer_norm(input, normalized_shape, weight?, bias?, eps) -> out, mean, rstd */
ew_status ew_prepare_layer_norm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  for (uint32_t i = 0; i < 3; i++) {
    EW_TRY(ew_check_same_dtype(call, in, &call->outputs[i]));
    EW_KERNEL_CHECK(call, in->dtype == EW_F32, EW_NOT_SUPPORTED, "data type %s is not supported",
                    ew_dtype_name(in->dtype));
  }
  const int64_t *shape = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, 0, &shape, &count));
  bool fits = count > 0 && count <= in->rank;
  for (uint32_t i = 0; fits && i < count; i++) {
    fits = shape[i] == (int64_t)in->dims[in->rank - count + i];
  }
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "normalized_shape does not fit input %s",
                  ew_shape_of(in).text);
  const size_t *tail = in->dims + (in->rank - count);
  for (uint32_t i = 1; i < 3; i++) {
    const ew_tensor *affine = &call->inputs[i];
    if (affine->dtype == EW_DTYPE_NONE) continue;
    EW_TRY(ew_check_same_dtype(call, in, affine));
    bool same = affine->rank == count;
    for (uint32_t k = 0; same && k < count; k++) same = affine->dims[k] == tail[k];
    EW_KERNEL_CHECK(call, same, EW_INVALID_PROGRAM, "%s %s does not fit input %s",
                    i == 1 ? "weight" : "bias", ew_shape_of(affine).text, ew_shape_of(in).text);
  }
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++) dims[i] = i + count < in->rank ? in->dims[i] : 1;
  EW_TRY(ew_set_shape_like(call, 0, in));
  EW_TRY(ew_set_shape(call, 1, in->rank, dims));
  return ew_set_shape(call, 2, in->rank, dims);
}

ew_status ew_run_layer_norm(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  ew_tensor *out = &call->outputs[0];
  double eps = 0;
  EW_TRY(ew_arg_double(call, 1, &eps));
  for (uint32_t i = 0; i < 3; i++) EW_TRY(ew_check_row_major(call, &call->outputs[i]));
  for (uint32_t i = 1; i < 3; i++) {
    if (call->inputs[i].dtype != EW_DTYPE_NONE) EW_TRY(ew_check_row_major(call, &call->inputs[i]));
  }
  const float *weight = call->inputs[1].dtype == EW_DTYPE_NONE ? NULL : call->inputs[1].data;
  const float *bias = call->inputs[2].dtype == EW_DTYPE_NONE ? NULL : call->inputs[2].data;
  const size_t rows = ew_tensor_numel(&call->outputs[1]), total = ew_tensor_numel(out);
  if (total == 0) return EW_OK;
  const size_t n = total / rows;
  /* An input in another order is first laid out in the output, then normalised in place. */
  const float *x = in->data;
  if (!ew_tensor_is_contiguous(in)) {
    ew_copy_tensor(out, in);
    x = out->data;
  }
  for (size_t r = 0; r < rows; r++) {
    const moments m = row_moments(x + r * n, n, eps);
    normalize_row((float *)out->data + r * n, x + r * n, n, m, weight, bias);
    ((float *)call->outputs[1].data)[r] = (float)m.mean;
    ((float *)call->outputs[2].data)[r] = (float)m.rstd;
  }
  return EW_OK;
}
