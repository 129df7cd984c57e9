/* Expand, views, permutations and selections: one strided copy each. */
#include "kernels/elementwise.h"

/* --- expand --------------------------------------------------------------------------------------- */

/* expand_copy(self, size, implicit): -1 keeps a dimension; dimensions may be added in front. */
ew_status ew_prepare_expand(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  const int64_t *size = NULL;
  uint32_t rank = 0;
  EW_TRY(ew_arg_ints(call, 0, &size, &rank));
  EW_KERNEL_CHECK(call, rank >= in->rank && rank <= EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "%s cannot expand to rank %u", ew_shape_of(in).text, rank);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) {
    const bool added = i < rank - in->rank;
    const size_t old = added ? 1 : in->dims[i - (rank - in->rank)];
    if (size[i] == -1 && !added) {
      dims[i] = old;
      continue;
    }
    EW_TRY(ew_arg_size(call, size[i], "size", &dims[i]));
    EW_KERNEL_CHECK(call, old == 1 || old == dims[i], EW_INVALID_PROGRAM,
                    "dimension %u of size %zu cannot expand to %zu", i, old, dims[i]);
  }
  return ew_set_shape(call, 0, rank, dims);
}

/* --- views ---------------------------------------------------------------------------------------- */

/* view_copy(self, size) and et_view: one size may be -1. */
ew_status ew_prepare_view(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  const int64_t *size = NULL;
  uint32_t rank = 0;
  EW_TRY(ew_arg_ints(call, 0, &size, &rank));
  EW_KERNEL_CHECK(call, rank <= EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d", rank,
                  EW_MAX_RANK);
  size_t dims[EW_MAX_RANK];
  size_t known = 1;
  uint32_t inferred = EW_NONE;
  for (uint32_t i = 0; i < rank; i++) {
    if (size[i] == -1) {
      EW_KERNEL_CHECK(call, inferred == EW_NONE, EW_INVALID_PROGRAM, "two sizes are -1");
      inferred = i;
      continue;
    }
    EW_TRY(ew_arg_size(call, size[i], "size", &dims[i]));
    EW_KERNEL_CHECK(call, ew_mul_size(known, dims[i], &known), EW_INVALID_PROGRAM,
                    "the sizes are too large");
  }
  const size_t numel = ew_tensor_numel(in);
  if (inferred != EW_NONE) dims[inferred] = known == 0 ? 0 : numel / known;
  const size_t total = inferred != EW_NONE ? known * dims[inferred] : known;
  EW_KERNEL_CHECK(call, total == numel && (inferred == EW_NONE || known != 0), EW_INVALID_PROGRAM,
                  "%s of %zu elements cannot be viewed in sizes of %zu", ew_shape_of(in).text,
                  numel, total);
  return ew_set_shape(call, 0, rank, dims);
}

/* The output in row-major order holds the elements of the input in its logical order. */
ew_status ew_run_reshape(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  ew_tensor out = call->outputs[0];
  out.rank = in->rank;
  for (uint32_t i = 0; i < in->rank; i++) out.dims[i] = in->dims[i];
  ew_tensor_set_strides(&out, NULL);
  ew_copy_tensor(&out, in);
  return EW_OK;
}

/* --- select --------------------------------------------------------------------------------------- */

static ew_status select_index(const ew_call *call, uint32_t *dim, size_t *index) {
  const ew_tensor *in = &call->inputs[0];
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  EW_TRY(ew_arg_dim(call, 0, in->rank, dim));
  int64_t at = 0;
  EW_TRY(ew_arg_int(call, 1, &at));
  const int64_t size = (int64_t)in->dims[*dim];
  EW_KERNEL_CHECK(call, at >= -size && at < size, EW_INVALID_PROGRAM,
                  "index %lld is out of range for dimension %u of size %lld", (long long)at, *dim,
                  (long long)size);
  *index = (size_t)(at < 0 ? at + size : at);
  return EW_OK;
}

