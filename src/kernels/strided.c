/* Conversion, strided copies and block-wise maps. */
#include "kernels/strided.h"

#include <string.h>

#include "base/half.h"
#include "kernels/support.h"

ew_strided ew_strided_of(const ew_tensor *tensor) { return ew_strided_broadcast(tensor, tensor); }

ew_strided ew_strided_broadcast(const ew_tensor *tensor, const ew_tensor *to) {
  ew_strided out = {.data = tensor->data, .dtype = tensor->dtype, .rank = to->rank};
  const uint32_t shift = to->rank - tensor->rank;
  for (uint32_t i = 0; i < to->rank; i++) {
    out.dims[i] = to->dims[i];
    const bool repeated = i < shift || tensor->dims[i - shift] == 1;
    out.strides[i] = repeated ? 0 : (ptrdiff_t)tensor->strides[i - shift];
  }
  return out;
}

void ew_strided_advance(ew_strided *view, uint32_t dim, size_t index) {
  /* Null data happens with empty tensors only. */
  if (view->data == NULL) return;
  view->data += (ptrdiff_t)index * view->strides[dim] * (ptrdiff_t)ew_dtype_size(view->dtype);
}

void ew_strided_drop(ew_strided *view, uint32_t dim) {
  for (uint32_t i = dim; i + 1 < view->rank; i++) {
    view->dims[i] = view->dims[i + 1];
    view->strides[i] = view->strides[i + 1];
  }
  view->rank--;
}

/* --- conversion ----------------------------------------------------------------------------------- */

#define EACH(T, body)                                              \
  do {                                                             \
    const T *restrict from = src;                                  \
    for (size_t k = 0; k < n; k++, from += stride) to[k] = (body); \
  } while (0)

static void load_f64(double *restrict to, const void *src, ew_dtype dtype, ptrdiff_t stride,
                     size_t n) {
  switch (dtype) {
    case EW_F32:
      EACH(float, (double)*from);
      break;
    case EW_F16:
      EACH(uint16_t, (double)ew_f16_to_f32(*from));
      break;
    case EW_BF16:
      EACH(uint16_t, (double)ew_bf16_to_f32(*from));
      break;
    default:
      EACH(double, *from);
      break;
  }
}

static void load_i64(int64_t *restrict to, const void *src, ew_dtype dtype, ptrdiff_t stride,
                     size_t n) {
  switch (dtype) {
    case EW_BOOL:
      EACH(uint8_t, *from != 0);
      break;
    case EW_U8:
      EACH(uint8_t, *from);
      break;
    case EW_I8:
      EACH(int8_t, *from);
      break;
    case EW_I16:
      EACH(int16_t, *from);
      break;
    case EW_U16:
      EACH(uint16_t, *from);
      break;
    case EW_I32:
      EACH(int32_t, *from);
      break;
    case EW_U32:
      EACH(uint32_t, *from);
      break;
    default:
      EACH(int64_t, *from);
      break;
  }
}
#undef EACH

#define EACH(T, body)                                             \
  do {                                                            \
    T *restrict to = dst;                                         \
    for (size_t k = 0; k < n; k++, to += stride) *to = (T)(body); \
  } while (0)

/* What integers and reals are stored as alike: cases of a switch. */
#define STORE_REALS                                 \
  case EW_F32:                                      \
    EACH(float, from[k]);                           \
    break;                                          \
  case EW_F64:                                      \
    EACH(double, from[k]);                          \
    break;                                          \
  case EW_F16:                                      \
    EACH(uint16_t, ew_f32_to_f16((float)from[k]));  \
    break;                                          \
  case EW_BF16:                                     \
    EACH(uint16_t, ew_f32_to_bf16((float)from[k])); \
    break;

