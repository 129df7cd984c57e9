/* Matrix products of f32 and of integers: rare beside XNNPACK's, so short rather than fast. */
#include <string.h>

#include "base/simd.h"
#include "kernels/strided.h"
#include "kernels/support.h"

static float dot(const float *x, const float *y, size_t n) {
  ew_f32x4 sum = {0};
  size_t k = 0;
  for (; k + 4 <= n; k += 4) sum += ew_v4_load(x + k) * ew_v4_load(y + k);
  float total = ew_v4_sum(sum);
  for (; k < n; k++) total += x[k] * y[k];
  return total;
}

/* out[m][n] += factor * a[m][k] b[k][n] */
static void multiply(float *out, const float *a, const float *b, size_t m, size_t k, size_t n,
                     float factor) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < k; j++) {
      ew_add_scaled(out + i * n, b + j * n, a[i * k + j] * factor, n);
    }
  }
}

/* out[m][n] = a[m][k] b[k][n] of integers of one type, which wrap. */
static void multiply_integers(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t m, size_t k,
                              size_t n, ew_dtype dtype) {
  const size_t size = ew_dtype_size(dtype);
  for (size_t i = 0; i < m * n; i++) {
    uint64_t sum = 0;
    for (size_t j = 0; j < k; j++) {
      int64_t x, y;
      ew_convert(&x, EW_I64, 1, a + (i / n * k + j) * size, dtype, 1, 1);
      ew_convert(&y, EW_I64, 1, b + (j * n + i % n) * size, dtype, 1, 1);
      sum += (uint64_t)x * (uint64_t)y;
    }
    ew_convert(out + i * size, dtype, 1, &sum, EW_I64, 1, 1);
  }
}

static bool is_integer_product(const ew_call *call) {
  const ew_dtype dtype = call->outputs[0].dtype;
  return !ew_dtype_is_float(dtype) && dtype != EW_BOOL && call->inputs[0].dtype == dtype &&
         call->inputs[1].dtype == dtype;
}

static ew_status check_product(ew_call *call, const ew_tensor *a, const ew_tensor *b,
                               uint32_t rank) {
  if (call->num_inputs != 2 || !is_integer_product(call)) EW_TRY(ew_check_f32(call));
  EW_KERNEL_CHECK(call,
                  a->rank == rank && b->rank == rank && a->dims[rank - 1] == b->dims[rank - 2] &&
                      (rank == 2 || a->dims[0] == b->dims[0]),
                  EW_INVALID_PROGRAM, "%s and %s cannot be multiplied", ew_shape_of(a).text,
                  ew_shape_of(b).text);
  const size_t batch = rank == 3 ? a->dims[0] : 1;
  return ew_count_work(call, batch * a->dims[rank - 2], a->dims[rank - 1], b->dims[rank - 1]);
}

/* mm(self, mat2), bmm(self, mat2) */
ew_status ew_prepare_mm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *a = &call->inputs[0], *b = &call->inputs[1];
  const uint32_t rank = a->rank == 3 ? 3 : 2;
  EW_TRY(check_product(call, a, b, rank));
  size_t dims[3] = {a->dims[0]};
  dims[rank - 2] = a->dims[rank - 2];
  dims[rank - 1] = b->dims[rank - 1];
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_mm(ew_call *call) {
  const ew_tensor *a = &call->inputs[0], *b = &call->inputs[1], *out = &call->outputs[0];
  const uint32_t rank = a->rank;
  const size_t m = a->dims[rank - 2], k = a->dims[rank - 1], n = b->dims[rank - 1];
  const size_t size = ew_dtype_size(out->dtype);
  const uint8_t *x = a->data, *y = b->data;
  uint8_t *to = out->data;
  memset(to, 0, ew_tensor_bytes(out));
  for (size_t i = 0; i < (rank == 3 ? a->dims[0] : 1); i++) {
    if (is_integer_product(call)) {
      multiply_integers(to, x, y, m, k, n, out->dtype);
    } else {
      multiply((void *)to, (const void *)x, (const void *)y, m, k, n, 1);
    }
    to += m * n * size;
    x += m * k * size;
    y += k * n * size;
  }
  return EW_OK;
}

/* addmm(self, mat1, mat2, beta, alpha) = beta self + alpha mat1 mat2; self broadcasts. */
ew_status ew_prepare_addmm(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *self = &call->inputs[0], *a = &call->inputs[1], *b = &call->inputs[2];
  EW_TRY(check_product(call, a, b, 2));
  size_t dims[EW_MAX_RANK] = {a->dims[0], b->dims[1]};
  uint32_t rank = 2;
  EW_TRY(ew_broadcast_dims(call, self, &rank, dims));
  EW_KERNEL_CHECK(call, rank == 2 && dims[0] == a->dims[0] && dims[1] == b->dims[1],
                  EW_INVALID_PROGRAM, "%s does not broadcast to the product",
                  ew_shape_of(self).text);
  return ew_set_shape(call, 0, 2, dims);
}

ew_status ew_run_addmm(ew_call *call) {
  const ew_tensor *a = &call->inputs[1], *b = &call->inputs[2], *out = &call->outputs[0];
  double beta = 0, alpha = 0;
  EW_TRY(ew_arg_double(call, 0, &beta));
  EW_TRY(ew_arg_double(call, 1, &alpha));
  const ew_strided to = ew_strided_of(out), from = ew_strided_broadcast(&call->inputs[0], out);
  ew_copy(&to, &from);
  float *data = out->data;
  /* beta 0 drops self, even where it is infinite. */
  const size_t count = ew_tensor_numel(out);
  for (size_t i = 0; i < count && beta != 1; i++) data[i] = beta == 0 ? 0 : data[i] * (float)beta;
  multiply(data, a->data, b->data, a->dims[0], a->dims[1], b->dims[1], (float)alpha);
  return EW_OK;
}

/* linear(input, weight, bias?) = input weight^T + bias */
ew_status ew_prepare_linear(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0], *weight = &call->inputs[1], *bias = &call->inputs[2];
  const bool fits =
      in->rank > 0 && weight->rank == 2 && in->dims[in->rank - 1] == weight->dims[1] &&
      (bias->dtype == EW_DTYPE_NONE || (bias->rank == 1 && bias->dims[0] == weight->dims[0]));
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "input %s, weight %s and bias %s do not fit",
                  ew_shape_of(in).text, ew_shape_of(weight).text, ew_shape_of(bias).text);
  EW_TRY(ew_count_work(call, ew_tensor_numel(in), weight->dims[0], 1));
  size_t dims[EW_MAX_RANK];
  memcpy(dims, in->dims, sizeof dims);
  dims[in->rank - 1] = weight->dims[0];
  return ew_set_shape(call, 0, in->rank, dims);
}

ew_status ew_run_linear(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *weight = &call->inputs[1], *bias = &call->inputs[2];
  const size_t k = weight->dims[1], n = weight->dims[0];
  const size_t rows = ew_tensor_numel(&call->outputs[0]) / (n == 0 ? 1 : n);
  const float *x = in->data, *w = weight->data, *b = bias->data;
  float *to = call->outputs[0].data;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < n; j++) {
      const float start = bias->dtype == EW_DTYPE_NONE ? 0 : b[j];
      to[i * n + j] = start + dot(x + i * k, w + j * k, k);
    }
  }
  return EW_OK;
}
