/* The largest or smallest elements along a dimension. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

/* An element under a key that orders as the values do. */
typedef struct entry {
  int64_t key;
  size_t index;
} entry;

/* Bits of floats order like integers once the negative ones are reversed. NaN is above all, and both
 * zeros are equal. */
static int64_t float_key(double value) {
  if (value != value) return INT64_MAX;
  if (value == 0) return 0;
  int64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits < 0 ? bits ^ INT64_MAX : bits;
}

static int64_t key_at(const ew_tensor *in, const uint8_t *at) {
  if (ew_dtype_is_float(in->dtype)) {
    double value = 0;
    ew_convert(&value, EW_F64, 1, at, in->dtype, 1, 1);
    return float_key(value);
  }
  int64_t value = 0;
  ew_convert(&value, EW_I64, 1, at, in->dtype, 1, 1);
  return value;
}

/* a comes before b in the result: the larger key, of equal ones the earlier. */
static bool before(const entry *a, const entry *b) {
  return a->key != b->key ? a->key > b->key : a->index < b->index;
}

/* heap[0] is the last of all; restores that below position at. */
static void sift_down(entry *heap, size_t count, size_t at) {
  for (;;) {
    size_t last = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
      if (before(&heap[last], &heap[child])) last = child;
    }
    if (last == at) return;
    const entry moved = heap[at];
    heap[at] = heap[last];
    heap[last] = moved;
    at = last;
  }
}

/* The k first entries of a line, in order. */
static void select_line(const ew_tensor *in, const uint8_t *line, size_t n, size_t step, size_t k,
                        bool largest, entry *heap) {
  for (size_t i = 0; i < n; i++) {
    const int64_t key = key_at(in, line + i * step);
    const entry next = {largest ? key : ~key, i};
    if (i < k) {
      heap[i] = next;
      if (i + 1 == k) {
        for (size_t at = k / 2; at-- > 0;) sift_down(heap, k, at);
      }
    } else if (before(&next, &heap[0])) {
      heap[0] = next;
      sift_down(heap, k, 0);
    }
  }
  /* The last entry goes to the end, again and again. */
  for (size_t end = k; end-- > 1;) {
    const entry last = heap[0];
    heap[0] = heap[end];
    heap[end] = last;
    sift_down(heap, end, 0);
  }
}

/* topk(self, k, dim, largest, sorted) -> values, indices: sorted always, NaN is the largest. */
ew_status ew_prepare_topk(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_KERNEL_CHECK(call, call->outputs[1].dtype == EW_I64, EW_INVALID_TYPE,
                  "indices have data type %s, expected i64", ew_dtype_name(call->outputs[1].dtype));
  int64_t k = 0;
  uint32_t dim = 0;
  bool largest = false;
  EW_TRY(ew_arg_int(call, 0, &k));
  EW_TRY(ew_arg_dim(call, 1, in->rank, &dim));
  EW_TRY(ew_arg_bool(call, 2, &largest));
  const size_t size = in->rank == 0 ? 1 : in->dims[dim];
  EW_KERNEL_CHECK(call, k >= 0 && (uint64_t)k <= size, EW_INVALID_PROGRAM,
                  "%lld elements of a dimension of size %zu", (long long)k, size);
  EW_TRY(ew_need_scratch(call, (size_t)k, sizeof(entry)));
  size_t dims[EW_MAX_RANK];
  memcpy(dims, in->dims, sizeof dims);
  if (in->rank > 0) dims[dim] = (size_t)k;
  EW_TRY(ew_set_shape(call, 0, in->rank, dims));
  return ew_set_shape(call, 1, in->rank, dims);
}

ew_status ew_run_topk(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *values = &call->outputs[0];
  const ew_tensor *indices = &call->outputs[1];
  uint32_t dim = 0;
  bool largest = false;
  EW_TRY(ew_arg_dim(call, 1, in->rank, &dim));
  EW_TRY(ew_arg_bool(call, 2, &largest));
  if (ew_tensor_numel(values) == 0) return EW_OK;
  const size_t size = ew_dtype_size(in->dtype);
  const size_t n = in->rank == 0 ? 1 : in->dims[dim], k = in->rank == 0 ? 1 : values->dims[dim];
  const size_t stride = in->rank == 0 ? 1 : in->strides[dim];
  entry *heap = call->scratch;
  for (size_t line = 0; line < ew_tensor_numel(in) / n; line++) {
    const size_t outer = line / stride, inner = line % stride;
    const uint8_t *from = (const uint8_t *)in->data + (outer * n * stride + inner) * size;
    select_line(in, from, n, stride * size, k, largest, heap);
    for (size_t i = 0; i < k; i++) {
      const size_t at = (outer * k + i) * stride + inner;
      memcpy((uint8_t *)values->data + at * size, from + heap[i].index * stride * size, size);
      ((int64_t *)indices->data)[at] = (int64_t)heap[i].index;
    }
  }
  return EW_OK;
}
