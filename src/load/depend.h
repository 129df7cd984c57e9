/* Who waits for which constant, and who still needs its bytes. All of it lives beside the graph, by id.
 *
 * A constant is asked for when something that uses it is registered. When its bytes have arrived, what
 * waits for it continues: a node is packed once its filter, bias and scales are here, a segment is built once
 * all its constants are, a derived constant is made once its sources are. Bytes are freed when nobody needs
 * them any more: packing and building copy, deriving has used its sources up. */
#ifndef EW_LOAD_DEPEND_H
#define EW_LOAD_DEPEND_H

#include "exec/executor.h"
#include "graph/ir.h"
#include "load/stage.h"

typedef enum ew_arrival {
  EW_ARRIVAL_UNKNOWN, /* nobody has used it */
  EW_ARRIVAL_AWAITED,
  EW_ARRIVAL_HERE,
  EW_ARRIVAL_GONE /* freed; is read again when it is used again */
} ew_arrival;

typedef struct ew_constant_entry {
  ew_arrival state;
  bool kept;             /* needed at run time: never freed */
  uint32_t holders;      /* that still need its bytes */
  uint32_t first_waiter; /* index + 1 into waiters; 0: nobody */
  uint32_t missing;      /* derived: sources that have not arrived */
  uint32_t depth;        /* derived: 1 + the depth of its deepest source */
} ew_constant_entry;

typedef enum ew_waiter_kind {
  EW_WAITER_NODE,
  EW_WAITER_SEGMENT,
  EW_WAITER_CONSTANT
} ew_waiter_kind;

typedef struct ew_waiter {
  ew_waiter_kind kind;
  uint32_t index;
  uint32_t next; /* as first_waiter */
} ew_waiter;

/* A node or segment. */
typedef struct ew_pending {
  uint32_t missing; /* constants that have not arrived */
  bool due;         /* is to be packed or built, and has not been */
} ew_pending;

typedef struct ew_depend {
  ew_graph *graph;
  ew_executor *executor;
  ew_stage *stage;
  ew_constant_entry *constants;
  uint32_t cap_constants;
  ew_pending *nodes;
  uint32_t cap_nodes;
  ew_pending *segments;
  uint32_t cap_segments;
  ew_waiter *waiters;
  uint32_t num_waiters, cap_waiters;
  uint32_t *needed; /* constants to be read or derived, in the order in which they were asked for */
  uint32_t num_needed, needed_taken, cap_needed;
} ew_depend;

/* The graph may grow between calls. All zero before. */
void ew_depend_init(ew_depend *depend, ew_graph *graph, ew_executor *executor, ew_stage *stage);
void ew_depend_free(ew_depend *depend);

/* A constant that stays in memory: kernels read it, it is an output, it starts a state. */
ew_status ew_depend_keep(ew_depend *depend, uint32_t constant, ew_error *err);
/* Asks for the constants of a segment that the executor has taken. */
ew_status ew_depend_add_segment(ew_depend *depend, uint32_t segment, ew_error *err);
/* Packs and builds what waits for nothing of a segment that has been added. */
ew_status ew_depend_start(ew_depend *depend, uint32_t segment, ew_error *err);

/* A constant whose bytes must be read from the file; EW_NONE when there is none that was not given before.
 * Derives, by the way, what needs no reading because its sources are here. */
ew_status ew_depend_next(ew_depend *depend, uint32_t *out_constant, ew_error *err);
/* Gives a constant memory for its bytes, as late as possible. */
ew_status ew_depend_allocate(ew_depend *depend, uint32_t constant, ew_error *err);
/* Its bytes are in place: packs, builds and derives what has waited for them only. */
ew_status ew_depend_arrived(ew_depend *depend, uint32_t constant, ew_error *err);

#endif
