/* Resizing of f32 maps [N,C,H,W]: nearest and bilinear, as PyTorch places the samples. */
#include <math.h>
#include <string.h>

#include "base/simd.h"
#include "kernels/support.h"

typedef struct upsample {
  size_t planes, in_size[2], out_size[2];
  double scale[2]; /* input elements per output element */
  bool align_corners;
} upsample;

/* output_size? and scale_factors?, of which one is present; the last two list arguments. */
static ew_status read_upsample(const ew_call *call, uint32_t factors_index, upsample *u) {
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_f32(call));
  EW_KERNEL_CHECK(call, in->rank == 4, EW_INVALID_PROGRAM, "input %s must have rank 4",
                  ew_shape_of(in).text);
  u->planes = in->dims[0] * in->dims[1];
  const bool by_size = !ew_arg_absent(call, 0);
  const bool by_factor = !ew_arg_absent(call, factors_index);
  EW_KERNEL_CHECK(call, by_size != by_factor, EW_INVALID_PROGRAM,
                  "either output_size or scale_factors must be given");
  const int64_t *sizes = NULL;
  uint32_t count = 2;
  if (by_size) EW_TRY(ew_arg_ints(call, 0, &sizes, &count));
  if (by_factor) count = call->attrs[factors_index].count;
  EW_KERNEL_CHECK(call, count == 2, EW_INVALID_PROGRAM, "%u sizes, expected 2", count);
  for (uint32_t i = 0; i < 2; i++) {
    const size_t size = in->dims[2 + i];
    u->in_size[i] = size;
    double factor = 0;
    int64_t wanted = by_size ? sizes[i] : 0;
    if (by_factor) {
      factor = call->attrs[factors_index].u.doubles[i];
      EW_KERNEL_CHECK(call, factor > 0 && isfinite(factor), EW_INVALID_PROGRAM,
                      "scale factor %g is not positive", factor);
      wanted = ew_double_to_int((double)size * factor);
    }
    EW_TRY(ew_arg_size(call, wanted, "output size", &u->out_size[i]));
    EW_KERNEL_CHECK(call, u->out_size[i] > 0 && size > 0, EW_INVALID_PROGRAM, "an empty map");
    if (u->align_corners) {
      u->scale[i] = u->out_size[i] > 1 ? (double)(size - 1) / (double)(u->out_size[i] - 1) : 0;
    } else {
      u->scale[i] = by_factor ? 1 / factor : (double)size / (double)u->out_size[i];
    }
  }
  return EW_OK;
}

static ew_status set_output(ew_call *call, const upsample *u) {
  const ew_tensor *in = &call->inputs[0];
  const size_t dims[4] = {in->dims[0], in->dims[1], u->out_size[0], u->out_size[1]};
  return ew_set_shape(call, 0, 4, dims);
}

/* upsample_nearest2d.vec(input, output_size?, scale_factors?) */
ew_status ew_prepare_upsample_nearest(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  upsample u = {.align_corners = false};
  EW_TRY(read_upsample(call, 1, &u));
  return set_output(call, &u);
}

static size_t nearest(const upsample *u, uint32_t i, size_t at) {
  const size_t source = (size_t)floorf((float)at * (float)u->scale[i]);
  return source < u->in_size[i] ? source : u->in_size[i] - 1;
}

ew_status ew_run_upsample_nearest(ew_call *call) {
  upsample u = {.align_corners = false};
  EW_TRY(read_upsample(call, 1, &u));
  float *to = call->outputs[0].data;
  for (size_t plane = 0; plane < u.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * u.in_size[0] * u.in_size[1];
    for (size_t y = 0; y < u.out_size[0]; y++) {
      const float *row = in + nearest(&u, 0, y) * u.in_size[1];
      for (size_t x = 0; x < u.out_size[1]; x++) *to++ = row[nearest(&u, 1, x)];
    }
  }
  return EW_OK;
}

