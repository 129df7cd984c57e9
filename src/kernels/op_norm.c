/* Layer, group and batch normalisation. */
#include <math.h>

#include "base/simd.h"
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

/* --- group norm ------------------------------------------------------------------------------------ */

/* native_group_norm(input, weight?, bias?, N, C, HxW, group, eps) -> out, mean, rstd */
ew_status ew_prepare_group_norm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0];
  int64_t args[4] = {0};
  for (uint32_t i = 0; i < 4; i++) EW_TRY(ew_arg_int(call, i, &args[i]));
  const int64_t n = args[0], channels = args[1], plane = args[2], groups = args[3];
  const int64_t limit = (int64_t)EW_MAX_TENSOR_BYTES;
  bool fits = n >= 0 && channels > 0 && plane >= 0 && groups > 0 && n <= limit &&
              channels <= limit && plane <= limit && channels % groups == 0;
  size_t total = 0;
  fits = fits && ew_mul_size((size_t)n, (size_t)channels, &total) &&
         ew_mul_size(total, (size_t)plane, &total) && total == ew_tensor_numel(in);
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "%lld x %lld x %lld in %lld groups for input %s",
                  (long long)n, (long long)channels, (long long)plane, (long long)groups,
                  ew_shape_of(in).text);
  for (uint32_t i = 1; i < 3; i++) {
    const ew_tensor *affine = &call->inputs[i];
    EW_KERNEL_CHECK(call,
                    affine->dtype == EW_DTYPE_NONE ||
                        (affine->rank == 1 && affine->dims[0] == (size_t)channels),
                    EW_INVALID_PROGRAM, "%s %s for %lld channels", i == 1 ? "weight" : "bias",
                    ew_shape_of(affine).text, (long long)channels);
  }
  const size_t dims[2] = {(size_t)n, (size_t)groups};
  EW_TRY(ew_set_shape_like(call, 0, in));
  EW_TRY(ew_set_shape(call, 1, 2, dims));
  return ew_set_shape(call, 2, 2, dims);
}

/* to = x * scale + shift */
static void scale_row(float *to, const float *x, size_t n, double scale, double shift) {
  const ew_f32x4 scale4 = ew_v4_splat((float)scale), shift4 = ew_v4_splat((float)shift);
  size_t k = 0;
  for (; k + 4 <= n; k += 4) ew_v4_store(to + k, ew_v4_load(x + k) * scale4 + shift4);
  for (; k < n; k++) to[k] = x[k] * (float)scale + (float)shift;
}

static double affine_at(const ew_tensor *tensor, size_t index, double absent) {
  return tensor->dtype == EW_DTYPE_NONE ? absent : (double)((const float *)tensor->data)[index];
}

ew_status ew_run_group_norm(ew_call *call) {
  int64_t channels = 0, plane = 0, groups = 0;
  double eps = 0;
  EW_TRY(ew_arg_int(call, 1, &channels));
  EW_TRY(ew_arg_int(call, 2, &plane));
  EW_TRY(ew_arg_int(call, 3, &groups));
  EW_TRY(ew_arg_double(call, 4, &eps));
  const size_t each = (size_t)(channels / groups), size = (size_t)plane;
  const size_t rows = ew_tensor_numel(&call->outputs[1]);
  if (size == 0) return EW_OK;
  for (size_t r = 0; r < rows; r++) {
    const float *x = (const float *)call->inputs[0].data + r * each * size;
    float *to = (float *)call->outputs[0].data + r * each * size;
    const moments m = row_moments(x, each * size, eps);
    ((float *)call->outputs[1].data)[r] = (float)m.mean;
    ((float *)call->outputs[2].data)[r] = (float)m.rstd;
    for (size_t c = 0; c < each; c++) {
      const size_t channel = r % (size_t)groups * each + c;
      const double scale = m.rstd * affine_at(&call->inputs[1], channel, 1);
      const double shift = affine_at(&call->inputs[2], channel, 0) - m.mean * scale;
      scale_row(to + c * size, x + c * size, size, scale, shift);
    }
  }
  return EW_OK;
}

/* --- batch norm ------------------------------------------------------------------------------------ */

