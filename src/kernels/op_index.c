/* Look-ups by index tensors. Indices are data: each is checked when it is read. */
#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

static ew_status check_index_dtype(const ew_call *call, const ew_tensor *tensor) {
  EW_KERNEL_CHECK(call, tensor->dtype == EW_I64 || tensor->dtype == EW_I32, EW_INVALID_TYPE,
                  "indices have data type %s, expected i64 or i32", ew_dtype_name(tensor->dtype));
  return EW_OK;
}

/* Element at offset of an index tensor; negative ones count from the end when wrap. */
static ew_status read_index(const ew_call *call, const ew_tensor *indices, ptrdiff_t offset,
                            size_t limit, bool wrap, size_t *out) {
  const int64_t index = indices->dtype == EW_I64 ? ((const int64_t *)indices->data)[offset]
                                                 : ((const int32_t *)indices->data)[offset];
  const int64_t end = (int64_t)limit;
  EW_KERNEL_CHECK(call, index < end && index >= (wrap ? -end : 0), EW_INVALID_ARGUMENT,
                  "index %lld is out of range [0, %lld)", (long long)index, (long long)end);
  *out = (size_t)(index < 0 ? index + end : index);
  return EW_OK;
}

/* Offset of the n-th element in logical order. */
static ptrdiff_t element_offset(const ew_tensor *tensor, size_t n) {
  ptrdiff_t offset = 0;
  for (uint32_t dim = tensor->rank; dim-- > 0;) {
    offset += (ptrdiff_t)(n % tensor->dims[dim] * tensor->strides[dim]);
    n /= tensor->dims[dim];
  }
  return offset;
}

/* embedding(weight, indices, padding_idx, scale_grad_by_freq, sparse) */
ew_status ew_prepare_embedding(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *weight = &call->inputs[0], *indices = &call->inputs[1];
  EW_TRY(check_index_dtype(call, indices));
  EW_TRY(ew_check_same_dtype(call, weight, &call->outputs[0]));
  EW_KERNEL_CHECK(call, weight->rank == 2 && indices->rank < EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "weight %s must have rank 2", ew_shape_of(weight).text);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < indices->rank; i++) dims[i] = indices->dims[i];
  dims[indices->rank] = weight->dims[1];
  return ew_set_shape(call, 0, indices->rank + 1, dims);
}

ew_status ew_run_embedding(ew_call *call) {
  const ew_tensor *weight = &call->inputs[0], *indices = &call->inputs[1];
  const ew_tensor *out = &call->outputs[0];
  const size_t size = ew_dtype_size(out->dtype), width = weight->dims[1];
  const size_t count = ew_tensor_numel(indices);
  for (size_t k = 0; k < count; k++) {
    size_t row = 0;
    EW_TRY(read_index(call, indices, element_offset(indices, k), weight->dims[0], false, &row));
    if (width == 0) continue;
    ew_convert((uint8_t *)out->data + k * width * size, out->dtype, 1,
               (const uint8_t *)weight->data + row * weight->strides[0] * size, weight->dtype,
               (ptrdiff_t)weight->strides[1], width);
  }
  return EW_OK;
}

/* --- index_select, gather, scatter ------------------------------------------------------------------ */

/* index_select(self, dim, index) */
ew_status ew_prepare_index_select(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  EW_TRY(check_index_dtype(call, index));
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_KERNEL_CHECK(call, in->rank > 0 && index->rank <= 1, EW_INVALID_PROGRAM,
                  "index %s must have rank 1", ew_shape_of(index).text);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++) dims[i] = in->dims[i];
  dims[dim] = ew_tensor_numel(index);
  return ew_set_shape(call, 0, in->rank, dims);
}

ew_status ew_run_index_select(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  const size_t count = ew_tensor_numel(index);
  for (size_t k = 0; k < count; k++) {
    size_t at = 0;
    EW_TRY(read_index(call, index, element_offset(index, k), in->dims[dim], false, &at));
    ew_strided from = ew_strided_of(in), to = ew_strided_of(&call->outputs[0]);
    ew_strided_advance(&from, dim, at);
    ew_strided_advance(&to, dim, k);
    from.dims[dim] = to.dims[dim] = 1;
    ew_copy(&to, &from);
  }
  return EW_OK;
}

