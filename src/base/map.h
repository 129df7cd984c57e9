/* A hash map from 64-bit keys to indices. Its memory is the arena's. */
#ifndef EW_BASE_MAP_H
#define EW_BASE_MAP_H

#include <stdint.h>

#include "base/arena.h"

enum {
  EW_MAP_NONE = UINT32_MAX
}; /* what get answers when a key is not in the map; never a value */

typedef struct ew_map_slot {
  uint64_t key;
  uint32_t value; /* EW_MAP_NONE: free */
} ew_map_slot;

typedef struct ew_map {
  ew_map_slot *slots;
  uint32_t mask; /* number of slots - 1 */
} ew_map;

/* An empty map for at most max_keys keys. */
ew_status ew_map_init(ew_map *map, ew_arena *arena, uint32_t max_keys, ew_error *err);
/* Adds a key or replaces its value. */
void ew_map_set(ew_map *map, uint64_t key, uint32_t value);
uint32_t ew_map_get(const ew_map *map, uint64_t key);

/* A key for a text. Texts may share one: compare what get has found. */
uint64_t ew_map_text_key(const char *text);

#endif
