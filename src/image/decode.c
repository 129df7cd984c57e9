/* Decoding: from the signature to the decoder of the format. */
#include <stdio.h>

#include "image/decoders.h"

ew_image_limits ew_image_limits_default(void) {
  return (ew_image_limits){.max_pixels = (uint64_t)64 << 20};
}

/* The first bytes as hex, for messages about what is unknown. */
static void hex_start(const uint8_t *bytes, size_t size, char text[32]) {
  text[0] = '\0';
  for (size_t i = 0; i < size && i < 8; i++) {
    snprintf(text + strlen(text), 32 - strlen(text), "%s%02x", i == 0 ? "" : " ", bytes[i]);
  }
}

/* The beginning of a text that came instead of an image: servers explain themselves there. */
static void text_start(const uint8_t *bytes, size_t size, char text[64]) {
  size_t n = 0;
  for (size_t i = 0; i < size && n < 60; i++) {
    const bool printable = bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '\'';
    if (printable || bytes[i] == '\n') text[n++] = printable ? (char)bytes[i] : ' ';
  }
  text[n] = '\0';
}

static ew_status check_format(const uint8_t *bytes, size_t size, ew_error *err) {
  EW_CHECK(size > 0, err, EW_INVALID_IMAGE, "the image has no bytes");
  const ew_image_format format = ew_image_sniff(bytes, size);
  const char *name = ew_image_format_name(format);
  char start[64];
  if (format == EW_IMAGE_UNKNOWN) {
    hex_start(bytes, size, start);
    return ew_fail(err, EW_INVALID_IMAGE,
                   "the %zu bytes are not an image of a known format (they begin with %s)", size,
                   start);
  }
  if (format == EW_IMAGE_TEXT) {
    text_start(bytes, size, start);
    return ew_fail(err, EW_INVALID_IMAGE, "the %zu bytes are %s, not an image: '%s'", size, name,
                   start);
  }
  EW_CHECK(format < EW_IMAGE_HTML, err, EW_INVALID_IMAGE, "the %zu bytes are %s, not an image%s",
           size, name, format == EW_IMAGE_HTML ? "; does the address answer with a web page?" : "");
  EW_CHECK(format < EW_IMAGE_WEBP, err, EW_UNSUPPORTED_IMAGE,
           "%s images cannot be decoded here; convert the image to JPEG or PNG", name);
  return EW_OK;
}

ew_status ew_image_decode(const uint8_t *bytes, size_t size, const ew_image_limits *limits,
                          ew_image *out, ew_error *err) {
  *out = (ew_image){0};
  EW_TRY(check_format(bytes, size, err));
  EW_CHECK(size <= INT32_MAX, err, EW_IMAGE_TOO_LARGE, "the image file has %zu bytes", size);
  const ew_bytes file = {bytes, size};
  switch (ew_image_sniff(bytes, size)) {
    case EW_IMAGE_JPEG:
      EW_TRY(ew_jpeg_decode(file, limits, out, err));
      break;
    case EW_IMAGE_PNG:
      EW_TRY(ew_png_decode(file, limits, out, err));
      break;
    case EW_IMAGE_GIF:
      EW_TRY(ew_gif_decode(file, limits, out, err));
      break;
    default:
      EW_TRY(ew_bmp_decode(file, limits, out, err));
  }
  ew_image_orient(out, ew_image_exif_orientation(bytes, size));
  return EW_OK;
}

ew_status ew_image_from_pixels(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                               size_t stride, const ew_image_limits *limits, ew_image *out,
                               ew_error *err) {
  *out = (ew_image){0};
  EW_CHECK(width > 0 && height > 0 && width <= (1 << 16) && height <= (1 << 16), err,
           EW_INVALID_USER_INPUT, "pixels of %u x %u: sizes must be 1 to 65536", width, height);
  EW_CHECK(channels == 1 || channels == 3 || channels == 4, err, EW_INVALID_USER_INPUT,
           "pixels of %u channels: 1 (grey), 3 (RGB) or 4 (RGBA) are taken", channels);
  EW_CHECK(stride >= (size_t)width * channels, err, EW_INVALID_USER_INPUT,
           "rows of %zu bytes are too short for %u pixels of %u channels", stride, width, channels);
  EW_TRY(ew_image_check_size("raw", width, height, limits, err));
  *out = (ew_image){.width = width,
                    .height = height,
                    .column = (ptrdiff_t)channels,
                    .row = (ptrdiff_t)stride,
                    .channel = channels == 1 ? 0 : 1,
                    .first = pixels,
                    .memory = pixels};
  return EW_OK;
}
