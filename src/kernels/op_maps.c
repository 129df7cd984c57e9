/* TensorFlow's resizing by nearest neighbours and its mirrored padding. */
#include <math.h>
#include <string.h>

#include "kernels/support.h"

/* --- resize_nearest(x [N,H,W,C], size {h, w}, align_corners, half_pixel_centers) ---------------------- */

static ew_status nearest_args(const ew_call *call, size_t size[2], bool *align, bool *half) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, 0, &items, &count));
  EW_TRY(ew_arg_bool(call, 1, align));
  EW_TRY(ew_arg_bool(call, 2, half));
  EW_KERNEL_CHECK(call, count == 2 && !(*align && *half), EW_INVALID_PROGRAM,
                  "%u sizes, align_corners %d, half_pixel_centers %d", count, *align, *half);
  for (uint32_t i = 0; i < 2; i++) {
    EW_KERNEL_CHECK(call, items[i] >= 1 && items[i] < EW_MAX_SIDE, EW_INVALID_PROGRAM,
                    "cannot resize to %lld pixels", (long long)items[i]);
    size[i] = (size_t)items[i];
  }
  return EW_OK;
}

ew_status ew_prepare_nearest(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *x = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, x, &call->outputs[0]));
  size_t size[2];
  bool align = false, half = false;
  EW_TRY(nearest_args(call, size, &align, &half));
  EW_KERNEL_CHECK(call,
                  x->rank == 4 && ew_tensor_numel(x) > 0 && x->dims[1] < EW_MAX_SIDE &&
                      x->dims[2] < EW_MAX_SIDE,
                  EW_INVALID_PROGRAM, "input %s must have rank 4", ew_shape_of(x).text);
  const size_t dims[4] = {x->dims[0], size[0], size[1], x->dims[3]};
  return ew_set_shape(call, 0, 4, dims);
}

/* In f32, as TensorFlow computes it: the last bit decides at ties. */
static size_t nearest_source(size_t i, size_t in, size_t out, bool align, bool half) {
  const float scale =
      align && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
  const float at = ((float)i + (half ? 0.5f : 0.0f)) * scale;
  const float rounded = align ? roundf(at) : floorf(at);
  const size_t source = rounded > 0 ? (size_t)rounded : 0;
  return source < in ? source : in - 1;
}

ew_status ew_run_nearest(ew_call *call) {
  const ew_tensor *x = &call->inputs[0], *out = &call->outputs[0];
  size_t size[2];
  bool align = false, half = false;
  EW_TRY(nearest_args(call, size, &align, &half));
  const size_t pixel = x->dims[3] * ew_dtype_size(x->dtype), row = x->dims[2] * pixel;
  uint8_t *to = out->data;
  for (size_t n = 0; n < x->dims[0]; n++) {
    const uint8_t *map = (const uint8_t *)x->data + n * x->dims[1] * row;
    for (size_t y = 0; y < size[0]; y++) {
      const uint8_t *from = map + nearest_source(y, x->dims[1], size[0], align, half) * row;
      for (size_t i = 0; i < size[1]; i++, to += pixel) {
        memcpy(to, from + nearest_source(i, x->dims[2], size[1], align, half) * pixel, pixel);
      }
    }
  }
  return EW_OK;
}

/* --- mirror_pad(x, before, behind, symmetric): the edge is repeated only when symmetric --------------- */

static ew_status mirror_args(const ew_call *call, const int64_t *pads[2], bool *symmetric) {
  const ew_tensor *x = &call->inputs[0];
  EW_TRY(ew_arg_bool(call, 2, symmetric));
  for (uint32_t k = 0; k < 2; k++) {
    uint32_t count = 0;
    EW_TRY(ew_arg_ints(call, k, &pads[k], &count));
    EW_KERNEL_CHECK(call, count == x->rank, EW_INVALID_PROGRAM, "%u paddings for %s", count,
                    ew_shape_of(x).text);
    for (uint32_t i = 0; i < count; i++) {
      const int64_t most = (int64_t)x->dims[i] - (*symmetric ? 0 : 1);
      EW_KERNEL_CHECK(call, pads[k][i] >= 0 && pads[k][i] <= most, EW_INVALID_PROGRAM,
                      "padding %lld of dimension %u of %s", (long long)pads[k][i], i,
                      ew_shape_of(x).text);
    }
  }
  return EW_OK;
}

