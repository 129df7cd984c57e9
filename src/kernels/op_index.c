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

/* What these prepare alike: input, dim, index. */
static ew_status begin_indexed(ew_call *call, uint32_t *dim) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(check_index_dtype(call, &call->inputs[1]));
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  return ew_arg_dim(call, 0, in->rank, dim);
}

/* index_select(self, dim, index) */
ew_status ew_prepare_index_select(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  uint32_t dim = 0;
  EW_TRY(begin_indexed(call, &dim));
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
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  uint32_t dim = 0;
  EW_TRY(begin_indexed(call, &dim));
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
      const ew_strided to = {.data = a, .dtype = w->picked->dtype};
      const ew_strided from = {.data = b, .dtype = w->picked->dtype};
      ew_add_to(&to, &from);
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
  const ew_tensor *in = &call->inputs[0], *index = &call->inputs[1];
  uint32_t dim = 0;
  EW_TRY(begin_indexed(call, &dim));
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
 * the place of the first when they are neighbours, in front otherwise. A mask stands for as many index
 * tensors as it has dimensions, which list the places where it is true. */
typedef struct picking {
  uint32_t rank; /* of the index tensors' broadcast shape */
  size_t dims[EW_MAX_RANK];
  uint32_t mask;                  /* dims of the tensor that are indexed */
  uint32_t lists;                 /* those of them whose indices come from a mask */
  uint32_t at;                    /* where the broadcast dims stand in the result */
  size_t scratch_size;            /* for the places of masks */
  ew_tensor indices[EW_MAX_RANK]; /* per dim of the tensor; unused when it is not indexed */
} picking;

static size_t count_true(const ew_tensor *mask) {
  const size_t n = ew_tensor_numel(mask);
  size_t count = 0;
  for (size_t k = 0; k < n; k++) {
    count += ((const uint8_t *)mask->data)[element_offset(mask, k)] != 0;
  }
  return count;
}

/* Writes where a mask is true: a row of count indices per dimension of it. */
static void list_true(const ew_tensor *mask, int64_t *places, size_t count) {
  const size_t n = ew_tensor_numel(mask);
  size_t found = 0;
  for (size_t k = 0; k < n; k++) {
    if (((const uint8_t *)mask->data)[element_offset(mask, k)] == 0) continue;
    size_t rest = k;
    for (uint32_t d = mask->rank; d-- > 0; rest /= mask->dims[d]) {
      places[d * count + found] = (int64_t)(rest % mask->dims[d]);
    }
    found++;
  }
}

/* Puts index tensors in the place of a mask that stands at dim. Before the run, all of it may be true. */
static ew_status add_mask(const ew_call *call, const ew_tensor *mask, uint32_t dim, bool run,
                          picking *out) {
  const ew_tensor *in = &call->inputs[0];
  bool fits = mask->rank > 0 && dim + mask->rank <= in->rank;
  for (uint32_t i = 0; fits && i < mask->rank; i++) fits = mask->dims[i] == in->dims[dim + i];
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "a mask %s does not fit input %s at dimension %u",
                  ew_shape_of(mask).text, ew_shape_of(in).text, dim);
  const size_t most = ew_tensor_numel(mask);
  size_t count = most, bytes = 0;
  int64_t *places = NULL;
  if (run && most > 0) {
    places = (int64_t *)call->scratch + out->scratch_size / sizeof(int64_t);
    count = count_true(mask);
    list_true(mask, places, count);
  }
  for (uint32_t i = 0; i < mask->rank; i++) {
    ew_tensor *list = &out->indices[dim + i];
    *list = (ew_tensor){.dtype = EW_I64, .rank = 1, .dims = {count}, .strides = {1}};
    if (places != NULL) list->data = places + i * count;
    out->lists |= 1u << (dim + i);
  }
  EW_KERNEL_CHECK(call,
                  ew_mul_size(most, mask->rank * sizeof(int64_t), &bytes) &&
                      ew_add_size(out->scratch_size, bytes, &out->scratch_size),
                  EW_OUT_OF_RESOURCES, "a mask %s is too large", ew_shape_of(mask).text);
  return EW_OK;
}

