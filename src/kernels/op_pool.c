/* Pooling of f32 in the layout of PyTorch: [N,C,H,W] or [C,H,W]. */
#include <math.h>

#include "kernels/support.h"

typedef struct pool {
  size_t planes, in_size[2], out_size[2], kernel[2], stride[2], padding[2], dilation[2];
  bool ceil_mode;
} pool;

static ew_status read_pair(const ew_call *call, uint32_t index, size_t least, size_t out[2]) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, index, &items, &count));
  EW_KERNEL_CHECK(call, count == 1 || count == 2, EW_INVALID_PROGRAM, "argument %u has %u sizes",
                  index, count);
  for (uint32_t i = 0; i < 2; i++) {
    EW_TRY(ew_arg_size(call, items[count == 1 ? 0 : i], "a size", &out[i]));
    EW_KERNEL_CHECK(call, out[i] >= least, EW_INVALID_PROGRAM, "argument %u: %zu is less than %zu",
                    index, out[i], least);
  }
  return EW_OK;
}

static ew_status read_input(const ew_call *call, pool *p) {
  const ew_tensor *in = &call->inputs[0];
  EW_KERNEL_CHECK(call, in->dtype == EW_F32, EW_NOT_SUPPORTED, "data type %s is not supported",
                  ew_dtype_name(in->dtype));
  EW_KERNEL_CHECK(call, in->rank == 3 || in->rank == 4, EW_INVALID_PROGRAM,
                  "input %s must have rank 3 or 4", ew_shape_of(in).text);
  p->in_size[0] = in->dims[in->rank - 2];
  p->in_size[1] = in->dims[in->rank - 1];
  p->planes = in->dims[0] * (in->rank == 4 ? in->dims[1] : 1);
  return EW_OK;
}

/* kernel, stride (empty: the kernel), padding, [dilation,] ceil_mode */
static ew_status read_pool(const ew_call *call, bool dilated, pool *p) {
  *p = (pool){.dilation = {1, 1}};
  EW_TRY(read_input(call, p));
  EW_TRY(read_pair(call, 0, 1, p->kernel));
  const bool no_stride = ew_arg_absent(call, 1) || call->attrs[1].count == 0;
  EW_TRY(read_pair(call, no_stride ? 0 : 1, 1, p->stride));
  EW_TRY(read_pair(call, 2, 0, p->padding));
  if (dilated) EW_TRY(read_pair(call, 3, 1, p->dilation));
  EW_TRY(ew_arg_bool(call, dilated ? 4 : 3, &p->ceil_mode));
  for (uint32_t i = 0; i < 2; i++) {
    const uint64_t window = (p->kernel[i] - (uint64_t)1) * p->dilation[i] + 1;
    const uint64_t padded = p->in_size[i] + 2 * (uint64_t)p->padding[i];
    EW_KERNEL_CHECK(call, padded >= window && 2 * (uint64_t)p->padding[i] <= p->kernel[i],
                    EW_INVALID_PROGRAM, "a window of %llu for %zu elements padded by %zu",
                    (unsigned long long)window, p->in_size[i], p->padding[i]);
    const uint64_t room = padded - window + (p->ceil_mode ? p->stride[i] - 1 : 0);
    p->out_size[i] = (size_t)(room / p->stride[i]) + 1;
    /* The last window must begin inside the input or its left padding. */
    if (p->ceil_mode && (p->out_size[i] - 1) * p->stride[i] >= p->in_size[i] + p->padding[i]) {
      p->out_size[i]--;
    }
  }
  return EW_OK;
}

static ew_status set_output(ew_call *call, uint32_t output, const pool *p) {
  const ew_tensor *in = &call->inputs[0];
  size_t dims[4] = {in->dims[0], in->dims[1]};
  dims[in->rank - 2] = p->out_size[0];
  dims[in->rank - 1] = p->out_size[1];
  EW_TRY(
      ew_count_work(call, p->planes * p->out_size[0] * p->out_size[1], p->kernel[0], p->kernel[1]));
  return ew_set_shape(call, output, in->rank, dims);
}

/* avg_pool2d(self, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override?) */
ew_status ew_prepare_avg_pool(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  pool p;
  EW_TRY(read_pool(call, false, &p));
  return set_output(call, 0, &p);
}

typedef struct window {
  size_t first[2], end[2]; /* inside the input */
  size_t padded;           /* elements with those of the padding */
} window;

static window window_at(const pool *p, size_t y, size_t x) {
  window out = {.padded = 1};
  const size_t at[2] = {y, x};
  for (uint32_t i = 0; i < 2; i++) {
    const ptrdiff_t start = (ptrdiff_t)(at[i] * p->stride[i]) - (ptrdiff_t)p->padding[i];
    const ptrdiff_t limit = (ptrdiff_t)(p->in_size[i] + p->padding[i]);
    ptrdiff_t end = start + (ptrdiff_t)p->kernel[i];
    if (end > limit) end = limit;
    out.padded *= (size_t)(end - start);
    out.first[i] = (size_t)(start < 0 ? 0 : start);
    out.end[i] = (size_t)(end < 0 ? 0 : end);
    if (out.end[i] > p->in_size[i]) out.end[i] = p->in_size[i];
  }
  return out;
}