static void store_i64(void *dst, ew_dtype dtype, ptrdiff_t stride, const int64_t *restrict from,
                      size_t n) {
  switch (dtype) {
    STORE_REALS
    case EW_BOOL:
      EACH(uint8_t, from[k] != 0);
      break;
    case EW_U8:
    case EW_I8:
      EACH(uint8_t, from[k]);
      break;
    case EW_I16:
    case EW_U16:
      EACH(uint16_t, from[k]);
      break;
    case EW_I32:
    case EW_U32:
      EACH(uint32_t, from[k]);
      break;
    default:
      EACH(int64_t, from[k]);
      break;
  }
}

static void store_f64(void *dst, ew_dtype dtype, ptrdiff_t stride, const double *restrict from,
                      size_t n) {
  switch (dtype) {
    STORE_REALS
    default:
      EACH(uint8_t, from[k] != 0);
      break;
  }
}

/* Elements of any type moved by size; may_alias because their effective type is another. */
typedef uint16_t __attribute__((may_alias)) any16;
typedef uint32_t __attribute__((may_alias)) any32;
typedef uint64_t __attribute__((may_alias)) any64;

static void copy_same(void *dst, ptrdiff_t stride, const void *src, ptrdiff_t src_stride,
                      size_t size, size_t n) {
  if (stride == 1 && src_stride == 1) {
    memcpy(dst, src, n * size);
    return;
  }
  switch (size) {
    case 1: {
      const uint8_t *restrict from = src;
      EACH(uint8_t, from[(ptrdiff_t)k * src_stride]);
      break;
    }
    case 2: {
      const any16 *restrict from = src;
      EACH(any16, from[(ptrdiff_t)k * src_stride]);
      break;
    }
    case 4: {
      const any32 *restrict from = src;
      EACH(any32, from[(ptrdiff_t)k * src_stride]);
      break;
    }
    default: {
      const any64 *restrict from = src;
      EACH(any64, from[(ptrdiff_t)k * src_stride]);
      break;
    }
  }
}
#undef EACH

void ew_convert(void *dst, ew_dtype dst_dtype, ptrdiff_t dst_stride, const void *src,
                ew_dtype src_dtype, ptrdiff_t src_stride, size_t n) {
  const size_t dst_size = ew_dtype_size(dst_dtype), src_size = ew_dtype_size(src_dtype);
  if (dst_dtype == src_dtype) {
    copy_same(dst, dst_stride, src, src_stride, dst_size, n);
    return;
  }
  enum { CHUNK = 64 };
  union {
    double d[CHUNK];
    int64_t i[CHUNK];
  } pivot;
  while (n > 0) {
    const size_t m = n < CHUNK ? n : CHUNK;
    if (ew_dtype_is_float(src_dtype)) {
      load_f64(pivot.d, src, src_dtype, src_stride, m);
      if (ew_dtype_is_float(dst_dtype) || dst_dtype == EW_BOOL) {
        store_f64(dst, dst_dtype, dst_stride, pivot.d, m);
      } else {
        for (size_t k = 0; k < m; k++) pivot.i[k] = ew_double_to_int(pivot.d[k]);
        store_i64(dst, dst_dtype, dst_stride, pivot.i, m);
      }
    } else {
      load_i64(pivot.i, src, src_dtype, src_stride, m);
      store_i64(dst, dst_dtype, dst_stride, pivot.i, m);
    }
    n -= m;
    if (n == 0) break;
    dst = (uint8_t *)dst + (ptrdiff_t)m * dst_stride * (ptrdiff_t)dst_size;
    src = (const uint8_t *)src + (ptrdiff_t)m * src_stride * (ptrdiff_t)src_size;
  }
}

/* --- copy ----------------------------------------------------------------------------------------- */

