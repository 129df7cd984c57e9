/* The one intermediate representation: every model file becomes an ew_graph.
 *
 * A graph is a list of values, a list of nodes, the constants that some values hold, and steps in execution
 * order. A step is a segment (nodes that one executor runs as a unit) or a single node (a row of the kernel
 * table, or a view). The graph is neutral: it knows no file format, no executor and no loader; what those
 * keep about a node or a constant lies in tables of theirs, by its number, which never changes.
 *
 * Values, nodes, segments and constants are numbered as they are added and never move to another number; a
 * node that a pass takes out becomes EW_OP_REMOVED. All memory lives in the graph's arena, but for the bytes
 * of constants. ew_graph_check_* check every structural rule once. */
#ifndef EW_GRAPH_IR_H
#define EW_GRAPH_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/tensor.h"

#define EW_NONE UINT32_MAX /* no value, no constant, no segment */

typedef enum ew_op {
#define EW_OP(id, ...) EW_OP_##id,
#include "graph/ops.def"
#undef EW_OP
  EW_OP_KERNEL,  /* node.kernel names the row of the kernel table */
  EW_OP_VIEW,    /* one input, one output: the same bytes under another shape, no copy */
  EW_OP_REMOVED, /* taken out by a pass: belongs to nothing, has no operands */
  EW_OP_COUNT
} ew_op;

/* --- values ------------------------------------------------------------------------------------ */

typedef enum ew_quant_kind {
  EW_QUANT_NONE,
  EW_QUANT_TENSOR,  /* scale[0], zero_point */
  EW_QUANT_CHANNEL, /* scale[count] along channel_dim, zero_point (8 for i4, else 0) */
  EW_QUANT_TOKEN,   /* dynamic: one scale per row; num_nonbatch_dims trailing dims share it */
  EW_QUANT_BLOCK    /* i4 weights: bf16 scale[count], block_size input channels share one */
} ew_quant_kind;

/* real = scale * (q - zero_point). Scales come inline (scale != NULL) or from a constant. */
typedef struct ew_quant {
  ew_quant_kind kind;
  int32_t zero_point;
  uint32_t channel_dim;
  uint32_t num_nonbatch_dims;
  uint32_t block_size;
  uint32_t count;
  const float *scale;      /* [count], f32; NULL for EW_QUANT_BLOCK and when from a constant */
  uint32_t scale_constant; /* EW_NONE, or the constant that holds f32 (block: bf16) scales */
} ew_quant;

enum {
  EW_VALUE_INPUT = 1,   /* of the method */
  EW_VALUE_OUTPUT = 2,  /* of the method */
  EW_VALUE_STATE = 4,   /* a mutable buffer: keeps its bytes from run to run */
  EW_VALUE_SCALAR = 8,  /* a symbolic integer: i64, rank 0 */
  EW_VALUE_DYNAMIC = 16 /* a run may use other dims; those of inputs have no more elements */
};

/* A tensor. dims are its logical sizes, order says how they lie in memory, outermost first. Nodes of ops.def
 * work on sizes in memory order (ew_value_shape): pictures are NHWC there, whether a value is declared as
 * [N,C,H,W] with order {0,2,3,1} or as [N,H,W,C] in plain order. Kernels work on logical sizes. */
typedef struct ew_value {
  ew_dtype dtype;
  uint32_t flags; /* EW_VALUE_* */
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
  uint8_t order[EW_MAX_RANK]; /* identity when row-major */
  uint32_t free_dims;         /* bit per size of an input that another load may choose */
  uint32_t constant;          /* EW_NONE, or index of its bytes in constants */
  uint32_t initial;           /* EW_VALUE_STATE: constant with the first bytes; EW_NONE: zeros */
  const char *name;           /* "" when unknown */
  ew_quant quant;
} ew_value;

/* Sizes of a tensor in memory order. */
typedef struct ew_shape {
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
} ew_shape;

/* --- constants --------------------------------------------------------------------------------- */

typedef enum ew_constant_kind {
  EW_CONSTANT_RANGE,   /* bytes of the file: [offset, offset + size) */
  EW_CONSTANT_LITERAL, /* bytes that the format or a pass has made */
  EW_CONSTANT_DERIVED  /* computed from other constants */
} ew_constant_kind;

enum { EW_MAX_SOURCES = 3 };

struct ew_graph;

/* Writes the size bytes of constant number id to out; the bytes of its sources are there. It must write the
 * same at each call: it may be asked again after the bytes were freed. */
