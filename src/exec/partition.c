/* Which nodes an executor runs. */
#include "exec/partition.h"

ew_status ew_partition_adopt(ew_executor *executor, ew_graph *graph, uint32_t segment,
                             bool optimise, ew_error *err) {
  const ew_executor_ops *ops = executor->ops;
  for (uint32_t i = 0; i < graph->segments[segment].num_nodes; i++) {
    EW_TRY(ops->supports(graph, ew_segment_node(graph, segment, i), err));
  }
  if (ops->refine == NULL) return EW_OK;
  return ops->refine(executor, graph, segment, optimise, err);
}
