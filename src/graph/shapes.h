/* Shapes of nodes of ops.def: what comes out of what goes in, in memory order. */
#ifndef EW_GRAPH_SHAPES_H
#define EW_GRAPH_SHAPES_H

#include "graph/ir.h"

/* The most inputs that a node of ops.def has. */
enum { EW_MAX_OP_INPUTS = 5 };

/* The shape of what the node writes (all its outputs have the same), and its multiplications or, where it
 * has none, elements. inputs: one per input of the node. EW_INVALID_PROGRAM when parameters and inputs do
 * not fit each other. */
ew_status ew_derive_shape(const ew_graph *graph, const ew_node *node, const ew_shape *inputs,
                          ew_shape *out, uint64_t *out_work, ew_error *err);

/* Derives all shapes of a segment from those of its inputs, before an executor may see them. shapes: by
 * value id; those of the segment's inputs are given, those of its other values that are no constants are
 * filled in. Adds the work to *inout_work; EW_OUT_OF_RESOURCES when that exceeds max_work. */
ew_status ew_graph_derive_segment(const ew_graph *graph, uint32_t segment, ew_shape *shapes,
                                  uint64_t max_work, uint64_t *inout_work, ew_error *err);

#endif
