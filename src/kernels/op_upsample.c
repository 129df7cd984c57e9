/* Resizing of f32 maps [N,C,H,W]: nearest and bilinear, as PyTorch places the samples. */
#include <math.h>
#include <string.h>

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
