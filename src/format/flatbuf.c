/* Verified access to FlatBuffers. */
#include "format/flatbuf.h"

#include "base/limits.h"

void ew_fb_init(ew_fb *fb, ew_bytes bytes, const char *what, ew_error *err) {
  *fb = (ew_fb){.bytes = bytes, .what = what, .budget = EW_MAX_TABLES, .status = EW_OK, .err = err};
}

static void fail(ew_fb *fb, const char *rule, uint32_t position) {
  if (fb->status != EW_OK) return;
  fb->status = ew_fail(fb->err, EW_INVALID_PROGRAM, "%s: %s at byte %u", fb->what, rule, position);
}

bool ew_fb_need(ew_fb *fb, uint64_t position, uint64_t size) {
  ew_fb_pages *pages = fb->pages;
  if (pages == NULL || size == 0) return true;
  bool there = true;
  for (uint64_t p = position / EW_FB_PAGE; p <= (position + size - 1) / EW_FB_PAGE; p++) {
    if (pages->flags[p] & EW_FB_THERE) continue;
    pages->flags[p] |= EW_FB_WANTED;
    pages->incomplete = true;
    there = false;
  }
  return there;
}

static ew_fb_table open_table(ew_fb *fb, uint64_t position) {
  const ew_fb_table none = {.fb = fb};
  if (fb->status != EW_OK) return none;
  const uint8_t *data = fb->bytes.data;
  const uint64_t size = fb->bytes.size;
  if (fb->budget-- == 0) {
    fail(fb, "too many tables", (uint32_t)position);
    return none;
  }
  if (position == 0 || !ew_in_range(position, 4, size) || size > INT32_MAX) {
    fail(fb, "table is outside the buffer", (uint32_t)position);
    return none;
  }
  if (!ew_fb_need(fb, position, 4)) return none;
  const int64_t vtable = (int64_t)position - (int32_t)ew_load_u32(data + position);
  if (vtable < 0 || !ew_in_range((uint64_t)vtable, 4, size)) {
    fail(fb, "vtable is outside the buffer", (uint32_t)position);
    return none;
  }
  if (!ew_fb_need(fb, (uint64_t)vtable, 4)) return none;
  const uint16_t vtable_size = ew_load_u16(data + vtable);
  const uint16_t table_size = ew_load_u16(data + vtable + 2);
  if (vtable_size < 4 || vtable_size % 2 != 0 ||
      !ew_in_range((uint64_t)vtable, vtable_size, size)) {
    fail(fb, "vtable has a bad length", (uint32_t)vtable);
    return none;
  }
  if (table_size < 4) {
    fail(fb, "table has a bad length", (uint32_t)position);
    return none;
  }
  if (!ew_fb_need(fb, (uint64_t)vtable, vtable_size)) return none;
  return (ew_fb_table){.fb = fb,
                       .position = (uint32_t)position,
                       .vtable = (uint32_t)vtable,
                       .vtable_size = vtable_size};
}

ew_fb_table ew_fb_root(ew_fb *fb) {
  const ew_fb_table none = {.fb = fb};
  if (fb->bytes.size < 8) {
    fail(fb, "buffer is shorter than 8 bytes", 0);
    return none;
  }
  if (!ew_fb_need(fb, 0, 8)) return none;
  const uint32_t root = ew_load_u32(fb->bytes.data);
  if (root < 8) {
    fail(fb, "root offset points into the header", 0);
    return none;
  }
  return open_table(fb, root);
}

/* The bytes of a field of width bytes, or NULL when it is absent (or broken). */
static const uint8_t *field_at(ew_fb_table table, uint32_t field, uint32_t width) {
  ew_fb *fb = table.fb;
  if (table.position == 0 || fb->status != EW_OK) return NULL;
  const uint32_t slot = 4 + 2 * field;
  if (slot + 2 > table.vtable_size) return NULL;
  const uint16_t offset = ew_load_u16(fb->bytes.data + table.vtable + slot);
  if (offset == 0) return NULL;
  /* Not compared with the table's length: the Python builder behind ExecuTorch >= 1.2 shares a vtable
   * between tables with equal field offsets, so that the length may be another table's. */
  if (offset < 4 || !ew_in_range((uint64_t)table.position + offset, width, fb->bytes.size)) {
    fail(fb, "field is outside the buffer", table.position);
    return NULL;
  }
  if (!ew_fb_need(fb, (uint64_t)table.position + offset, width)) return NULL;
  return fb->bytes.data + table.position + offset;
}