/* select_copy(self, dim, index) */
ew_status ew_prepare_select(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  return ew_set_shape_reduced(call, 0, 1u << dim, false);
}

ew_status ew_run_select(ew_call *call) {
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  ew_strided from = ew_strided_of(&call->inputs[0]);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  ew_strided_advance(&from, dim, index);
  ew_strided_drop(&from, dim);
  ew_copy(&to, &from);
  return EW_OK;
}

/* --- added and removed dimensions ------------------------------------------------------------------- */

/* unsqueeze_copy(self, dim) */
ew_status ew_prepare_unsqueeze(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_KERNEL_CHECK(call, in->rank < EW_MAX_RANK, EW_OUT_OF_RESOURCES, "rank %u exceeds %d",
                  in->rank + 1, EW_MAX_RANK);
  uint32_t dim = 0;
  EW_TRY(ew_arg_dim(call, 0, in->rank + 1, &dim));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i <= in->rank; i++) {
    dims[i] = i == dim ? 1 : in->dims[i < dim ? i : i - 1];
  }
  return ew_set_shape(call, 0, in->rank + 1, dims);
}

/* squeeze_copy(self), squeeze_copy(self, dim) and squeeze_copy(self, dims): those of size 1 go. */
ew_status ew_prepare_squeeze(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t mask = (1u << in->rank) - 1;
  if (call->num_attrs > 0 && call->attrs[0].kind == EW_ATTR_INT) {
    uint32_t dim = 0;
    EW_TRY(ew_arg_dim(call, 0, in->rank, &dim));
    mask = 1u << dim;
  } else if (call->num_attrs > 0) {
    EW_TRY(ew_arg_dims(call, 0, in->rank, false, &mask));
  }
  for (uint32_t i = 0; i < in->rank; i++) {
    if (in->dims[i] != 1) mask &= ~(1u << i);
  }
  return ew_set_shape_reduced(call, 0, mask, false);
}

/* --- permutations ------------------------------------------------------------------------------------ */

/* permute_copy(self, dims), transpose_copy(self, dim0, dim1) and t_copy(self): out.dims[i] is
 * in.dims[order[i]]. */
static ew_status read_order(const ew_call *call, uint32_t order[EW_MAX_RANK]) {
  const uint32_t rank = call->inputs[0].rank;
  for (uint32_t i = 0; i < rank; i++) order[i] = i;
  if (call->num_attrs == 0) {
    EW_KERNEL_CHECK(call, rank <= 2, EW_INVALID_PROGRAM, "input 0 has rank %u, at most 2", rank);
    if (rank == 2) {
      order[0] = 1;
      order[1] = 0;
    }
    return EW_OK;
  }
  if (call->num_attrs == 2) {
    uint32_t a = 0, b = 0;
    EW_TRY(ew_arg_dim(call, 0, rank, &a));
    EW_TRY(ew_arg_dim(call, 1, rank, &b));
    if (rank == 0) return EW_OK;
    order[a] = b;
    order[b] = a;
    return EW_OK;
  }
  const int64_t *items = NULL;
  uint32_t count = 0, seen = 0;
  EW_TRY(ew_arg_ints(call, 0, &items, &count));
  bool valid = count == rank;
  for (uint32_t i = 0; valid && i < count; i++) {
    valid = ew_wrap_dim(items[i], rank, &order[i]) && (seen >> order[i] & 1) == 0;
    if (valid) seen |= 1u << order[i];
  }
  EW_KERNEL_CHECK(call, valid, EW_INVALID_PROGRAM, "the dimensions are no permutation of rank %u",
                  rank);
  return EW_OK;
}

ew_status ew_prepare_permute(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t order[EW_MAX_RANK];
  EW_TRY(read_order(call, order));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++) dims[i] = in->dims[order[i]];
  return ew_set_shape(call, 0, in->rank, dims);
}