typedef ew_status ew_derive_fn(const struct ew_graph *graph, uint32_t id, uint8_t *out,
                               ew_error *err);

/* How a constant is computed: a tap cut out of a filter, a matrix made dense, f16 widened to f32. */
typedef struct ew_derivation {
  ew_derive_fn *make;
  const void *context; /* what make needs to know beside the sources; in the arena */
  uint32_t num_sources;
  uint32_t sources[EW_MAX_SOURCES]; /* constants added before this one */
} ew_derivation;

/* Bytes that some values hold. How long they stay in memory is the loader's business. */
typedef struct ew_constant {
  ew_constant_kind kind;
  uint64_t offset; /* RANGE */
  size_t size;     /* bytes that the values need (at most the stored ones) */
  uint8_t *data; /* NULL while they are not in memory; 64-byte aligned with EW_EXTRA_BYTES spare */
  const ew_derivation *derivation; /* DERIVED */
} ew_constant;

/* --- nodes ------------------------------------------------------------------------------------- */

typedef enum ew_attr_kind {
  EW_ATTR_NONE, /* an optional argument that is absent */
  EW_ATTR_INT,
  EW_ATTR_DOUBLE,
  EW_ATTR_BOOL, /* i is 0 or 1 */
  EW_ATTR_STRING,
  EW_ATTR_INTS,
  EW_ATTR_DOUBLES,
  EW_ATTR_BOOLS /* ints of 0 and 1 */
} ew_attr_kind;

/* A non-tensor argument of a kernel node. */
typedef struct ew_attr {
  ew_attr_kind kind;
  uint32_t count; /* items of INTS, DOUBLES, BOOLS; length of STRING */
  union {
    int64_t i;
    double d;
    const char *s;
    int64_t *ints;
    double *doubles;
  } u;
  /* NULL, or per item (one item for INT) the SCALAR value that supplies it at run time (EW_NONE: the
   * literal). The session fills the literals before it calls the kernel. */
  const uint32_t *scalars;
} ew_attr;

/* Parameters of nodes of ops.def; which fields count depends on op. */
typedef struct ew_params {
  uint32_t pad_top, pad_right, pad_bottom, pad_left;
  uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  uint32_t group_input_channels, group_output_channels, groups;
  uint32_t adjust_h, adjust_w; /* CONV_TRANSPOSE_2D */
  uint32_t axis;               /* CONCATENATE */
  bool
      transpose_weights; /* FULLY_CONNECTED: the filter is [I,O]; BATCH_MATRIX_MULTIPLY: b is [N,K] */
  bool align_corners;    /* RESIZE_BILINEAR_2D; else pixels are centred at halves */
  bool top_left;  /* RESIZE_BILINEAR_2D: output i lies at i * scale, not at a pixel's centre */
  bool keep_dims; /* GLOBAL_AVG_POOL_2D, REDUCE_*: reduced dimensions stay, with size 1 */
  uint32_t rank;  /* length of shape and shape2 */
  size_t shape[EW_MAX_RANK];
  size_t shape2[EW_MAX_RANK];
  float alpha;                  /* ELU, LEAKY_RELU, PAD value */
  float output_min, output_max; /* fused activation; -inf, +inf when none */
  const uint8_t *table; /* TABLE: [256], the byte that becomes of each, as they lie in memory */
} ew_params;

struct ew_kernel;

/* A node of ops.def has params; a kernel or view node has kernel and attrs. A node of ops.def may have a
 * kernel too: what runs in its place where the executor cannot run it (exec/partition.h). */
typedef struct ew_node {
  ew_op op;
  uint32_t segment; /* the segment that owns it; EW_NONE: none (a step of its own) */
  uint32_t num_inputs, num_outputs, num_attrs;
  uint32_t *inputs; /* value ids; EW_NONE for an absent optional tensor */
  uint32_t *outputs;
  ew_attr *attrs;
  ew_params *params;
  const struct ew_kernel *kernel;
} ew_node;

/* Nodes that an executor runs as a unit. A segment owns its nodes; edit the list by segment.h only. A format
 * may add a segment, and its step, before its nodes are known: it is empty until then. */
typedef struct ew_segment {
  uint32_t *nodes; /* ids, in execution order */
  uint32_t num_nodes, cap_nodes;
  uint32_t num_inputs, num_outputs;
  uint32_t *inputs; /* values that come from outside; constants are not among them */
  uint32_t *outputs;
} ew_segment;

