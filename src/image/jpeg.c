/* JPEG: its segments are checked here by libjpeg's rules, so that the decoder of the scans meets none that it
 * would pass over in silence, and colours and work are known before anything is decoded. */
#include "image/jpeg.h"

#include "base/arena.h"
#include "image/inflate.h"

enum {
  SOF0 = 0xc0,
  SOF2 = 0xc2,
  DHT = 0xc4,
  RST0 = 0xd0,
  RST7 = 0xd7,
  SOI = 0xd8,
  EOI = 0xd9,
  SOS = 0xda,
  DQT = 0xdb,
  DNL = 0xdc,
  DRI = 0xdd,
  APP0 = 0xe0,
  APP14 = 0xee,
  APP15 = 0xef,
  COM = 0xfe,
  TEM = 0x01
};

/* Each scan goes over all blocks of its components, however few bytes it has. So many visits of blocks are allowed
 * beside these per block: libjpeg's own progressive files need up to 6. */
enum { FREE_VISITS = 2 << 20, VISITS_PER_BLOCK = 6 };

/* Planes of samples, and the coefficients of a progressive file, are held beside the pixels. So many bytes are
 * allowed, which is enough for progressive pictures of 13 megapixels however little is on them, and so many more per
 * byte of the file: pictures that a camera took stay below. No file gets more than the last number, which is what a
 * baseline picture of 64 megapixels takes at most. */
enum { FREE_MEMORY = 56 << 20, MEMORY_PER_BYTE = 32, MOST_MEMORY = 192 << 20 };

/* Bytes that stand in for what follows the last scan when a file has no end: filler, and the marker. */
enum { TAIL = 66 };

typedef struct component {
  uint8_t id, h, v, table;
  bool has_data;
  uint64_t whole; /* of a progressive file: bit k: coefficient k has all its bits */
} component;

typedef struct jpeg {
  ew_bytes file;
  size_t at;
  uint8_t frame; /* marker; 0 = none yet */
  uint32_t width, height, count;
  component components[4];
  uint32_t h_most, v_most;
  uint64_t visits, most_visits;
  uint8_t quantisers, huffman[2]; /* bit n: table n is there; of DC and AC codes */
  bool has_jfif;
  uint32_t restart_interval; /* MCUs; 0 = none */
  int adobe;                 /* transform; -1 = no marker */
  /* What the decoder needs, without the rest; collected when the file is not as plain as it expects. */
  bool is_plain;
  bool has_end;
  uint8_t *copy;
  size_t copied;
} jpeg;

static ew_status damaged(const char *reason, ew_error *err) {
  return ew_fail(err, EW_INVALID_IMAGE, "the JPEG image is damaged: %s", reason);
}

static ew_status rare(const char *kind, ew_error *err) {
  return ew_fail(
      err, EW_UNSUPPORTED_IMAGE,
      "the JPEG image is of a rare kind that cannot be decoded here (%s); save it as a baseline "
      "or progressive JPEG, or as PNG",
      kind);
}

static ew_status truncated(const jpeg *j, ew_error *err) {
  return ew_image_truncated("JPEG", j->file.size, "the marker of its end", err);
}

static void keep(jpeg *j, size_t from, size_t to) {
  if (j->copy != NULL) memcpy(j->copy + j->copied, j->file.data + from, to - from);
  j->copied += to - from;
}

/* --- tables ---------------------------------------------------------------------------------------- */

static ew_status read_quantisers(jpeg *j, ew_bytes data, ew_error *err) {
  while (data.size > 0) {
    const uint32_t wide = data.data[0] >> 4, table = data.data[0] & 15;
    const size_t size = wide ? 129 : 65;
    if (wide > 1 || table > 3 || data.size < size)
      return damaged("a wrong quantisation table", err);
    j->quantisers |= (uint8_t)(1 << table);
    data = (ew_bytes){data.data + size, data.size - size};
  }
  return EW_OK;
}

static ew_status read_huffman(jpeg *j, ew_bytes data, ew_error *err) {
  while (data.size > 0) {
    const uint32_t kind = data.data[0] >> 4, table = data.data[0] & 15;
    uint32_t symbols = 0, code = 0;
    if (kind > 1 || table > 3 || data.size < 17) return damaged("a wrong Huffman table", err);
    for (uint32_t length = 1; length <= 16; length++) {
      symbols += data.data[length];
      code = (code << 1) + data.data[length];
      if (code > 1u << length) return damaged("a wrong Huffman table", err);
    }
    if (symbols > 256 || data.size < 17 + symbols) return damaged("a wrong Huffman table", err);
    j->huffman[kind] |= (uint8_t)(1 << table);
    data = (ew_bytes){data.data + 17 + symbols, data.size - 17 - symbols};
  }
  return EW_OK;
}

