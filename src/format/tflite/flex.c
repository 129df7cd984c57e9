/* FlexBuffers are written from the leaves to the root, so that reading starts at the last byte. */
#include "format/tflite/flex.h"

#include <string.h>

enum {
  TYPE_INT = 1,
  TYPE_UINT = 2,
  TYPE_FLOAT = 3,
  TYPE_INDIRECT = 6,
  TYPE_MAP = 9,
  TYPE_BOOL = 26
};
enum { MAX_ENTRIES = 64 };

static uint64_t load(const uint8_t *p, uint32_t width) {
  switch (width) {
    case 1:
      return *p;
    case 2:
      return ew_load_u16(p);
    case 4:
      return ew_load_u32(p);
    default:
      return ew_load_u64(p);
  }
}

static bool is_width(uint32_t width) {
  return width == 1 || width == 2 || width == 4 || width == 8;
}

/* Follows the backward distance that is stored at `at`. */
static bool follow(ew_bytes bytes, size_t at, uint32_t width, size_t *out) {
  if (!ew_in_range(at, width, bytes.size)) return false;
  const uint64_t distance = load(bytes.data + at, width);
  if (distance > at) return false;
  *out = at - (size_t)distance;
  return true;
}

static bool open_keys(tfl_flex *map) {
  const size_t head = 3 * (size_t)map->width; /* distance to the keys, their width, the count */
  if (map->values < head) return false;
  const size_t at = map->values - head;
  const uint64_t key_width = load(map->bytes.data + at + map->width, map->width);
  const uint64_t count = load(map->bytes.data + at + 2 * map->width, map->width);
  if (key_width > 8 || !is_width((uint32_t)key_width) || count > MAX_ENTRIES) return false;
  map->key_width = (uint32_t)key_width;
  map->count = (uint32_t)count;
  if (!follow(map->bytes, at, map->width, &map->keys)) return false;
  /* Values are followed by a byte of type each. */
  return ew_in_range(map->values, count * (map->width + 1), map->bytes.size) &&
         ew_in_range(map->keys, count * key_width, map->bytes.size);
}

static const char *key_at(const tfl_flex *map, uint32_t i) {
  size_t at = 0;
  if (!follow(map->bytes, map->keys + (size_t)i * map->key_width, map->key_width, &at)) return NULL;
  const uint8_t *text = map->bytes.data + at;
  return memchr(text, 0, map->bytes.size - at) != NULL ? (const char *)text : NULL;
}

ew_status tfl_flex_open(ew_bytes bytes, const char *what, tfl_flex *out, ew_error *err) {
  *out = (tfl_flex){.bytes = bytes};
  bool good = bytes.size >= 3;
  if (good) {
    const uint32_t root_width = bytes.data[bytes.size - 1], type = bytes.data[bytes.size - 2];
    out->width = 1u << (type & 3);
    good = is_width(root_width) && root_width + 2 <= bytes.size && type >> 2 == TYPE_MAP &&
           follow(bytes, bytes.size - 2 - root_width, root_width, &out->values) && open_keys(out);
  }
  for (uint32_t i = 0; good && i < out->count; i++) good = key_at(out, i) != NULL;
  EW_CHECK(good, err, EW_INVALID_PROGRAM, "%s: its options are no FlexBuffer map", what);
  return EW_OK;
}

static double number(const uint8_t *p, uint32_t type, uint32_t width, double fallback) {
  if (type == TYPE_UINT || type == TYPE_BOOL) return (double)load(p, width);
  if (type == TYPE_INT) {
    const uint32_t unused = 64 - 8 * width;
    return (double)((int64_t)(load(p, width) << unused) >> unused);
  }
  if (type != TYPE_FLOAT || width < 4) return fallback;
  return width == 4 ? (double)ew_load_f32(p) : ew_load_f64(p);
}

double tfl_flex_number(const tfl_flex *map, const char *name, double fallback) {
  for (uint32_t i = 0; i < map->count; i++) {
    if (strcmp(key_at(map, i), name) != 0) continue;
    const size_t at = map->values + (size_t)i * map->width;
    const uint8_t packed = map->bytes.data[map->values + (size_t)map->count * map->width + i];
    const uint32_t type = packed >> 2;
    if (type < TYPE_INDIRECT || type > TYPE_INDIRECT + 2) {
      return number(map->bytes.data + at, type, map->width, fallback);
    }
    /* 6, 7, 8: an int, uint or float that lies elsewhere, with a width of its own. */
    size_t target = 0;
    const uint32_t width = 1u << (packed & 3);
    if (!follow(map->bytes, at, map->width, &target) ||
        !ew_in_range(target, width, map->bytes.size)) {
      return fallback;
    }
    return number(map->bytes.data + target, type - TYPE_INDIRECT + TYPE_INT, width, fallback);
  }
  return fallback;
}
