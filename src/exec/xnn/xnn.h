/* Lowering to XNNPACK. Only files of this directory include xnnpack.h.
 *
 * Life of a segment: constants arrive -> ew_xnn_pack_node for each node that packs (the raw bytes may
 * be freed afterwards) -> ew_xnn_build once all constants of the segment have arrived ->
 * ew_xnn_reshape when input shapes are known -> ew_xnn_setup when pointers are known -> ew_xnn_run. */
#ifndef EW_XNN_XNN_H
#define EW_XNN_XNN_H

#include "base/arena.h"
#include "graph/ir.h"

/* Everything that XNNPACK holds for one graph: the packed weights, one workspace shared by all
 * segments, a thread pool. */
typedef struct ew_xnn ew_xnn;

typedef struct ew_xnn_options {
  uint32_t num_threads; /* 0 or 1: the calling thread only */
  bool profile;         /* keep time per operator */
} ew_xnn_options;

/* Names what this build of XNNPACK cannot run of this node (fp16, a missing data type combination);
 * EW_OK when it can. Called for every node at load, before any weight is read. */
ew_status ew_xnn_supports(const ew_graph *graph, const ew_node *node, ew_error *err);

/* True when XNNPACK packs (copies) the filter and bias of this node through ew_xnn_pack_node, so that
 * inputs 1 and 2 need not stay in memory. False for depthwise convolutions, whose raw weights are
 * needed until ew_xnn_build, and for everything else, whose constants stay for good. */
bool ew_xnn_packs(const ew_graph *graph, const ew_node *node);
/* True when this constant operand is copied at the latest by ew_xnn_build (depthwise filters and
 * biases), so that its bytes may be freed after it. */
bool ew_xnn_copies_at_build(const ew_graph *graph, const ew_node *node, uint32_t input_index);

ew_status ew_xnn_create(const ew_graph *graph, const ew_xnn_options *options, ew_xnn **out,
                        ew_error *err);
void ew_xnn_destroy(ew_xnn *xnn);

/* Packs the weights of one node whose filter, bias and scales have arrived. At most once per node. */
ew_status ew_xnn_pack_node(ew_xnn *xnn, uint32_t node_index, ew_error *err);

/* Creates the runtime of a segment. */
ew_status ew_xnn_build(ew_xnn *xnn, uint32_t segment, ew_error *err);

/* dims per input and output of the segment, in the order of ew_segment.inputs and .outputs; ranks as
 * in the graph's values. Reads the input dims, writes the output dims. Physical (memory) order. */
ew_status ew_xnn_reshape(ew_xnn *xnn, uint32_t segment, const size_t (*input_dims)[EW_MAX_RANK],
                         size_t (*output_dims)[EW_MAX_RANK], ew_error *err);

/* Pointers per input and output, with EW_EXTRA_BYTES readable behind each. Must be called after
 * ew_xnn_reshape and whenever a pointer changes. */
ew_status ew_xnn_setup(ew_xnn *xnn, uint32_t segment, void *const *inputs, void *const *outputs,
                       ew_error *err);
ew_status ew_xnn_run(ew_xnn *xnn, uint32_t segment, ew_error *err);

/* Bytes of packed weights, and the size of the shared workspace. */
size_t ew_xnn_packed_bytes(const ew_xnn *xnn);

/* Times of the operators of a segment's last run (needs options.profile): calls visit once per
 * operator with XNNPACK's name and microseconds. Not for fast convolutions, which are no runtimes. */
ew_status ew_xnn_profile(ew_xnn *xnn, uint32_t segment,
                         void (*visit)(void *context, const char *name, uint64_t microseconds),
                         void *context, ew_error *err);

#endif