/* upsample_bilinear2d.vec(input, output_size?, align_corners, scale_factors?) */
ew_status ew_prepare_upsample_bilinear(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  upsample u = {.align_corners = false};
  EW_TRY(ew_arg_bool(call, 1, &u.align_corners));
  EW_TRY(read_upsample(call, 2, &u));
  return set_output(call, &u);
}

/* Two neighbours and the weight of the second. */
typedef struct sample {
  size_t first, second;
  float weight;
} sample;

static sample sample_at(const upsample *u, uint32_t i, size_t at) {
  const float scale = (float)u->scale[i];
  float source = u->align_corners ? (float)at * scale : ((float)at + 0.5f) * scale - 0.5f;
  if (source < 0) source = 0;
  sample out = {.first = (size_t)source};
  if (out.first >= u->in_size[i]) out.first = u->in_size[i] - 1;
  out.second = out.first + 1 < u->in_size[i] ? out.first + 1 : out.first;
  out.weight = source - (float)out.first;
  return out;
}

ew_status ew_run_upsample_bilinear(ew_call *call) {
  upsample u = {.align_corners = false};
  EW_TRY(ew_arg_bool(call, 1, &u.align_corners));
  EW_TRY(read_upsample(call, 2, &u));
  float *to = call->outputs[0].data;
  for (size_t plane = 0; plane < u.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * u.in_size[0] * u.in_size[1];
    for (size_t y = 0; y < u.out_size[0]; y++) {
      const sample v = sample_at(&u, 0, y);
      const float *top = in + v.first * u.in_size[1], *bottom = in + v.second * u.in_size[1];
      for (size_t x = 0; x < u.out_size[1]; x++) {
        const sample h = sample_at(&u, 1, x);
        const float a = top[h.first] + (top[h.second] - top[h.first]) * h.weight;
        const float b = bottom[h.first] + (bottom[h.second] - bottom[h.first]) * h.weight;
        *to++ = a + (b - a) * v.weight;
      }
    }
  }
  return EW_OK;
}

/* --- antialiased ----------------------------------------------------------------------------------- */

/* _upsample_bilinear2d_aa(input, output_size, align_corners, scales_h?, scales_w?): the average of all input
 * pixels under a triangle that is as wide as the reduction, as Pillow does it. */
static ew_status read_antialiased(const ew_call *call, upsample *u) {
  const ew_tensor *in = &call->inputs[0];
  EW_TRY(ew_check_f32(call));
  EW_KERNEL_CHECK(call, in->rank == 4, EW_INVALID_PROGRAM, "input %s must have rank 4",
                  ew_shape_of(in).text);
  const int64_t *sizes = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, 0, &sizes, &count));
  EW_KERNEL_CHECK(call, count == 2, EW_INVALID_PROGRAM, "%u sizes, expected 2", count);
  EW_TRY(ew_arg_bool(call, 1, &u->align_corners));
  u->planes = in->dims[0] * in->dims[1];
  for (uint32_t i = 0; i < 2; i++) {
    const size_t size = u->in_size[i] = in->dims[2 + i];
    EW_TRY(ew_arg_size(call, sizes[i], "output size", &u->out_size[i]));
    EW_KERNEL_CHECK(call, u->out_size[i] > 0 && size > 0, EW_INVALID_PROGRAM, "an empty map");
    double factor = 0;
    if (!ew_arg_absent(call, 2 + i)) EW_TRY(ew_arg_double(call, 2 + i, &factor));
    if (u->align_corners) {
      u->scale[i] = u->out_size[i] > 1 ? (double)(size - 1) / (double)(u->out_size[i] - 1) : 0;
    } else {
      u->scale[i] = factor > 0 ? 1 / factor : (double)size / (double)u->out_size[i];
    }
    /* A factor that does not belong to the sizes would ask for places far outside. */
    EW_KERNEL_CHECK(call, u->scale[i] <= (double)size, EW_INVALID_PROGRAM,
                    "scale factor %g does not fit %zu pixels", factor, size);
  }
  return EW_OK;
}

