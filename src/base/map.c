/* A hash map: open addressing, at most half full. */
#include "base/map.h"

ew_status ew_map_init(ew_map *map, ew_arena *arena, uint32_t max_keys, ew_error *err) {
  uint32_t slots = 16;
  while (slots / 2 < max_keys) slots *= 2;
  EW_TRY(ew_arena_alloc(arena, slots, sizeof *map->slots, &map->slots, err));
  for (uint32_t i = 0; i < slots; i++) map->slots[i].value = EW_MAP_NONE;
  map->mask = slots - 1;
  return EW_OK;
}

/* The slot of a key, or the free one where it would go. */
static ew_map_slot *find(const ew_map *map, uint64_t key) {
  /* Neighbouring keys land far apart (Fibonacci hashing). */
  uint32_t slot = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & map->mask;
  while (map->slots[slot].value != EW_MAP_NONE && map->slots[slot].key != key) {
    slot = (slot + 1) & map->mask;
  }
  return &map->slots[slot];
}

void ew_map_set(ew_map *map, uint64_t key, uint32_t value) {
  *find(map, key) = (ew_map_slot){.key = key, .value = value};
}

uint32_t ew_map_get(const ew_map *map, uint64_t key) { return find(map, key)->value; }

uint64_t ew_map_text_key(const char *text) {
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  for (; *text != '\0'; text++) hash = (hash ^ (uint8_t)*text) * 1099511628211u;
  return hash;
}
