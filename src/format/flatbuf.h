/* Verified access to FlatBuffers.
 *
 * The model's schema is read by field number; every offset, vector and string is checked against the
 * buffer before use. Errors are sticky: the first broken rule is recorded in the reader with the path
 * that led to it, and every later read returns zero, so that readers may read a whole table and test
 * ew_fb_status once. What is not promised: two tables may share bytes, and scalars may hold any value;
 * their meaning is checked by the loader. */
#ifndef EW_FORMAT_FLATBUF_H
#define EW_FORMAT_FLATBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* What is there of a buffer that is read bit by bit, one flag per page of EW_FB_PAGE bytes. A read that needs
 * a page which is not there marks it as wanted and gives zero, as for a field that is absent; nothing fails.
 * So one walk over the tables finds all pages that the next walk can use: the caller fetches them and walks
 * again until `incomplete` stays false, and takes no result of a walk seriously before. */
enum { EW_FB_PAGE = 4096 };
enum { EW_FB_THERE = 1, EW_FB_WANTED = 2 };
typedef struct ew_fb_pages {
  uint8_t *flags; /* [pages]: EW_FB_* */
  bool incomplete;
} ew_fb_pages;

/* A buffer being read. budget bounds the tables opened, so that shared tables cannot make the work
 * grow beyond the file. */
typedef struct ew_fb {
  ew_bytes bytes;
  ew_fb_pages *pages; /* NULL: all is there */
  const char *what;   /* "program", "XNNPACK payload 3": opens error messages */
  uint32_t budget;
  ew_status status;
  ew_error *err;
} ew_fb;

/* A verified table; position 0 = absent (every field reads as its default). */
typedef struct ew_fb_table {
  ew_fb *fb;
  uint32_t position;
  uint32_t vtable;
  uint16_t vtable_size;
} ew_fb_table;

/* True when the range, which must lie in the buffer, is there; else it is wanted. */
bool ew_fb_need(ew_fb *fb, uint64_t position, uint64_t size);

/* A verified vector; count elements at items. present tells an empty vector from none. */
typedef struct ew_fb_vector {
  ew_fb *fb;
  uint32_t position; /* of the first element, in the buffer */
  const uint8_t *items;
  uint32_t count;
  bool present;
} ew_fb_vector;

void ew_fb_init(ew_fb *fb, ew_bytes bytes, const char *what, ew_error *err);
static inline ew_status ew_fb_status(const ew_fb *fb) { return fb->status; }

/* The root table; identifier (4 characters at byte 4) is the caller's business. */
ew_fb_table ew_fb_root(ew_fb *fb);

bool ew_fb_present(ew_fb_table table, uint32_t field);
uint8_t ew_fb_u8(ew_fb_table table, uint32_t field);
int8_t ew_fb_i8(ew_fb_table table, uint32_t field);
int16_t ew_fb_i16(ew_fb_table table, uint32_t field);
uint32_t ew_fb_u32(ew_fb_table table, uint32_t field);
int32_t ew_fb_i32(ew_fb_table table, uint32_t field);
uint64_t ew_fb_u64(ew_fb_table table, uint32_t field);
int64_t ew_fb_i64(ew_fb_table table, uint32_t field);
float ew_fb_f32(ew_fb_table table, uint32_t field);
double ew_fb_f64(ew_fb_table table, uint32_t field);

ew_fb_table ew_fb_sub(ew_fb_table table, uint32_t field);
/* element_size: bytes per element (4 for tables and strings). */
ew_fb_vector ew_fb_vec(ew_fb_table table, uint32_t field, uint32_t element_size);
/* The same without its elements, which may not be there: bytes that are read elsewhere. */
ew_fb_vector ew_fb_range(ew_fb_table table, uint32_t field, uint32_t element_size);
/* NUL-terminated text of at most EW_MAX_NAME characters; "" when absent. */
const char *ew_fb_str(ew_fb_table table, uint32_t field);

/* Elements; index must be < count. */
ew_fb_table ew_fb_vec_table(ew_fb_vector vector, uint32_t index);
static inline uint32_t ew_fb_vec_u32(ew_fb_vector v, uint32_t i) {
  return ew_load_u32(v.items + 4 * (size_t)i);
}
static inline int32_t ew_fb_vec_i32(ew_fb_vector v, uint32_t i) {
  return (int32_t)ew_fb_vec_u32(v, i);
}
static inline uint64_t ew_fb_vec_u64(ew_fb_vector v, uint32_t i) {
  return ew_load_u64(v.items + 8 * (size_t)i);
}
static inline int64_t ew_fb_vec_i64(ew_fb_vector v, uint32_t i) {
  return (int64_t)ew_fb_vec_u64(v, i);
}

#endif