/* A condition under which steps run. Branches nest. */
typedef struct ew_branch {
  uint32_t condition; /* value: one bool, read when the branch is entered */
  bool when;          /* what it must be */
  uint32_t parent;    /* the branch that this one lies in; 0: none */
} ew_branch;

/* What runs, in order: a segment, or (segment == EW_NONE) a kernel or view node. A step of a branch is passed
 * over unless its condition, and those of the branches around it, hold. Order and lifetimes are those of a
 * run that takes all steps. */
typedef struct ew_step {
  uint32_t segment;
  uint32_t node;
  uint32_t branch; /* number in branches; 0: runs always */
} ew_step;

typedef struct ew_graph {
  ew_arena *arena;
  const char *name; /* method name */
  ew_value *values;
  uint32_t num_values, cap_values;
  ew_node *nodes;
  uint32_t num_nodes, cap_nodes;
  ew_segment *segments;
  uint32_t num_segments, cap_segments;
  ew_step *steps;
  uint32_t num_steps, cap_steps;
  ew_branch *branches; /* [1, num_branches]; number 0 stands for "always" */
  uint32_t num_branches, cap_branches;
  ew_constant *constants;
  uint32_t num_constants, cap_constants;
  uint32_t num_inputs, num_outputs;
  uint32_t *inputs; /* tensor inputs of the method, in order */
  uint32_t *outputs;
} ew_graph;

/* Node number i of a segment. */
static inline const ew_node *ew_segment_node(const ew_graph *graph, uint32_t segment, uint32_t i) {
  return &graph->nodes[graph->segments[segment].nodes[i]];
}

void ew_graph_init(ew_graph *graph, ew_arena *arena, const char *name);
/* Frees the bytes of constants; the rest dies with the arena. */
void ew_graph_free(ew_graph *graph);

/* Append; *out_id receives the index. The value is copied (its arrays must live in the arena). */
ew_status ew_graph_add_value(ew_graph *graph, const ew_value *value, uint32_t *out_id,
                             ew_error *err);
/* Finds the constant of this range or adds it. */
ew_status ew_graph_add_constant(ew_graph *graph, uint64_t offset, size_t size, uint32_t *out_id,
                                ew_error *err);
/* A resident constant whose bytes are given here. */
ew_status ew_graph_add_literal(ew_graph *graph, const void *bytes, size_t size, uint32_t *out_id,
                               ew_error *err);
/* A constant of size bytes that is computed from others. The derivation is copied. */
ew_status ew_graph_add_derived(ew_graph *graph, size_t size, const ew_derivation *derivation,
                               uint32_t *out_id, ew_error *err);
/* Appends a node with uninitialised operand lists of the given lengths (inputs and outputs are set to
 * EW_NONE, params zeroed with an infinite activation range for XNNPACK ops). The pointer is valid until
 * the next ew_graph_add_node. */
ew_status ew_graph_add_node(ew_graph *graph, ew_op op, uint32_t num_inputs, uint32_t num_outputs,
                            uint32_t num_attrs, ew_node **out_node, ew_error *err);
/* Adds an empty segment; it runs where its step stands. */
ew_status ew_graph_add_segment(ew_graph *graph, uint32_t *out_id, ew_error *err);
/* Appends a step: a segment, or (segment EW_NONE) a node. */
ew_status ew_graph_add_step(ew_graph *graph, uint32_t segment, uint32_t node, ew_error *err);
/* Adds a branch; steps are put into it by their branch field. */
ew_status ew_graph_add_branch(ew_graph *graph, ew_branch branch, uint32_t *out_id, ew_error *err);
/* Makes room for count steps in front of step number at; the caller fills them in. */
ew_status ew_graph_insert_steps(ew_graph *graph, uint32_t at, uint32_t count, ew_error *err);

/* Fills defaults: dtype, rank 0, identity order, no constant, no quantisation, name "". */
ew_value ew_value_default(ew_dtype dtype);
/* Sizes in memory order: dims[order[i]]. */
ew_shape ew_value_shape(const ew_value *value);
/* Whether two values have the same sizes in memory order. */
bool ew_value_same_shape(const ew_value *a, const ew_value *b);
bool ew_value_is_row_major(const ew_value *value);

const char *ew_op_name(ew_op op);
/* The kernel's name for a kernel or view node that has one, else that of its op. */
const char *ew_node_name(const ew_node *node);

#endif