/* Input 0 must be f32 with channels; inputs 1 to last are absent or have an element per channel. */
static ew_status check_channels(const ew_call *call, uint32_t last) {
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0];
  EW_KERNEL_CHECK(call, in->rank >= 2, EW_INVALID_PROGRAM, "input %s must have channels",
                  ew_shape_of(in).text);
  for (uint32_t i = 1; i <= last; i++) {
    const ew_tensor *each = &call->inputs[i];
    EW_KERNEL_CHECK(
        call, each->dtype == EW_DTYPE_NONE || (each->rank == 1 && each->dims[0] == in->dims[1]),
        EW_INVALID_PROGRAM, "input %u %s for %zu channels", i, ew_shape_of(each).text, in->dims[1]);
  }
  return EW_OK;
}

/* _native_batch_norm_legit_no_training(input, weight?, bias?, mean, var, momentum, eps) -> out, and two
 * empty tensors */
ew_status ew_prepare_batch_norm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(check_channels(call, 4));
  const size_t none = 0;
  EW_TRY(ew_set_shape_like(call, 0, &call->inputs[0]));
  EW_TRY(ew_set_shape(call, 1, 1, &none));
  return ew_set_shape(call, 2, 1, &none);
}

/* _native_batch_norm_legit: the same with an argument `training`, which must be false. */
ew_status ew_prepare_batch_norm_legit(ew_call *call) {
  bool training = false;
  EW_TRY(ew_arg_bool(call, 0, &training));
  EW_KERNEL_CHECK(call, !training, EW_NOT_SUPPORTED,
                  "training is not supported; export the model after .eval()");
  return ew_prepare_batch_norm(call);
}

/* One plane of channel c: to = (x - mean) * rstd * weight + bias. */
static void normalize_plane(const ew_call *call, size_t plane, size_t size, size_t c, moments m) {
  const double scale = affine_at(&call->inputs[1], c, 1) * m.rstd;
  const double shift = affine_at(&call->inputs[2], c, 0) - m.mean * scale;
  scale_row((float *)call->outputs[0].data + plane * size,
            (const float *)call->inputs[0].data + plane * size, size, scale, shift);
}

ew_status ew_run_batch_norm(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  double eps = 0;
  EW_TRY(ew_arg_double(call, call->num_attrs - 1, &eps));
  const size_t channels = in->dims[1], planes = in->dims[0] * channels;
  const size_t size = planes == 0 ? 0 : ew_tensor_numel(in) / planes;
  for (size_t k = 0; k < planes; k++) {
    const size_t c = k % channels;
    const double variance = affine_at(&call->inputs[4], c, 1);
    normalize_plane(call, k, size, c,
                    (moments){affine_at(&call->inputs[3], c, 0), 1 / sqrt(variance + eps)});
  }
  return EW_OK;
}

/* _native_batch_norm_legit.no_stats(input, weight?, bias?, training, momentum, eps) -> out, mean, rstd: with
 * the statistics of the input itself. Instance norms are exported as this. */
ew_status ew_prepare_batch_norm_no_stats(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(check_channels(call, 2));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_set_shape_like(call, 0, in));
  EW_TRY(ew_set_shape(call, 1, 1, &in->dims[1]));
  return ew_set_shape(call, 2, 1, &in->dims[1]);
}

/* Moments of a channel whose planes lie apart: those of the planes, put together. */
static moments channel_moments(const float *x, size_t n, size_t channels, size_t size, double eps) {
  if (n == 1) return row_moments(x, size, eps);
  double mean = 0, square = 0;
  for (size_t k = 0; k < n; k++) mean += row_moments(x + k * channels * size, size, 0).mean;
  mean /= (double)n;
  for (size_t k = 0; k < n; k++) {
    const float *plane = x + k * channels * size;
    for (size_t i = 0; i < size; i++) {
      square += ((double)plane[i] - mean) * ((double)plane[i] - mean);
    }
  }
  return (moments){mean, 1 / sqrt(square / (double)(n * size) + eps)};
}

ew_status ew_run_batch_norm_no_stats(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  double eps = 0;
  EW_TRY(ew_arg_double(call, 2, &eps));
  const size_t n = in->dims[0], channels = in->dims[1];
  const size_t size = n * channels == 0 ? 0 : ew_tensor_numel(in) / (n * channels);
  for (size_t c = 0; c < channels; c++) {
    const moments m = channel_moments((const float *)in->data + c * size, n, channels, size, eps);
    for (size_t k = 0; k < n; k++) normalize_plane(call, k * channels + c, size, c, m);
    ((float *)call->outputs[1].data)[c] = (float)m.mean;
    ((float *)call->outputs[2].data)[c] = (float)m.rstd;
  }
  return EW_OK;
}