/* Input pixels [first, first + count) make one output pixel. */
typedef struct window {
  size_t first, count;
  float center,
      slope; /* weight of pixel j: 1 - |(j + 0.5 - center) * slope|, before scaling to sum 1 */
} window;

static window window_at(const upsample *u, uint32_t i, size_t at) {
  const float scale = (float)u->scale[i], support = scale >= 1 ? scale : 1;
  const float center = scale * ((float)at + 0.5f);
  const float low = center - support + 0.5f, high = center + support + 0.5f;
  const size_t size = u->in_size[i];
  const size_t first = low <= 0 ? 0 : (size_t)low < size ? (size_t)low : size - 1;
  const size_t end = (size_t)high < size ? (size_t)high : size;
  return (window){first, end > first ? end - first : 0, center, 1 / support};
}

/* weights[0 .. count) of a window, with sum 1. */
static void window_weights(const window *w, float *weights) {
  float sum = 0;
  for (size_t k = 0; k < w->count; k++) {
    const float d = fabsf(((float)(w->first + k) + 0.5f - w->center) * w->slope);
    weights[k] = d < 1 ? 1 - d : 0;
    sum += weights[k];
  }
  for (size_t k = 0; k < w->count && sum != 0; k++) weights[k] /= sum;
}

ew_status ew_prepare_upsample_aa(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  upsample u = {.align_corners = false};
  EW_TRY(read_antialiased(call, &u));
  EW_TRY(set_output(call, &u));
  /* Rows of a plane after the horizontal pass, and the weights of one window. */
  const size_t widest = u.in_size[0] > u.in_size[1] ? u.in_size[0] : u.in_size[1];
  size_t rows = 0;
  const bool fits =
      ew_mul_size(u.in_size[0], u.out_size[1], &rows) && rows < EW_MAX_TENSOR_BYTES / 8;
  EW_KERNEL_CHECK(call, fits, EW_OUT_OF_RESOURCES, "the map is too large");
  call->scratch_size = (rows + widest) * sizeof(float);
  for (uint32_t i = 0; i < 2; i++) {
    const size_t taps = (size_t)(2 * u.scale[i]) + 3;
    EW_TRY(ew_count_work(call, u.planes * u.out_size[i], u.in_size[1 - i], taps));
    EW_TRY(ew_count_work(call, u.planes * u.out_size[i], u.out_size[1 - i], taps));
  }
  return EW_OK;
}

ew_status ew_run_upsample_aa(ew_call *call) {
  upsample u = {.align_corners = false};
  EW_TRY(read_antialiased(call, &u));
  const size_t height = u.in_size[0], width = u.in_size[1], wide = u.out_size[1];
  float *rows = call->scratch, *weights = rows + height * wide;
  for (size_t plane = 0; plane < u.planes; plane++) {
    const float *in = (const float *)call->inputs[0].data + plane * height * width;
    float *out = (float *)call->outputs[0].data + plane * u.out_size[0] * wide;
    for (size_t x = 0; x < wide; x++) {
      const window w = window_at(&u, 1, x);
      window_weights(&w, weights);
      for (size_t y = 0; y < height; y++) {
        float sum = 0;
        for (size_t k = 0; k < w.count; k++) sum += in[y * width + w.first + k] * weights[k];
        rows[y * wide + x] = sum;
      }
    }
    for (size_t y = 0; y < u.out_size[0]; y++) {
      const window w = window_at(&u, 0, y);
      window_weights(&w, weights);
      memset(out + y * wide, 0, wide * sizeof *out);
      for (size_t k = 0; k < w.count; k++) {
        ew_add_scaled(out + y * wide, rows + (w.first + k) * wide, weights[k], wide);
      }
    }
  }
  return EW_OK;
}
