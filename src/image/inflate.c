/* Inflating. As strict as zlib about codes; unlike it, a window larger than the header claims is taken. */
#include "image/inflate.h"

enum { MAX_BITS = 15, END_OF_BLOCK = 256, LONGEST_MATCH = 258, NO_SYMBOL = 0xffff };

/* --- bits ------------------------------------------------------------------------------------------ */

/* At least 56 bits, zeros behind the end of the input. Bits above `count` are either zero or those that follow. */
static inline void refill(ew_inflate *s) {
  if (s->piece.size >= 8) {
    const uint32_t bytes = (63 - s->count) >> 3;
    s->bits |= ew_load_u64(s->piece.data) << s->count;
    s->piece.data += bytes;
    s->piece.size -= bytes;
    s->count += bytes * 8;
    return;
  }
  while (s->count <= 56) {
    while (s->piece.size == 0 && s->missing == 0) {
      if (!s->read(s->context, &s->piece)) s->missing = 1;
    }
    if (s->piece.size > 0) {
      s->bits |= (uint64_t)*s->piece.data++ << s->count;
      s->piece.size--;
    } else {
      s->missing += 8;
    }
    s->count += 8;
  }
}

static inline uint32_t take(ew_inflate *s, uint32_t width) {
  const uint32_t value = (uint32_t)(s->bits & (((uint64_t)1 << width) - 1));
  s->bits >>= width;
  s->count -= width;
  return value;
}

/* True when bits were used that are not in the file (missing starts at 1, when its end is met). */
static inline bool is_beyond_end(const ew_inflate *s) { return s->count + 1 < s->missing; }

/* --- codes ----------------------------------------------------------------------------------------- */

static void fill_fast(ew_huffman *h, uint32_t code, uint32_t length, uint32_t symbol) {
  uint32_t reversed = 0;
  for (uint32_t i = 0; i < length; i++) reversed |= (code >> i & 1) << (length - 1 - i);
  for (; reversed < 1 << EW_INFLATE_FAST_BITS; reversed += 1u << length)
    h->fast[reversed] = (uint16_t)(symbol << 4 | length);
}

/* False for lengths that are no prefix code: over-subscribed, or incomplete with more than one code. */
static bool build(ew_huffman *h, const uint8_t *lengths, uint32_t n) {
  memset(h, 0, sizeof *h);
  for (uint32_t i = 0; i < n; i++) h->count[lengths[i]]++;
  const bool is_single = h->count[0] == n || (h->count[0] == n - 1 && h->count[1] == 1);
  h->count[0] = 0;
  int32_t left = 1;
  uint32_t code = 0, next[MAX_BITS + 1] = {0}, offset[MAX_BITS + 1] = {0};
  for (uint32_t length = 1; length <= MAX_BITS; length++) {
    left = left * 2 - h->count[length];
    if (left < 0) return false;
    code = (code + h->count[length - 1]) << 1;
    next[length] = code;
    offset[length] = offset[length - 1] + h->count[length - 1];
  }
  if (left > 0 && !is_single) return false;
  for (uint32_t symbol = 0; symbol < n; symbol++) {
    const uint32_t length = lengths[symbol];
    if (length == 0) continue;
    h->symbols[offset[length]++] = (uint16_t)symbol;
    if (length <= EW_INFLATE_FAST_BITS) fill_fast(h, next[length], length, symbol);
    next[length]++;
  }
  return true;
}

static uint32_t long_symbol(ew_inflate *s, const ew_huffman *h) {
  uint32_t code = 0, first = 0, index = 0;
  for (uint32_t length = 1; length <= MAX_BITS; length++) {
    code = code << 1 | (uint32_t)(s->bits >> (length - 1) & 1);
    const uint32_t count = h->count[length];
    if (code - first < count) {
      take(s, length);
      return h->symbols[index + code - first];
    }
    index += count;
    first = (first + count) << 1;
  }
  return NO_SYMBOL;
}

static inline uint32_t symbol(ew_inflate *s, const ew_huffman *h) {
  const uint32_t entry = h->fast[s->bits & ((1 << EW_INFLATE_FAST_BITS) - 1)];
  if (entry == 0) return long_symbol(s, h);
  take(s, entry & 15);
  return entry >> 4;
}

/* --- output ---------------------------------------------------------------------------------------- */

/* Hands over what is new and makes room for the longest match; false when no more is wanted. */
static bool flush(ew_inflate *s) {
  if (!s->write(s->context, s->window + s->written, s->at - s->written)) return false;
  if (s->at > EW_INFLATE_HISTORY) {
    memmove(s->window, s->window + s->at - EW_INFLATE_HISTORY, EW_INFLATE_HISTORY);
    s->at = EW_INFLATE_HISTORY;
  }
  s->written = s->at;
  return true;
}

static void copy_match(ew_inflate *s, uint32_t distance, uint32_t length) {
  uint8_t *to = s->window + s->at;
  const uint8_t *from = to - distance;
  s->at += length;
  if (distance >= length) {
    memcpy(to, from, length);
  } else if (distance == 1) {
    memset(to, *from, length);
  } else {
    while (length-- > 0) *to++ = *from++;
  }
}

/* --- blocks ---------------------------------------------------------------------------------------- */

static const char STOPPED[] = "";
static const char TRUNCATED[] = "its compressed data end too early";

