/* Private to exec/xnn: the state of the executor and the lowering of one XNNPACK subgraph. */
#ifndef EW_EXEC_XNN_INTERNAL_H
#define EW_EXEC_XNN_INTERNAL_H

#include <xnnpack.h>

#include "base/arena.h"
#include "exec/xnn/xnn.h"

typedef struct ew_xnn ew_xnn;

/* --- packed weights (weights.c) ---------------------------------------------------------------------- */

/* One block of weights in XNNPACK's packed layout. Its index is the "offset" that XNNPACK keeps. */
typedef struct ew_packed {
  void *data;
  uint32_t seed; /* XNNPACK's hash of shape and tile sizes; must be the same when it is looked up */
} ew_packed;

/* Behind XNNPACK's weights-cache interface. A filter that has been packed is named by a token, an
 * address inside tokens, which XNNPACK compares but never reads. */
typedef struct ew_weights {
  struct xnn_weights_cache_provider provider;
  uint8_t *tokens;   /* [num_nodes] */
  uint32_t *by_node; /* [num_nodes], index into items or EW_NONE */
  uint32_t num_nodes;
  ew_packed *items;
  uint32_t count, capacity;
  void *reserved; /* space handed out and not yet inserted */
  size_t reserved_size;
  size_t bytes;
  uint32_t packing;    /* the node whose weights are being packed, or EW_NONE */
  const char *refused; /* why the provider made XNNPACK fail, or NULL */
  ew_status refusal;   /* the code of that */
} ew_weights;

void ew_weights_init(ew_weights *weights);
void ew_weights_free(ew_weights *weights);
/* Around the packing of a node. */
void ew_weights_begin(ew_weights *weights, const ew_graph *graph, uint32_t node);
void ew_weights_end(ew_weights *weights);
/* Stands for the filter and bias of a packed node. */
const void *ew_weights_token(const ew_weights *weights, uint32_t node);

/* --- memory (memory.c) ------------------------------------------------------------------------------- */

extern const struct xnn_allocator ew_xnn_allocator;
/* Around what XNNPACK does: notes refusals from now on and sets size bytes aside for the moment when
 * memory runs out. */
ew_status ew_xnn_watch(size_t size, ew_error *err);
/* Fails when memory was refused since; a runtime that was reshaped then must be deleted before
 * ew_xnn_unwatch, which gives the reserve back. */
ew_status ew_xnn_watched(ew_error *err);
void ew_xnn_unwatch(void);

/* --- state ------------------------------------------------------------------------------------------- */

typedef struct ew_fast_conv ew_fast_conv;

/* Everything that XNNPACK holds for one graph: the packed weights, one workspace shared by all segments, a
 * thread pool. */
struct ew_xnn {
  ew_executor base;
  const ew_graph *graph;
  ew_executor_options options;
  ew_weights weights;
  xnn_workspace_t workspace;
  pthreadpool_t threadpool;
  xnn_runtime_t *runtimes;   /* [num_segments], NULL until built */
  bool *is_fast;             /* [num_segments]: runs by Winograd's method, and has no runtime */
  ew_fast_conv **fast_convs; /* [num_segments], what it has instead, once packed */
  uint64_t *fast_times; /* [num_segments], microseconds of the last run of a fast convolution */
  float *fast_scratch;  /* shared by all fast convolutions */
  size_t fast_scratch_size;
  uint32_t num_segments;
  uint32_t *ids; /* [num_values]: XNNPACK's id in the subgraph under construction, or EW_NONE */
  uint32_t num_ids;
};

static inline ew_xnn *ew_xnn_of(ew_executor *executor) { return (ew_xnn *)executor; }
static inline const ew_xnn *ew_xnn_of_const(const ew_executor *executor) {
  return (const ew_xnn *)executor;
}

/* The functions of ew_xnn_executor. */
ew_status ew_xnn_supports(const ew_graph *graph, const ew_node *node, ew_error *err);
ew_keep ew_xnn_keeps(const ew_executor *executor, uint32_t node, uint32_t input);
ew_status ew_xnn_pack(ew_executor *executor, uint32_t node, ew_error *err);
ew_status ew_xnn_build(ew_executor *executor, uint32_t segment, ew_error *err);
ew_status ew_xnn_reshape(ew_executor *executor, uint32_t segment, const ew_shape *shapes,
                         ew_error *err);
