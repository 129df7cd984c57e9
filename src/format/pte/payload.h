/* What the files of the payload reader share. */
#ifndef EW_FORMAT_PTE_PAYLOAD_H
#define EW_FORMAT_PTE_PAYLOAD_H

#include "format/pte/internal.h"

/* Flags of a value. */
enum { PAYLOAD_EXTERNAL_INPUT = 1, PAYLOAD_EXTERNAL_OUTPUT = 2 };

/* One payload being read into the segment of one call. */
typedef struct payload_reader {
  pte_file *pte;
  ew_graph *graph;
  const pte_payload *payload;
  pte_call *call;
  ew_fb fb;
  ew_fb_table root;
  ew_map ids; /* id_out -> graph value */
  uint32_t num_externs;
  uint8_t *extern_flags; /* per external id: flags seen */
  uint32_t *widened; /* per external id: i32 value whose i64 twin the method wants, or EW_NONE */
  ew_error *err;
} payload_reader;

/* Elements of a value. */
static inline size_t payload_numel(const ew_value *value) {
  size_t n = 1;
  for (uint32_t i = 0; i < value->rank; i++) n *= value->dims[i];
  return n;
}

/* payload_values.c: adds a graph value for every value of the payload that is not the method's. */
ew_status payload_read_values(payload_reader *r);
/* payload_values.c: the graph value of an id; EW_NONE for UINT32_MAX when optional. */
ew_status payload_find_id(const payload_reader *r, uint32_t id, bool optional, uint32_t *out);
/* payload_nodes.c: adds the nodes to the call's segment. */
ew_status payload_read_nodes(payload_reader *r);

#endif
