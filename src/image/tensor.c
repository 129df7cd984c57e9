/* Pixels -> normalised tensor of the model's size: f32, or 8 bits. */
#include <math.h>

#include "image/image.h"

/* Where rows go, in elements. */
typedef struct sink {
  void *data; /* f32, or bytes */
  uint32_t width;
  size_t row_step, pixel_step, channel_step;
  float table[3][256];   /* value of each byte per channel: exact division once, not per pixel */
  uint8_t bytes[3][256]; /* the same, quantised */
} sink;

static void write_row(void *context, uint32_t y, const uint8_t *pixels) {
  const sink *s = context;
  for (int c = 0; c < 3; c++) {
    const float *table = s->table[c];
    float *to = (float *)s->data + (size_t)y * s->row_step + (size_t)c * s->channel_step;
    const uint8_t *from = pixels + c;
    for (uint32_t x = 0; x < s->width; x++, to += s->pixel_step, from += 3) *to = table[*from];
  }
}

static void write_byte_row(void *context, uint32_t y, const uint8_t *pixels) {
  const sink *s = context;
  for (int c = 0; c < 3; c++) {
    const uint8_t *table = s->bytes[c], *from = pixels + c;
    uint8_t *to = (uint8_t *)s->data + (size_t)y * s->row_step + (size_t)c * s->channel_step;
    for (uint32_t x = 0; x < s->width; x++, to += s->pixel_step, from += 3) *to = table[*from];
  }
}

static ew_status fill_table(sink *s, const float *mean, const float *std, ew_error *err) {
  for (int c = 0; c < 3; c++) {
    const float m = mean == NULL ? 0.0f : mean[c] * 255.0f;
    const float d = std == NULL ? 255.0f : std[c] * 255.0f;
    EW_CHECK(d > 0.0f || d < 0.0f, err, EW_INVALID_USER_INPUT,
             "the standard deviation of channel %d is %g; it must not be 0", c,
             (double)(d / 255.0f));
    for (int px = 0; px < 256; px++) s->table[c][px] = ((float)px - m) / d;
  }
  return EW_OK;
}

/* What an 8-bit input takes when nobody says: u8 the pixels as they are (its parameters say what they mean to
 * the model), i8 the range that its own parameters cover: 0 to 255, -1 to 1 or, failing both, 0 to 1. */
static float usual_value(const ew_affine *quant, bool is_signed, int px) {
  if (quant == NULL) return (float)(is_signed ? px - 128 : px);
  if (!is_signed) return quant->scale * (float)(px - quant->zero_point);
  const float low = quant->scale * (float)(INT8_MIN - quant->zero_point);
  const float high = quant->scale * (float)(INT8_MAX - quant->zero_point);
  if (high > 128) return (float)px;
  return low < -0.9f && low > -1.1f && high < 1.1f ? ((float)px - 127.5f) / 127.5f
                                                   : (float)px / 255;
}

static void fill_bytes(sink *s, const ew_affine *quant, bool is_signed, bool usual) {
  const float low = is_signed ? INT8_MIN : 0, high = is_signed ? INT8_MAX : UINT8_MAX;
  for (int c = 0; c < 3; c++) {
    for (int px = 0; px < 256; px++) {
      const float real = usual ? usual_value(quant, is_signed, px) : s->table[c][px];
      const float q = quant == NULL ? real : rintf(real / quant->scale) + (float)quant->zero_point;
      const float bounded = fminf(fmaxf(q, low), high);
      s->bytes[c][px] = is_signed ? (uint8_t)(int8_t)bounded : (uint8_t)bounded;
    }
  }
}

ew_status ew_image_to_tensor(const ew_image *image, const float *mean, const float *std,
                             const ew_affine *quant, const ew_tensor *out, ew_error *err) {
  char shape[128];
  const size_t *dims = out->dims + (out->rank == 4 ? 1 : 0);
  const size_t *strides = out->strides + (out->rank == 4 ? 1 : 0);
  const bool batch_of_one = out->rank == 3 || (out->rank == 4 && out->dims[0] == 1);
  const bool planar = batch_of_one && dims[0] == 3;
  EW_CHECK(batch_of_one && (planar || dims[2] == 3), err, EW_WRONG_DIMENSIONS,
           "the input has shape %s; pictures need [1, 3, height, width] or [1, height, width, 3]",
           ew_shape_text(out->dims, out->rank, shape, sizeof shape));
  const bool is_byte = out->dtype == EW_U8 || out->dtype == EW_I8;
  EW_CHECK(out->dtype == EW_F32 || is_byte, err, EW_INVALID_TYPE,
           "the input has type %s; pictures need f32, u8 or i8", ew_dtype_name(out->dtype));
  const size_t height = dims[planar ? 1 : 0], width = dims[planar ? 2 : 1];
  EW_CHECK(height <= 1 << 16 && width <= 1 << 16, err, EW_WRONG_DIMENSIONS,
           "the input of %zu x %zu is too large for a picture", height, width);
  sink s = {.data = out->data,
            .width = (uint32_t)width,
            .row_step = strides[planar ? 1 : 0],
            .pixel_step = strides[planar ? 2 : 1],
            .channel_step = strides[planar ? 0 : 2]};
  EW_TRY(fill_table(&s, mean, std, err));
  if (is_byte) fill_bytes(&s, quant, out->dtype == EW_I8, mean == NULL && std == NULL);
  return ew_resize_rows(image, (uint32_t)width, (uint32_t)height,
                        is_byte ? write_byte_row : write_row, &s, err);
}