ew_status ew_xnn_workspace(const ew_executor *executor, uint32_t segment, size_t *out_bytes,
                           ew_error *err);
ew_status ew_xnn_setup(ew_executor *executor, uint32_t segment, void *const *inputs,
                       void *const *outputs, ew_error *err);
ew_status ew_xnn_start(ew_executor *executor, uint32_t segment, ew_error *err);
ew_status ew_xnn_poll(ew_executor *executor, uint32_t segment, ew_progress *out, ew_error *err);
ew_status ew_xnn_times(ew_executor *executor, uint32_t segment, ew_time_visitor *visit,
                       void *context, ew_error *err);

/* Whether XNNPACK can run a node at its declared sizes, and a segment at those of a run, by value id, as
 * ew_executor_ops.reshape gets them (shapes.c). */
ew_status ew_xnn_check_declared(const ew_graph *graph, const ew_node *node, ew_error *err);
ew_status ew_xnn_check_shapes(const ew_graph *graph, uint32_t segment, const ew_shape *shapes,
                              ew_error *err);
/* True when XNNPACK packs the filter and bias of this node before its segment is built (keeps.c). */
bool ew_xnn_packs(const ew_graph *graph, const ew_node *node);
/* The graph may have grown: makes tables by id as long as its lists (state.c). */
ew_status ew_xnn_follow_graph(ew_xnn *xnn, ew_error *err);
/* Moves clamps into the convolutions, products and pools before them (clamps.c). */
ew_status ew_xnn_fuse_clamps(ew_graph *graph, uint32_t segment, ew_error *err);
/* Makes chains of elementwise operators that lead from one 8-bit tensor to another (a SiLU through floats, for one)
 * lookups in a table, which XNNPACK's own operators fill in (tables.c). */
ew_status ew_xnn_fold_tables(ew_graph *graph, uint32_t segment, ew_error *err);
/* Gives 3x3 convolutions of stride 1 segments of their own, which run by Winograd's method: 16 multiplications where
 * the definition has 36, or 36 where it has 144. Only with one group, static shapes, enough channels, and where that is
 * faster. Results of 8-bit convolutions are the same; their packed weights grow, by an eighth of all or 1 MiB at most, and
 * they are left alone where there are 8-bit dot products, which are faster still. In f32, results differ from the
 * direct sum by rounding (a few 1e-7 of the largest term, 2e-6 with tiles of 4x4); inputs are taken to be finite, since
 * an infinity spreads to the other outputs of its tile. A SiLU behind such a convolution is computed with its outputs
 * (fast_choice.c). */
ew_status ew_xnn_choose_fast(ew_xnn *xnn, ew_graph *graph, uint32_t segment, ew_error *err);

#ifdef __wasm_relaxed_simd__
/* Whether there are 8-bit dot products (int8_config.c). */
bool ew_xnn_has_dot(void);
#else
static inline bool ew_xnn_has_dot(void) { return false; }
#endif

/* --- lowering (lower.c) ------------------------------------------------------------------------------ */

/* One subgraph under construction. */
typedef struct ew_lowering {
  ew_xnn *xnn;
  const ew_graph *graph;
  xnn_subgraph_t subgraph;
  ew_arena arena; /* copies of scales, alive until the runtime exists */
  bool packing;   /* the subgraph serves to pack one node; its output goes nowhere */
  ew_error *err;
} ew_lowering;

typedef ew_status (*ew_lower_fn)(ew_lowering *low, const ew_node *node);

ew_status ew_lowering_begin(ew_lowering *low, ew_xnn *xnn, uint32_t num_external, ew_error *err);
void ew_lowering_end(ew_lowering *low);
ew_status ew_lower_node(ew_lowering *low, const ew_node *node);