bool ew_fb_present(ew_fb_table table, uint32_t field) { return field_at(table, field, 1) != NULL; }

uint8_t ew_fb_u8(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 1);
  return p == NULL ? 0 : *p;
}
int8_t ew_fb_i8(ew_fb_table table, uint32_t field) { return (int8_t)ew_fb_u8(table, field); }
int16_t ew_fb_i16(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 2);
  return p == NULL ? 0 : (int16_t)ew_load_u16(p);
}
uint32_t ew_fb_u32(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 4);
  return p == NULL ? 0 : ew_load_u32(p);
}
int32_t ew_fb_i32(ew_fb_table table, uint32_t field) { return (int32_t)ew_fb_u32(table, field); }
uint64_t ew_fb_u64(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 8);
  return p == NULL ? 0 : ew_load_u64(p);
}
int64_t ew_fb_i64(ew_fb_table table, uint32_t field) { return (int64_t)ew_fb_u64(table, field); }
float ew_fb_f32(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 4);
  return p == NULL ? 0 : ew_load_f32(p);
}
double ew_fb_f64(ew_fb_table table, uint32_t field) {
  const uint8_t *p = field_at(table, field, 8);
  return p == NULL ? 0 : ew_load_f64(p);
}

/* Follows the forward offset stored at p; 0 when it leaves the buffer. */
static uint64_t follow(ew_fb *fb, const uint8_t *p) {
  const uint64_t from = (uint64_t)(p - fb->bytes.data);
  const uint64_t target = from + ew_load_u32(p);
  if (target == from || !ew_in_range(target, 4, fb->bytes.size)) {
    fail(fb, "offset leaves the buffer", (uint32_t)from);
    return 0;
  }
  return target;
}

ew_fb_table ew_fb_sub(ew_fb_table table, uint32_t field) {
  const ew_fb_table none = {.fb = table.fb};
  const uint8_t *p = field_at(table, field, 4);
  if (p == NULL) return none;
  const uint64_t target = follow(table.fb, p);
  return target == 0 ? none : open_table(table.fb, target);
}

ew_fb_vector ew_fb_range(ew_fb_table table, uint32_t field, uint32_t element_size) {
  ew_fb *fb = table.fb;
  const ew_fb_vector none = {.fb = fb};
  const uint8_t *p = field_at(table, field, 4);
  if (p == NULL) return none;
  const uint64_t target = follow(fb, p);
  if (target == 0 || !ew_fb_need(fb, target, 4)) return none;
  const uint32_t count = ew_load_u32(fb->bytes.data + target);
  if (!ew_in_range(target + 4, (uint64_t)count * element_size, fb->bytes.size)) {
    fail(fb, "vector leaves the buffer", (uint32_t)target);
    return none;
  }
  return (ew_fb_vector){.fb = fb,
                        .position = (uint32_t)target + 4,
                        .items = fb->bytes.data + target + 4,
                        .count = count,
                        .present = true};
}

ew_fb_vector ew_fb_vec(ew_fb_table table, uint32_t field, uint32_t element_size) {
  const ew_fb_vector vector = ew_fb_range(table, field, element_size);
  const ew_fb_vector none = {.fb = table.fb};
  if (!vector.present) return none;
  const uint64_t size = (uint64_t)vector.count * element_size;
  return ew_fb_need(table.fb, vector.position, size) ? vector : none;
}

const char *ew_fb_str(ew_fb_table table, uint32_t field) {
  const ew_fb_vector text = ew_fb_vec(table, field, 1);
  if (!text.present) return "";
  if (text.count > EW_MAX_NAME) {
    fail(table.fb, "string is too long", text.position);
    return "";
  }
  const bool has_end = ew_in_range((uint64_t)text.position + text.count, 1, table.fb->bytes.size);
  if (has_end && !ew_fb_need(table.fb, (uint64_t)text.position + text.count, 1)) return "";
  if (!has_end || text.items[text.count] != 0) {
    fail(table.fb, "string is not NUL-terminated", text.position);
    return "";
  }
  return (const char *)text.items;
}

ew_fb_table ew_fb_vec_table(ew_fb_vector vector, uint32_t index) {
  const ew_fb_table none = {.fb = vector.fb};
  if (vector.fb->status != EW_OK || index >= vector.count) return none;
  const uint64_t target = follow(vector.fb, vector.items + 4 * (size_t)index);
  return target == 0 ? none : open_table(vector.fb, target);
}
