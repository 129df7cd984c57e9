/* Windows over maps in TensorFlow Lite's layout, [N,H,W,C]: pooling with padding that counts for nothing.
 *
 * Arguments of all: kernel {h, w}, stride {h, w}, padding {top, bottom, left, right}. Channels are
 * handled in blocks, so that the inner loops run over neighbours in memory. */
#include <math.h>
#include <string.h>

#include "kernels/support.h"

enum { BLOCK = 64 };

typedef struct window_op {
  size_t batches, in_size[2], out_size[2], channels;
  size_t kernel[2], stride[2], before[2], behind[2];
} window_op;

/* A window's part inside the map, and where its first cell would lie. */
typedef struct cells {
  size_t first[2], end[2];
  size_t skipped[2]; /* rows and columns of the window that lie in the padding before the map */
} cells;

static ew_status read_sizes(const ew_call *call, uint32_t index, uint32_t wanted, size_t least,
                            size_t *out) {
  const int64_t *items = NULL;
  uint32_t count = 0;
  EW_TRY(ew_arg_ints(call, index, &items, &count));
  EW_KERNEL_CHECK(call, count == wanted, EW_INVALID_PROGRAM, "argument %u has %u sizes, needs %u",
                  index, count, wanted);
  for (uint32_t i = 0; i < count; i++) {
    EW_TRY(ew_arg_size(call, items[i], "a size", &out[i]));
    EW_KERNEL_CHECK(call, out[i] >= least && out[i] <= EW_MAX_SIDE, EW_INVALID_PROGRAM,
                    "argument %u: %zu is not in %zu to %d", index, out[i], least, EW_MAX_SIDE);
  }
  return EW_OK;
}

static ew_status read_arguments(const ew_call *call, window_op *op) {
  size_t padding[4];
  EW_TRY(read_sizes(call, 0, 2, 1, op->kernel));
  EW_TRY(read_sizes(call, 1, 2, 1, op->stride));
  EW_TRY(read_sizes(call, 2, 4, 0, padding));
  for (uint32_t i = 0; i < 2; i++) {
    op->before[i] = padding[2 * i];
    op->behind[i] = padding[2 * i + 1];
    EW_KERNEL_CHECK(call, op->before[i] < op->kernel[i] && op->behind[i] < op->kernel[i],
                    EW_INVALID_PROGRAM, "padding %zu and %zu of a window of %zu", op->before[i],
                    op->behind[i], op->kernel[i]);
  }
  return EW_OK;
}

static ew_status read_window(const ew_call *call, window_op *op) {
  const ew_tensor *in = &call->inputs[0];
  *op = (window_op){0};
  EW_KERNEL_CHECK(call, in->rank == 4, EW_INVALID_PROGRAM, "input %s must have rank 4",
                  ew_shape_of(in).text);
  EW_TRY(read_arguments(call, op));
  op->batches = in->dims[0];
  op->channels = in->dims[3];
  for (uint32_t i = 0; i < 2; i++) {
    op->in_size[i] = in->dims[1 + i];
    const size_t padded = op->in_size[i] + op->before[i] + op->behind[i];
    EW_KERNEL_CHECK(call, op->in_size[i] > 0 && padded >= op->kernel[i], EW_INVALID_PROGRAM,
                    "a window of %zu does not fit into %zu", op->kernel[i], padded);
    op->out_size[i] = (padded - op->kernel[i]) / op->stride[i] + 1;
    /* Every window touches the map, or there would be nothing to take the mean of. */
    EW_KERNEL_CHECK(call, (op->out_size[i] - 1) * op->stride[i] < op->in_size[i] + op->before[i],
                    EW_INVALID_PROGRAM, "a window lies wholly in the padding");
  }
  return EW_OK;
}

static cells cells_at(const window_op *op, size_t y, size_t x) {
  cells out = {{0}, {0}, {0}};
  const size_t at[2] = {y, x};
  for (uint32_t i = 0; i < 2; i++) {
    const size_t start = at[i] * op->stride[i];
    out.skipped[i] = start < op->before[i] ? op->before[i] - start : 0;
    out.first[i] = start + out.skipped[i] - op->before[i];
    out.end[i] = start + op->kernel[i] - op->before[i];
    if (out.end[i] > op->in_size[i]) out.end[i] = op->in_size[i];
  }
  return out;
}

