/* BMP of all headers from OS/2's to version 5: palettes, bit fields, run-length coding. */
#include "image/decoders.h"

enum { RGB = 0, RLE8 = 1, RLE4 = 2, FIELDS = 3, RLE24 = 4, ALPHA_FIELDS = 6 }; /* compressions */

typedef struct bmp {
  ew_bytes file;
  size_t rows; /* where they begin */
  uint32_t header_size, width, height, bits, compression;
  bool is_top_down;
  uint8_t palette[256][3]; /* red first; black where the file has none */
  uint32_t masks[3];
} bmp;

static ew_status truncated(const bmp *b, const char *where, ew_error *err) {
  return ew_image_truncated("BMP", b->file.size, where, err);
}

static ew_status rare(const char *what, uint32_t value, ew_error *err) {
  return ew_fail(
      err, EW_UNSUPPORTED_IMAGE,
      "the BMP image is of a rare kind that cannot be decoded here (%s %u); save it as PNG", what,
      value);
}

/* --- header ---------------------------------------------------------------------------------------- */

/* A 32-bit field of the header at `at`, 0 when the header is too short to have it. */
static uint32_t field(const bmp *b, uint32_t at) {
  return at + 4 <= 14 + b->header_size ? ew_load_u32(b->file.data + at) : 0;
}

static ew_status read_header(bmp *b, ew_error *err) {
  const uint8_t *bytes = b->file.data;
  if (b->file.size < 26) return truncated(b, "the end of its header", err);
  b->rows = ew_load_u32(bytes + 10);
  b->header_size = ew_load_u32(bytes + 14);
  const bool is_old = b->header_size == 12; /* OS/2: 16-bit sizes, never compressed */
  if (!is_old && (b->header_size < 16 || b->header_size > 124))
    return rare("header of bytes:", b->header_size, err);
  if (!ew_in_range(14, b->header_size, b->file.size))
    return truncated(b, "the end of its header", err);
  const int32_t width = is_old ? ew_load_u16(bytes + 18) : (int32_t)ew_load_u32(bytes + 18);
  const int32_t height = is_old ? ew_load_u16(bytes + 20) : (int32_t)ew_load_u32(bytes + 22);
  EW_CHECK(width > 0 && height != 0 && height != INT32_MIN, err, EW_INVALID_IMAGE,
           "the BMP image is %d x %d pixels", width, height);
  b->width = (uint32_t)width;
  b->is_top_down = height < 0;
  b->height = (uint32_t)(b->is_top_down ? -height : height);
  b->bits = ew_load_u16(bytes + (is_old ? 24 : 28));
  b->compression = field(b, 30);
  return EW_OK;
}

static bool is_rle(const bmp *b) {
  return b->compression == RLE8 || b->compression == RLE4 || b->compression == RLE24;
}

/* Windows and OS/2 give the compressions 3 and 4 to different methods. */
static ew_status check_kind(const bmp *b, ew_error *err) {
  const bool is_os2 = b->header_size != 40 && b->header_size < 52;
  const bool is_os2_v2 = is_os2 || b->header_size == 64;
  const uint32_t bits = b->bits;
  switch (b->compression) {
    case RGB:
      if (bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
          bits == 32)
        return EW_OK;
      return rare("bits per pixel:", bits, err);
    case RLE8:
      if (bits == 8) return EW_OK;
      break;
    case RLE4:
      if (bits == 4) return EW_OK;
      break;
    case RLE24:
      if (bits == 24 && is_os2_v2) return EW_OK;
      break;
    case FIELDS:
    case ALPHA_FIELDS:
      if ((bits == 16 || bits == 32) && !is_os2_v2) return EW_OK;
      break;
    default:
      break;
  }
  return rare("compression", b->compression, err);
}

