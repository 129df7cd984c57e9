/* Growable lists in plain memory: what dies before the model does. (What lives as long as a model grows
 * in its arena.) */
#ifndef EW_BASE_LIST_H
#define EW_BASE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Makes room for `need` items of `item` bytes in the list that *list_pointer points to (NULL at first;
 * free it with ew_free). Items beyond the old capacity are zero. */
ew_status ew_list_reserve(void *list_pointer, uint32_t *capacity, uint32_t need, size_t item,
                          ew_error *err);

#endif