ew_status ew_prepare_tfl_mirror_pad(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *x = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, x, &call->outputs[0]));
  const int64_t *pads[2] = {NULL, NULL};
  bool symmetric = false;
  size_t dims[EW_MAX_RANK];
  EW_TRY(mirror_args(call, pads, &symmetric));
  for (uint32_t i = 0; i < x->rank; i++) {
    EW_TRY(
        ew_arg_size(call, (int64_t)x->dims[i] + pads[0][i] + pads[1][i], "padded size", &dims[i]));
  }
  return ew_set_shape(call, 0, x->rank, dims);
}

static size_t mirrored(int64_t at, int64_t size, bool symmetric) {
  if (at < 0) at = -at - (symmetric ? 1 : 0);
  if (at >= size) at = 2 * size - at - (symmetric ? 1 : 2);
  return (size_t)at;
}

ew_status ew_run_tfl_mirror_pad(ew_call *call) {
  const ew_tensor *x = &call->inputs[0], *out = &call->outputs[0];
  const int64_t *pads[2] = {NULL, NULL};
  bool symmetric = false;
  EW_TRY(mirror_args(call, pads, &symmetric));
  const size_t size = ew_dtype_size(x->dtype), count = ew_tensor_numel(out);
  size_t at[EW_MAX_RANK] = {0};
  for (size_t k = 0; k < count; k++) {
    size_t offset = 0;
    for (uint32_t i = 0; i < x->rank; i++) {
      const int64_t source = (int64_t)at[i] - pads[0][i];
      offset = offset * x->dims[i] + mirrored(source, (int64_t)x->dims[i], symmetric);
    }
    memcpy((uint8_t *)out->data + k * size, (const uint8_t *)x->data + offset * size, size);
    for (uint32_t i = x->rank; i-- > 0 && ++at[i] == out->dims[i];) at[i] = 0;
  }
  return EW_OK;
}

/* --- normalisation along the last dimension, f32 ------------------------------------------------------ */

ew_status ew_prepare_last_dim(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  EW_KERNEL_CHECK(call, call->inputs[0].rank >= 1, EW_INVALID_PROGRAM, "a scalar has no dimension");
  return ew_set_shape_like(call, 0, &call->inputs[0]);
}

/* l2_normalization(x): x / max(|x|, 1e-6). */
ew_status ew_run_l2_normalization(ew_call *call) {
  const ew_tensor *x = &call->inputs[0];
  const size_t n = x->dims[x->rank - 1];
  const size_t rows = n == 0 ? 0 : ew_tensor_numel(x) / n;
  for (size_t r = 0; r < rows; r++) {
    const float *from = (const float *)x->data + r * n;
    float *to = (float *)call->outputs[0].data + r * n;
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += (double)from[i] * (double)from[i];
    const double norm = fmax(sqrt(squares), 1e-6);
    for (size_t i = 0; i < n; i++) to[i] = (float)((double)from[i] / norm);
  }
  return EW_OK;
}

/* local_response_normalization(x, radius, bias, alpha, beta): x (bias + alpha sum x^2)^-beta over the
 * channels from radius before to radius behind, both included. */
ew_status ew_run_local_response(ew_call *call) {
  const ew_tensor *x = &call->inputs[0];
  const int64_t n = (int64_t)x->dims[x->rank - 1];
  int64_t radius = 0;
  double bias = 0, alpha = 0, beta = 0;
  EW_TRY(ew_arg_int(call, 0, &radius));
  EW_TRY(ew_arg_double(call, 1, &bias));
  EW_TRY(ew_arg_double(call, 2, &alpha));
  EW_TRY(ew_arg_double(call, 3, &beta));
  if (radius < 0) radius = 0;
  if (radius > n) radius = n;
  const size_t rows = n == 0 ? 0 : ew_tensor_numel(x) / (size_t)n;
  for (size_t r = 0; r < rows; r++) {
    const float *from = (const float *)x->data + r * (size_t)n;
    float *to = (float *)call->outputs[0].data + r * (size_t)n;
    double squares = 0;
    for (int64_t i = -radius; i < n; i++) {
      if (i + radius < n) squares += (double)from[i + radius] * (double)from[i + radius];
      if (i < 0) continue;
      const int64_t gone = i - radius - 1;
      if (gone >= 0) squares -= (double)from[gone] * (double)from[gone];
      to[i] = (float)((double)from[i] * pow(bias + alpha * squares, -beta));
    }
  }
  return EW_OK;
}
