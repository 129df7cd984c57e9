/* PNG: rows are inflated, unfiltered and stored one by one, so that nothing but the pixels and two rows is held,
 * whatever the file inflates to. */
#include <stdlib.h>

#include "base/arena.h"
#include "image/decoders.h"
#include "image/inflate.h"

enum {
  GREY = 0,
  COLOUR = 2,
  ALPHA = 4,
  PALETTE = 3
}; /* bits of the colour type, and the odd one out */

/* Bytes behind the last row that are passed over: encoders have been seen to pad. More is a bomb. */
enum { MAX_EXCESS = 1 << 16 };

/* Rows may inflate to so many bytes per pixel that is allowed: 16 bits and alpha make twice the work. */
enum { BYTES_PER_PIXEL = 4 };

typedef struct png {
  ew_bytes file;
  size_t at; /* of the next chunk */
  uint32_t width, height;
  uint8_t depth, colour;
  bool is_interlaced;
  bool is_apple; /* CgBI: no zlib header, B G R, alpha multiplied in */
  uint32_t colours;
  uint8_t palette[256][3];
  size_t bad_chunk; /* offset of an IDAT chunk whose checksum is wrong; 0 = none */
} png;

typedef struct chunk {
  const uint8_t *type, *data;
  uint32_t size;
} chunk;

/* --- chunks ---------------------------------------------------------------------------------------- */

/* The chunk at `at`; false when it does not lie inside the file. */
static bool chunk_at(const png *p, size_t at, chunk *out) {
  if (!ew_in_range(at, 12, p->file.size)) return false;
  const uint8_t *bytes = p->file.data + at;
  *out = (chunk){.type = bytes + 4, .data = bytes + 8, .size = ew_load_big_u32(bytes)};
  return ew_in_range((uint64_t)at + 12, out->size, p->file.size);
}

static bool is_type(const chunk *c, const char *type) { return memcmp(c->type, type, 4) == 0; }

static bool is_intact(const chunk *c) {
  return ew_crc32(c->type, (size_t)c->size + 4) == ew_load_big_u32(c->data + c->size);
}

/* A file that was cut off is told from one that is damaged: every chunk up to IEND must be there, of which its name
 * is enough. Where all rows are there, nobody misses the end. */
static bool has_end(const png *p) {
  chunk c;
  size_t at = 8;
  while (chunk_at(p, at, &c) && !is_type(&c, "IEND")) at += 12 + (size_t)c.size;
  return ew_in_range(at, 8, p->file.size) && memcmp(p->file.data + at + 4, "IEND", 4) == 0;
}

static ew_status truncated(const png *p, ew_error *err) {
  return ew_image_truncated("PNG", p->file.size, "its last chunk", err);
}

static ew_status damaged(const char *reason, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE, "the PNG image is damaged: %s", reason);
}

static ew_status wrong_checksum(size_t at, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE,
                 "the PNG image is damaged: wrong checksum of the chunk at byte %zu", at);
}

static const uint8_t SAMPLES[] = {1, 0, 3, 1, 2, 0, 4}; /* per pixel, by the colour type */

static ew_status read_header(png *p, const chunk *c, const ew_image_limits *limits, ew_error *err) {
  if (!is_type(c, "IHDR") || c->size != 13) return damaged("its header is missing", err);
  p->width = ew_load_big_u32(c->data);
  p->height = ew_load_big_u32(c->data + 4);
  p->depth = c->data[8];
  p->colour = c->data[9];
  p->is_interlaced = c->data[12] == 1;
  /* Bit n: depth n is allowed. */
  static const uint32_t depths[] = {0x10116, 0, 0x10100, 0x116, 0x10100, 0, 0x10100};
  const bool is_known = p->colour < 7 && p->depth <= 16 && (depths[p->colour] >> p->depth & 1);
  if (!is_known || c->data[10] != 0 || c->data[11] != 0 || c->data[12] > 1)
    return damaged("its header has unknown values", err);
  EW_TRY(ew_image_check_size("PNG", p->width, p->height, limits, err));
  const uint64_t pixel = (uint64_t)SAMPLES[p->colour] * p->depth;
  /* Not "too large": browsers are quick enough. */
  EW_CHECK(
      (uint64_t)p->width * p->height * pixel / 8 <= BYTES_PER_PIXEL * limits->max_pixels, err,
      EW_UNSUPPORTED_IMAGE,
      "the PNG image has %u x %u pixels of %u bits, which is too much to be decoded here; save "
      "it with 8 bits per sample",
      p->width, p->height, (uint32_t)pixel);
  return EW_OK;
}

