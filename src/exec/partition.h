/* Which nodes an executor runs. */
#ifndef EW_EXEC_PARTITION_H
#define EW_EXEC_PARTITION_H

#include "exec/executor.h"

/* Gives a complete segment to the executor: asks whether it runs each node, then lets it rewrite the segment
 * (which may split it: what is behind the graph's segments afterwards has been given too). */
ew_status ew_partition_adopt(ew_executor *executor, ew_graph *graph, uint32_t segment,
                             bool optimise, ew_error *err);

#endif
