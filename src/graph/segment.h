/* Editing segments. A pass may edit any segment at any time before its weights are packed. */
#ifndef EW_GRAPH_SEGMENT_H
#define EW_GRAPH_SEGMENT_H

#include "graph/ir.h"

/* Appends a node that belongs to no segment. */
ew_status ew_segment_add_node(ew_graph *graph, uint32_t segment, uint32_t node, ew_error *err);
/* The index in the segment of a node that is in it. */
uint32_t ew_segment_place_of(const ew_graph *graph, uint32_t segment, const ew_node *node);
/* Takes node number index out of the segment and out of the graph. */
void ew_segment_remove_node(ew_graph *graph, uint32_t segment, uint32_t index);
/* Replaces the list of nodes. What was in it and is not in the new one is removed from the graph; what is
 * new belongs to no segment yet. nodes lives in the graph's arena and becomes the segment's. */
void ew_segment_set_nodes(ew_graph *graph, uint32_t segment, uint32_t *nodes, uint32_t count);

/* The last node of the segment's first `end` nodes that writes the value; NULL: none. */
ew_node *ew_segment_writer(const ew_graph *graph, uint32_t segment, uint32_t end, uint32_t value);
/* How often nodes of the segment read the value; being an output of the segment counts as one more. */
uint32_t ew_segment_count_uses(const ew_graph *graph, uint32_t segment, uint32_t value);
bool ew_segment_has_output(const ew_graph *graph, uint32_t segment, uint32_t value);

/* Splits a segment: node i begins a part where begins[i] (begins[0] holds always). The first part keeps the
 * segment's number; the others are new segments, and the step of the whole is replaced by one per part.
 * *out_done false, and nothing changed: a value that would cross from part to part may not leave a segment
 * (may_cross), or the graph would have too many segments. */
ew_status ew_segment_split(ew_graph *graph, uint32_t segment, const bool *begins,
                           bool (*may_cross)(const ew_value *value), bool *out_done, ew_error *err);

#endif
