/* EXIF orientation. */
#include "image/decoders.h"
#include "image/inflate.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

static uint16_t u16(const uint8_t *p, bool big) {
  return big ? ew_load_big_u16(p) : ew_load_u16(p);
}
static uint32_t u32(const uint8_t *p, bool big) {
  return big ? ew_load_big_u32(p) : ew_load_u32(p);
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
    if (u16(entry + 2, big) != TYPE_SHORT || u32(entry + 4, big) != 1) continue;
    const int value = u16(entry + 8, big);
    if (value >= 1 && value <= 8) return value; /* else perhaps it is there a second time */
  }
  return 1;
}

/* The first EXIF segment before the pixels counts, whatever stands between segments. */
static int orientation_of_jpeg(const uint8_t *bytes, size_t size) {
  for (size_t at = 2; ew_in_range(at, 4, size);) {
    if (bytes[at] != 0xff || bytes[at + 1] == 0xff || bytes[at + 1] == 0) {
      at++; /* padding */
      continue;
    }
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xda || marker == 0xd9) return 1;
    const bool is_alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    const size_t length = is_alone ? 0 : ew_load_big_u16(bytes + at + 2);
    if (!ew_in_range(at + 2, length, size)) return 1;
    if (marker == 0xe1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0", 5) == 0)
      return orientation_of_tiff(bytes + at + 10, length - 8);
    /* A length includes itself; less than that is none. */
    at += 2 + (length < 2 && !is_alone ? 2 : length);
  }
  return 1;
}

static int orientation_of_png(const uint8_t *bytes, size_t size) {
  for (size_t at = 8; ew_in_range(at, 12, size);) {
    const uint32_t length = u32(bytes + at, true);
    if (!ew_in_range(at + 12, length, size)) return 1;
    if (memcmp(bytes + at + 4, "eXIf", 4) == 0 &&
        ew_crc32(bytes + at + 4, (size_t)length + 4) == u32(bytes + at + 8 + length, true))
      return orientation_of_tiff(bytes + at + 8, length);
    if (memcmp(bytes + at + 4, "IDAT", 4) == 0) return 1; /* behind it, decoders do not look */
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
