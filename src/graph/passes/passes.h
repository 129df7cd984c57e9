/* Rewrites of one segment that keep its values. The segment must be complete, and nothing of it packed. Which
 * of them an executor wants is its choice (ew_executor_ops.refine). */
#ifndef EW_GRAPH_PASSES_PASSES_H
#define EW_GRAPH_PASSES_PASSES_H

#include "graph/ir.h"

/* Splits dilated convolutions whose taps mostly fall on the padding: a convolution that multiplies the zeros,
 * 3x3 with dilation 36 on a 28x28 map, does nine times the work that is needed. Each live tap becomes a 1x1
 * convolution of the part of the map that it touches; the results are padded back and added up. Only static
 * f32 convolutions of stride 1 and one group whose filter is a constant; weights are taken to be finite. */
ew_status ew_pass_dead_taps(ew_graph *graph, uint32_t segment, ew_error *err);

/* Quantises before what only moves elements (transpose, reshape, copy, padding with zeros) instead of behind it, and
 * removes conversions of bytes to floats and back to the same bytes: exact, since each element is converted alone. */
ew_status ew_pass_quantise_early(ew_graph *graph, uint32_t segment, ew_error *err);

/* Makes zeros around a picture the padding of the convolution that alone reads them, also through a transpose. */
ew_status ew_pass_pads(ew_graph *graph, uint32_t segment, ew_error *err);

/* Makes x * sigmoid(x) and x * sigmoid(x * number) of f32 one node, which rounds otherwise; not in segments that
 * quantise floats. */
void ew_pass_silu(ew_graph *graph, uint32_t segment);

/* Removes pairs of transposes that undo each other. */
void ew_pass_transposes(ew_graph *graph, uint32_t segment);

#endif
