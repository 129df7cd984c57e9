/* The structural rules of a graph, each checked once, at load. */
#ifndef EW_GRAPH_CHECK_H
#define EW_GRAPH_CHECK_H

#include "graph/ir.h"

/* Rules of one node, or of all nodes from first_node on: operand ids, arity, and for nodes of ops.def shapes against
 * parameters, filters and declared outputs, and quantisation parameters. Reports the first broken rule with
 * node number and operator name. */
ew_status ew_graph_check_node(const ew_graph *graph, uint32_t node, ew_error *err);
ew_status ew_graph_check_nodes(const ew_graph *graph, uint32_t first_node, ew_error *err);

/* The same for one node of ops.def whose operand ids are known to be good. */
ew_status ew_graph_check_op_node(const ew_graph *graph, const ew_node *node, ew_error *err);

/* The same for the nodes of a segment, and that each of its values is written once, before it is read, and
 * that each node's result is used. */
ew_status ew_graph_check_segment(const ew_graph *graph, uint32_t segment, ew_error *err);

#endif