/* Masks of bit fields; *end is behind what they take up. */
static ew_status read_masks(bmp *b, size_t *end, ew_error *err) {
  static const uint32_t usual[2][3] = {{0x7c00, 0x3e0, 0x1f}, {0xff0000, 0xff00, 0xff}};
  memcpy(b->masks, usual[b->bits == 32], sizeof b->masks);
  if (b->compression != FIELDS && b->compression != ALPHA_FIELDS) return EW_OK;
  const uint32_t count = b->compression == FIELDS ? 3 : 4;
  if (b->header_size == 40) *end += (size_t)count * 4;
  if (!ew_in_range(54, (uint64_t)count * 4, b->file.size))
    return truncated(b, "the end of its header", err);
  for (int c = 0; c < 3; c++) {
    const uint32_t mask = b->masks[c] = ew_load_u32(b->file.data + 54 + 4 * c);
    const uint32_t low =
        mask & -mask; /* a run of ones gives a power of two when its lowest is added */
    if ((mask & (mask + low)) != 0) return rare("mask with holes:", mask, err);
  }
  return EW_OK;
}

/* Reads what the file has of the palette, which begins at `at` and ends before the rows. */
static void read_palette(bmp *b, size_t at) {
  if (b->bits > 8) return;
  const size_t entry = b->header_size == 12 ? 3 : 4;
  uint32_t colours = field(b, 46);
  if (colours == 0 || colours > 1u << b->bits) colours = 1u << b->bits;
  const size_t end = b->rows < b->file.size ? b->rows : b->file.size;
  for (uint32_t i = 0; i < colours && at + entry <= end; i++, at += entry) {
    const uint8_t *from = b->file.data + at;
    b->palette[i][0] = from[2];
    b->palette[i][1] = from[1];
    b->palette[i][2] = from[0];
  }
}

static ew_status read_head(bmp *b, ew_error *err) {
  EW_TRY(read_header(b, err));
  EW_TRY(check_kind(b, err));
  size_t end = 14 + (size_t)b->header_size;
  EW_TRY(read_masks(b, &end, err));
  if (b->rows < end) return rare("rows inside the header, at byte", (uint32_t)b->rows, err);
  read_palette(b, end);
  return EW_OK;
}

/* --- rows ------------------------------------------------------------------------------------------ */

static uint8_t *row_of(const bmp *b, const ew_image *image, uint32_t y) {
  return image->memory + (size_t)(b->is_top_down ? y : b->height - 1 - y) * (size_t)image->row;
}

static void store_indices(const bmp *b, const uint8_t *from, uint8_t *to) {
  const uint32_t mask = (1u << b->bits) - 1;
  for (uint32_t x = 0; x < b->width; x++, to += 3) {
    const size_t bit = (size_t)x * b->bits;
    memcpy(to, b->palette[from[bit >> 3] >> (8 - b->bits - (bit & 7)) & mask], 3);
  }
}

/* Fields of up to 8 bits are stretched to 0 ... 255; of wider ones the high bits count. */
static void store_fields(const bmp *b, const uint8_t *from, uint8_t *to) {
  uint32_t shift[3], most[3];
  for (int c = 0; c < 3; c++) {
    shift[c] = 0;
    while (shift[c] < 31 && b->masks[c] != 0 && !(b->masks[c] >> shift[c] & 1)) shift[c]++;
    while (b->masks[c] >> shift[c] > 255) shift[c]++;
    most[c] = b->masks[c] >> shift[c];
  }
  const uint32_t size = b->bits / 8;
  for (uint32_t x = 0; x < b->width; x++, from += size, to += 3) {
    const uint32_t pixel = size == 2 ? ew_load_u16(from) : ew_load_u32(from);
    for (int c = 0; c < 3; c++) {
      const uint32_t value = (pixel & b->masks[c]) >> shift[c];
      to[c] = most[c] == 0 ? 0 : (uint8_t)((value * 255 + most[c] / 2) / most[c]);
    }
  }
}

static void store_row(const bmp *b, const uint8_t *from, uint8_t *to) {
  if (b->bits <= 8) {
    store_indices(b, from, to);
  } else if (b->bits != 24) {
    store_fields(b, from, to);
  } else {
    for (uint32_t x = 0; x < b->width; x++, from += 3, to += 3) {
      to[0] = from[2];
      to[1] = from[1];
      to[2] = from[0];
    }
  }
}

/* Rows of whole 32-bit words. */
static uint64_t row_size(const bmp *b) { return ((uint64_t)b->width * b->bits + 31) / 32 * 4; }