/* The index tensor must lie within limit in all dimensions but dim. */
static ew_status check_reach(const ew_call *call, const ew_tensor *index, const ew_tensor *limit,
                             uint32_t dim) {
  bool fits = index->rank == limit->rank;
  for (uint32_t i = 0; fits && i < index->rank; i++) {
    fits = i == dim || index->dims[i] <= limit->dims[i];
  }
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "index %s does not fit %s",
                  ew_shape_of(index).text, ew_shape_of(limit).text);
  return EW_OK;
}

/* gather(self, dim, index, sparse_grad): out[i][j] = self[index[i][j]][j] for dim 0. */
ew_status ew_prepare_gather(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  EW_TRY(check_index_dtype(call, index));
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_TRY(check_reach(call, index, in, dim));
  return ew_set_shape_like(call, 0, index);
}

/* For each element of index: one element of picked (at the place of the index element, but at the
 * index along dim), and one of same (at the place itself). The one is copied to the other, or added. */
typedef struct index_walk {
  const ew_tensor *index, *picked, *same;
  uint32_t dim;
  bool to_picked; /* else to same */
  bool adds;      /* to picked, instead of copying */
} index_walk;

/* One element: to += from. The sum of two floats in double precision rounds as their own sum does. */
static void add_element(void *to, const void *from, ew_dtype dtype) {
  if (dtype == EW_F32 || dtype == EW_F64) {
    double a = 0, b = 0;
    ew_convert(&a, EW_F64, 1, to, dtype, 1, 1);
    ew_convert(&b, EW_F64, 1, from, dtype, 1, 1);
    a += b;
    ew_convert(to, dtype, 1, &a, EW_F64, 1, 1);
    return;
  }
  int64_t a = 0, b = 0;
  ew_convert(&a, EW_I64, 1, to, dtype, 1, 1);
  ew_convert(&b, EW_I64, 1, from, dtype, 1, 1);
  a = (int64_t)((uint64_t)a + (uint64_t)b);
  ew_convert(to, dtype, 1, &a, EW_I64, 1, 1);
}

static ew_status walk_index(const ew_call *call, const index_walk *w) {
  const ew_tensor *index = w->index;
  const size_t size = ew_dtype_size(w->picked->dtype), count = ew_tensor_numel(index);
  size_t at[EW_MAX_RANK] = {0};
  for (size_t k = 0; k < count; k++) {
    size_t offset = 0, picked = 0, same = 0, chosen = 0;
    for (uint32_t i = 0; i < index->rank; i++) {
      offset += at[i] * index->strides[i];
      same += at[i] * w->same->strides[i];
      if (i != w->dim) picked += at[i] * w->picked->strides[i];
    }
    const bool scalar = index->rank == 0;
    EW_TRY(read_index(call, index, (ptrdiff_t)offset, scalar ? 1 : w->picked->dims[w->dim], false,
                      &chosen));
    if (!scalar) picked += chosen * w->picked->strides[w->dim];
    uint8_t *a = (uint8_t *)w->picked->data + picked * size;
    uint8_t *b = (uint8_t *)w->same->data + same * size;
    if (w->adds) {
      add_element(a, b, w->picked->dtype);
    } else {
      memcpy(w->to_picked ? a : b, w->to_picked ? b : a, size);
    }
    for (uint32_t i = index->rank; i-- > 0 && ++at[i] == index->dims[i];) at[i] = 0;
  }
  return EW_OK;
}

ew_status ew_run_gather(ew_call *call) {
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, call->inputs[0].rank, &dim));
  return walk_index(call, &(index_walk){.index = &call->inputs[1],
                                        .picked = &call->inputs[0],
                                        .same = &call->outputs[0],
                                        .dim = dim});
}

/* scatter(self, dim, index, src), scatter(self, dim, index, value), scatter_add(self, dim, index, src) */
ew_status ew_prepare_scatter(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  EW_TRY(check_index_dtype(call, index));
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
  EW_TRY(check_reach(call, index, in, dim));
  if (call->num_inputs == 3) {
    EW_TRY(ew_check_same_dtype(call, in, &call->inputs[2]));
    EW_TRY(check_reach(call, index, &call->inputs[2], EW_NONE));
  }
  return ew_set_shape_like(call, 0, in);
}

