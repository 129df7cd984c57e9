/* Pictures: encoded bytes or raw pixels -> upright 8-bit RGB -> a tensor of the model's size.
 *
 * The pipeline is React Native ExecuTorch's, which is OpenCV's: alpha is dropped, not composited; EXIF
 * orientation is applied; the resize is INTER_LINEAR to the bit. */
#ifndef EW_IMAGE_IMAGE_H
#define EW_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/tensor.h"

/* A view of 8-bit pixels: turning and cropping change the steps, the bytes stay where they are.
 * Channel c of pixel (x, y) is first[y * row + x * column + c * channel]. Owned: free with ew_image_free. */
typedef struct ew_image {
  uint32_t width, height;         /* upright, after regions and turns */
  ptrdiff_t column, row, channel; /* steps in bytes; channel is 0 for grey pixels */
  const uint8_t *first;           /* red of the top left pixel */
  uint8_t *memory;
} ew_image;

typedef struct ew_image_limits {
  uint64_t max_pixels; /* width * height; more is EW_IMAGE_TOO_LARGE before anything is decoded */
} ew_image_limits;

/* 64 megapixels. */
ew_image_limits ew_image_limits_default(void);

typedef enum ew_image_format {
  EW_IMAGE_UNKNOWN,
  EW_IMAGE_JPEG,
  EW_IMAGE_PNG,
  EW_IMAGE_BMP,
  EW_IMAGE_GIF,
  EW_IMAGE_WEBP, /* from here on: images that are not decoded here */
  EW_IMAGE_AVIF,
  EW_IMAGE_HEIC,
  EW_IMAGE_TIFF,
  EW_IMAGE_SVG,
  EW_IMAGE_JXL,
  EW_IMAGE_JP2,
  EW_IMAGE_ICO,
  EW_IMAGE_PSD,
  EW_IMAGE_QOI,
  EW_IMAGE_HTML, /* from here on: no images */
  EW_IMAGE_PDF,
  EW_IMAGE_ZIP,
  EW_IMAGE_GZIP,
  EW_IMAGE_VIDEO,
  EW_IMAGE_WASM,
  EW_IMAGE_PTE,
  EW_IMAGE_TEXT
} ew_image_format;

/* By the first bytes; never fails. */
ew_image_format ew_image_sniff(const uint8_t *bytes, size_t size);
/* "JPEG", or "a PDF document" for what is no image. */
const char *ew_image_format_name(ew_image_format format);

/* EXIF orientation 1..8 of a JPEG (APP1), PNG (eXIf) or WebP (EXIF); 1 when there is none or it is
 * damaged. */
int ew_image_exif_orientation(const uint8_t *bytes, size_t size);

/* Decodes JPEG, PNG, BMP and GIF (its first frame) to 8 bits per channel and turns the picture upright.
 * 16-bit samples keep their high byte, grey and palettes are expanded, alpha is dropped (of GIFs, transparent
 * pixels are black), CMYK is converted without profiles. Pixels are those that browsers show.
 * Errors: EW_INVALID_IMAGE (no image, truncated, damaged, empty), EW_UNSUPPORTED_IMAGE (a known format, or a kind of
 * one, that is not decoded here), EW_IMAGE_TOO_LARGE (also: more work than its pixels justify), EW_OUT_OF_MEMORY. */
ew_status ew_image_decode(const uint8_t *bytes, size_t size, const ew_image_limits *limits,
                          ew_image *out, ew_error *err);

/* Raw pixels of 1 (grey), 3 (RGB) or 4 (RGBA, alpha is ignored) interleaved channels, rows stride bytes
 * apart. On success the image owns `pixels`, which came from ew_alloc.
 * Errors: EW_INVALID_USER_INPUT, EW_IMAGE_TOO_LARGE. */
ew_status ew_image_from_pixels(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                               size_t stride, const ew_image_limits *limits, ew_image *out,
                               ew_error *err);

/* Turns stored pixels upright; orientation 1..8 as in EXIF. */
void ew_image_orient(ew_image *image, int orientation);

/* Narrows the image to a rectangle, then turns it clockwise by quarter_turns (any integer).
 * Errors: EW_INVALID_USER_INPUT when the rectangle is empty or leaves the image. */
ew_status ew_image_crop(ew_image *image, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                        int quarter_turns, ew_error *err);

/* Copies the pixels as rows of width * 3 bytes (R, G, B) without padding. */
void ew_image_copy_rgb(const ew_image *image, uint8_t *to);

void ew_image_free(ew_image *image);

/* --- resize ---------------------------------------------------------------------------------------- */

/* Bilinear stretch without antialiasing, equal to OpenCV's INTER_LINEAR on 8-bit pixels to the bit.
 * Calls row once per output row, top to bottom, with width * 3 bytes that live until the next call. */
ew_status ew_resize_rows(const ew_image *source, uint32_t width, uint32_t height,
                         void (*row)(void *context, uint32_t y, const uint8_t *pixels),
                         void *context, ew_error *err);
/* The same into a new image. */
ew_status ew_image_resize(const ew_image *source, uint32_t width, uint32_t height, ew_image *out,
                          ew_error *err);

/* Nearest neighbour with OpenCV's floor rule: source = min(floor(d * src / dst), src - 1). */
void ew_resize_nearest_i32(const int32_t *source, uint32_t width, uint32_t height, int32_t *out,
                           uint32_t out_width, uint32_t out_height);
/* Bilinear on floats with the same coordinates as on pixels. */
ew_status ew_resize_bilinear_f32(const float *source, uint32_t width, uint32_t height, float *out,
                                 uint32_t out_width, uint32_t out_height, ew_error *err);

/* --- tensor ---------------------------------------------------------------------------------------- */

/* How 8-bit numbers stand for reals: scale * (q - zero_point). */
typedef struct ew_affine {
  float scale;
  int32_t zero_point;
} ew_affine;

/* Resizes to the tensor's size and writes (px - 255 mean) / (255 std) per channel: f32, u8 or i8 with dims
 * [1,3,H,W], [3,H,W], [1,H,W,3] or [H,W,3], in any strides. mean and std: 3 values each, NULL = 0 and 1, which
 * gives px / 255. quant: of an 8-bit tensor, NULL when its numbers are plain. Where an 8-bit tensor has neither
 * mean nor std, u8 takes the pixels as they are, and i8 the range that quant covers: 0 to 255, -1 to 1, else
 * 0 to 1 (plain: px - 128). Errors: EW_WRONG_DIMENSIONS, EW_INVALID_TYPE, EW_INVALID_USER_INPUT (std of 0). */
ew_status ew_image_to_tensor(const ew_image *image, const float *mean, const float *std,
                             const ew_affine *quant, const ew_tensor *out, ew_error *err);

#endif