ew_status ew_run_permute(ew_call *call) {
  const ew_strided in = ew_strided_of(&call->inputs[0]), to = ew_strided_of(&call->outputs[0]);
  uint32_t order[EW_MAX_RANK];
  EW_TRY(read_order(call, order));
  ew_strided from = in;
  for (uint32_t i = 0; i < in.rank; i++) {
    from.dims[i] = in.dims[order[i]];
    from.strides[i] = in.strides[order[i]];
  }
  ew_copy(&to, &from);
  return EW_OK;
}

/* flip(self, dims) */
ew_status ew_run_flip(ew_call *call) {
  ew_strided from = ew_strided_of(&call->inputs[0]);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  uint32_t mask = 0;
  EW_TRY(ew_arg_dims(call, 0, from.rank, false, &mask));
  for (uint32_t i = 0; i < from.rank; i++) {
    if ((mask >> i & 1) == 0 || from.dims[i] == 0) continue;
    ew_strided_advance(&from, i, from.dims[i] - 1);
    from.strides[i] = -from.strides[i];
  }
  ew_copy(&to, &from);
  return EW_OK;
}

/* --- slices ------------------------------------------------------------------------------------------ */

typedef struct slice {
  uint32_t dim;
  size_t start, step, count;
} slice;

static int64_t clamp_index(int64_t index, int64_t size) {
  if (index < 0) index += size;
  return index < 0 ? 0 : index > size ? size : index;
}

/* dim, start?, end?, step as the last four arguments. */
static ew_status read_slice(const ew_call *call, slice *out) {
  const ew_tensor *in = &call->inputs[0];
  const uint32_t first = call->num_attrs - 4;
  EW_KERNEL_CHECK(call, in->rank > 0, EW_INVALID_PROGRAM, "input 0 is a scalar");
  EW_TRY(ew_arg_dim(call, first, in->rank, &out->dim));
  const int64_t size = (int64_t)in->dims[out->dim];
  int64_t start = 0, end = size, step = 1;
  if (!ew_arg_absent(call, first + 1)) EW_TRY(ew_arg_int(call, first + 1, &start));
  if (!ew_arg_absent(call, first + 2)) EW_TRY(ew_arg_int(call, first + 2, &end));
  EW_TRY(ew_arg_int(call, first + 3, &step));
  EW_KERNEL_CHECK(call, step > 0, EW_INVALID_PROGRAM, "step %lld is not positive", (long long)step);
  start = clamp_index(start, size);
  end = clamp_index(end, size);
  out->start = (size_t)start;
  out->count = end > start ? (size_t)((end - start - 1) / step + 1) : 0;
  /* A single element has no neighbour: any step is allowed, and might not fit a stride. */
  out->step = out->count > 1 ? (size_t)step : 1;
  return EW_OK;
}

static void narrow_to_slice(ew_strided *view, const slice *part) {
  ew_strided_advance(view, part->dim, part->start);
  view->dims[part->dim] = part->count;
  view->strides[part->dim] *= (ptrdiff_t)part->step;
}

/* slice_copy(self, dim, start?, end?, step) */
ew_status ew_prepare_slice(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  slice part = {0};
  EW_TRY(read_slice(call, &part));
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++) dims[i] = i == part.dim ? part.count : in->dims[i];
  return ew_set_shape(call, 0, in->rank, dims);
}

ew_status ew_run_slice(ew_call *call) {
  ew_strided from = ew_strided_of(&call->inputs[0]);
  const ew_strided to = ew_strided_of(&call->outputs[0]);
  slice part = {0};
  EW_TRY(read_slice(call, &part));
  if (part.count == 0) return EW_OK;
  narrow_to_slice(&from, &part);
  ew_copy(&to, &from);
  return EW_OK;
}

