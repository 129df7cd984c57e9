/* EXIF orientation, which stb_image does not read. */
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

static uint16_t u16(const uint8_t *p, bool big) {
  return big ? (uint16_t)(p[0] << 8 | p[1]) : ew_load_u16(p);
}
static uint32_t u32(const uint8_t *p, bool big) {
  return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
             : ew_load_u32(p);
}

/* tiff: the TIFF structure inside EXIF. */
static int orientation_of_tiff(const uint8_t *tiff, size_t size) {
  if (size < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0)) return 1;
  const bool big = tiff[0] == 'M';
  const uint32_t ifd = u32(tiff + 4, big);
  if (!ew_in_range(ifd, 2, size)) return 1;
  const uint32_t count = u16(tiff + ifd, big);
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t at = (uint64_t)ifd + 2 + 12 * (uint64_t)i;
    if (!ew_in_range(at, 12, size)) return 1;
    const uint8_t *entry = tiff + at;
    if (u16(entry, big) != TAG_ORIENTATION) continue;
    if (u16(entry + 2, big) != TYPE_SHORT || u32(entry + 4, big) != 1) return 1;
    const int value = u16(entry + 8, big);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

static int orientation_of_jpeg(const uint8_t *bytes, size_t size) {
  size_t at = 2;
  while (ew_in_range(at, 4, size) && bytes[at] == 0xff) {
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xff) {
      at++; /* fill byte */
      continue;
    }
    if (marker == 0xda || marker == 0xd9) return 1; /* pixels begin; nothing found */
    const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (length < 2 || !ew_in_range(at + 2, length, size)) return 1;
    if (marker == 0xe1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0\0", 6) == 0) {
      return orientation_of_tiff(bytes + at + 10, length - 8);
    }
    at += 2 + length;
  }
  return 1;
}

static int orientation_of_png(const uint8_t *bytes, size_t size) {
  for (size_t at = 8; ew_in_range(at, 12, size);) {
    const uint32_t length = u32(bytes + at, true);
    if (!ew_in_range(at + 12, length, size)) return 1;
    if (memcmp(bytes + at + 4, "eXIf", 4) == 0) return orientation_of_tiff(bytes + at + 8, length);
    if (memcmp(bytes + at + 4, "IEND", 4) == 0) return 1;
    at += 12 + (size_t)length;
  }
  return 1;
}

/* RIFF chunks: name, size, data, padded to even sizes. Some writers put JPEG's prefix before the TIFF. */
static int orientation_of_webp(const uint8_t *bytes, size_t size) {
  for (size_t at = 12; ew_in_range(at, 8, size);) {
    const size_t length = ew_load_u32(bytes + at + 4);
    if (!ew_in_range(at + 8, length, size)) return 1;
    if (memcmp(bytes + at, "EXIF", 4) == 0) {
      const size_t prefix = length >= 6 && memcmp(bytes + at + 8, "Exif\0\0", 6) == 0 ? 6 : 0;
      return orientation_of_tiff(bytes + at + 8 + prefix, length - prefix);
    }
    at += 8 + length + (length & 1);
  }
  return 1;
}

int ew_image_exif_orientation(const uint8_t *bytes, size_t size) {
  switch (ew_image_sniff(bytes, size)) {
    case EW_IMAGE_JPEG:
      return orientation_of_jpeg(bytes, size);
    case EW_IMAGE_PNG:
      return orientation_of_png(bytes, size);
    case EW_IMAGE_WEBP:
      return orientation_of_webp(bytes, size);
    default:
      return 1;
  }
}