/* Assigns the index tensors and masks, inputs 1 to num_indices, to dimensions. */
static ew_status read_indices(const ew_call *call, uint32_t num_indices, bool run, picking *out) {
  const ew_tensor *in = &call->inputs[0];
  uint32_t dim = 0;
  for (uint32_t i = 0; i < num_indices; i++) {
    const ew_tensor *index = &call->inputs[1 + i];
    if (index->dtype == EW_BOOL || index->dtype == EW_U8) {
      EW_TRY(add_mask(call, index, dim, run, out));
      out->mask |= ((1u << index->rank) - 1) << dim;
      dim += index->rank;
      continue;
    }
    EW_KERNEL_CHECK(call, dim < in->rank, EW_INVALID_PROGRAM, "%u indices for a tensor %s",
                    num_indices, ew_shape_of(in).text);
    if (index->dtype != EW_DTYPE_NONE) {
      EW_TRY(check_index_dtype(call, index));
      out->indices[dim] = *index;
      out->mask |= 1u << dim;
    }
    dim++;
  }
  EW_KERNEL_CHECK(call, out->mask != 0, EW_INVALID_PROGRAM, "no index is given");
  return EW_OK;
}

/* The shape that all index tensors broadcast to. Before the run, as many places of a mask are true as
 * its companions say, or all of the smallest mask. */
static ew_status broadcast_indices(const ew_call *call, bool run, picking *out) {
  size_t most = SIZE_MAX;
  for (uint32_t dim = 0; dim < call->inputs[0].rank; dim++) {
    if ((out->mask >> dim & 1) == 0) continue;
    const ew_tensor *index = &out->indices[dim];
    if (!run && (out->lists >> dim & 1) != 0) {
      if (index->dims[0] < most) most = index->dims[0];
    } else {
      EW_TRY(ew_broadcast_dims(call, index, &out->rank, out->dims));
    }
  }
  if (run || out->lists == 0) return EW_OK;
  if (out->rank == 0) out->dims[out->rank++] = 1;
  if (out->dims[out->rank - 1] == 1) out->dims[out->rank - 1] = most;
  return EW_OK;
}

static ew_status read_picking(const ew_call *call, uint32_t num_indices, bool run, picking *out) {
  *out = (picking){.rank = 0};
  EW_TRY(read_indices(call, num_indices, run, out));
  EW_TRY(broadcast_indices(call, run, out));
  uint32_t first = 0;
  while ((out->mask >> first & 1) == 0) first++;
  const uint32_t from_first = out->mask >> first;
  out->at = (from_first & (from_first + 1)) == 0 ? first : 0;
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

typedef enum pick_action { PICK_READ, PICK_WRITE, PICK_ADD } pick_action;

/* The kept dimensions of a view of which all others are at one position; skip is a bit mask. */
static ew_strided kept_view(const ew_strided *view, uint32_t skip) {
  ew_strided out = {.data = view->data, .dtype = view->dtype};
  for (uint32_t i = 0; i < view->rank; i++) {
    if ((skip >> i & 1) != 0) continue;
    out.dims[out.rank] = view->dims[i];
    out.strides[out.rank++] = view->strides[i];
  }
  return out;
}

/* Copies or adds between the tensor and the picked elements, one position of the index tensors at a
 * time. */
static ew_status walk_picking(const ew_call *call, const picking *p, const ew_strided *tensor,
                              const ew_strided *picked, pick_action action) {
  ew_tensor broadcast = {.dtype = EW_I64, .rank = p->rank};
  memcpy(broadcast.dims, p->dims, sizeof broadcast.dims);
  const ew_strided to = kept_view(tensor, p->mask);
  const ew_strided from = kept_view(picked, ((1u << p->rank) - 1) << p->at);
  const ptrdiff_t size = (ptrdiff_t)ew_dtype_size(tensor->dtype);
  const size_t count = ew_tensor_numel(&broadcast);
  size_t at[EW_MAX_RANK] = {0};
  for (size_t k = 0; k < count; k++) {
    ew_strided a = to, b = from;
    for (uint32_t i = 0; i < tensor->rank; i++) {
      if ((p->mask >> i & 1) == 0) continue;
      const ew_tensor *index = &p->indices[i];
      const uint32_t shift = p->rank - index->rank;
      ptrdiff_t offset = 0;
      for (uint32_t d = 0; d < index->rank; d++) {
        if (index->dims[d] > 1) offset += (ptrdiff_t)(at[shift + d] * index->strides[d]);
      }
      size_t chosen = 0;
      EW_TRY(read_index(call, index, offset, tensor->dims[i], true, &chosen));
      a.data += (ptrdiff_t)chosen * tensor->strides[i] * size;
    }
    for (uint32_t d = 0; d < p->rank; d++) {
      b.data += (ptrdiff_t)at[d] * picked->strides[p->at + d] * size;
    }
    if (action == PICK_ADD) {
      ew_add_to(&a, &b);
    } else {
      ew_copy(action == PICK_WRITE ? &a : &b, action == PICK_WRITE ? &b : &a);
    }
    for (uint32_t i = p->rank; i-- > 0 && ++at[i] == p->dims[i];) at[i] = 0;
  }
  return EW_OK;
}

/* index(self, indices) */
ew_status ew_prepare_index(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 1, false, &p));
  uint32_t rank = 0;
  size_t dims[EW_MAX_RANK];
  EW_TRY(picked_dims(call, &p, &rank, dims));
  call->scratch_size = p.scratch_size;
  return ew_set_shape(call, 0, rank, dims);
}

