/* Formats by their first bytes. */
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"

typedef struct signature {
  ew_image_format format;
  uint8_t at, length;
  const char *magic;
} signature;

#define MAGIC(format, at, text) \
  { format, at, sizeof(text) - 1, text }
static const signature SIGNATURES[] = {
    MAGIC(EW_IMAGE_JPEG, 0, "\xff\xd8\xff"),
    MAGIC(EW_IMAGE_PNG, 0, "\x89PNG\r\n\x1a\n"),
    MAGIC(EW_IMAGE_GIF, 0, "GIF87a"),
    MAGIC(EW_IMAGE_GIF, 0, "GIF89a"),
    MAGIC(EW_IMAGE_BMP, 0, "BM"),
    MAGIC(EW_IMAGE_WEBP, 8, "WEBP"),
    MAGIC(EW_IMAGE_TIFF, 0, "II*\0"),
    MAGIC(EW_IMAGE_TIFF, 0, "MM\0*"),
    MAGIC(EW_IMAGE_JXL, 0, "\xff\x0a"),
    MAGIC(EW_IMAGE_JXL, 4, "JXL \r\n\x87\n"),
    MAGIC(EW_IMAGE_JP2, 4, "jP  \r\n\x87\n"),
    MAGIC(EW_IMAGE_JP2, 0, "\xff\x4f\xff\x51"),
    MAGIC(EW_IMAGE_ICO, 0, "\0\0\1\0"),
    MAGIC(EW_IMAGE_ICO, 0, "\0\0\2\0"),
    MAGIC(EW_IMAGE_PSD, 0, "8BPS"),
    MAGIC(EW_IMAGE_QOI, 0, "qoif"),
    MAGIC(EW_IMAGE_PDF, 0, "%PDF"),
    MAGIC(EW_IMAGE_ZIP, 0, "PK\3\4"),
    MAGIC(EW_IMAGE_GZIP, 0, "\x1f\x8b"),
    MAGIC(EW_IMAGE_VIDEO, 0, "\x1a\x45\xdf\xa3"),
    MAGIC(EW_IMAGE_WASM, 0, "\0asm"),
    MAGIC(EW_IMAGE_PTE, 4, "ET12"),
};

static bool starts(const uint8_t *bytes, size_t size, size_t at, const char *magic, size_t length) {
  return ew_in_range(at, length, size) && memcmp(bytes + at, magic, length) == 0;
}

/* ISO base media files name their brands behind "ftyp": the main one, a version, compatible ones. */
static ew_image_format sniff_brand(const uint8_t *bytes, size_t size) {
  static const char *const heic[] = {"heic", "heix", "hevc", "hevx",
                                     "heim", "heis", "mif1", "msf1"};
  const size_t box = (size_t)bytes[2] << 8 | bytes[3];
  const size_t end = box < size ? box : size;
  ew_image_format found = EW_IMAGE_VIDEO;
  for (size_t at = 8; ew_in_range(at, 4, end); at += 4) {
    if (at == 12) continue;
    if (memcmp(bytes + at, "avif", 4) == 0 || memcmp(bytes + at, "avis", 4) == 0) {
      return EW_IMAGE_AVIF;
    }
    for (size_t i = 0; i < sizeof heic / sizeof heic[0]; i++) {
      if (memcmp(bytes + at, heic[i], 4) == 0) found = EW_IMAGE_HEIC;
    }
  }
  return found;
}

/* Markup and other text. Pictures without a signature do not exist, so the rest is unknown. */
static ew_image_format sniff_text(const uint8_t *bytes, size_t size) {
  size_t i = starts(bytes, size, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
  while (i < size && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r' || bytes[i] == '\n'))
    i++;
  const size_t end = size - i > 1024 ? i + 1024 : size;
  if (i < size && bytes[i] == '<') {
    for (; i + 4 <= end; i++) {
      if (memcmp(bytes + i, "<svg", 4) == 0) return EW_IMAGE_SVG;
    }
    return EW_IMAGE_HTML;
  }
  if (i == end) return EW_IMAGE_UNKNOWN;
  for (; i < end; i++) {
    const uint8_t b = bytes[i];
    if ((b < ' ' && b != '\t' && b != '\r' && b != '\n') || b == 0x7f) return EW_IMAGE_UNKNOWN;
  }
  return bytes[0] < 0x80 ? EW_IMAGE_TEXT : EW_IMAGE_UNKNOWN;
}

ew_image_format ew_image_sniff(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < sizeof SIGNATURES / sizeof SIGNATURES[0]; i++) {
    const signature *s = &SIGNATURES[i];
    if (starts(bytes, size, s->at, s->magic, s->length)) return s->format;
  }
  if (starts(bytes, size, 4, "ftyp", 4)) return sniff_brand(bytes, size);
  return sniff_text(bytes, size);
}

const char *ew_image_format_name(ew_image_format format) {
  static const char *const names[] = {"unknown",
                                      "JPEG",
                                      "PNG",
                                      "BMP",
                                      "GIF",
                                      "WebP",
                                      "AVIF",
                                      "HEIC",
                                      "TIFF",
                                      "SVG",
                                      "JPEG XL",
                                      "JPEG 2000",
                                      "ICO",
                                      "PSD",
                                      "QOI",
                                      "an HTML or XML document",
                                      "a PDF document",
                                      "a ZIP archive",
                                      "gzip-compressed data",
                                      "a video",
                                      "a WebAssembly module",
                                      "an ExecuTorch model",
                                      "text"};
  return names[format];
}