/* Reports what XNNPACK answered: "node 3 (conv_2d): XNNPACK refuses to define it: …". */
ew_status ew_xnn_fail(ew_error *err, enum xnn_status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
/* EW_OK, or ew_xnn_fail with the node's name. */
ew_status ew_defined(const ew_lowering *low, const ew_node *node, enum xnn_status status);

/* --- values (value.c) -------------------------------------------------------------------------------- */

/* xnn_datatype_invalid when XNNPACK has none for this value. */
enum xnn_datatype ew_xnn_datatype(const ew_value *value);

/* Defines a value that the caller feeds or reads (flags: XNN_VALUE_FLAG_EXTERNAL_*). */
ew_status ew_define_external(ew_lowering *low, uint32_t value, uint32_t external_id,
                             uint32_t flags);
/* XNNPACK's id of a value: defined at its first use, as internal or (constants) static. */
ew_status ew_use_value(ew_lowering *low, uint32_t value, uint32_t *out_id);
/* The same for the filter or bias (input_index 1 or 2) of a node with weights: a token when the
 * node is packed already. XNN_INVALID_VALUE_ID for an absent bias. */
ew_status ew_use_weight(ew_lowering *low, const ew_node *node, uint32_t input_index,
                        uint32_t *out_id);
/* An f32 twin of an 8-bit value or 32-bit bias, for its whole numbers (less the zero point): internal and yet to be written, or,
 * for a constant, static. */
ew_status ew_use_numbers(ew_lowering *low, uint32_t value, uint32_t *out_id);
/* The scales of a value, `item` bytes each, checked; they live as long as the lowering. */
ew_status ew_copy_scales(ew_lowering *low, const ew_value *value, size_t item, const void **out);
/* A static value of the type and scales of a constant, of other sizes (as many) and bytes. The bytes must live as
 * long as the lowering. */
ew_status ew_define_static(ew_lowering *low, uint32_t value, const size_t *dims, const void *data,
                           uint32_t *out_id);
/* An internal value of the same type and shape as a graph value. */
ew_status ew_define_like(ew_lowering *low, uint32_t value, uint32_t *out_id);

/* --- convolutions by Winograd's method (fast_conv.c) ------------------------------------------------- */

void ew_fast_conv_destroy(ew_fast_conv *conv);
size_t ew_fast_conv_packed_bytes(const ew_fast_conv *conv);
/* Reads [N,H,W,C] of the input, writes that of the output and the bytes of scratch that a run with so many threads
 * needs. */
ew_status ew_fast_conv_reshape(ew_fast_conv *conv, const size_t in_dims[4], size_t threads,
                               size_t out_dims[4], size_t *out_scratch, ew_error *err);
void ew_fast_conv_setup(ew_fast_conv *conv, const void *in, void *out);
void ew_fast_conv_run(ew_fast_conv *conv, void *scratch, pthreadpool_t threads);

/* What XNNPACK calls an elementwise operator of one or two inputs (elementwise.c); invalid for others. */
enum xnn_unary_operator ew_xnn_unary(const ew_node *node, union xnn_unary_params *params);
enum xnn_binary_operator ew_xnn_binary(ew_op op);

/* From the bytes of `in` to floats, which hold them less the zero point, and from such floats to the bytes of `out`: to
 * the nearest (half to even), within the bounds of the node (own_operators.c). */
ew_status ew_define_from_bytes(ew_lowering *low, const ew_node *node, uint32_t in, uint32_t out);
ew_status ew_define_to_bytes(ew_lowering *low, const ew_node *node, uint32_t in, uint32_t out);

/* Of an 8-bit convolution, as XNNPACK computes them (conv.c): by what the sums of each of `count` output channels are
 * multiplied, and a bound of the output as a byte. */
ew_status ew_requantisation_scales(ew_lowering *low, const ew_node *node, size_t count,
                                   float *scales);
int32_t ew_quantise_bound(float value, const ew_quant *quant);

/* A sum of floats and a ReLU, which have an operator of their own (own_operators.c). */
bool ew_xnn_is_add_relu(const ew_graph *graph, const ew_node *node);

/* --- one function per lowering family of ops.def ----------------------------------------------------- */

#define EW_OP(id, name, min_inputs, max_inputs, outputs, shape, family) \
  ew_status ew_lower_##family(ew_lowering *low, const ew_node *node);
#include "graph/ops.def"
#undef EW_OP

#endif