static ew_status read_palette(png *p, const chunk *c, ew_error *err) {
  if (!(p->colour & COLOUR)) return EW_OK; /* of no use to grey pixels */
  if (p->colours > 0) return damaged("it has two palettes", err);
  p->colours = c->size / 3 < 256 ? c->size / 3 : 256;
  if (p->colours == 0) return damaged("its palette is empty", err);
  memcpy(p->palette, c->data, (size_t)p->colours * 3);
  /* Indices beyond the palette are wrong; browsers show its last colour. */
  for (uint32_t i = p->colours; i < 256; i++) memcpy(p->palette[i], p->palette[p->colours - 1], 3);
  return EW_OK;
}

/* Reads all up to the first IDAT, where p->at stays. */
static ew_status read_head(png *p, const ew_image_limits *limits, ew_error *err) {
  chunk c;
  bool has_header = false;
  for (p->at = 8; chunk_at(p, p->at, &c); p->at += 12 + (size_t)c.size) {
    const bool is_critical = (c.type[0] & 0x20) == 0;
    if (is_type(&c, "IDAT")) break;
    /* The size first: whoever asks for too many pixels shall hear that. */
    const bool is_header = !has_header && !is_type(&c, "CgBI");
    if (is_header) EW_TRY(read_header(p, &c, limits, err));
    if (is_critical && !is_intact(&c)) return wrong_checksum(p->at, err);
    if (is_header) {
      has_header = true;
    } else if (!has_header) {
      p->is_apple = true;
    } else if (is_type(&c, "PLTE")) {
      EW_TRY(read_palette(p, &c, err));
    } else if (is_critical) {
      return damaged(is_type(&c, "IEND")   ? "it has no data"
                     : is_type(&c, "IHDR") ? "it has two headers"
                                           : "it has a critical chunk of unknown kind",
                     err);
    }
  }
  if (!has_header) return damaged("its header is missing", err);
  if (p->colour == PALETTE && p->colours == 0) return damaged("it has no palette", err);
  return EW_OK;
}

/* --- rows ------------------------------------------------------------------------------------------ */

typedef struct rows {
  png *file;
  ew_image *image;
  uint8_t *memory;          /* of both rows */
  uint8_t *current, *above; /* `unit` zeros stand before each */
  uint32_t unit;            /* bytes from a sample to the same of the next pixel, at least 1 */
  uint32_t samples;         /* per pixel */
  int pass;
  uint32_t width, height, y; /* of this pass */
  size_t size, filled;       /* of a row with its filter's number */
  uint8_t filter;
  size_t excess;
  bool is_done, is_wrong;
} rows;

/* The data of the next IDAT chunk; they follow each other without others between them. */
static bool read_data(void *context, ew_bytes *piece) {
  png *p = ((rows *)context)->file;
  chunk c;
  if (!chunk_at(p, p->at, &c) || !is_type(&c, "IDAT")) return false;
  if (!is_intact(&c)) {
    p->bad_chunk = p->at;
    return false;
  }
  p->at += 12 + (size_t)c.size;
  *piece = (ew_bytes){c.data, c.size};
  return true;
}

/* First column and row of each pass of Adam7 and the steps from one to the next; the last is all at once. */
static const uint8_t PASSES[][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}, {0, 0, 1, 1}};

static uint32_t steps(uint32_t size, uint32_t first, uint32_t step) {
  return size > first ? (size - first + step - 1) / step : 0;
}