/* slice_scatter(self, src, dim, start?, end?, step): self with its slice replaced by src. */
ew_status ew_prepare_slice_scatter(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0], *src = &call->inputs[1];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  slice part = {0};
  EW_TRY(read_slice(call, &part));
  bool fits = src->rank == in->rank;
  for (uint32_t i = 0; fits && i < in->rank; i++) {
    fits = src->dims[i] == (i == part.dim ? part.count : in->dims[i]);
  }
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "source %s does not fit the slice of %s",
                  ew_shape_of(src).text, ew_shape_of(in).text);
  return EW_OK;
}

ew_status ew_run_slice_scatter(ew_call *call) {
  ew_copy_tensor(&call->outputs[0], &call->inputs[0]);
  ew_strided to = ew_strided_of(&call->outputs[0]);
  const ew_strided from = ew_strided_of(&call->inputs[1]);
  slice part = {0};
  EW_TRY(read_slice(call, &part));
  if (part.count == 0) return EW_OK;
  narrow_to_slice(&to, &part);
  ew_copy(&to, &from);
  return EW_OK;
}

/* select_scatter(self, src, dim, index) */
ew_status ew_prepare_select_scatter(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  const ew_tensor *in = &call->inputs[0], *src = &call->inputs[1];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  bool fits = src->rank + 1 == in->rank;
  for (uint32_t i = 0; fits && i < src->rank; i++) {
    fits = src->dims[i] == in->dims[i < dim ? i : i + 1];
  }
  EW_KERNEL_CHECK(call, fits, EW_INVALID_PROGRAM, "source %s does not fit a selection of %s",
                  ew_shape_of(src).text, ew_shape_of(in).text);
  return EW_OK;
}

ew_status ew_run_select_scatter(ew_call *call) {
  uint32_t dim = 0;
  size_t index = 0;
  EW_TRY(select_index(call, &dim, &index));
  ew_copy_tensor(&call->outputs[0], &call->inputs[0]);
  ew_strided to = ew_strided_of(&call->outputs[0]);
  const ew_strided from = ew_strided_of(&call->inputs[1]);
  ew_strided_advance(&to, dim, index);
  ew_strided_drop(&to, dim);
  ew_copy(&to, &from);
  return EW_OK;
}

/* copy_index(source, index, count): the source becomes part `index` of `count` equal ones along a new first
 * dimension. */
ew_status ew_prepare_copy_index(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  int64_t index = 0, count = 0;
  size_t dims[EW_MAX_RANK];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  EW_TRY(ew_arg_int(call, 0, &index));
  EW_TRY(ew_arg_int(call, 1, &count));
  EW_KERNEL_CHECK(call, index >= 0 && index < count && in->rank < EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "index %lld of %lld", (long long)index, (long long)count);
  dims[0] = (size_t)count;
  for (uint32_t i = 0; i < in->rank; i++) dims[i + 1] = in->dims[i];
  return ew_set_shape(call, 0, in->rank + 1, dims);
}

ew_status ew_run_copy_index(ew_call *call) {
  ew_strided to = ew_strided_of(&call->outputs[0]);
  const ew_strided from = ew_strided_of(&call->inputs[0]);
  ew_strided_advance(&to, 0, (size_t)call->attrs[0].u.i);
  ew_strided_drop(&to, 0);
  ew_copy(&to, &from);
  return EW_OK;
}

/* --- repetition --------------------------------------------------------------------------------------- */

/* repeat(self, repeats): as many as dimensions or more, which are added in front. */
ew_status ew_prepare_repeat(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  const int64_t *repeats = NULL;
  uint32_t rank = 0;
  EW_TRY(ew_arg_ints(call, 0, &repeats, &rank));
  EW_KERNEL_CHECK(call, rank >= in->rank && rank <= EW_MAX_RANK, EW_INVALID_PROGRAM,
                  "%u repeats for a tensor %s", rank, ew_shape_of(in).text);
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) {
    const uint32_t added = rank - in->rank;
    EW_TRY(ew_arg_size(call, repeats[i], "repeats", &dims[i]));
    EW_KERNEL_CHECK(call, i < added || ew_mul_size(dims[i], in->dims[i - added], &dims[i]),
                    EW_OUT_OF_RESOURCES, "the output is too large");
  }
  return ew_set_shape(call, 0, rank, dims);
}