static void read_application(jpeg *j, uint8_t marker, ew_bytes data) {
  if (marker == APP0 && data.size >= 14 && memcmp(data.data, "JFIF\0", 5) == 0) j->has_jfif = true;
  if (marker == APP14 && data.size >= 12 && memcmp(data.data, "Adobe", 5) == 0)
    j->adobe = data.data[11];
}

/* --- frame ----------------------------------------------------------------------------------------- */

static uint64_t divide_up(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

/* Blocks of a component: in whole MCUs, or those that hold pixels. */
static uint64_t blocks(const jpeg *j, const component *c, bool is_alone) {
  if (!is_alone)
    return divide_up(j->width, 8 * j->h_most) * divide_up(j->height, 8 * j->v_most) * c->h * c->v;
  return divide_up(divide_up((uint64_t)j->width * c->h, j->h_most), 8) *
         divide_up(divide_up((uint64_t)j->height * c->v, j->v_most), 8);
}

static const char *rare_frame(uint8_t marker) {
  static const char *const kinds[] = {NULL,
                                      NULL,
                                      NULL,
                                      "lossless",
                                      NULL,
                                      "hierarchical",
                                      "hierarchical",
                                      "hierarchical",
                                      "extension",
                                      "arithmetic coding",
                                      "arithmetic coding",
                                      "arithmetic coding, lossless",
                                      NULL,
                                      "arithmetic coding",
                                      "arithmetic coding",
                                      "arithmetic coding"};
  return kinds[marker - SOF0];
}

static ew_status read_components(jpeg *j, const uint8_t *from, ew_error *err) {
  j->h_most = j->v_most = 1;
  for (uint32_t i = 0; i < j->count; i++, from += 3) {
    component *c = &j->components[i];
    *c = (component){.id = from[0], .h = from[1] >> 4, .v = from[1] & 15, .table = from[2]};
    if (c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 || c->table > 3)
      return damaged("its header has unknown values", err);
    for (uint32_t k = 0; k < i; k++) {
      if (j->components[k].id == c->id) return rare("two components of one name", err);
    }
    if (c->h > j->h_most) j->h_most = c->h;
    if (c->v > j->v_most) j->v_most = c->v;
  }
  for (uint32_t i = 0; i < j->count; i++) {
    const component *c = &j->components[i];
    if (j->h_most % c->h != 0 || j->v_most % c->v != 0) return rare("sampling by fractions", err);
    j->most_visits += VISITS_PER_BLOCK * blocks(j, c, false);
  }
  j->most_visits += FREE_VISITS;
  return EW_OK;
}

static ew_status read_frame(jpeg *j, uint8_t marker, ew_bytes data, const ew_image_limits *limits,
                            ew_error *err) {
  const char *kind = rare_frame(marker);
  if (kind != NULL) return rare(kind, err);
  if (j->frame != 0) return damaged("it has two frames", err);
  if (data.size < 6) return damaged("its header is too short", err);
  if (data.data[0] != 8) return rare("samples of more than 8 bits", err);
  j->frame = marker;
  j->height = ew_load_big_u16(data.data + 1);
  j->width = ew_load_big_u16(data.data + 3);
  j->count = data.data[5];
  if (j->height == 0 && j->width > 0) return rare("its height is not in its header", err);
  if (j->width == 0)
    return ew_fail(err, EW_INVALID_IMAGE, "the JPEG image is %u x %u pixels", j->width, j->height);
  if (j->count != 1 && j->count != 3 && j->count != 4)
    return rare("neither 1, 3 nor 4 components", err);
  if (data.size != 6 + 3 * (size_t)j->count) return damaged("its header is too short", err);
  EW_TRY(ew_image_check_size("JPEG", j->width, j->height, limits, err));
  return read_components(j, data.data + 6, err);
}

/* --- scans ----------------------------------------------------------------------------------------- */

static const component *component_of(const jpeg *j, uint8_t id) {
  for (uint32_t i = 0; i < j->count; i++) {
    if (j->components[i].id == id) return &j->components[i];
  }
  return NULL;
}

/* Restart markers of a scan; in order they are numbered from 0 to 7, again and again. */
typedef struct restarts {
  uint64_t count;
  bool out_of_order;
} restarts;

/* Offset behind the entropy-coded data that begins at `at`: of the next marker that is no restart, or size. */
static size_t skip_scan(ew_bytes file, size_t at, restarts *found) {
  while (at + 1 < file.size) {
    const uint8_t *marker = memchr(file.data + at, 0xff, file.size - 1 - at);
    if (marker == NULL) return file.size;
    at = (size_t)(marker - file.data);
    const uint8_t next = file.data[at + 1];
    const bool is_restart = next >= RST0 && next <= RST7;
    if (is_restart) found->out_of_order |= next != RST0 + found->count++ % 8;
    if (next == 0xff) {
      at++; /* fill byte */
    } else if (next == 0 || is_restart) {
      at += 2;
    } else {
      return at;
    }
  }
  return file.size;
}

/* Restart markers that are too few, too many or out of order need a search for where the data continue. */
static ew_status check_restarts(const jpeg *j, ew_bytes scan, restarts found, ew_error *err) {
  if (j->restart_interval == 0 && found.count == 0) return EW_OK;
  const uint32_t count = scan.data[0];
  const component *c = component_of(j, scan.data[1]);
  const uint64_t mcus =
      count == 1 ? blocks(j, c, true)
                 : divide_up(j->width, 8 * j->h_most) * divide_up(j->height, 8 * j->v_most);
  const uint64_t expected = j->restart_interval == 0 ? 0 : (mcus - 1) / j->restart_interval;
  /* One more behind the last MCU does no harm. */
  const bool complete = found.count == expected || found.count == expected + 1;
  return complete && !found.out_of_order ? EW_OK
                                         : rare("restart markers are missing or out of order", err);
}

/* Components of a progressive scan must have their DC values before anything else. */
static ew_status check_progression(const component *c, uint32_t count, const uint8_t *spectrum,
                                   ew_error *err) {
  const uint32_t from = spectrum[0], to = spectrum[1], high = spectrum[2] >> 4;
  const bool is_dc = from == 0;
  if (to > 63 || (is_dc && to != 0) || (!is_dc && (to < from || count > 1)))
    return damaged("a scan of impossible coefficients", err);
  if (!c->has_data && (!is_dc || high != 0)) return rare("scans in unusual order", err);
  return EW_OK;
}

/* Bits `from` to `to`, at most 63. */
static uint64_t coefficients(uint32_t from, uint32_t to) {
  return (UINT64_MAX >> (63 - (to & 63))) & (UINT64_MAX << (from & 63));
}

static ew_status read_scan(jpeg *j, ew_bytes data, ew_error *err) {
  const uint32_t count = data.size > 0 ? data.data[0] : 0;
  if (j->frame == 0) return damaged("a scan without a header", err);
  if (count < 1 || count > j->count || data.size != 4 + 2 * (size_t)count)
    return damaged("a scan of unknown components", err);
  const uint8_t *spectrum = data.data + 1 + 2 * count;
  const bool is_progressive = j->frame == SOF2;
  if (!is_progressive && (spectrum[0] != 0 || spectrum[2] != 0))
    return rare("a scan of single coefficients", err);
  for (uint32_t i = 0; i < count; i++) {
    const component *c = component_of(j, data.data[1 + 2 * i]);
    const uint8_t tables = data.data[2 + 2 * i];
    if (c == NULL || tables >> 4 > 3 || (tables & 15) > 3)
      return damaged("a scan of unknown components", err);
    if (is_progressive) EW_TRY(check_progression(c, count, spectrum, err));
    const bool has_dc = !is_progressive || (spectrum[0] == 0 && spectrum[2] >> 4 == 0);
    const bool has_ac = !is_progressive || spectrum[0] > 0;
    if ((has_dc && !(j->huffman[0] >> (tables >> 4) & 1)) ||
        (has_ac && !(j->huffman[1] >> (tables & 15) & 1)))
      return rare("Huffman tables are not in the file", err);
    if (!(j->quantisers >> c->table & 1)) return damaged("a quantisation table is missing", err);
    component *fed = &j->components[c - j->components];
    fed->has_data = true;
    if ((spectrum[2] & 15) == 0) fed->whole |= coefficients(spectrum[0], spectrum[1]);
    j->visits += blocks(j, c, count == 1);
  }
  EW_CHECK(j->visits <= j->most_visits, err, EW_IMAGE_TOO_LARGE,
           "the JPEG image of %u x %u pixels has more scans than is reasonable", j->width,
           j->height);
  return EW_OK;
}

/* Not "too large": a browser may have the memory. Baseline files need no room for coefficients, a third in all. */
static ew_status check_memory(const jpeg *j, uint64_t memory, ew_error *err) {
  const uint64_t justified = FREE_MEMORY + (uint64_t)MEMORY_PER_BYTE * j->copied;
  const uint64_t most = justified < MOST_MEMORY ? justified : MOST_MEMORY;
  const bool baseline_fits = j->frame == SOF2 && memory / 3 <= most;
  EW_CHECK(memory <= most, err, EW_UNSUPPORTED_IMAGE,
           "the JPEG image of %u x %u pixels needs %u MB to be decoded, more than a file of its "
           "size is given here; make it smaller, or save it as %sPNG",
           j->width, j->height, (unsigned)(memory >> 20),
           baseline_fits ? "a baseline JPEG or as " : "");
  return EW_OK;
}

static ew_status check_components(const jpeg *j, ew_error *err) {
  uint64_t memory = 0;
  if (j->frame == 0) return damaged("it has no header", err);
  for (uint32_t i = 0; i < j->count; i++) {
    if (!j->components[i].has_data) return damaged("a colour has no data", err);
    memory += blocks(j, &j->components[i], false) * (j->frame == SOF2 ? 3 * 64 : 64);
  }
  return check_memory(j, memory, err);
}

/* --- segments -------------------------------------------------------------------------------------- */

/* The next marker; false when the file ends. What stands before it is passed over, as libjpeg does. */
static bool next_marker(jpeg *j, uint8_t *marker) {
  const ew_bytes file = j->file;
  if (j->at < file.size && file.data[j->at] != 0xff) j->is_plain = false;
  while (j->at + 1 < file.size) {
    const uint8_t *found = memchr(file.data + j->at, 0xff, file.size - 1 - j->at);
    if (found == NULL) return false;
    j->at = (size_t)(found - file.data) + 1;
    if (file.data[j->at] == 0xff) continue; /* fill byte */
    if (file.data[j->at] == 0) {
      j->is_plain = false;
      continue;
    }
    *marker = file.data[j->at++];
    return true;
  }
  return false;
}

static bool is_application(uint8_t marker) {
  return (marker >= APP0 && marker <= APP15) || marker == COM;
}

static ew_status read_segment(jpeg *j, uint8_t marker, ew_bytes data, const ew_image_limits *limits,
                              ew_error *err) {
  if (marker == DQT) return read_quantisers(j, data, err);
  if (marker == DHT) return read_huffman(j, data, err);
  if (marker == SOS) return read_scan(j, data, err);
  if (marker == DRI) {
    if (data.size != 2) return damaged("a wrong restart interval", err);
    j->restart_interval = ew_load_big_u16(data.data);
    return EW_OK;
  }
  return read_frame(j, marker, data, limits, err);
}

/* A segment with its length, and the data behind it if it begins a scan. */
static ew_status take_segment(jpeg *j, uint8_t marker, const ew_image_limits *limits,
                              ew_error *err) {
  const size_t start = j->at - 2;
  const bool is_decoded = !is_application(marker) && marker != DNL && marker != 0xcc;
  if (!ew_in_range(j->at, 2, j->file.size)) return truncated(j, err);
  size_t length = ew_load_big_u16(j->file.data + j->at);
  if (length < 2) {
    if (is_decoded) return damaged("a segment without length", err);
    j->is_plain = false;
    length = 2;
  }
  if (!ew_in_range(j->at, length, j->file.size)) return truncated(j, err);
  const ew_bytes data = {j->file.data + j->at + 2, length - 2};
  j->at += length;
  if (!is_decoded) {
    j->is_plain = j->is_plain && marker != DNL && marker != 0xcc;
    read_application(j, marker, data);
    return EW_OK;
  }
  EW_TRY(read_segment(j, marker, data, limits, err));
  if (marker == SOS) {
    restarts found = {0};
    j->at = skip_scan(j->file, j->at, &found);
    EW_TRY(check_restarts(j, data, found, err));
  }
  keep(j, start, j->at);
  return EW_OK;
}

/* What is there when the end marker is not: perhaps all the data. */
static ew_status take_end(jpeg *j, ew_error *err) {
  if (check_components(j, err) == EW_INVALID_IMAGE) return truncated(j, err);
  for (uint32_t i = 0; i < j->count && j->frame == SOF2; i++) {
    if (j->components[i].whole != UINT64_MAX) return truncated(j, err);
  }
  j->is_plain = j->has_end = false;
  j->copied += TAIL;
  return check_components(j, err);
}

/* Follows the segments to the end marker. */
static ew_status read_file(jpeg *j, const ew_image_limits *limits, ew_error *err) {
  keep(j, 0, 2);
  for (j->at = 2;;) {
    uint8_t marker;
    if (!next_marker(j, &marker)) return take_end(j, err);
    if (marker == EOI) {
      j->has_end = true;
      keep(j, j->at - 2, j->at);
      return check_components(j, err);
    }
    if (marker == TEM || (marker >= RST0 && marker <= RST7)) {
      j->is_plain = false; /* stand alone and mean nothing here */
    } else if (marker == SOI) {
      return damaged("it begins twice", err);
    } else if (marker < SOF0 || (marker > DRI && !is_application(marker))) {
      return damaged("a segment of unknown kind", err);
    } else {
      EW_TRY(take_segment(j, marker, limits, err));
    }
  }
}

/* libjpeg's rules: JFIF is YCbCr, then Adobe's marker counts, then the components' names. */
static ew_jpeg_colour colour_of(const jpeg *j) {
  if (j->count == 1) return EW_JPEG_GREY;
  if (j->count == 4) return j->adobe < 0 || j->adobe == 0 ? EW_JPEG_CMYK : EW_JPEG_YCCK;
  if (j->has_jfif) return EW_JPEG_YCC;
  if (j->adobe >= 0) return j->adobe == 0 ? EW_JPEG_RGB : EW_JPEG_YCC;
  const component *c = j->components;
  return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B' ? EW_JPEG_RGB : EW_JPEG_YCC;
}

/* Makes j->copy, the file without what the decoder of scans does not expect. */
static ew_status simplify(jpeg *j, const ew_image_limits *limits, ew_error *err) {
  uint8_t *copy = ew_alloc(j->copied);
  EW_CHECK(copy != NULL, err, EW_OUT_OF_MEMORY, "out of memory while decoding the JPEG image");
  *j = (jpeg){.file = j->file, .adobe = -1, .copy = copy};
  return read_file(j, limits, err);
}

/* Decodes a file without its end with two fillers behind it. Data that are complete need neither of them, so that the
 * pixels are the same. */
static ew_status decode_endless(const jpeg *j, ew_image *out, ew_error *err) {
  uint32_t sums[2];
  uint8_t *end = j->copy + j->copied - 2, *tail = end + 2 - TAIL;
  end[0] = 0xff;
  end[1] = EOI;
  if (tail[-1] == 0xff) tail--; /* half a marker */
  for (int i = 0; i < 2; i++) {
    memset(tail, i == 0 ? 0x00 : 0x6d, (size_t)(end - tail));
    if (i > 0) ew_image_free(out);
    const ew_bytes file = {j->copy, j->copied};
    const ew_status status = ew_jpeg_pixels(file, colour_of(j), j->restart_interval > 0, out, err);
    if (status == EW_INVALID_IMAGE) return truncated(j, err);
    EW_TRY(status);
    sums[i] = ew_crc32(out->memory, (size_t)out->height * (size_t)out->row);
  }
  if (sums[0] == sums[1]) return EW_OK;
  ew_image_free(out);
  return truncated(j, err);
}

ew_status ew_jpeg_decode(ew_bytes file, const ew_image_limits *limits, ew_image *out,
                         ew_error *err) {
  jpeg *j = &(jpeg){.file = file, .adobe = -1, .is_plain = true};
  ew_status status = read_file(j, limits, err);
  if (status == EW_OK && !j->is_plain) status = simplify(j, limits, err);
  const ew_bytes plain = j->copy == NULL ? file : (ew_bytes){j->copy, j->copied};
  if (status == EW_OK && !j->has_end)
    status = decode_endless(j, out, err);
  else if (status == EW_OK)
    status = ew_jpeg_pixels(plain, colour_of(j), j->restart_interval > 0, out, err);
  ew_free(j->copy);
  return status;
}