/* Drops dimensions of size 1 and merges neighbours that advance evenly in both; false when empty. */
static bool coalesce(ew_strided *a, ew_strided *b) {
  uint32_t rank = 0;
  for (uint32_t i = 0; i < a->rank; i++) {
    const size_t dim = a->dims[i];
    if (dim == 0) return false;
    if (dim == 1) continue;
    if (rank > 0 && a->strides[rank - 1] == a->strides[i] * (ptrdiff_t)dim &&
        b->strides[rank - 1] == b->strides[i] * (ptrdiff_t)dim) {
      a->dims[rank - 1] *= dim;
      a->strides[rank - 1] = a->strides[i];
      b->strides[rank - 1] = b->strides[i];
      continue;
    }
    a->dims[rank] = dim;
    a->strides[rank] = a->strides[i];
    b->strides[rank] = b->strides[i];
    rank++;
  }
  if (rank == 0) {
    a->dims[0] = 1;
    a->strides[0] = b->strides[0] = 1;
    rank = 1;
  }
  a->rank = b->rank = rank;
  return true;
}

void ew_copy(const ew_strided *dst, const ew_strided *src) {
  ew_strided to = *dst, from = *src;
  if (!coalesce(&to, &from)) return;
  const uint32_t last = to.rank - 1;
  const ptrdiff_t to_size = (ptrdiff_t)ew_dtype_size(to.dtype);
  const ptrdiff_t from_size = (ptrdiff_t)ew_dtype_size(from.dtype);
  size_t index[EW_MAX_RANK] = {0};
  ptrdiff_t at_to = 0, at_from = 0;
  for (;;) {
    ew_convert(to.data + at_to * to_size, to.dtype, to.strides[last],
               from.data + at_from * from_size, from.dtype, from.strides[last], to.dims[last]);
    uint32_t dim = last;
    for (;;) {
      if (dim == 0) return;
      dim--;
      at_to += to.strides[dim];
      at_from += from.strides[dim];
      if (++index[dim] < to.dims[dim]) break;
      at_to -= to.strides[dim] * (ptrdiff_t)to.dims[dim];
      at_from -= from.strides[dim] * (ptrdiff_t)to.dims[dim];
      index[dim] = 0;
    }
  }
}

void ew_copy_tensor(const ew_tensor *dst, const ew_tensor *src) {
  const ew_strided to = ew_strided_of(dst), from = ew_strided_broadcast(src, dst);
  ew_copy(&to, &from);
}

void ew_fill(const ew_strided *dst, const void *scalar, ew_dtype dtype) {
  union {
    uint8_t bytes[8];
    uint64_t whole;
  } value = {.whole = 0};
  ew_convert(&value, dst->dtype, 1, scalar, dtype, 1, 1);
  ew_strided from = {.data = value.bytes, .dtype = dst->dtype, .rank = dst->rank};
  ew_copy(dst, &from);
}

/* --- map ------------------------------------------------------------------------------------------ */

/* How one operand of a map supplies its blocks. */
typedef struct lane {
  ew_strided view; /* coalesced */
  ew_dtype type;   /* as the loop sees it */
  bool direct;     /* the tensor's own memory serves */
  bool constant;   /* one element, loaded once */
  bool loaded;
} lane;

static lane make_lane(const ew_strided *view, ew_dtype type) {
  lane out = {.view = *view, .type = type};
  ew_strided same = *view;
  coalesce(&out.view, &same);
  const bool flat = out.view.rank == 1 && out.view.strides[0] == 1;
  out.direct = flat && view->dtype == type;
  out.constant = out.view.rank == 1 && out.view.strides[0] == 0;
  return out;
}