/* Fills the output tile by tile. */
ew_status ew_run_repeat(ew_call *call) {
  const ew_tensor *in = &call->inputs[0];
  ew_strided out = ew_strided_of(&call->outputs[0]), from = ew_strided_of(in);
  if (ew_tensor_numel(&call->outputs[0]) == 0) return EW_OK;
  const uint32_t rank = call->outputs[0].rank, added = rank - in->rank;
  from = ew_strided_broadcast(in, &call->outputs[0]);
  size_t tiles[EW_MAX_RANK], index[EW_MAX_RANK] = {0};
  for (uint32_t i = 0; i < rank; i++) {
    const size_t dim = i < added ? 1 : in->dims[i - added];
    tiles[i] = out.dims[i] / dim;
    from.dims[i] = dim;
    from.strides[i] = i < added ? 0 : (ptrdiff_t)in->strides[i - added];
  }
  for (bool more = true; more;) {
    ew_strided to = out;
    for (uint32_t i = 0; i < rank; i++) {
      ew_strided_advance(&to, i, index[i] * from.dims[i]);
      to.dims[i] = from.dims[i];
    }
    ew_copy(&to, &from);
    more = false;
    for (uint32_t i = rank; !more && i-- > 0;) {
      more = ++index[i] < tiles[i];
      if (!more) index[i] = 0;
    }
  }
  return EW_OK;
}

/* roll(self, shifts, dims): elements move by shift and come in again at the other end. */
static ew_status read_shifts(const ew_call *call, size_t shift[EW_MAX_RANK]) {
  const ew_tensor *in = &call->inputs[0];
  const int64_t *shifts = NULL, *dims = NULL;
  uint32_t count = 0, num_dims = 0;
  EW_TRY(ew_arg_ints(call, 0, &shifts, &count));
  EW_TRY(ew_arg_ints(call, 1, &dims, &num_dims));
  EW_KERNEL_CHECK(call, count == num_dims && count > 0, EW_NOT_SUPPORTED,
                  "%u shifts for %u dimensions", count, num_dims);
  for (uint32_t i = 0; i < in->rank; i++) shift[i] = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t dim = 0;
    EW_KERNEL_CHECK(call, in->rank > 0 && ew_wrap_dim(dims[i], in->rank, &dim), EW_INVALID_PROGRAM,
                    "dimension %lld is out of range", (long long)dims[i]);
    const int64_t size = (int64_t)in->dims[dim];
    if (size == 0) continue;
    const int64_t by = shifts[i] % size + (int64_t)shift[dim];
    shift[dim] = (size_t)((by % size + size) % size);
  }
  return EW_OK;
}

ew_status ew_prepare_roll(ew_call *call) {
  EW_TRY(ew_prepare_like(call));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  size_t shift[EW_MAX_RANK];
  return read_shifts(call, shift);
}

/* Each dimension falls into two parts, so the tensor into 2^rank blocks, each copied as it is. */
ew_status ew_run_roll(ew_call *call) {
  const ew_strided in = ew_strided_of(&call->inputs[0]), out = ew_strided_of(&call->outputs[0]);
  size_t shift[EW_MAX_RANK];
  EW_TRY(read_shifts(call, shift));
  if (ew_tensor_numel(&call->inputs[0]) == 0) return EW_OK;
  for (uint32_t part = 0; part < 1u << in.rank; part++) {
    ew_strided from = in, to = out;
    bool empty = false;
    for (uint32_t i = 0; i < in.rank; i++) {
      const size_t tail = shift[i], head = in.dims[i] - tail;
      const bool wraps = (part >> i & 1) != 0;
      ew_strided_advance(wraps ? &from : &to, i, wraps ? head : tail);
      from.dims[i] = to.dims[i] = wraps ? tail : head;
      empty = empty || from.dims[i] == 0;
    }
    if (!empty) ew_copy(&to, &from);
  }
  return EW_OK;
}

