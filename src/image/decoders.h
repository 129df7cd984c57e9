/* The decoders behind ew_image_decode: one per format, each with its own checks of the file, so that what is
 * checked and what is read cannot differ. */
#ifndef EW_IMAGE_DECODERS_H
#define EW_IMAGE_DECODERS_H

#include "base/bytes.h"
#include "image/image.h"

/* No side of a picture is longer. */
enum { EW_IMAGE_MAX_SIDE = 1 << 16 };

/* All take a file whose signature is right and give stored pixels, before EXIF's turn.
 * Errors: EW_INVALID_IMAGE (damaged or truncated), EW_UNSUPPORTED_IMAGE (a rare kind), EW_IMAGE_TOO_LARGE (more
 * pixels than limits allow, or more work than its pixels justify), EW_OUT_OF_MEMORY. */
ew_status ew_bmp_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out, ew_error *err);
ew_status ew_gif_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out, ew_error *err);
ew_status ew_jpeg_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out,
                         ew_error *err);
ew_status ew_png_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out, ew_error *err);

/* Whether width x height pixels may be decoded. name is the format's. */
ew_status ew_image_check_size(const char *name, uint64_t width, uint64_t height,
                              const ew_image_limits *limits, ew_error *err);

/* Pixels for a decoder to fill, rows of width * channels bytes; channels is 1 (grey), 3 or 4. */
ew_status ew_image_new(const char *name, uint32_t width, uint32_t height, uint32_t channels,
                       ew_image *out, ew_error *err);

/* "the PNG image is truncated: its 7 bytes end before …" */
ew_status ew_image_truncated(const char *name, size_t size, const char *where, ew_error *err);

static inline uint32_t ew_load_big_u32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint16_t ew_load_big_u16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

#endif
