/* Inflating (RFC 1950 and 1951) piece by piece, so that nobody needs room for what a file inflates to. */
#ifndef EW_IMAGE_INFLATE_H
#define EW_IMAGE_INFLATE_H

#include "base/bytes.h"

enum { EW_INFLATE_HISTORY = 1 << 15, EW_INFLATE_FAST_BITS = 10 };

/* Codes of up to 15 bits: a table for the short ones, counts for the rest. */
typedef struct ew_huffman {
  uint16_t fast[1 << EW_INFLATE_FAST_BITS]; /* symbol << 4 | length, by the next bits; 0 = longer */
  uint16_t count[16];                       /* codes of each length */
  uint16_t symbols[288];                    /* in the order of their codes */
} ew_huffman;

typedef struct ew_inflate {
  /* The next piece of the compressed bytes; false at their end. */
  bool (*read)(void *context, ew_bytes *piece);
  /* Takes bytes in order; false stops the inflating. */
  bool (*write)(void *context, const uint8_t *bytes, size_t size);
  void *context;
  bool bare; /* without zlib's header */

  /* Private. */
  ew_bytes piece;
  uint64_t bits;
  uint32_t count;   /* valid bits */
  uint32_t missing; /* of them, bits invented behind the end of the input */
  ew_huffman literals, distances;
  size_t at, written; /* in window: its end, and what write has had */
  uint8_t window[2 * EW_INFLATE_HISTORY];
} ew_inflate;

/* Fill in the first four members. NULL when the data ended well or write stopped them, else the reason. The
 * checksum behind the data is not looked at: PNG has its own. */
const char *ew_inflate_run(ew_inflate *state);

/* The checksum of PNG's chunks: CRC-32 of ISO 3309. */
uint32_t ew_crc32(const uint8_t *bytes, size_t size);

#endif
