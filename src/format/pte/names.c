/* Names of data, of the program and of a data file: found by a map that the first search fills. */
#include <string.h>

#include "format/pte/internal.h"

static const char *name_at(const pte_names *names, uint32_t index) {
  return ew_fb_str(ew_fb_vec_table(names->list, index), 0);
}

static ew_status index_names(pte_file *pte, pte_names *names, ew_error *err) {
  EW_TRY(ew_map_init(&names->map, pte->arena, names->list.count, err));
  for (uint32_t i = 0; i < names->list.count; i++) {
    const char *name = name_at(names, i);
    EW_TRY(ew_fb_status(names->list.fb));
    const uint64_t key = ew_map_text_key(name);
    const uint32_t other = ew_map_get(&names->map, key);
    if (other == EW_MAP_NONE) ew_map_set(&names->map, key, i);
    EW_CHECK(other == EW_MAP_NONE || strcmp(name_at(names, other), name) == 0, err,
             EW_NOT_SUPPORTED, "program: the names of weights %u and %u have the same hash", other,
             i);
  }
  return EW_OK;
}

ew_status pte_find_name(pte_file *pte, pte_names *names, const char *key, uint32_t *out_index,
                        ew_error *err) {
  *out_index = EW_NONE;
  if (names->map.slots == NULL) EW_TRY(index_names(pte, names, err));
  const uint32_t found = ew_map_get(&names->map, ew_map_text_key(key));
  if (found != EW_MAP_NONE && strcmp(name_at(names, found), key) == 0) *out_index = found;
  return EW_OK;
}