static ew_status set_window_shape(ew_call *call, uint32_t output, const window_op *op) {
  const size_t dims[4] = {op->batches, op->out_size[0], op->out_size[1], op->channels};
  EW_TRY(ew_count_work(call, op->batches * op->out_size[0] * op->out_size[1],
                       op->kernel[0] * op->kernel[1], op->channels));
  return ew_set_shape(call, output, 4, dims);
}

/* average, max: u8, i8, f32 alike; the last two arguments are the activation range (absent: none),
 * in units of the tensor. */
ew_status ew_prepare_window(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  const ew_dtype dtype = call->inputs[0].dtype;
  EW_KERNEL_CHECK(call, dtype == EW_F32 || dtype == EW_U8 || dtype == EW_I8, EW_NOT_SUPPORTED,
                  "data type %s is not supported", ew_dtype_name(dtype));
  EW_TRY(ew_check_same_dtype(call, &call->inputs[0], &call->outputs[0]));
  window_op op;
  EW_TRY(read_window(call, &op));
  return set_window_shape(call, 0, &op);
}

typedef struct range {
  double low, high;
} range;

static ew_status read_range(const ew_call *call, range *out) {
  *out = (range){-INFINITY, INFINITY};
  if (!ew_arg_absent(call, 3)) EW_TRY(ew_arg_double(call, 3, &out->low));
  if (!ew_arg_absent(call, 4)) EW_TRY(ew_arg_double(call, 4, &out->high));
  return EW_OK;
}

/* One output pixel, count channels from pointers that are already at the first of them. */
typedef void (*pixel_fn)(const window_op *op, const cells *w, const void *map, size_t count,
                         range limits, void *to);

static ew_status run_pixels(ew_call *call, pixel_fn fn) {
  window_op op;
  range limits;
  EW_TRY(read_window(call, &op));
  EW_TRY(read_range(call, &limits));
  const size_t size = ew_dtype_size(call->inputs[0].dtype);
  const size_t map_bytes = op.in_size[0] * op.in_size[1] * op.channels * size;
  const uint8_t *map = call->inputs[0].data;
  uint8_t *to = call->outputs[0].data;
  for (size_t n = 0; n < op.batches; n++, map += map_bytes) {
    for (size_t y = 0; y < op.out_size[0]; y++) {
      for (size_t x = 0; x < op.out_size[1]; x++, to += op.channels * size) {
        const cells w = cells_at(&op, y, x);
        for (size_t c = 0; c < op.channels; c += BLOCK) {
          const size_t count = op.channels - c < BLOCK ? op.channels - c : BLOCK;
          fn(&op, &w, map + c * size, count, limits, to + c * size);
        }
      }
    }
  }
  return EW_OK;
}

#define EW_FOR_CELLS(op, w, T, map, cell)                                                       \
  for (size_t y = (w)->first[0]; y < (w)->end[0]; y++)                                          \
    for (const T *                                                                              \
             cell = (const T *)(map) + (y * (op)->in_size[1] + (w)->first[1]) * (op)->channels, \
            *last_ = cell + ((w)->end[1] - (w)->first[1]) * (op)->channels;                     \
         cell < last_; cell += (op)->channels)

static size_t cell_count(const cells *w) {
  return (w->end[0] - w->first[0]) * (w->end[1] - w->first[1]);
}

static double clamped(double value, range limits) {
  return value < limits.low ? limits.low : value > limits.high ? limits.high : value;
}