/* --- pixel shuffle ------------------------------------------------------------------------------------ */

static ew_status shuffle_factor(const ew_call *call, bool down, size_t *out) {
  const ew_tensor *in = &call->inputs[0];
  int64_t r = 0;
  EW_TRY(ew_arg_int(call, 0, &r));
  EW_KERNEL_CHECK(call, in->rank >= 3 && in->rank <= 5 && r > 0 && r <= 4096, EW_INVALID_PROGRAM,
                  "factor %lld for a tensor %s", (long long)r, ew_shape_of(in).text);
  const size_t factor = (size_t)r, *dims = in->dims + (in->rank - 3);
  EW_KERNEL_CHECK(
      call,
      down ? dims[1] % factor == 0 && dims[2] % factor == 0 : dims[0] % (factor * factor) == 0,
      EW_INVALID_PROGRAM, "factor %lld does not divide %s", (long long)r, ew_shape_of(in).text);
  *out = factor;
  return EW_OK;
}

static ew_status prepare_shuffle(ew_call *call, bool down) {
  EW_TRY(ew_kernel_begin(call));
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_same_dtype(call, in, &call->outputs[0]));
  size_t r = 0, dims[EW_MAX_RANK];
  EW_TRY(shuffle_factor(call, down, &r));
  memcpy(dims, in->dims, sizeof dims);
  size_t *tail = dims + (in->rank - 3);
  tail[0] = down ? tail[0] * r * r : tail[0] / (r * r);
  tail[1] = down ? tail[1] / r : tail[1] * r;
  tail[2] = down ? tail[2] / r : tail[2] * r;
  return ew_set_shape(call, 0, in->rank, dims);
}

/* Splits the last three dimensions of a view, [C,H,W] of the small side and [C r r,H,W] of the large,
 * into [C, r, r, H, W] in the order of the side with more channels. */
static ew_strided split_shuffle(const ew_strided *view, size_t r, bool channels) {
  ew_strided out = *view;
  const uint32_t b = view->rank - 3;
  const ptrdiff_t *s = view->strides + b;
  const size_t *d = view->dims + b;
  const ptrdiff_t k = (ptrdiff_t)r;
  const size_t dims[5] = {channels ? d[0] / (r * r) : d[0], r, r, channels ? d[1] : d[1] / r,
                          channels ? d[2] : d[2] / r};
  const ptrdiff_t strides[5] = {channels ? s[0] * k * k : s[0], channels ? s[0] * k : s[1],
                                channels ? s[0] : s[2], channels ? s[1] : s[1] * k,
                                channels ? s[2] : s[2] * k};
  memcpy(out.dims + b, dims, sizeof dims);
  memcpy(out.strides + b, strides, sizeof strides);
  out.rank = b + 5;
  return out;
}

static ew_status run_shuffle(ew_call *call, bool down) {
  const ew_strided in = ew_strided_of(&call->inputs[0]), out = ew_strided_of(&call->outputs[0]);
  size_t r = 0;
  EW_TRY(shuffle_factor(call, down, &r));
  const ew_strided from = split_shuffle(&in, r, !down), to = split_shuffle(&out, r, down);
  ew_copy(&to, &from);
  return EW_OK;
}

/* pixel_shuffle(self, upscale_factor): [*,C r r,H,W] -> [*,C,H r,W r]; pixel_unshuffle is its inverse. */
ew_status ew_prepare_pixel_shuffle(ew_call *call) { return prepare_shuffle(call, false); }
ew_status ew_run_pixel_shuffle(ew_call *call) { return run_shuffle(call, false); }
ew_status ew_prepare_pixel_unshuffle(ew_call *call) { return prepare_shuffle(call, true); }
ew_status ew_run_pixel_unshuffle(ew_call *call) { return run_shuffle(call, true); }
