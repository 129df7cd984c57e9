/* What all decoders need: limits, memory for pixels, messages. */
#include "base/arena.h"
#include "image/decoders.h"

ew_status ew_image_check_size(const char *name, uint64_t width, uint64_t height,
                              const ew_image_limits *limits, ew_error *err) {
  EW_CHECK(width > 0 && height > 0, err, EW_INVALID_IMAGE, "the %s image is %llu x %llu pixels",
           name, (unsigned long long)width, (unsigned long long)height);
  /* Sides first: their product could wrap. */
  const bool is_long = width > EW_IMAGE_MAX_SIDE || height > EW_IMAGE_MAX_SIDE;
  EW_CHECK(width < UINT32_MAX && height < UINT32_MAX && width * height <= limits->max_pixels, err,
           EW_IMAGE_TOO_LARGE,
           "the %s image has %llu x %llu pixels, the limit is %llu pixels (maxPixels)", name,
           (unsigned long long)width, (unsigned long long)height,
           (unsigned long long)limits->max_pixels);
  EW_CHECK(!is_long, err, EW_IMAGE_TOO_LARGE, "a side of the %s image exceeds %d pixels", name,
           EW_IMAGE_MAX_SIDE);
  return EW_OK;
}

ew_status ew_image_new(const char *name, uint32_t width, uint32_t height, uint32_t channels,
                       ew_image *out, ew_error *err) {
  size_t size;
  uint8_t *pixels = NULL;
  if (ew_mul_size((size_t)width * channels, height, &size)) pixels = ew_alloc(size);
  EW_CHECK(pixels != NULL, err, EW_OUT_OF_MEMORY, "out of memory while decoding the %s image",
           name);
  *out = (ew_image){.width = width,
                    .height = height,
                    .column = (ptrdiff_t)channels,
                    .row = (ptrdiff_t)width * (ptrdiff_t)channels,
                    .channel = channels == 1 ? 0 : 1,
                    .first = pixels,
                    .memory = pixels};
  return EW_OK;
}

ew_status ew_image_truncated(const char *name, size_t size, const char *where, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE, "the %s image is truncated: its %zu bytes end before %s",
                 name, size, where);
}
