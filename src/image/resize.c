/* OpenCV's resize, equal to it on 8-bit pixels to the bit (INTER_LINEAR, generic build of 4.11).
 *
 * The rounding is OpenCV's fixed point: weights of 11 bits; the horizontal pass is kept at full precision,
 * the vertical one drops 4 bits before and 16 bits after each product. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "image/image.h"

enum { WEIGHT_ONE = 2048 };

/* Where output index d lies between two source indices. */
typedef struct tap {
  uint32_t at, next; /* source indices */
  float f;           /* weight of next, [0, 1) */
  int32_t a0, a1;    /* weights of both in units of 1/2048 */
} tap;

static int32_t fixed(float weight) { return (int32_t)lrintf(weight * WEIGHT_ONE); }

/* Columns: at the borders the weight is zeroed; rows: only the indices are clamped. The difference is
 * OpenCV's and shows in the rounding. */
static tap tap_of(uint32_t d, uint32_t source, uint32_t target, bool column) {
  const double scale = 1.0 / ((double)target / (double)source);
  float f = (float)((d + 0.5) * scale - 0.5);
  const float whole = floorf(f);
  int64_t s = (int64_t)whole;
  const int64_t last = (int64_t)source - 1;
  f -= whole;
  if (column && (s < 0 || s >= last)) f = 0.0f;
  int64_t next = s + 1;
  s = s < 0 ? 0 : s > last ? last : s;
  next = next < 0 ? 0 : next > last ? last : next;
  return (tap){(uint32_t)s, (uint32_t)next, f, fixed(1.0f - f), fixed(f)};
}

/* Memory of one resize: column taps and two horizontally resized rows, in one block. */
typedef struct work {
  tap *columns;    /* [width] */
  void *rows[2];   /* [width * channels] of 4 bytes */
  uint32_t row[2]; /* source row in each; UINT32_MAX = none */
  uint8_t *out;    /* [width * channels] */
} work;

