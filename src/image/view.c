/* Turning and cropping: arithmetic on the steps of a view. */
#include "base/arena.h"
#include "base/bytes.h"
#include "image/image.h"

static void mirror_columns(ew_image *image) {
  image->first += (ptrdiff_t)(image->width - 1) * image->column;
  image->column = -image->column;
}

static void mirror_rows(ew_image *image) {
  image->first += (ptrdiff_t)(image->height - 1) * image->row;
  image->row = -image->row;
}

static void transpose(ew_image *image) {
  const uint32_t width = image->width;
  const ptrdiff_t column = image->column;
  image->width = image->height;
  image->height = width;
  image->column = image->row;
  image->row = column;
}

void ew_image_orient(ew_image *image, int orientation) {
  if (orientation < 2 || orientation > 8) return;
  if (orientation >= 5) transpose(image);
  /* 5 is the transposition itself, 7 the one along the other diagonal. */
  const int o = orientation;
  if (o == 2 || o == 3 || o == 6 || o == 7) mirror_columns(image);
  if (o == 3 || o == 4 || o == 7 || o == 8) mirror_rows(image);
}

ew_status ew_image_crop(ew_image *image, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                        int quarter_turns, ew_error *err) {
  EW_CHECK(width > 0 && height > 0 && ew_in_range(x, width, image->width) &&
               ew_in_range(y, height, image->height),
           err, EW_INVALID_USER_INPUT,
           "the region %u,%u of %u x %u leaves the image of %u x %u pixels", x, y, width, height,
           image->width, image->height);
  image->first += (ptrdiff_t)x * image->column + (ptrdiff_t)y * image->row;
  image->width = width;
  image->height = height;
  /* Clockwise turns are EXIF's 6, 3 and 8. */
  static const int orientations[] = {1, 6, 3, 8};
  ew_image_orient(image, orientations[((quarter_turns % 4) + 4) % 4]);
  return EW_OK;
}

void ew_image_copy_rgb(const ew_image *image, uint8_t *to) {
  for (uint32_t y = 0; y < image->height; y++) {
    const uint8_t *from = image->first + (ptrdiff_t)y * image->row;
    for (uint32_t x = 0; x < image->width; x++, from += image->column) {
      for (int c = 0; c < 3; c++) *to++ = from[c * image->channel];
    }
  }
}

void ew_image_free(ew_image *image) {
  ew_free(image->memory);
  *image = (ew_image){0};
}
