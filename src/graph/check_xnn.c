/* Rules of XNNPACK nodes. */
#include "graph/graph.h"

ew_status ew_graph_check_xnn_node(const ew_graph *graph, const ew_node *node, ew_error *err) {
  (void)graph;
  (void)node;
  (void)err;
  return EW_OK;
}