static ew_status work_init(work *w, uint32_t source, uint32_t width, uint32_t channels,
                           ew_error *err) {
  const size_t row_bytes = (size_t)width * channels * 4;
  char *block = ew_alloc((size_t)width * sizeof(tap) + 2 * row_bytes + (size_t)width * channels);
  EW_CHECK(block != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a resize to width %u", width);
  w->columns = (tap *)block;
  w->rows[0] = block + (size_t)width * sizeof(tap);
  w->rows[1] = (char *)w->rows[0] + row_bytes;
  w->out = (uint8_t *)w->rows[1] + row_bytes;
  w->row[0] = w->row[1] = UINT32_MAX;
  for (uint32_t d = 0; d < width; d++) w->columns[d] = tap_of(d, source, width, true);
  return EW_OK;
}

/* Slot that holds source row y, or, when none does, the one that does not hold `keep`. */
static int slot_for(const work *w, uint32_t y, uint32_t keep) {
  if (w->row[0] == y) return 0;
  if (w->row[1] == y) return 1;
  return w->row[0] == keep ? 1 : 0;
}

static const int32_t *pixel_row(work *w, const ew_image *source, uint32_t width, uint32_t y,
                                uint32_t keep) {
  const int slot = slot_for(w, y, keep);
  int32_t *to = w->rows[slot];
  if (w->row[slot] == y) return to;
  w->row[slot] = y;
  const uint8_t *from = source->first + (ptrdiff_t)y * source->row;
  for (uint32_t x = 0; x < width; x++, to += 3) {
    const tap t = w->columns[x];
    const uint8_t *p = from + (ptrdiff_t)t.at * source->column;
    const uint8_t *q = from + (ptrdiff_t)t.next * source->column;
    for (int c = 0; c < 3; c++, p += source->channel, q += source->channel) {
      to[c] = *p * t.a0 + *q * t.a1;
    }
  }
  return w->rows[slot];
}

static bool size_ok(uint32_t width, uint32_t height) {
  return width > 0 && height > 0 && width <= (1u << 16) && height <= (1u << 16);
}

ew_status ew_resize_rows(const ew_image *source, uint32_t width, uint32_t height,
                         void (*row)(void *context, uint32_t y, const uint8_t *pixels),
                         void *context, ew_error *err) {
  EW_CHECK(size_ok(width, height) && source->width > 0 && source->height > 0, err,
           EW_INVALID_USER_INPUT, "cannot resize %u x %u pixels to %u x %u", source->width,
           source->height, width, height);
  work w;
  EW_TRY(work_init(&w, source->width, width, 3, err));
  for (uint32_t y = 0; y < height; y++) {
    const tap t = tap_of(y, source->height, height, false);
    const int32_t *h0 = pixel_row(&w, source, width, t.at, t.next);
    const int32_t *h1 = pixel_row(&w, source, width, t.next, t.at);
    for (size_t i = 0; i < (size_t)width * 3; i++) {
      const int32_t top = (t.a0 * (h0[i] >> 4)) >> 16, bottom = (t.a1 * (h1[i] >> 4)) >> 16;
      w.out[i] = (uint8_t)((top + bottom + 2) >> 2);
    }
    row(context, y, w.out);
  }
  ew_free(w.columns);
  return EW_OK;
}

static void copy_row(void *context, uint32_t y, const uint8_t *pixels) {
  const ew_image *image = context;
  memcpy(image->memory + (ptrdiff_t)y * image->row, pixels, (size_t)image->width * 3);
}

ew_status ew_image_resize(const ew_image *source, uint32_t width, uint32_t height, ew_image *out,
                          ew_error *err) {
  *out = (ew_image){0};
  EW_CHECK(size_ok(width, height), err, EW_INVALID_USER_INPUT, "cannot resize to %u x %u", width,
           height);
  size_t bytes = 0;
  uint8_t *rgb = ew_mul_size((size_t)width * 3, height, &bytes) ? ew_alloc(bytes) : NULL;
  EW_CHECK(rgb != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %u x %u pixels", width, height);
  *out = (ew_image){.width = width,
                    .height = height,
                    .column = 3,
                    .row = (ptrdiff_t)width * 3,
                    .channel = 1,
                    .first = rgb,
                    .memory = rgb};
  const ew_status status = ew_resize_rows(source, width, height, copy_row, out, err);
  if (status != EW_OK) ew_image_free(out);
  return status;
}

/* INTER_NEAREST has no half-pixel centre. */
static uint32_t nearest(uint32_t d, uint32_t source, uint32_t target) {
  const double at = floor(d * (1.0 / ((double)target / (double)source)));
  return at < source - 1 ? (uint32_t)at : source - 1;
}

void ew_resize_nearest_i32(const int32_t *source, uint32_t width, uint32_t height, int32_t *out,
                           uint32_t out_width, uint32_t out_height) {
  uint32_t previous = UINT32_MAX;
  for (uint32_t y = 0; y < out_height; y++, out += out_width) {
    const uint32_t from_y = nearest(y, height, out_height);
    if (from_y == previous) {
      memcpy(out, out - out_width, (size_t)out_width * sizeof *out);
      continue;
    }
    previous = from_y;
    const int32_t *from = source + (size_t)from_y * width;
    for (uint32_t x = 0; x < out_width; x++) out[x] = from[nearest(x, width, out_width)];
  }
}

static const float *float_row(work *w, const float *source, uint32_t source_width, uint32_t width,
                              uint32_t y, uint32_t keep) {
  const int slot = slot_for(w, y, keep);
  float *to = w->rows[slot];
  if (w->row[slot] == y) return to;
  w->row[slot] = y;
  const float *from = source + (size_t)y * source_width;
  for (uint32_t x = 0; x < width; x++) {
    const tap column = w->columns[x];
    to[x] = from[column.at] * (1.0f - column.f) + from[column.next] * column.f;
  }
  return to;
}

ew_status ew_resize_bilinear_f32(const float *source, uint32_t width, uint32_t height, float *out,
                                 uint32_t out_width, uint32_t out_height, ew_error *err) {
  EW_CHECK(size_ok(width, height) && size_ok(out_width, out_height), err, EW_INVALID_USER_INPUT,
           "cannot resize a map of %u x %u to %u x %u", width, height, out_width, out_height);
  work w;
  EW_TRY(work_init(&w, width, out_width, 1, err));
  for (uint32_t y = 0; y < out_height; y++, out += out_width) {
    const tap t = tap_of(y, height, out_height, false);
    const float b0 = 1.0f - t.f, b1 = t.f;
    const float *h0 = float_row(&w, source, width, out_width, t.at, t.next);
    const float *h1 = float_row(&w, source, width, out_width, t.next, t.at);
    for (uint32_t x = 0; x < out_width; x++) out[x] = h0[x] * b0 + h1[x] * b1;
  }
  ew_free(w.columns);
  return EW_OK;
}
