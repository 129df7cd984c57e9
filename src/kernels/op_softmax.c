/* Softmax and its logarithm along one dimension. */
#include <math.h>
#include <string.h>

#include "base/simd.h"
#include "kernels/elementwise.h"

/* _softmax(self, dim, half_to_float), _log_softmax alike */
ew_status ew_prepare_softmax(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_KERNEL_CHECK(call, in->dtype == EW_F32, EW_NOT_SUPPORTED, "data type %s is not supported",
                  ew_dtype_name(in->dtype));
  uint32_t dim = 0;
  return ew_arg_dim(call, 0, in->rank, &dim);
}

/* A row of n neighbours. */
static void softmax_row(const float *x, float *to, size_t n, bool log_result) {
  float most = -INFINITY;
  for (size_t k = 0; k < n; k++) most = x[k] > most || x[k] != x[k] ? x[k] : most;
  /* In blocks: exponents of differences in vectors, their sum in f64. */
  double sum = 0;
  float block[256];
  for (size_t start = 0; start < n; start += 256) {
    const size_t m = n - start < 256 ? n - start : 256;
    for (size_t k = 0; k < m; k++) block[k] = x[start + k] - most;
    if (log_result) {
      for (size_t k = 0; k < m; k++) to[start + k] = block[k];
      ew_v4_map(ew_v4_exp, block, block, m);
      for (size_t k = 0; k < m; k++) sum += (double)block[k];
    } else {
      ew_v4_map(ew_v4_exp, block, to + start, m);
      for (size_t k = 0; k < m; k++) sum += (double)to[start + k];
    }
  }
  const float scale = (float)(1 / sum), shift = (float)log(sum);
  for (size_t k = 0; k < n; k++) to[k] = log_result ? to[k] - shift : to[k] * scale;
}

/* n elements that lie stride apart, for each of stride neighbours. */
static void softmax_columns(const float *x, float *to, size_t n, size_t stride, bool log_result) {
  for (size_t column = 0; column < stride; column++) {
    double most = -INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++) {
      const double a = (double)x[k * stride + column];
      most = a > most || a != a ? a : most;
    }
    for (size_t k = 0; k < n; k++) sum += exp((double)x[k * stride + column] - most);
    const double shift = most + log(sum);
    for (size_t k = 0; k < n; k++) {
      const double a = (double)x[k * stride + column] - shift;
      to[k * stride + column] = (float)(log_result ? a : exp(a));
    }
  }
}

static ew_status run_softmax(ew_call *call, bool log_result) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  const size_t total = ew_tensor_numel(in);
  if (total == 0) return EW_OK;
  const size_t n = in->rank == 0 ? 1 : in->dims[dim];
  const size_t stride = in->rank == 0 ? 1 : in->strides[dim];
  for (size_t start = 0; start < total; start += n * stride) {
    const float *x = (const float *)in->data + start;
    float *to = (float *)call->outputs[0].data + start;
    if (stride == 1) {
      softmax_row(x, to, n, log_result);
    } else {
      softmax_columns(x, to, n, stride, log_result);
    }
  }
  return EW_OK;
}

ew_status ew_run_softmax(ew_call *call) { return run_softmax(call, false); }
ew_status ew_run_log_softmax(ew_call *call) { return run_softmax(call, true); }

/* --- rows without a score ------------------------------------------------------------------------- */

static ew_status prepare_masked_rows(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  return ew_set_shape_like(call, 0, &call->inputs[1]);
}

static ew_status run_masked_rows(ew_call *call) {
  const ew_tensor *out = &call->outputs[0];
  const float *scores = call->inputs[0].data, *from = call->inputs[1].data;
  float *to = out->data;
  const size_t total = ew_tensor_numel(out), n = out->dims[out->rank - 1];
  memcpy(to, from, total * sizeof *to);
  for (size_t row = 0; row < total; row += n) {
    size_t masked = 0;
    while (masked < n && scores[row + masked] == -INFINITY) masked++;
    if (masked == n) memset(to + row, 0, n * sizeof *to);
  }
  return EW_OK;
}

const ew_kernel ew_masked_rows_kernel = {.name = "masked rows",
                                         .signature = "TT:T",
                                         .prepare = prepare_masked_rows,
                                         .run = run_masked_rows,
                                         .flags = EW_KERNEL_DENSE};