static const char *stored(ew_inflate *s) {
  refill(s);
  take(s, s->count & 7);
  refill(s);
  const uint32_t length = take(s, 16);
  if (take(s, 16) != (length ^ 0xffff)) return "wrong length of stored bytes";
  for (uint32_t i = 0; i < length; i++) {
    if (s->count < 8) refill(s);
    if (is_beyond_end(s)) return TRUNCATED;
    if (s->at == sizeof s->window && !flush(s)) return STOPPED;
    s->window[s->at++] = (uint8_t)take(s, 8);
  }
  return NULL;
}

static const char *match(ew_inflate *s, uint32_t code) {
  static const uint16_t length_base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                         2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t distance_base[] = {
      1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
      193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  if (code - 257 >= sizeof length_extra) return "unknown length code";
  const uint32_t length = length_base[code - 257] + take(s, length_extra[code - 257]);
  const uint32_t far = symbol(s, &s->distances);
  if (far >= 30) return "unknown distance code";
  const uint32_t distance = distance_base[far] + take(s, far < 4 ? 0 : (far >> 1) - 1);
  if (distance > s->at) return "a distance reaches back before the first byte";
  copy_match(s, distance, length);
  return NULL;
}

static const char *compressed(ew_inflate *s) {
  for (;;) {
    if (s->at > sizeof s->window - LONGEST_MATCH && !flush(s)) return STOPPED;
    refill(s);
    const uint32_t code = symbol(s, &s->literals);
    if (is_beyond_end(s)) return TRUNCATED;
    if (code < END_OF_BLOCK) {
      s->window[s->at++] = (uint8_t)code;
    } else if (code == END_OF_BLOCK) {
      return NULL;
    } else {
      const char *reason = match(s, code);
      if (is_beyond_end(s)) return TRUNCATED;
      if (reason != NULL) return reason;
    }
  }
}

static void fixed_codes(ew_inflate *s) {
  uint8_t lengths[288];
  for (int i = 0; i < 288; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  build(&s->literals, lengths, 288);
  memset(lengths, 5, 32);
  build(&s->distances, lengths, 32);
}

/* Lengths of both codes, run-length coded with a code of their own. */
static const char *read_lengths(ew_inflate *s, uint8_t *lengths, uint32_t n) {
  for (uint32_t i = 0; i < n;) {
    refill(s);
    const uint32_t code = symbol(s, &s->literals);
    if (is_beyond_end(s)) return TRUNCATED;
    if (code < 16) {
      lengths[i++] = (uint8_t)code;
      continue;
    }
    if (code > 18 || (code == 16 && i == 0)) return "wrong code lengths";
    const uint8_t value = code == 16 ? lengths[i - 1] : 0;
    uint32_t repeat = code == 16 ? 3 + take(s, 2) : code == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
    if (repeat > n - i) return "wrong code lengths";
    while (repeat-- > 0) lengths[i++] = value;
  }
  return NULL;
}

static const char *dynamic_codes(ew_inflate *s) {
  static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[288 + 32] = {0};
  refill(s);
  const uint32_t literals = 257 + take(s, 5), distances = 1 + take(s, 5), count = 4 + take(s, 4);
  if (literals > 286 || distances > 30) return "too many codes";
  for (uint32_t i = 0; i < count; i++) {
    if (s->count < 3) refill(s);
    lengths[order[i]] = (uint8_t)take(s, 3);
  }
  if (!build(&s->literals, lengths, 19)) return "wrong code lengths";
  memset(lengths, 0, 19);
  const char *reason = read_lengths(s, lengths, literals + distances);
  if (reason != NULL) return reason;
  if (lengths[END_OF_BLOCK] == 0) return "no code for the end of a block";
  if (!build(&s->literals, lengths, literals)) return "wrong code lengths";
  if (!build(&s->distances, lengths + literals, distances)) return "wrong code lengths";
  return NULL;
}

static const char *block(ew_inflate *s, bool *is_last) {
  refill(s);
  *is_last = take(s, 1) == 1;
  const uint32_t kind = take(s, 2);
  if (is_beyond_end(s)) return TRUNCATED;
  if (kind == 0) return stored(s);
  if (kind == 3) return "unknown kind of block";
  const char *reason = NULL;
  if (kind == 1)
    fixed_codes(s);
  else
    reason = dynamic_codes(s);
  return reason != NULL ? reason : compressed(s);
}

static const char *zlib_header(ew_inflate *s) {
  refill(s);
  const uint32_t method = take(s, 8), flags = take(s, 8);
  if (is_beyond_end(s)) return TRUNCATED;
  if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 != 0)
    return "its data are not compressed by zlib";
  return (flags & 0x20) ? "its data need a dictionary" : NULL;
}

const char *ew_inflate_run(ew_inflate *s) {
  s->bits = 0;
  s->count = s->missing = 0;
  s->at = s->written = 0;
  s->piece = (ew_bytes){0};
  const char *reason = s->bare ? NULL : zlib_header(s);
  for (bool is_last = false; reason == NULL && !is_last;) reason = block(s, &is_last);
  if (reason == STOPPED) return NULL;
  /* What came before a fault is handed over too: rows may be complete already. */
  flush(s);
  return reason;
}

uint32_t ew_crc32(const uint8_t *bytes, size_t size) {
  /* Four bits at a time: the table is small, and inflating takes longer anyway. */
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