static float window_sum(const float *in, size_t width, const window *w) {
  double sum = 0;
  for (size_t y = w->first[0]; y < w->end[0]; y++) {
    for (size_t x = w->first[1]; x < w->end[1]; x++) sum += (double)in[y * width + x];
  }
  return (float)sum;
}

static size_t window_count(const window *w) {
  if (w->end[0] <= w->first[0] || w->end[1] <= w->first[1]) return 0;
  return (w->end[0] - w->first[0]) * (w->end[1] - w->first[1]);
}

ew_status ew_run_avg_pool(ew_call *call) {
  pool p;
  bool include_pad = false;
  int64_t divisor = 0;
  EW_TRY(read_pool(call, false, &p));
  EW_TRY(ew_arg_bool(call, 4, &include_pad));
  if (!ew_arg_absent(call, 5)) EW_TRY(ew_arg_int(call, 5, &divisor));
  float *to = call->outputs[0].data;
  for (size_t plane = 0; plane < p.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * p.in_size[0] * p.in_size[1];
    for (size_t y = 0; y < p.out_size[0]; y++) {
      for (size_t x = 0; x < p.out_size[1]; x++) {
        const window w = window_at(&p, y, x);
        const size_t count = include_pad ? w.padded : window_count(&w);
        *to++ = window_sum(in, p.in_size[1], &w) / (float)(divisor != 0 ? divisor : (int64_t)count);
      }
    }
  }
  return EW_OK;
}

/* max_pool2d_with_indices(self, kernel, stride, padding, dilation, ceil_mode) -> values, indices */
ew_status ew_prepare_max_pool(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  pool p;
  EW_TRY(read_pool(call, true, &p));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  EW_KERNEL_CHECK(call, call->outputs[1].dtype == EW_I64, EW_INVALID_TYPE, "indices are not i64");
  EW_TRY(set_output(call, 0, &p));
  return set_output(call, 1, &p);
}

/* The first of equal elements wins, and the first NaN over all. */
static int64_t window_max(const pool *p, const float *in, size_t y, size_t x, float *most) {
  int64_t best = -1;
  *most = -INFINITY;
  for (size_t ky = 0; ky < p->kernel[0]; ky++) {
    const size_t row = y * p->stride[0] + ky * p->dilation[0];
    if (row < p->padding[0] || row - p->padding[0] >= p->in_size[0]) continue;
    for (size_t kx = 0; kx < p->kernel[1]; kx++) {
      const size_t column = x * p->stride[1] + kx * p->dilation[1];
      if (column < p->padding[1] || column - p->padding[1] >= p->in_size[1]) continue;
      const size_t at = (row - p->padding[0]) * p->in_size[1] + column - p->padding[1];
      const float a = in[at];
      if (best < 0 || (*most == *most && !(a <= *most))) {
        *most = a;
        best = (int64_t)at;
      }
    }
  }
  return best < 0 ? 0 : best;
}

ew_status ew_run_max_pool(ew_call *call) {
  pool p;
  EW_TRY(read_pool(call, true, &p));
  float *to = call->outputs[0].data;
  int64_t *indices = call->outputs[1].data;
  for (size_t plane = 0; plane < p.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * p.in_size[0] * p.in_size[1];
    for (size_t y = 0; y < p.out_size[0]; y++) {
      for (size_t x = 0; x < p.out_size[1]; x++) *indices++ = window_max(&p, in, y, x, to++);
    }
  }
  return EW_OK;
}

/* _adaptive_avg_pool2d(self, output_size): window i covers [i size / out, ceil((i + 1) size / out)). */
static ew_status read_adaptive(const ew_call *call, pool *p) {
  *p = (pool){.kernel = {1, 1}};
  EW_TRY(read_input(call, p));
  return read_pair(call, 0, 0, p->out_size);
}

ew_status ew_prepare_adaptive_avg_pool(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  pool p;
  EW_TRY(read_adaptive(call, &p));
  return set_output(call, 0, &p);
}

ew_status ew_run_adaptive_avg_pool(ew_call *call) {
  pool p;
  EW_TRY(read_adaptive(call, &p));
  float *to = call->outputs[0].data;
  for (size_t plane = 0; plane < p.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * p.in_size[0] * p.in_size[1];
    for (size_t y = 0; y < p.out_size[0]; y++) {
      for (size_t x = 0; x < p.out_size[1]; x++) {
        const size_t at[2] = {y, x};
        window w = {.padded = 0};
        for (uint32_t i = 0; i < 2; i++) {
          w.first[i] = at[i] * p.in_size[i] / p.out_size[i];
          w.end[i] = ((at[i] + 1) * p.in_size[i] + p.out_size[i] - 1) / p.out_size[i];
        }
        *to++ = window_sum(in, p.in_size[1], &w) / (float)window_count(&w);
      }
    }
  }
  return EW_OK;
}