/* Goes to the next pass that has pixels. */
static void next_pass(rows *r) {
  const int last = r->file->is_interlaced ? 6 : 7;
  do {
    if (++r->pass > last) {
      r->is_done = true;
      return;
    }
    const uint8_t *pass = PASSES[r->pass];
    r->width = steps(r->file->width, pass[0], pass[2]);
    r->height = steps(r->file->height, pass[1], pass[3]);
  } while (r->width == 0 || r->height == 0);
  r->y = 0;
  r->filled = 0;
  r->size = 1 + ((size_t)r->width * r->samples * r->file->depth + 7) / 8;
  memset(r->above, 0, r->size - 1);
}

static uint8_t paeth(int a, int b, int c) {
  const int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);
  return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Adds what the filter predicts; false for an unknown filter. */
static bool unfilter(const rows *r) {
  uint8_t *x = r->current;
  const uint8_t *left = x - r->unit, *up = r->above, *corner = up - r->unit;
  const size_t size = r->size - 1;
  switch (r->filter) {
    case 0:
      return true;
    case 1:
      for (size_t i = 0; i < size; i++) x[i] = (uint8_t)(x[i] + left[i]);
      return true;
    case 2:
      for (size_t i = 0; i < size; i++) x[i] = (uint8_t)(x[i] + up[i]);
      return true;
    case 3:
      for (size_t i = 0; i < size; i++) x[i] = (uint8_t)(x[i] + ((left[i] + up[i]) >> 1));
      return true;
    case 4:
      for (size_t i = 0; i < size; i++) x[i] = (uint8_t)(x[i] + paeth(left[i], up[i], corner[i]));
      return true;
    default:
      return false;
  }
}

/* Apple's pixels: blue first, colours multiplied with alpha. */
static void store_apple(const rows *r, const uint8_t *from, uint8_t *to) {
  const uint32_t sample = r->file->depth / 8;
  const uint32_t alpha = r->samples == 4 ? from[3 * sample] : 255;
  for (uint32_t c = 0; c < 3; c++) {
    const uint32_t value = from[(2 - c) * sample];
    const uint32_t whole = alpha == 0 ? value : (value * 255 + alpha / 2) / alpha;
    to[c] = (uint8_t)(whole < 255 ? whole : 255);
  }
}

/* Samples of whole bytes; of two, the high one. */
static void store_bytes(const rows *r, uint8_t *to, ptrdiff_t step) {
  const uint8_t *from = r->current;
  const uint32_t sample = r->file->depth / 8, pixel = r->samples * sample;
  if (r->file->colour == PALETTE) {
    for (uint32_t x = 0; x < r->width; x++, to += step) memcpy(to, r->file->palette[from[x]], 3);
  } else if (!(r->file->colour & COLOUR)) {
    for (uint32_t x = 0; x < r->width; x++, to += step) *to = from[(size_t)x * pixel];
  } else if (r->file->is_apple) {
    for (uint32_t x = 0; x < r->width; x++, to += step)
      store_apple(r, from + (size_t)x * pixel, to);
  } else if (pixel == 3 && step == 3) {
    memcpy(to, from, (size_t)r->width * 3);
  } else {
    for (uint32_t x = 0; x < r->width; x++, to += step, from += pixel) {
      to[0] = from[0];
      to[1] = from[sample];
      to[2] = from[2 * sample];
    }
  }
}

/* Samples of 1, 2 or 4 bits, the first in the highest. */
static void store_bits(const rows *r, uint8_t *to, ptrdiff_t step) {
  const uint32_t depth = r->file->depth, mask = (1u << depth) - 1;
  for (uint32_t x = 0; x < r->width; x++, to += step) {
    const size_t bit = (size_t)x * depth;
    const uint32_t value = (uint32_t)r->current[bit >> 3] >> (8 - depth - (bit & 7)) & mask;
    if (r->file->colour == PALETTE)
      memcpy(to, r->file->palette[value], 3);
    else
      *to = (uint8_t)(value * (255 / mask));
  }
}

