/* The reduction engine: walks kept dimensions outside, reduced dimensions inside, in blocks. */
#include "kernels/reduce.h"

enum { BLOCK = 256 };

void ew_store_f64(const ew_tensor *out, size_t index, double value) {
  uint8_t *to = (uint8_t *)out->data + index * ew_dtype_size(out->dtype);
  ew_convert(to, out->dtype, 1, &value, EW_F64, 1, 1);
}

void ew_store_i64(const ew_tensor *out, size_t index, int64_t value) {
  uint8_t *to = (uint8_t *)out->data + index * ew_dtype_size(out->dtype);
  ew_convert(to, out->dtype, 1, &value, EW_I64, 1, 1);
}

/* One half of the dimensions of a tensor, and a position in them. */
typedef struct walk {
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
  ptrdiff_t strides[EW_MAX_RANK];
  size_t index[EW_MAX_RANK];
  ptrdiff_t offset;
  size_t count;
} walk;

static walk make_walk(const ew_tensor *tensor, uint32_t mask) {
  walk out = {.count = 1};
  for (uint32_t i = 0; i < tensor->rank; i++) {
    if ((mask >> i & 1) == 0) continue;
    const size_t dim = tensor->dims[i];
    const ptrdiff_t stride = (ptrdiff_t)tensor->strides[i];
    out.count *= dim;
    if (dim == 1) continue;
    if (out.rank > 0 && out.strides[out.rank - 1] == stride * (ptrdiff_t)dim) {
      out.dims[out.rank - 1] *= dim;
      out.strides[out.rank - 1] = stride;
      continue;
    }
    out.dims[out.rank] = dim;
    out.strides[out.rank++] = stride;
  }
  return out;
}

/* Moves to the next element of the first rank dimensions; back to the start after the last. */
static void walk_next(walk *at, uint32_t rank) {
  for (uint32_t dim = rank; dim-- > 0;) {
    at->offset += at->strides[dim];
    if (++at->index[dim] < at->dims[dim]) return;
    at->offset -= at->strides[dim] * (ptrdiff_t)at->dims[dim];
    at->index[dim] = 0;
  }
}

typedef union block {
  double d[BLOCK];
  int64_t i[BLOCK];
} block;

static void fold_run(const ew_folds *folds, ew_fold *fold, const ew_tensor *in, const uint8_t *from,
                     ptrdiff_t stride, size_t n, bool floats) {
  const ptrdiff_t size = (ptrdiff_t)ew_dtype_size(in->dtype);
  block values;
  for (size_t done = 0; done < n; done += BLOCK) {
    const size_t m = n - done < BLOCK ? n - done : BLOCK;
    const uint8_t *at = from + (ptrdiff_t)done * stride * size;
    ew_convert(&values, floats ? EW_F64 : EW_I64, 1, at, in->dtype, stride, m);
    if (floats) {
      folds->floats(fold, values.d, m);
    } else {
      folds->integers(fold, values.i, m);
    }
    fold->position += m;
  }
}

ew_status ew_reduce_run(ew_call *call, uint32_t mask, const ew_folds *folds, const ew_fold *start,
                        ew_fold_store store) {
  const ew_tensor *in = &call->inputs[0];
  walk kept = make_walk(in, ~mask), reduced = make_walk(in, mask);
  const bool floats = ew_dtype_is_float(in->dtype) || folds->integers == NULL;
  const ptrdiff_t size = (ptrdiff_t)ew_dtype_size(in->dtype);
  const uint32_t last = reduced.rank == 0 ? 0 : reduced.rank - 1;
  const size_t run = reduced.rank == 0 ? 1 : reduced.dims[last];
  const ptrdiff_t stride = reduced.rank == 0 ? 1 : reduced.strides[last];
  const size_t runs = reduced.count == 0 ? 0 : reduced.count / run;
  for (size_t k = 0; k < kept.count; k++) {
    ew_fold fold = *start;
    for (size_t r = 0; r < runs; r++) {
      const uint8_t *from = (const uint8_t *)in->data + (kept.offset + reduced.offset) * size;
      fold_run(folds, &fold, in, from, stride, run, floats);
      walk_next(&reduced, last);
    }
    EW_TRY(store(call, &fold, k, reduced.count));
    walk_next(&kept, kept.rank);
  }
  return EW_OK;
}