static ew_status run_scatter(ew_call *call, bool adds) {
  ew_tensor *out = &call->outputs[0];
  const ew_tensor *index = &call->inputs[1];
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, out->rank, &dim));
  ew_copy_tensor(out, &call->inputs[0]);
  index_walk walk = {.index = index, .picked = out, .dim = dim, .to_picked = true, .adds = adds};
  uint64_t value = 0;
  ew_tensor constant = {.dtype = out->dtype, .rank = index->rank, .data = &value};
  if (call->num_inputs == 3) {
    walk.same = &call->inputs[2];
  } else {
    ew_number number;
    EW_TRY(ew_arg_number(call, 1, &number));
    ew_convert(&value, out->dtype, 1, number.is_float ? (void *)&number.d : (void *)&number.i,
               number.is_float ? EW_F64 : EW_I64, 1, 1);
    walk.same = &constant;
  }
  return walk_index(call, &walk);
}

ew_status ew_run_scatter(ew_call *call) { return run_scatter(call, false); }
ew_status ew_run_scatter_add(ew_call *call) { return run_scatter(call, true); }

/* --- advanced indexing -------------------------------------------------------------------------------- */

/* How index tensors pick from a tensor: dims that they index are replaced by their broadcast shape, at
 * the place of the first when they are neighbours, in front otherwise. */
typedef struct picking {
  uint32_t rank; /* of the index tensors' broadcast shape */
  size_t dims[EW_MAX_RANK];
  uint32_t mask; /* dims of the tensor that are indexed */
  uint32_t at;   /* where the broadcast dims stand in the result */
} picking;

static const ew_tensor *index_of(const ew_call *call, uint32_t dim, uint32_t num_indices) {
  const ew_tensor *index = dim < num_indices ? &call->inputs[1 + dim] : NULL;
  return index != NULL && index->dtype != EW_DTYPE_NONE ? index : NULL;
}

static ew_status read_picking(const ew_call *call, uint32_t num_indices, picking *out) {
  const ew_tensor *in = &call->inputs[0];
  *out = (picking){.rank = 0};
  EW_KERNEL_CHECK(call, num_indices <= in->rank, EW_INVALID_PROGRAM, "%u indices for a tensor %s",
                  num_indices, ew_shape_of(in).text);
  uint32_t first = EW_NONE, last = 0;
  for (uint32_t dim = 0; dim < num_indices; dim++) {
    const ew_tensor *index = index_of(call, dim, num_indices);
    if (index == NULL) continue;
    EW_KERNEL_CHECK(call, index->dtype != EW_BOOL && index->dtype != EW_U8, EW_NOT_SUPPORTED,
                    "masks as indices are not supported: the shape of the result would depend on "
                    "data");
    EW_TRY(check_index_dtype(call, index));
    EW_TRY(ew_broadcast_dims(call, index, &out->rank, out->dims));
    out->mask |= 1u << dim;
    if (first == EW_NONE) first = dim;
    last = dim;
  }
  EW_KERNEL_CHECK(call, first != EW_NONE, EW_INVALID_PROGRAM, "no index is given");
  const uint32_t run = (1u << (last + 1)) - (1u << first);
  out->at = out->mask == run ? first : 0;
  return EW_OK;
}

/* Shape of the picked elements. */
static ew_status picked_dims(const ew_call *call, const picking *p, uint32_t *rank,
                             size_t dims[EW_MAX_RANK]) {
  const ew_tensor *in = &call->inputs[0];
  size_t kept[EW_MAX_RANK];
  uint32_t num_kept = 0;
  for (uint32_t i = 0; i < in->rank; i++) {
    if ((p->mask >> i & 1) == 0) kept[num_kept++] = in->dims[i];
  }
  *rank = num_kept + p->rank;
  EW_KERNEL_CHECK(call, *rank <= EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d", *rank,
                  EW_MAX_RANK);
  for (uint32_t i = 0; i < *rank; i++) {
    dims[i] = i < p->at ? kept[i] : i < p->at + p->rank ? p->dims[i - p->at] : kept[i - p->rank];
  }
  return EW_OK;
}

