/* Sampling of f32 maps at places that a tensor gives. */
#include <math.h>

#include "kernels/support.h"

enum { BILINEAR = 0, NEAREST = 1, BICUBIC = 2 };
enum { ZEROS = 0, BORDER = 1, REFLECTION = 2 };

typedef struct sampler {
  int64_t mode, padding;
  bool align_corners;
} sampler;

static ew_status read_sampler(const ew_call *call, sampler *out) {
  EW_TRY(ew_arg_int(call, 0, &out->mode));
  EW_TRY(ew_arg_int(call, 1, &out->padding));
  EW_TRY(ew_arg_bool(call, 2, &out->align_corners));
  EW_KERNEL_CHECK(call, out->mode >= 0 && out->mode <= 2, EW_INVALID_PROGRAM,
                  "interpolation mode %lld is unknown", (long long)out->mode);
  EW_KERNEL_CHECK(call, out->padding >= 0 && out->padding <= 2, EW_INVALID_PROGRAM,
                  "padding mode %lld is unknown", (long long)out->padding);
  return EW_OK;
}

/* grid_sampler_2d(input [N,C,H,W], grid [N,h,w,2], mode, padding, align_corners) -> [N,C,h,w]; the grid
 * holds x and y, -1..1 from side to side of the input. */
ew_status ew_prepare_grid_sampler(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0], *grid = &call->inputs[1];
  sampler s;
  EW_TRY(read_sampler(call, &s));
  EW_KERNEL_CHECK(call,
                  in->rank == 4 && grid->rank == 4 && grid->dims[3] == 2 &&
                      grid->dims[0] == in->dims[0] && in->dims[2] > 0 && in->dims[3] > 0,
                  EW_INVALID_PROGRAM, "a grid %s does not fit input %s", ew_shape_of(grid).text,
                  ew_shape_of(in).text);
  const size_t dims[4] = {in->dims[0], in->dims[1], grid->dims[1], grid->dims[2]};
  return ew_set_shape(call, 0, 4, dims);
}

/* Mirrors x at low and high (in halves, so that both are integers) until it lies between. */
static float reflect(float x, int64_t twice_low, int64_t twice_high) {
  if (twice_low == twice_high) return 0;
  const float low = (float)twice_low / 2, span = (float)(twice_high - twice_low) / 2;
  const float distance = fabsf(x - low), extra = fmodf(distance, span);
  const bool even = fmodf(floorf(distance / span), 2) == 0;
  return even ? extra + low : span - extra + low;
}

/* A coordinate in pixels, brought into the map as the padding wants it. */
static float pad_coordinate(const sampler *s, float x, size_t size) {
  const int64_t n = (int64_t)size;
  if (s->padding == ZEROS) return x;
  if (s->padding == REFLECTION) {
    x = s->align_corners ? reflect(x, 0, 2 * (n - 1)) : reflect(x, -1, 2 * n - 1);
  }
  return x < 0 ? 0 : x < (float)(n - 1) ? x : (float)(n - 1);
}

static float to_pixels(const sampler *s, float x, size_t size) {
  return s->align_corners ? (x + 1) / 2 * (float)(size - 1) : ((x + 1) * (float)size - 1) / 2;
}

/* Integer coordinates; far outside and NaN are all the same. */
static int64_t whole(float x) { return x > -1e9f && x < 1e9f ? (int64_t)x : -1000000000; }

/* The pixels along one axis that make a sample: at most four, with weights. Index -1: outside. */
typedef struct taps {
  uint32_t count;
  int64_t index[4];
  float weight[4];
} taps;

static int64_t inside(int64_t index, size_t size) {
  return index >= 0 && index < (int64_t)size ? index : -1;
}

static taps cubic_taps(const sampler *s, float x, size_t size) {
  const float a = -0.75f, base = floorf(x), t = x - base;
  taps out = {.count = 4};
  for (int k = 0; k < 4; k++) {
    const float d = fabsf(t + 1 - (float)k);
    out.weight[k] =
        d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    out.index[k] = inside(whole(pad_coordinate(s, base + (float)(k - 1), size)), size);
  }
  return out;
}

static taps taps_at(const sampler *s, float at, size_t size) {
  float x = to_pixels(s, at, size);
  if (s->mode == BICUBIC) return cubic_taps(s, x, size);
  x = pad_coordinate(s, x, size);
  if (s->mode == NEAREST) return (taps){1, {inside(whole(rintf(x)), size)}, {1}};
  const float base = floorf(x);
  const int64_t first = whole(base);
  return (taps){2, {inside(first, size), inside(first + 1, size)}, {base + 1 - x, x - base}};
}

/* A column that lies outside counts nothing, even where its weight is NaN. */
static float sample(const float *map, size_t width, const taps *rows, const taps *columns) {
  float sum = 0;
  for (uint32_t i = 0; i < rows->count; i++) {
    if (rows->index[i] < 0) continue;
    const float *row = map + (size_t)rows->index[i] * width;
    float line = 0;
    for (uint32_t k = 0; k < columns->count; k++) {
      if (columns->index[k] >= 0) line += row[columns->index[k]] * columns->weight[k];
    }
    sum += line * rows->weight[i];
  }
  return sum;
}

ew_status ew_run_grid_sampler(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *grid = &call->inputs[1], *out = &call->outputs[0];
  sampler s;
  EW_TRY(read_sampler(call, &s));
  const size_t channels = in->dims[1], height = in->dims[2], width = in->dims[3];
  const size_t plane = height * width, places = out->dims[2] * out->dims[3];
  for (size_t n = 0; n < in->dims[0]; n++) {
    const float *maps = (const float *)in->data + n * channels * plane;
    const float *at = (const float *)grid->data + n * places * 2;
    float *to = (float *)out->data + n * channels * places;
    for (size_t p = 0; p < places; p++) {
      const taps columns = taps_at(&s, at[2 * p], width), rows = taps_at(&s, at[2 * p + 1], height);
      for (size_t c = 0; c < channels; c++) {
        to[c * places + p] = sample(maps + c * plane, width, &rows, &columns);
      }
    }
  }
  return EW_OK;
}