static void finish_row(rows *r) {
  if (!unfilter(r)) {
    r->is_wrong = true;
    return;
  }
  const uint8_t *pass = PASSES[r->pass];
  ew_image *image = r->image;
  const size_t y = pass[1] + (size_t)r->y * pass[3];
  uint8_t *to = image->memory + y * (size_t)image->row + (size_t)pass[0] * (size_t)image->column;
  const ptrdiff_t step = pass[2] * image->column;
  if (r->file->depth < 8)
    store_bits(r, to, step);
  else
    store_bytes(r, to, step);
  uint8_t *above = r->above;
  r->above = r->current;
  r->current = above;
  r->filled = 0;
  if (++r->y == r->height) next_pass(r);
}

static bool write_rows(void *context, const uint8_t *bytes, size_t size) {
  rows *r = context;
  while (size > 0 && !r->is_done && !r->is_wrong) {
    if (r->filled == 0) {
      r->filter = *bytes++;
      size--;
      r->filled = 1;
      continue;
    }
    const size_t room = r->size - r->filled, n = size < room ? size : room;
    memcpy(r->current + r->filled - 1, bytes, n);
    bytes += n;
    size -= n;
    r->filled += n;
    if (r->filled == r->size) finish_row(r);
  }
  r->excess += size;
  return !r->is_wrong && r->excess <= MAX_EXCESS;
}

static ew_status make_rows(rows *r, png *p, ew_image *image, ew_error *err) {
  *r = (rows){.file = p, .image = image, .samples = SAMPLES[p->colour], .pass = -1};
  r->unit = r->samples * p->depth >= 8 ? r->samples * p->depth / 8 : 1;
  const size_t size = 8 + ((size_t)p->width * r->samples * p->depth + 7) / 8;
  r->memory = ew_alloc(2 * size);
  EW_CHECK(r->memory != NULL, err, EW_OUT_OF_MEMORY, "out of memory for rows of the PNG image");
  memset(r->memory, 0, 2 * size);
  r->current = r->memory + 8;
  r->above = r->current + size;
  if (!p->is_interlaced) r->pass = 6;
  next_pass(r);
  return EW_OK;
}

/* --- file ------------------------------------------------------------------------------------------ */

static ew_status check_rows(const rows *r, const char *reason, ew_error *err) {
  EW_CHECK(r->excess <= MAX_EXCESS, err, EW_IMAGE_TOO_LARGE,
           "the PNG image inflates to more than its %u x %u pixels need", r->file->width,
           r->file->height);
  if (r->is_done) return EW_OK; /* whatever follows */
  if (!has_end(r->file)) return truncated(r->file, err);
  if (r->is_wrong) return damaged("a row has an unknown filter", err);
  if (r->file->bad_chunk > 0) return wrong_checksum(r->file->bad_chunk, err);
  return damaged(reason != NULL ? reason : "rows are missing", err);
}

static ew_status inflate_rows(rows *r, ew_error *err) {
  ew_inflate *inflate = ew_alloc(sizeof *inflate);
  EW_CHECK(inflate != NULL, err, EW_OUT_OF_MEMORY, "out of memory for inflating the PNG image");
  inflate->read = read_data;
  inflate->write = write_rows;
  inflate->context = r;
  inflate->bare = r->file->is_apple;
  const char *reason = ew_inflate_run(inflate);
  ew_free(inflate);
  return check_rows(r, reason, err);
}

ew_status ew_png_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out,
                        ew_error *err) {
  png *p = &(png){.file = file};
  const ew_status head = read_head(p, limits, err);
  const bool has_data = head == EW_OK && chunk_at(p, p->at, &(chunk){0});
  if (head == EW_OK ? !has_data : head == EW_INVALID_IMAGE && !has_end(p)) return truncated(p, err);
  EW_TRY(head);
  EW_TRY(ew_image_new("PNG", p->width, p->height, (p->colour & COLOUR) ? 3 : 1, out, err));
  rows r = {0};
  ew_status status = make_rows(&r, p, out, err);
  if (status == EW_OK) status = inflate_rows(&r, err);
  ew_free(r.memory);
  if (status != EW_OK) ew_image_free(out);
  return status;
}
