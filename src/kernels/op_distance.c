/* Distances between rows of f32, in a p-norm. */
#include <math.h>

#include "kernels/support.h"

static float distance(const float *a, const float *b, size_t n, double p) {
  double sum = 0;
  if (p == 2) {
    for (size_t i = 0; i < n; i++) {
      const double d = (double)a[i] - (double)b[i];
      sum += d * d;
    }
    return (float)sqrt(sum);
  }
  for (size_t i = 0; i < n; i++) {
    const double d = fabs((double)a[i] - (double)b[i]);
    if (p == 0) {
      sum += d != 0;
    } else if (isinf(p)) {
      sum = d > sum || d != d ? d : sum;
    } else {
      sum += p == 1 ? d : pow(d, p);
    }
  }
  return (float)(p == 0 || p == 1 || isinf(p) ? sum : pow(sum, 1 / p));
}

static ew_status read_norm(const ew_call *call, double *out) {
  EW_TRY(ew_arg_double(call, 0, out));
  EW_KERNEL_CHECK(call, *out >= 0, EW_INVALID_PROGRAM, "there is no %g-norm", *out);
  return EW_OK;
}

/* _cdist_forward(x1, x2, p, compute_mode?): [*,P,M] and [*,R,M] -> [*,P,R], batches broadcast. */
ew_status ew_prepare_cdist(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *a = &call->inputs[0], *b = &call->inputs[1];
  double p = 0;
  EW_TRY(read_norm(call, &p));
  EW_KERNEL_CHECK(call,
                  a->rank >= 2 && b->rank >= 2 && a->dims[a->rank - 1] == b->dims[b->rank - 1],
                  EW_INVALID_PROGRAM, "no distances between the rows of %s and %s",
                  ew_shape_of(a).text, ew_shape_of(b).text);
  ew_tensor batch_a = *a, batch_b = *b;
  batch_a.rank -= 2;
  batch_b.rank -= 2;
  size_t dims[EW_MAX_RANK];
  uint32_t rank = 0;
  EW_TRY(ew_broadcast_dims(call, &batch_a, &rank, dims));
  EW_TRY(ew_broadcast_dims(call, &batch_b, &rank, dims));
  dims[rank++] = a->dims[a->rank - 2];
  dims[rank++] = b->dims[b->rank - 2];
  EW_TRY(ew_set_shape(call, 0, rank, dims));
  return ew_count_work(call, ew_tensor_numel(&call->outputs[0]), a->dims[a->rank - 1], 1);
}

/* First element of matrix number batch of the output's, in a row-major tensor that broadcasts to it. */
static const float *matrix_of(const ew_tensor *tensor, const ew_tensor *out, size_t batch) {
  size_t offset = 0;
  for (uint32_t i = out->rank - 2; i-- > 0; batch /= out->dims[i]) {
    const uint32_t shift = out->rank - tensor->rank;
    if (i < shift || tensor->dims[i - shift] == 1) continue;
    offset += batch % out->dims[i] * tensor->strides[i - shift];
  }
  return (const float *)tensor->data + offset;
}

ew_status ew_run_cdist(ew_call *call) {
  const ew_tensor *a = &call->inputs[0], *b = &call->inputs[1], *out = &call->outputs[0];
  double p = 0;
  EW_TRY(read_norm(call, &p));
  const size_t total = ew_tensor_numel(out), m = a->dims[a->rank - 1];
  if (total == 0) return EW_OK;
  const size_t rows = out->dims[out->rank - 2], columns = out->dims[out->rank - 1];
  float *to = out->data;
  for (size_t batch = 0; batch < total / rows / columns; batch++) {
    const float *x = matrix_of(a, out, batch), *y = matrix_of(b, out, batch);
    for (size_t i = 0; i < rows; i++) {
      for (size_t j = 0; j < columns; j++) *to++ = distance(x + i * m, y + j * m, m, p);
    }
  }
  return EW_OK;
}

/* _pdist_forward(self, p): [N,M] -> distances of all pairs, N (N - 1) / 2 of them. */
ew_status ew_prepare_pdist(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0];
  double p = 0;
  EW_TRY(read_norm(call, &p));
  EW_KERNEL_CHECK(call, in->rank == 2 && in->dims[0] <= (1u << 16), EW_INVALID_PROGRAM,
                  "input %s must be a matrix of at most 65536 rows", ew_shape_of(in).text);
  const uint64_t n = in->dims[0];
  const size_t pairs = n == 0 ? 0 : (size_t)(n * (n - 1) / 2);
  EW_TRY(ew_set_shape(call, 0, 1, &pairs));
  return ew_count_work(call, pairs, in->dims[1], 1);
}

ew_status ew_run_pdist(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  const size_t n = in->dims[0], m = in->dims[1];
  const float *x = in->data;
  float *to = call->outputs[0].data;
  double p = 0;
  EW_TRY(read_norm(call, &p));
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i + 1; j < n; j++) *to++ = distance(x + i * m, x + j * m, m, p);
  }
  return EW_OK;
}
