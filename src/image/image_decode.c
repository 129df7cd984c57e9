/* Decoding; the only place that includes stb_image. */
#include "image/image.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"

/* stb_image allocates through the core's allocator, which needs the old size to move a block. */
static void *decode_realloc(void *old, size_t old_size, size_t size) {
  void *memory = ew_alloc(size);
  if (memory != NULL && old != NULL) memcpy(memory, old, old_size < size ? old_size : size);
  if (memory != NULL) ew_free(old);
  return memory;
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_THREAD_LOCALS
#define STBI_MAX_DIMENSIONS (1 << 16)
#define STBI_ASSERT(x) ((void)(x))
#define STBI_MALLOC(size) ew_alloc(size)
#define STBI_FREE(p) ew_free(p)
#define STBI_REALLOC_SIZED(p, old_size, size) decode_realloc(p, old_size, size)
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wundef"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

ew_image_limits ew_image_limits_default(void) {
  return (ew_image_limits){.max_pixels = (uint64_t)64 << 20};
}

static ew_status check_format(const uint8_t *bytes, size_t size, ew_error *err) {
  EW_CHECK(size > 0, err, EW_INVALID_IMAGE, "the image has no bytes");
  const ew_image_format format = ew_image_sniff(bytes, size);
  const char *name = ew_image_format_name(format);
  EW_CHECK(format != EW_IMAGE_HTML && format != EW_IMAGE_PDF, err, EW_INVALID_IMAGE,
           "the bytes are %s, not an image%s", name,
           format == EW_IMAGE_HTML ? "; does the address answer with a web page?" : "");
  EW_CHECK(format < EW_IMAGE_WEBP, err, EW_UNSUPPORTED_IMAGE,
           "%s images are not decoded here; convert to JPEG or PNG", name);
  if (format != EW_IMAGE_UNKNOWN) return EW_OK;
  char start[32] = "";
  for (size_t i = 0; i < size && i < 8; i++) {
    snprintf(start + strlen(start), sizeof start - strlen(start), "%s%02x", i == 0 ? "" : " ",
             bytes[i]);
  }
  return ew_fail(err, EW_INVALID_IMAGE,
                 "the %zu bytes are not an image of a known format (they begin with %s)", size,
                 start);
}

static ew_status check_size(const uint8_t *bytes, int size, const ew_image_limits *limits,
                            ew_error *err) {
  int width = 0, height = 0, channels = 0;
  const char *name = ew_image_format_name(ew_image_sniff(bytes, (size_t)size));
  EW_CHECK(stbi_info_from_memory(bytes, size, &width, &height, &channels), err, EW_INVALID_IMAGE,
           "the %s image cannot be read: %s", name, stbi_failure_reason());
  EW_CHECK(width > 0 && height > 0, err, EW_INVALID_IMAGE, "the %s image is %d x %d pixels", name,
           width, height);
  EW_CHECK((uint64_t)width * (uint64_t)height <= limits->max_pixels, err, EW_IMAGE_TOO_LARGE,
           "the %s image has %d x %d pixels, the limit is %llu pixels", name, width, height,
           (unsigned long long)limits->max_pixels);
  return EW_OK;
}

/* --- upright --------------------------------------------------------------------------------------- */

/* Orientation o as in EXIF: what was stored is turned so that row 0 is the top. */
static ew_status orient(ew_image *image, int orientation, ew_error *err) {
  if (orientation == 1) return EW_OK;
  const uint32_t w = image->width, h = image->height;
  const bool swap = orientation >= 5;
  ew_image turned = {swap ? h : w, swap ? w : h, NULL};
  turned.rgb = ew_alloc((size_t)w * h * 3);
  EW_CHECK(turned.rgb != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %u x %u pixels", w, h);
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  uint8_t *to = turned.rgb;
  for (uint32_t y = 0; y < turned.height; y++) {
    for (uint32_t x = 0; x < turned.width; x++, to += 3) {
      uint32_t sx = swap ? y : x, sy = swap ? x : y;
      if (flip_x) sx = w - 1 - sx;
      if (flip_y) sy = h - 1 - sy;
      memcpy(to, image->rgb + ((size_t)sy * w + sx) * 3, 3);
    }
  }
  ew_image_free(image);
  *image = turned;
  return EW_OK;
}

ew_status ew_image_decode(const uint8_t *bytes, size_t size, const ew_image_limits *limits,
                          ew_image *out, ew_error *err) {
  *out = (ew_image){0};
  EW_TRY(check_format(bytes, size, err));
  EW_CHECK(size <= INT32_MAX, err, EW_IMAGE_TOO_LARGE, "the image file has %zu bytes", size);
  EW_TRY(check_size(bytes, (int)size, limits, err));
  int width = 0, height = 0, channels = 0;
  /* Four channels so that alpha is dropped rather than composited would cost a third more memory;
   * asking for three does the same: stb_image drops it. */
  uint8_t *rgb = stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, 3);
  if (rgb == NULL) {
    const char *reason = stbi_failure_reason();
    const bool memory = strcmp(reason, "outofmem") == 0 || strcmp(reason, "Out of memory") == 0;
    return ew_fail(err, memory ? EW_OUT_OF_MEMORY : EW_INVALID_IMAGE,
                   "the %s image cannot be decoded: %s",
                   ew_image_format_name(ew_image_sniff(bytes, size)), reason);
  }
  *out = (ew_image){(uint32_t)width, (uint32_t)height, rgb};
  const ew_status status = orient(out, ew_image_exif_orientation(bytes, size), err);
  if (status != EW_OK) ew_image_free(out);
  return status;
}

/* --- raw pixels ------------------------------------------------------------------------------------ */

ew_status ew_image_from_pixels(const uint8_t *pixels, uint32_t width, uint32_t height,
                               uint32_t channels, size_t stride, ew_image *out, ew_error *err) {
  *out = (ew_image){0};
  EW_CHECK(width > 0 && height > 0 && width <= (1 << 16) && height <= (1 << 16), err,
           EW_INVALID_USER_INPUT, "pixels of %u x %u: sizes must be 1 to 65536", width, height);
  EW_CHECK(channels == 1 || channels == 3 || channels == 4, err, EW_INVALID_USER_INPUT,
           "pixels of %u channels: 1 (grey), 3 (RGB) or 4 (RGBA) are taken", channels);
  EW_CHECK(stride >= (size_t)width * channels, err, EW_INVALID_USER_INPUT,
           "rows of %zu bytes are too short for %u pixels of %u channels", stride, width, channels);
  out->rgb = ew_alloc((size_t)width * height * 3);
  EW_CHECK(out->rgb != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %u x %u pixels", width, height);
  out->width = width;
  out->height = height;
  uint8_t *to = out->rgb;
  for (uint32_t y = 0; y < height; y++) {
    const uint8_t *from = pixels + y * stride;
    for (uint32_t x = 0; x < width; x++, to += 3, from += channels) {
      to[0] = from[0];
      to[1] = from[channels == 1 ? 0 : 1];
      to[2] = from[channels == 1 ? 0 : 2];
    }
  }
  return EW_OK;
}

ew_status ew_image_crop(const ew_image *source, uint32_t x, uint32_t y, uint32_t width,
                        uint32_t height, int quarter_turns, ew_image *out, ew_error *err) {
  *out = (ew_image){0};
  EW_CHECK(width > 0 && height > 0 && ew_in_range(x, width, source->width) &&
               ew_in_range(y, height, source->height),
           err, EW_INVALID_USER_INPUT,
           "the region %u,%u of %u x %u leaves the image of %u x %u pixels", x, y, width, height,
           source->width, source->height);
  out->rgb = ew_alloc((size_t)width * height * 3);
  EW_CHECK(out->rgb != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %u x %u pixels", width, height);
  out->width = width;
  out->height = height;
  for (uint32_t row = 0; row < height; row++) {
    memcpy(out->rgb + (size_t)row * width * 3,
           source->rgb + ((size_t)(y + row) * source->width + x) * 3, (size_t)width * 3);
  }
  /* Clockwise turns are EXIF's 6, 3 and 8. */
  static const int orientations[] = {1, 6, 3, 8};
  const ew_status status = orient(out, orientations[((quarter_turns % 4) + 4) % 4], err);
  if (status != EW_OK) ew_image_free(out);
  return status;
}

void ew_image_free(ew_image *image) {
  ew_free(image->rgb);
  *image = (ew_image){0};
}
