/* Rewrites of the graph that keep its values. Each can be switched off at load (skip_passes), and a
 * test runs every model both ways. */
#ifndef EW_GRAPH_PASSES_H
#define EW_GRAPH_PASSES_H

#include "graph/ir.h"

/* Splits dilated convolutions whose taps mostly fall on the padding: XNNPACK multiplies the zeros, so a
 * 3x3 convolution of dilation 36 on a 28x28 map does nine times the work that is needed. Each live tap
 * becomes a 1x1 convolution of the part of the map that it touches; the results are padded back and
 * added up. Only static f32 convolutions of stride 1 and one group whose filter is a constant; weights
 * are taken to be finite. The segment must be the graph's newest. */
ew_status ew_pass_dead_taps(ew_graph *graph, uint32_t segment, ew_error *err);

/* Moves a clamp into the convolution or product before it, in front of packing: XNNPACK would do it when
 * it builds the runtime, but then the packed weights have the wrong output scale where the clamp changes
 * it, and a lower bound above 0 lands in the convolution's padding (the two share memory there). Not a
 * matter of choice: it runs with skip_passes too. The segment must be the graph's newest. */
void ew_pass_clamps(ew_graph *graph, uint32_t segment);

/* Removes pairs of transposes that undo each other. The segment must be the graph's newest. */
void ew_pass_transposes(ew_graph *graph, uint32_t segment);

/* Gives 3x3 convolutions of stride 1 a segment of their own, which the lowering runs by Winograd's method
 * F(2x2, 3x3) (Lavin and Gray 2015): 16 multiplications where the definition has 36. Only f32 with one
 * group, static shapes and enough channels, and only while the packed weights grow by an eighth or 1 MiB
 * at most. Results differ from the direct sum by rounding (a few 1e-7 of the largest term); inputs are
 * taken to be finite, since an infinity spreads to the other outputs of its 2x2 tile. A SiLU behind such
 * a convolution is computed with its outputs. The segment that is split keeps its inputs and outputs
 * and names its parts. */
ew_status ew_pass_fast_conv(ew_graph *graph, uint32_t segment, ew_error *err);

/* Turns kernels that only copy (clone, view_copy, a cast to the same type, an expand to the same shape)
 * into views. */
void ew_pass_copies_to_views(ew_graph *graph);

/* Fills tap->data from the filter's bytes: tap[o][i] = filter[o][tap][i]. */
void ew_gather_tap(const ew_constant *filter, const ew_constant *tap);

#endif