/* Rounded half away from zero, in integers: a detour through floats would miss at ties. */
static int32_t rounded_mean(int32_t sum, int32_t count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

#define EW_INTEGER_MEAN(name, T)                                                       \
  static void name(const window_op *op, const cells *w, const void *map, size_t count, \
                   range limits, void *to) {                                           \
    int32_t sums[BLOCK] = {0};                                                         \
    EW_FOR_CELLS(op, w, T, map, cell) {                                                \
      for (size_t c = 0; c < count; c++) sums[c] += cell[c];                           \
    }                                                                                  \
    const int32_t n = (int32_t)cell_count(w);                                          \
    for (size_t c = 0; c < count; c++) {                                               \
      ((T *)to)[c] = (T)clamped(rounded_mean(sums[c], n), limits);                     \
    }                                                                                  \
  }
EW_INTEGER_MEAN(mean_u8, uint8_t)
EW_INTEGER_MEAN(mean_i8, int8_t)

static void mean_f32(const window_op *op, const cells *w, const void *map, size_t count,
                     range limits, void *to) {
  double sums[BLOCK] = {0};
  EW_FOR_CELLS(op, w, float, map, cell) {
    for (size_t c = 0; c < count; c++) sums[c] += (double)cell[c];
  }
  const double n = (double)cell_count(w);
  for (size_t c = 0; c < count; c++) ((float *)to)[c] = (float)clamped(sums[c] / n, limits);
}

ew_status ew_run_window_average(ew_call *call) {
  /* Sums of 8-bit cells stay in 32 bits: read_window bounds the window by the map. */
  window_op op;
  EW_TRY(read_window(call, &op));
  EW_KERNEL_CHECK(call, op.kernel[0] * op.kernel[1] <= 1 << 22, EW_OUT_OF_RESOURCES,
                  "a window of %zu x %zu", op.kernel[0], op.kernel[1]);
  const ew_dtype dtype = call->inputs[0].dtype;
  return run_pixels(call, dtype == EW_F32 ? mean_f32 : dtype == EW_U8 ? mean_u8 : mean_i8);
}

#define EW_WINDOW_MAX(name, T)                                                         \
  static void name(const window_op *op, const cells *w, const void *map, size_t count, \
                   range limits, void *to) {                                           \
    T *best = to;                                                                      \
    bool first = true;                                                                 \
    EW_FOR_CELLS(op, w, T, map, cell) {                                                \
      for (size_t c = 0; c < count; c++) {                                             \
        if (first || cell[c] > best[c]) best[c] = cell[c];                             \
      }                                                                                \
      first = false;                                                                   \
    }                                                                                  \
    for (size_t c = 0; c < count; c++) best[c] = (T)clamped((double)best[c], limits);  \
  }
EW_WINDOW_MAX(max_u8, uint8_t)
EW_WINDOW_MAX(max_i8, int8_t)
EW_WINDOW_MAX(max_f32, float)

ew_status ew_run_window_max(ew_call *call) {
  const ew_dtype dtype = call->inputs[0].dtype;
  return run_pixels(call, dtype == EW_F32 ? max_f32 : dtype == EW_U8 ? max_u8 : max_i8);
}

/* Square root of the mean of squares. */
static void root_f32(const window_op *op, const cells *w, const void *map, size_t count,
                     range limits, void *to) {
  double sums[BLOCK] = {0};
  EW_FOR_CELLS(op, w, float, map, cell) {
    for (size_t c = 0; c < count; c++) sums[c] += (double)cell[c] * (double)cell[c];
  }
  const double n = (double)cell_count(w);
  for (size_t c = 0; c < count; c++) ((float *)to)[c] = (float)clamped(sqrt(sums[c] / n), limits);
}

ew_status ew_prepare_window_root(ew_call *call) {
  EW_TRY(ew_prepare_window(call));
  return ew_check_f32(call);
}

ew_status ew_run_window_root(ew_call *call) { return run_pixels(call, root_f32); }

/* --- maximum with its place, and the way back ----------------------------------------------------- */

/* The place of a maximum in its window is a float, ky * kernel_w + kx + 0.1: MediaPipe truncates it. */
enum { PLACE = 1 };
static const float place_bias = 0.1f;

ew_status ew_prepare_window_argmax(ew_call *call) {
  EW_TRY(ew_prepare_window_root(call));
  window_op op;
  EW_TRY(read_window(call, &op));
  return set_window_shape(call, PLACE, &op);
}

static void argmax_pixel(const window_op *op, const cells *w, const float *map, float *best,
                         float *place) {
  for (size_t c = 0; c < op->channels; c++) best[c] = -INFINITY;
  for (size_t c = 0; c < op->channels; c++) place[c] = place_bias;
  for (size_t y = w->first[0]; y < w->end[0]; y++) {
    const size_t ky = y - w->first[0] + w->skipped[0];
    for (size_t x = w->first[1]; x < w->end[1]; x++) {
      const float *cell = map + (y * op->in_size[1] + x) * op->channels;
      const float here = (float)(ky * op->kernel[1] + x - w->first[1] + w->skipped[1]) + place_bias;
      for (size_t c = 0; c < op->channels; c++) {
        if (!(cell[c] > best[c])) continue;
        best[c] = cell[c];
        place[c] = here;
      }
    }
  }
}

ew_status ew_run_window_argmax(ew_call *call) {
  window_op op;
  range limits;
  EW_TRY(read_window(call, &op));
  EW_TRY(read_range(call, &limits));
  const float *map = call->inputs[0].data;
  float *best = call->outputs[0].data, *place = call->outputs[PLACE].data;
  for (size_t n = 0; n < op.batches; n++, map += op.in_size[0] * op.in_size[1] * op.channels) {
    for (size_t y = 0; y < op.out_size[0]; y++) {
      for (size_t x = 0; x < op.out_size[1]; x++, best += op.channels, place += op.channels) {
        const cells w = cells_at(&op, y, x);
        argmax_pixel(&op, &w, map, best, place);
        for (size_t c = 0; c < op.channels; c++) best[c] = (float)clamped((double)best[c], limits);
      }
    }
  }
  return EW_OK;
}

/* (values, places, kernel, stride, padding): zeros but for the values, each at its place. The map is
 * kernel times as large. */
ew_status ew_prepare_unpool(ew_call *call) {
  EW_TRY(ew_kernel_begin(call));
  EW_TRY(ew_check_f32(call));
  const ew_tensor *in = &call->inputs[0];
  window_op op = {0};
  EW_TRY(read_arguments(call, &op));
  EW_KERNEL_CHECK(call, in->rank == 4 && ew_tensor_same_shape(in, &call->inputs[1]),
                  EW_INVALID_PROGRAM, "values %s and places %s must have one shape of rank 4",
                  ew_shape_of(in).text, ew_shape_of(&call->inputs[1]).text);
  size_t dims[4] = {in->dims[0], 0, 0, in->dims[3]};
  for (uint32_t i = 0; i < 2; i++) {
    EW_KERNEL_CHECK(call, in->dims[1 + i] <= EW_MAX_SIDE, EW_INVALID_PROGRAM, "input %s",
                    ew_shape_of(in).text);
    EW_TRY(
        ew_arg_size(call, (int64_t)(in->dims[1 + i] * op.kernel[i]), "output size", &dims[1 + i]));
  }
  return ew_set_shape(call, 0, 4, dims);
}

/* Where the value at (y, x) goes, or false when that is outside the map. */
static bool unpooled_cell(const window_op *op, const size_t *size, size_t y, size_t x, float place,
                          size_t *out) {
  if (!(place >= 0) || place >= (float)(op->kernel[0] * op->kernel[1])) return false;
  const size_t index = (size_t)place;
  const size_t at[2] = {y * op->stride[0] + index / op->kernel[1],
                        x * op->stride[1] + index % op->kernel[1]};
  if (at[0] < op->before[0] || at[1] < op->before[1]) return false;
  const size_t row = at[0] - op->before[0], column = at[1] - op->before[1];
  *out = row * size[1] + column;
  return row < size[0] && column < size[1];
}

ew_status ew_run_unpool(ew_call *call) {
  const ew_tensor *in = &call->inputs[0], *out = &call->outputs[0];
  window_op op = {0};
  EW_TRY(read_arguments(call, &op));
  const float *value = in->data, *place = call->inputs[1].data;
  const size_t channels = in->dims[3];
  memset(out->data, 0, ew_tensor_bytes(out));
  for (size_t n = 0; n < in->dims[0]; n++) {
    float *to = (float *)out->data + n * out->dims[1] * out->dims[2] * channels;
    for (size_t y = 0; y < in->dims[1]; y++) {
      for (size_t x = 0; x < in->dims[2]; x++) {
        for (size_t c = 0; c < channels; c++, value++, place++) {
          size_t cell = 0;
          EW_KERNEL_CHECK(call, unpooled_cell(&op, &out->dims[1], y, x, *place, &cell),
                          EW_INVALID_ARGUMENT, "place %g is outside the window or the map",
                          (double)*place);
          to[cell * channels + c] = *value;
        }
      }
    }
  }
  return EW_OK;
}
