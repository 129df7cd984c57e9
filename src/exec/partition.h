/* Which nodes an executor runs, and in which segments. */
#ifndef EW_EXEC_PARTITION_H
#define EW_EXEC_PARTITION_H

#include "exec/executor.h"

/* Gathers the steps that are nodes of ops.def into segments: each maximal run of neighbours that the executor
 * supports becomes one. A node that it does not support becomes a kernel node if it has a kernel (with
 * attributes to match); else the executor's reason is the error. Nodes whose results nobody uses are
 * removed. For formats that state one flat list; segments that exist stay as they are. The graph is
 * complete, and has passed ew_graph_check_nodes. */
ew_status ew_partition_nodes(const ew_executor_ops *ops, ew_graph *graph, ew_error *err);

/* Gives a complete segment to the executor: asks whether it runs each node, then lets it rewrite the segment
 * (which may split it: segments that are new afterwards have been given, too). */
ew_status ew_partition_adopt(ew_executor *executor, ew_graph *graph, uint32_t segment,
                             bool optimise, ew_error *err);

#endif
