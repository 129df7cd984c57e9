/* Decoding; the only place that includes stb_image. */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

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
#if defined(__wasm_simd128__)
/* Emscripten's emmintrin.h maps SSE2 to wasm SIMD; stb_image's kernels give the same pixels as its C. */
#define STBI__X64_TARGET
#endif
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
#if defined(__clang__)
/* Where a PNG chunk is empty it adds 0 to a null pointer and copies 0 bytes there; that is all that
 * this leaves unchecked. */
#pragma clang attribute push( \
    __attribute__((no_sanitize("pointer-overflow", "nonnull-attribute"))), apply_to = function)
#endif
#include <stb_image.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

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

static ew_status check_pixels(const char *name, uint64_t width, uint64_t height,
                              const ew_image_limits *limits, ew_error *err) {
  EW_CHECK(width * height <= limits->max_pixels, err, EW_IMAGE_TOO_LARGE,
           "the %s image has %llu x %llu pixels, the limit is %llu pixels (maxPixels)", name,
           (unsigned long long)width, (unsigned long long)height,
           (unsigned long long)limits->max_pixels);
  return EW_OK;
}

/* Reasons of stb_image that tell of its limits, not of damage: another decoder may manage. */
static bool is_limit(const char *reason) {
  static const char *const limits[] = {"too many codes", "only 8-bit", "no header height",
                                       "no SOF",         "BMP RLE",    "BMP JPEG/PNG"};
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    if (strcmp(reason, limits[i]) == 0) return true;
  }
  return false;
}

static ew_status decode_error(const char *name, ew_error *err) {
  const char *reason = stbi_failure_reason();
  /* The header was read, so its type is known: the test of another format ran out of memory. */
  if (strcmp(reason, "outofmem") == 0 || strcmp(reason, "unknown image type") == 0) {
    return ew_fail(err, EW_OUT_OF_MEMORY, "out of memory while decoding the %s image", name);
  }
  if (strcmp(reason, "too large") == 0) {
    return ew_fail(err, EW_IMAGE_TOO_LARGE, "a side of the %s image exceeds %d pixels", name,
                   STBI_MAX_DIMENSIONS);
  }
  if (is_limit(reason)) {
    return ew_fail(
        err, EW_UNSUPPORTED_IMAGE,
        "the %s image is of a rare kind that cannot be decoded here (%s); save it as PNG", name,
        reason);
  }
  return ew_fail(err, EW_INVALID_IMAGE, "the %s image is damaged: %s", name, reason);
}

/* Size and channels, by the reader of the one format: stbi_info tries all and forgets the reason. */
static int read_header(ew_image_format format, const uint8_t *bytes, int size, int *width,
                       int *height, int *channels) {
  stbi__context s;
  stbi__start_mem(&s, bytes, size);
  switch (format) {
    case EW_IMAGE_JPEG:
      return stbi__jpeg_info(&s, width, height, channels);
    case EW_IMAGE_PNG:
      return stbi__png_info(&s, width, height, channels);
    case EW_IMAGE_GIF:
      return stbi__gif_info(&s, width, height, channels);
    default:
      return stbi__bmp_info(&s, width, height, channels);
  }
}

/* Whether the file is worth decoding; *channels gets what it has. */
static ew_status check_file(ew_image_format format, const uint8_t *bytes, int size,
                            const ew_image_limits *limits, int *channels, ew_error *err) {
  int width = 0, height = 0;
  const char *name = ew_image_format_name(format);
  if (!read_header(format, bytes, size, &width, &height, channels)) {
    const ew_status status = decode_error(name, err);
    /* A JPEG whose header breaks off lacks a frame, but is not of a rare kind. */
    if (status == EW_UNSUPPORTED_IMAGE && format == EW_IMAGE_JPEG)
      EW_TRY(ew_image_check_whole(bytes, (size_t)size, err));
    return status;
  }
  EW_CHECK(width > 0 && height != 0, err, EW_INVALID_IMAGE, "the %s image is %d x %d pixels", name,
           width, height);
  /* BMPs that are stored from top to bottom have negative heights. */
  EW_TRY(check_pixels(name, (uint64_t)width, (uint64_t)llabs(height), limits, err));
  return ew_image_check_whole(bytes, (size_t)size, err);
}

ew_status ew_image_decode(const uint8_t *bytes, size_t size, const ew_image_limits *limits,
                          ew_image *out, ew_error *err) {
  *out = (ew_image){0};
  EW_TRY(check_format(bytes, size, err));
  EW_CHECK(size <= INT32_MAX, err, EW_IMAGE_TOO_LARGE, "the image file has %zu bytes", size);
  const ew_image_format format = ew_image_sniff(bytes, size);
  int width = 0, height = 0, channels = 0;
  EW_TRY(check_file(format, bytes, (int)size, limits, &channels, err));
  /* Alpha is not composited, only passed over. Colour JPEGs are asked for with four channels, because
   * that is what stb_image converts with SIMD; everything else comes as it is, without another copy. */
  const bool four = format == EW_IMAGE_JPEG && channels >= 3;
  /* 16-bit samples stay as they are, too: the view takes their high bytes. */
  const bool wide = format == EW_IMAGE_PNG && stbi_is_16_bit_from_memory(bytes, (int)size);
  /* stb_image gives no reason in one place, where memory for inflated bytes is short. */
  stbi__g_failure_reason = "outofmem";
  uint8_t *pixels =
      wide ? (uint8_t *)stbi_load_16_from_memory(bytes, (int)size, &width, &height, &channels, 0)
           : stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, four ? 4 : 0);
  if (pixels == NULL) return decode_error(ew_image_format_name(format), err);
  if (four) channels = 4;
  const ptrdiff_t sample = wide ? 2 : 1;
  *out = (ew_image){.width = (uint32_t)width,
                    .height = (uint32_t)height,
                    .column = channels * sample,
                    .row = (ptrdiff_t)width * channels * sample,
                    .channel = channels < 3 ? 0 : sample,
                    .first = pixels + (sample - 1),
                    .memory = pixels};
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
  EW_TRY(check_pixels("raw", width, height, limits, err));
  *out = (ew_image){.width = width,
                    .height = height,
                    .column = (ptrdiff_t)channels,
                    .row = (ptrdiff_t)stride,
                    .channel = channels == 1 ? 0 : 1,
                    .first = pixels,
                    .memory = pixels};
  return EW_OK;
}
