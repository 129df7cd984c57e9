/* Between the checks of a JPEG file and the decoder of its scans. */
#ifndef EW_IMAGE_JPEG_H
#define EW_IMAGE_JPEG_H

#include "image/decoders.h"

typedef enum ew_jpeg_colour {
  EW_JPEG_GREY,
  EW_JPEG_YCC,
  EW_JPEG_RGB,
  EW_JPEG_CMYK, /* inverted, as all programs write it: 255 is no ink */
  EW_JPEG_YCCK
} ew_jpeg_colour;

/* Pixels of a file whose segments have been checked and whose colours are known; 1 channel for grey, else 4.
 * has_gaps: rows may stay undecoded where restart markers are missing.
 * Errors: EW_INVALID_IMAGE, EW_OUT_OF_MEMORY. */
ew_status ew_jpeg_pixels(ew_bytes file, ew_jpeg_colour colour, bool has_gaps, ew_image *out,
                         ew_error *err);

#endif