/* Copies between the tensor and the picked elements, one position of the index tensors at a time. */
static ew_status walk_picking(const ew_call *call, const picking *p, uint32_t num_indices,
                              const ew_strided *tensor, const ew_strided *picked, bool to_tensor) {
  size_t count = 1, at[EW_MAX_RANK] = {0};
  for (uint32_t i = 0; i < p->rank; i++) count *= p->dims[i];
  const ew_tensor shape = {.dtype = EW_I64, .rank = p->rank};
  ew_tensor broadcast = shape;
  memcpy(broadcast.dims, p->dims, sizeof broadcast.dims);
  for (size_t k = 0; k < count; k++) {
    ew_strided a = *tensor, b = *picked;
    a.rank = b.rank = 0;
    for (uint32_t i = 0; i < tensor->rank; i++) {
      const ew_tensor *index = index_of(call, i, num_indices);
      if (index == NULL) {
        a.dims[a.rank] = tensor->dims[i];
        a.strides[a.rank++] = tensor->strides[i];
        continue;
      }
      const ew_strided view = ew_strided_broadcast(index, &broadcast);
      ptrdiff_t offset = 0;
      for (uint32_t d = 0; d < p->rank; d++) offset += (ptrdiff_t)at[d] * view.strides[d];
      size_t chosen = 0;
      EW_TRY(read_index(call, index, offset, tensor->dims[i], true, &chosen));
      a.data += (ptrdiff_t)chosen * tensor->strides[i] * (ptrdiff_t)ew_dtype_size(a.dtype);
    }
    for (uint32_t i = 0; i < picked->rank; i++) {
      if (i >= p->at && i < p->at + p->rank) {
        b.data += (ptrdiff_t)at[i - p->at] * picked->strides[i] * (ptrdiff_t)ew_dtype_size(b.dtype);
        continue;
      }
      b.dims[b.rank] = picked->dims[i];
      b.strides[b.rank++] = picked->strides[i];
    }
    ew_copy(to_tensor ? &a : &b, to_tensor ? &b : &a);
    for (uint32_t i = p->rank; i-- > 0 && ++at[i] == p->dims[i];) at[i] = 0;
  }
  return EW_OK;
}

/* index(self, indices) */
ew_status ew_prepare_index(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 1, &p));
  uint32_t rank = 0;
  size_t dims[EW_MAX_RANK];
  EW_TRY(picked_dims(call, &p, &rank, dims));
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_index(ew_call *call) {
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 1, &p));
  if (ew_tensor_numel(&call->outputs[0]) == 0) return EW_OK;
  const ew_strided from = ew_strided_of(&call->inputs[0]), to = ew_strided_of(&call->outputs[0]);
  return walk_picking(call, &p, call->num_inputs - 1, &from, &to, false);
}

/* index_put(self, indices, values, accumulate): values broadcast to the picked elements. */
ew_status ew_prepare_index_put(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0], *values = &call->inputs[call->num_inputs - 1];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_TRY(ew_check_same_dtype(call, in, values));
  bool accumulate = false;
  EW_TRY(ew_arg_bool(call, 0, &accumulate));
  EW_KERNEL_CHECK(call, !accumulate, EW_NOT_SUPPORTED, "accumulate is not supported");
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 2, &p));
  uint32_t rank = 0, wide = 0;
  size_t dims[EW_MAX_RANK], with_values[EW_MAX_RANK];
  EW_TRY(picked_dims(call, &p, &rank, dims));
  memcpy(with_values, dims, sizeof dims);
  wide = rank;
  EW_TRY(ew_broadcast_dims(call, values, &wide, with_values));
  EW_KERNEL_CHECK(call, wide == rank && memcmp(dims, with_values, rank * sizeof *dims) == 0,
                  EW_INVALID_PROGRAM, "values %s do not broadcast to the indexed elements",
                  ew_shape_of(values).text);
  return ew_set_shape_like(call, 0, in);
}

ew_status ew_run_index_put(ew_call *call) {
  const ew_tensor *values = &call->inputs[call->num_inputs - 1];
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 2, &p));
  ew_copy_tensor(&call->outputs[0], &call->inputs[0]);
  ew_tensor picked = {.dtype = values->dtype};
  EW_TRY(picked_dims(call, &p, &picked.rank, picked.dims));
  if (ew_tensor_numel(&picked) == 0) return EW_OK;
  const ew_strided from = ew_strided_broadcast(values, &picked);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  return walk_picking(call, &p, call->num_inputs - 2, &to, &from, true);
}
