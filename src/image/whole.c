/* Is the file whole? stb_image fills what is missing with grey, and does not look at checksums. */
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"

static uint32_t big_u32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static ew_status truncated(const char *name, size_t size, const char *where, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE, "the %s image is truncated: its %zu bytes end before %s",
                 name, size, where);
}

/* --- JPEG ------------------------------------------------------------------------------------------ */

/* Offset behind the entropy-coded data that begins at `at`: of the next marker that is no restart, or size. */
static size_t skip_scan(const uint8_t *bytes, size_t size, size_t at) {
  while (at + 1 < size) {
    const uint8_t *found = memchr(bytes + at, 0xff, size - 1 - at);
    if (found == NULL) return size;
    at = (size_t)(found - bytes);
    const uint8_t next = bytes[at + 1];
    if (next == 0xff) {
      at++; /* fill byte */
    } else if (next == 0 || (next >= 0xd0 && next <= 0xd7)) {
      at += 2;
    } else {
      return at;
    }
  }
  return size;
}

/* Follows the segments to the end marker. What is no segment is left to the decoder to refuse. */
static ew_status check_jpeg(const uint8_t *bytes, size_t size, ew_error *err) {
  for (size_t at = 2; ew_in_range(at, 2, size);) {
    if (bytes[at] != 0xff) return EW_OK;
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xd9) return EW_OK;
    if (marker == 0xff) {
      at++;
      continue;
    }
    if (!ew_in_range(at, 4, size)) break;
    const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (!ew_in_range(at + 2, length, size)) break;
    at += 2 + length;
    if (marker == 0xda) at = skip_scan(bytes, size, at);
  }
  return truncated("JPEG", size, "the marker of its end", err);
}

/* --- PNG ------------------------------------------------------------------------------------------- */

/* CRC-32 of ISO 3309, four bits at a time: the table is small, and inflating takes longer anyway. */
static uint32_t crc32(const uint8_t *bytes, size_t size) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                     0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ table[crc & 15];
    crc = (crc >> 4) ^ table[crc & 15];
  }
  return ~crc;
}

/* Every chunk up to IEND lies inside the file; critical ones (capital first letter) have their checksum. */
static ew_status check_png(const uint8_t *bytes, size_t size, ew_error *err) {
  for (size_t at = 8; ew_in_range(at, 12, size);) {
    const size_t length = big_u32(bytes + at);
    const uint8_t *type = bytes + at + 4;
    if (!ew_in_range(at + 12, length, size)) break;
    const bool critical = (type[0] & 0x20) == 0;
    EW_CHECK(!critical || crc32(type, length + 4) == big_u32(type + 4 + length), err,
             EW_INVALID_IMAGE, "the PNG image is damaged: wrong checksum of the chunk at byte %zu",
             at);
    if (memcmp(type, "IEND", 4) == 0) return EW_OK;
    at += 12 + length;
  }
  return truncated("PNG", size, "its last chunk", err);
}

/* --- GIF ------------------------------------------------------------------------------------------- */

/* Offset behind a list of sub-blocks, or size when it does not end. */
static size_t skip_blocks(const uint8_t *bytes, size_t size, size_t at) {
  while (at < size && bytes[at] != 0) at += 1 + (size_t)bytes[at];
  return at < size ? at + 1 : size;
}

static size_t colours(uint8_t flags) { return (flags & 0x80) ? (size_t)3 << ((flags & 7) + 1) : 0; }

static ew_status check_gif(const uint8_t *bytes, size_t size, ew_error *err) {
  size_t at = size > 13 ? 13 + colours(bytes[10]) : size;
  while (ew_in_range(at, 2, size)) {
    if (bytes[at] == 0x21) {
      at = skip_blocks(bytes, size, at + 2);
    } else if (bytes[at] == 0x2c) {
      if (!ew_in_range(at, 11, size)) break;
      const size_t data = at + 11 + colours(bytes[at + 9]);
      if (data < size && skip_blocks(bytes, size, data) < size) return EW_OK;
      break;
    } else {
      return EW_OK; /* the decoder says what is wrong */
    }
  }
  return truncated("GIF", size, "the end of its first frame", err);
}

/* --- BMP ------------------------------------------------------------------------------------------- */

static ew_status check_bmp(const uint8_t *bytes, size_t size, ew_error *err) {
  if (size < 30) return truncated("BMP", size, "the end of its header", err);
  const bool old = ew_load_u32(bytes + 14) == 12; /* OS/2: 16-bit sizes, never compressed */
  const int64_t width = old ? ew_load_u16(bytes + 18) : (int32_t)ew_load_u32(bytes + 18);
  int64_t height = old ? ew_load_u16(bytes + 20) : (int32_t)ew_load_u32(bytes + 22);
  const int64_t bits = ew_load_u16(bytes + (old ? 24 : 28));
  if (height < 0) height = -height;
  if (width <= 0 || height == 0 || width > 1 << 16 || height > 1 << 16 || bits > 32) return EW_OK;
  const int64_t row = (width * bits + 31) / 32 * 4;
  /* The last row may lack its padding. */
  const int64_t need = row * (height - 1) + (width * bits + 7) / 8;
  if (ew_in_range(ew_load_u32(bytes + 10), (uint64_t)need, size)) return EW_OK;
  return truncated("BMP", size, "its last row", err);
}

ew_status ew_image_check_whole(const uint8_t *bytes, size_t size, ew_error *err) {
  switch (ew_image_sniff(bytes, size)) {
    case EW_IMAGE_JPEG:
      return check_jpeg(bytes, size, err);
    case EW_IMAGE_PNG:
      return check_png(bytes, size, err);
    case EW_IMAGE_GIF:
      return check_gif(bytes, size, err);
    case EW_IMAGE_BMP:
      return check_bmp(bytes, size, err);
    default:
      return EW_OK;
  }
}
