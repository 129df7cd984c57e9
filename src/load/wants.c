/* A binary heap of ranges. */
#include "load/wants.h"

#include "base/list.h"

static bool before(const ew_want_entry *a, const ew_want_entry *b) {
  return a->range.offset < b->range.offset;
}

static void swap(ew_want_entry *a, ew_want_entry *b) {
  const ew_want_entry t = *a;
  *a = *b;
  *b = t;
}

ew_status ew_wants_push(ew_wants *wants, ew_want_entry entry, ew_error *err) {
  EW_TRY(ew_list_reserve(&wants->entries, &wants->capacity, wants->count + 1, sizeof entry, err));
  ew_want_entry *entries = wants->entries;
  uint32_t i = wants->count++;
  entries[i] = entry;
  while (i > 0 && before(&entries[i], &entries[(i - 1) / 2])) {
    swap(&entries[i], &entries[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  return EW_OK;
}

ew_want_entry ew_wants_pop(ew_wants *wants) {
  ew_want_entry *entries = wants->entries;
  const ew_want_entry top = entries[0];
  entries[0] = entries[--wants->count];
  for (uint32_t i = 0;;) {
    uint32_t least = i;
    for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < wants->count; child++) {
      if (before(&entries[child], &entries[least])) least = child;
    }
    if (least == i) return top;
    swap(&entries[i], &entries[least]);
    i = least;
  }
}

void ew_wants_free(ew_wants *wants) {
  ew_free(wants->entries);
  *wants = (ew_wants){0};
}