static ew_status check_rows(const bmp *b, ew_error *err) {
  /* The last row may lack its padding. */
  const uint64_t last = ((uint64_t)b->width * b->bits + 7) / 8;
  if (is_rle(b) || ew_in_range(b->rows, row_size(b) * (b->height - 1) + last, b->file.size))
    return EW_OK;
  return truncated(b, "its last row", err);
}

/* --- run lengths ----------------------------------------------------------------------------------- */

typedef struct runs {
  const bmp *file;
  const ew_image *image;
  size_t at;
  uint32_t x, y;
} runs;

/* Pixel i of a run or of a list that begins at `data`. */
static void put(runs *r, const uint8_t *data, uint32_t i) {
  const bmp *b = r->file;
  if (r->x >= b->width) return; /* what goes beyond the row is dropped */
  uint8_t *to = row_of(b, r->image, r->y) + (size_t)r->x * 3;
  if (b->compression == RLE24) {
    for (int c = 0; c < 3; c++) to[c] = data[2 - c];
  } else if (b->compression == RLE8) {
    memcpy(to, b->palette[data[0]], 3);
  } else {
    memcpy(to, b->palette[i & 1 ? data[0] & 15 : data[0] >> 4], 3);
  }
  r->x++;
}

/* Pixels one by one, padded to an even number of bytes. False when the file ends before. */
static bool put_list(runs *r, uint32_t count) {
  const uint32_t kind = r->file->compression;
  const size_t size = kind == RLE4 ? (count + 1) / 2 : kind == RLE8 ? count : (size_t)count * 3;
  if (!ew_in_range(r->at, size, r->file->file.size)) return false;
  const uint8_t *data = r->file->file.data + r->at;
  for (uint32_t i = 0; i < count; i++) {
    put(r, data + (kind == RLE4 ? i / 2 : kind == RLE8 ? i : (size_t)i * 3), i);
  }
  r->at += size + (size & 1);
  return true;
}

/* One step; *is_end at the mark of the end. False when the file ends before it. */
static bool read_run(runs *r, bool *is_end) {
  const ew_bytes file = r->file->file;
  if (!ew_in_range(r->at, 2, file.size)) return false;
  const uint32_t count = file.data[r->at], value = file.data[r->at + 1];
  const uint8_t *data = file.data + r->at + 1;
  if (count > 0) {
    const size_t size = r->file->compression == RLE24 ? 4 : 2;
    if (!ew_in_range(r->at, size, file.size)) return false;
    for (uint32_t i = 0; i < count && r->x < r->file->width; i++) put(r, data, i);
    r->at += size;
    return true;
  }
  r->at += 2;
  if (value > 2) return put_list(r, value);
  *is_end = value == 1;
  if (value == 0) {
    r->x = 0;
    r->y++;
  } else if (value == 2) {
    if (!ew_in_range(r->at, 2, file.size)) return false;
    r->x += file.data[r->at];
    r->y += file.data[r->at + 1];
    r->at += 2;
  }
  return true;
}

static ew_status read_runs(const bmp *b, const ew_image *image, ew_error *err) {
  runs r = {.file = b, .image = image, .at = b->rows};
  for (bool is_end = false; !is_end && r.y < b->height;) {
    const bool is_last_row_full = r.y + 1 == b->height && r.x >= b->width;
    if (!read_run(&r, &is_end)) {
      if (is_last_row_full) return EW_OK; /* only the mark of the end is missing */
      return truncated(b, "its last row", err);
    }
  }
  return EW_OK;
}

ew_status ew_bmp_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out,
                        ew_error *err) {
  bmp *b = &(bmp){.file = file};
  EW_TRY(read_head(b, err));
  EW_TRY(ew_image_check_size("BMP", b->width, b->height, limits, err));
  EW_TRY(check_rows(b, err));
  EW_TRY(ew_image_new("BMP", b->width, b->height, 3, out, err));
  if (!is_rle(b)) {
    for (uint32_t y = 0; y < b->height; y++)
      store_row(b, file.data + b->rows + (size_t)(y * row_size(b)), row_of(b, out, y));
    return EW_OK;
  }
  /* Pixels that no run names are black. */
  memset(out->memory, 0, (size_t)b->width * b->height * 3);
  const ew_status status = read_runs(b, out, err);
  if (status != EW_OK) ew_image_free(out);
  return status;
}
