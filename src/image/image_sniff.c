/* Formats by their first bytes. */
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"

static bool starts(const uint8_t *bytes, size_t size, size_t at, const char *magic, size_t length) {
  return ew_in_range(at, length, size) && memcmp(bytes + at, magic, length) == 0;
}
#define STARTS(at, magic) starts(bytes, size, at, magic, sizeof(magic) - 1)

/* ISO base media files (AVIF, HEIC) name their brand behind "ftyp". */
static ew_image_format sniff_brand(const uint8_t *bytes, size_t size) {
  if (STARTS(8, "avif") || STARTS(8, "avis")) return EW_IMAGE_AVIF;
  static const char *const heic[] = {"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"};
  for (size_t i = 0; i < sizeof heic / sizeof heic[0]; i++) {
    if (starts(bytes, size, 8, heic[i], 4)) return EW_IMAGE_HEIC;
  }
  return EW_IMAGE_UNKNOWN;
}

/* Markup: the first character behind white space and a byte order mark is '<'. */
static ew_image_format sniff_markup(const uint8_t *bytes, size_t size) {
  size_t i = STARTS(0, "\xef\xbb\xbf") ? 3 : 0;
  while (i < size && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r' || bytes[i] == '\n'))
    i++;
  if (i >= size || bytes[i] != '<') return EW_IMAGE_UNKNOWN;
  const size_t end = size - i > 1024 ? i + 1024 : size;
  for (; i + 4 <= end; i++) {
    if (memcmp(bytes + i, "<svg", 4) == 0) return EW_IMAGE_SVG;
  }
  return EW_IMAGE_HTML;
}

ew_image_format ew_image_sniff(const uint8_t *bytes, size_t size) {
  if (STARTS(0, "\xff\xd8\xff")) return EW_IMAGE_JPEG;
  if (STARTS(0, "\x89PNG\r\n\x1a\n")) return EW_IMAGE_PNG;
  if (STARTS(0, "GIF87a") || STARTS(0, "GIF89a")) return EW_IMAGE_GIF;
  if (STARTS(0, "BM")) return EW_IMAGE_BMP;
  if (STARTS(0, "RIFF") && STARTS(8, "WEBP")) return EW_IMAGE_WEBP;
  if (STARTS(4, "ftyp")) return sniff_brand(bytes, size);
  if (STARTS(0, "II*\0") || STARTS(0, "MM\0*")) return EW_IMAGE_TIFF;
  if (STARTS(0, "%PDF")) return EW_IMAGE_PDF;
  return sniff_markup(bytes, size);
}

const char *ew_image_format_name(ew_image_format format) {
  static const char *const names[] = {"unknown", "JPEG", "PNG",  "BMP", "GIF",  "WebP",
                                      "AVIF",    "HEIC", "TIFF", "SVG", "HTML", "PDF"};
  return names[format];
}