/* Calls ew_convert for each run of the block [start, start + n) of an operand; the buffer is dense. */
static void walk_block(const lane *side, uint8_t *buffer, size_t start, size_t n, bool store) {
  const ew_strided *view = &side->view;
  const uint32_t last = view->rank - 1;
  const ptrdiff_t size = (ptrdiff_t)ew_dtype_size(view->dtype);
  size_t index[EW_MAX_RANK] = {0};
  ptrdiff_t offset = 0;
  for (uint32_t dim = view->rank; dim-- > 0;) {
    index[dim] = start % view->dims[dim];
    start /= view->dims[dim];
    offset += (ptrdiff_t)index[dim] * view->strides[dim];
  }
  while (n > 0) {
    const size_t left = view->dims[last] - index[last];
    const size_t run = left < n ? left : n;
    uint8_t *at = view->data + offset * size;
    if (store) {
      ew_convert(at, view->dtype, view->strides[last], buffer, side->type, 1, run);
    } else {
      ew_convert(buffer, side->type, 1, at, view->dtype, view->strides[last], run);
    }
    buffer += run * ew_dtype_size(side->type);
    n -= run;
    if (n == 0) return;
    index[last] += run;
    offset += (ptrdiff_t)run * view->strides[last];
    for (uint32_t dim = last; dim > 0 && index[dim] == view->dims[dim]; dim--) {
      offset += view->strides[dim - 1] - view->strides[dim] * (ptrdiff_t)view->dims[dim];
      index[dim] = 0;
      index[dim - 1]++;
    }
  }
}

static void *lane_block(lane *side, void *buffer, size_t start, size_t n) {
  if (side->direct) return side->view.data + start * ew_dtype_size(side->type);
  if (!side->constant) {
    walk_block(side, buffer, start, n, false);
  } else if (!side->loaded) {
    ew_convert(buffer, side->type, 1, side->view.data, side->view.dtype, 0, EW_MAP_BLOCK);
    side->loaded = true;
  }
  return buffer;
}

void ew_map_run(ew_map *map) {
  size_t total = 1;
  for (uint32_t i = 0; i < map->output.rank; i++) total *= map->output.dims[i];
  if (total == 0) return;
  union {
    float f;
    double d;
    int64_t i;
    uint8_t b;
  } buffers[EW_MAP_INPUTS + 1][EW_MAP_BLOCK] __attribute__((aligned(16)));
  lane lanes[EW_MAP_INPUTS];
  for (uint32_t k = 0; k < map->num_inputs; k++) {
    lanes[k] = make_lane(&map->inputs[k], map->compute[k]);
  }
  lane out = make_lane(&map->output, map->result);
  /* With no buffer in play one call does all. */
  bool all_direct = out.direct;
  for (uint32_t k = 0; k < map->num_inputs; k++) all_direct = all_direct && lanes[k].direct;
  const size_t step = all_direct ? total : EW_MAP_BLOCK;
  for (size_t start = 0; start < total; start += step) {
    const size_t n = total - start < step ? total - start : step;
    const void *in[EW_MAP_INPUTS] = {NULL};
    for (uint32_t k = 0; k < map->num_inputs; k++) {
      in[k] = lane_block(&lanes[k], buffers[k], start, n);
    }
    void *dst = out.direct ? out.view.data + start * ew_dtype_size(out.type)
                           : (void *)buffers[EW_MAP_INPUTS];
    map->fn(in, dst, n, &map->params);
    if (!out.direct) walk_block(&out, dst, start, n, true);
    if (map->params.failed) return;
  }
}

/* --- sums ----------------------------------------------------------------------------------------- */

/* The sum of two floats in double precision rounds as their own sum does. */
static void add_f64(const void *const *in, void *out, size_t n, ew_map_params *p) {
  (void)p;
  const double *a = in[0], *b = in[1];
  double *to = out;
  for (size_t k = 0; k < n; k++) to[k] = a[k] + b[k];
}

static void add_i64(const void *const *in, void *out, size_t n, ew_map_params *p) {
  (void)p;
  const uint64_t *a = in[0], *b = in[1];
  uint64_t *to = out;
  for (size_t k = 0; k < n; k++) to[k] = a[k] + b[k];
}

void ew_add_to(const ew_strided *dst, const ew_strided *src) {
  const ew_dtype type = ew_dtype_is_float(dst->dtype) ? EW_F64 : EW_I64;
  ew_map map = {.num_inputs = 2,
                .inputs = {*dst, *src},
                .compute = {type, type},
                .output = *dst,
                .result = type,
                .fn = type == EW_F64 ? add_f64 : add_i64};
  ew_map_run(&map);
}