ew_status ew_run_index(ew_call *call) {
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 1, true, &p));
  if (p.lists != 0) {
    uint32_t rank = 0;
    size_t dims[EW_MAX_RANK];
    EW_TRY(picked_dims(call, &p, &rank, dims));
    EW_TRY(ew_shrink_output(call, 0, rank, dims));
  }
  if (ew_tensor_numel(&call->outputs[0]) == 0) return EW_OK;
  const ew_strided from = ew_strided_of(&call->inputs[0]), to = ew_strided_of(&call->outputs[0]);
  return walk_picking(call, &p, &from, &to, PICK_READ);
}

/* The values of index_put, broadcast to the picked elements. */
static ew_status broadcast_values(const ew_call *call, const picking *p, ew_tensor *picked) {
  const ew_tensor *values = &call->inputs[call->num_inputs - 1];
  *picked = (ew_tensor){.dtype = values->dtype};
  EW_TRY(picked_dims(call, p, &picked->rank, picked->dims));
  bool fits = values->rank <= picked->rank;
  for (uint32_t i = 0; fits && i < values->rank; i++) {
    const size_t wanted = picked->dims[picked->rank - values->rank + i];
    fits = values->dims[i] == 1 || values->dims[i] == wanted;
  }
  EW_KERNEL_CHECK(call, fits, EW_INVALID_ARGUMENT,
                  "values %s do not broadcast to the %s elements indexed", ew_shape_of(values).text,
                  ew_shape_of(picked).text);
  return EW_OK;
}

/* index_put(self, indices, values, accumulate) and index_put_, whose output is self */
ew_status ew_prepare_index_put(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0], *values = &call->inputs[call->num_inputs - 1];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_TRY(ew_check_same_dtype(call, in, values));
  bool accumulate = false;
  EW_TRY(ew_arg_bool(call, 0, &accumulate));
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 2, false, &p));
  ew_tensor picked;
  /* How many values a mask wants shows when it is read. */
  if (p.lists == 0) EW_TRY(broadcast_values(call, &p, &picked));
  call->scratch_size = p.scratch_size;
  return ew_set_shape_like(call, 0, in);
}

ew_status ew_run_index_put(ew_call *call) {
  bool accumulate = false;
  EW_TRY(ew_arg_bool(call, 0, &accumulate));
  picking p;
  EW_TRY(read_picking(call, call->num_inputs - 2, true, &p));
  ew_tensor picked;
  EW_TRY(broadcast_values(call, &p, &picked));
  if (call->outputs[0].data != call->inputs[0].data) {
    ew_copy_tensor(&call->outputs[0], &call->inputs[0]);
  }
  if (ew_tensor_numel(&picked) == 0) return EW_OK;
  const ew_strided from = ew_strided_broadcast(&call->inputs[call->num_inputs - 1], &picked);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  return walk_picking(call, &p, &to, &from, accumulate ? PICK_ADD : PICK_WRITE);
}
