/* Growable lists in plain memory. */
#include "base/list.h"

#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"

enum { FIRST_CAPACITY = 64 };

ew_status ew_list_reserve(void *list_pointer, uint32_t *capacity, uint32_t need, size_t item,
                          ew_error *err) {
  if (need <= *capacity) return EW_OK;
  uint32_t room = *capacity == 0 ? FIRST_CAPACITY : *capacity;
  while (room < need) room *= 2;
  uint8_t *old = NULL;
  memcpy(&old, list_pointer, sizeof old);
  size_t bytes = 0;
  uint8_t *bigger = ew_mul_size(room, item, &bytes) ? ew_alloc(bytes) : NULL;
  EW_CHECK(bigger != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a list of %u items", need);
  const size_t used = (size_t)*capacity * item;
  if (used > 0) memcpy(bigger, old, used);
  memset(bigger + used, 0, bytes - used);
  ew_free(old);
  memcpy(list_pointer, &bigger, sizeof bigger);
  *capacity = room;
  return EW_OK;
}
