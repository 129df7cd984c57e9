/* The ranges of the file that are still to be read, whoever wants them: lowest offset first, so that a
 * file is asked for from front to back. */
#ifndef EW_LOAD_WANTS_H
#define EW_LOAD_WANTS_H

#include "base/status.h"
#include "format/format.h"

typedef enum ew_want_kind {
  EW_WANT_HEAD,   /* the loader: which format is it? */
  EW_WANT_FORMAT, /* the format: metadata */
  EW_WANT_CONSTANT /* a constant's bytes; range.tag is its id, range.data NULL until its turn comes */
} ew_want_kind;

typedef struct ew_want_entry {
  ew_want_kind kind;
  ew_format_range range;
} ew_want_entry;

/* A binary heap; all zero is empty. */
typedef struct ew_wants {
  ew_want_entry *entries; /* entries[0] has the lowest offset */
  uint32_t count, capacity;
} ew_wants;

ew_status ew_wants_push(ew_wants *wants, ew_want_entry entry, ew_error *err);
/* The entry of the lowest offset; there must be one. Invalidates pointers into entries. */
ew_want_entry ew_wants_pop(ew_wants *wants);
void ew_wants_free(ew_wants *wants);

#endif
