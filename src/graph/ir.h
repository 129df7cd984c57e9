/* The one intermediate representation: every model file becomes an ew_graph.
 *
 * A graph is a list of values, a list of nodes, steps (segments and single nodes) in execution order,
 * and constants that name byte ranges of the model file. Nodes that XNNPACK runs belong to a segment (a maximal run that becomes
 * one XNNPACK runtime); all other nodes are rows of the kernel table, or views. A loader builds the
 * graph through ew_graph_add_*; ew_graph_check checks every structural rule once. All memory lives in
 * the graph's arena, but for the bytes of constants (ew_constant). */
#ifndef EW_GRAPH_GRAPH_H
#define EW_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/tensor.h"
#include "base/text.h"

#define EW_NONE UINT32_MAX /* no value, no constant, no segment */

typedef enum ew_op {
#define EW_OP(id, name, min_inputs, max_inputs, outputs) EW_OP_##id,
#include "graph/ops.def"
#undef EW_OP
  EW_OP_KERNEL, /* node.kernel names the row of the kernel table */
  EW_OP_VIEW,   /* one input, one output: the same bytes under another shape, no copy */
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
  EW_VALUE_DYNAMIC = 16 /* dims are upper bounds; a run may use smaller ones */
};

typedef struct ew_value {
  ew_dtype dtype;
  uint32_t flags; /* EW_VALUE_* */
  uint32_t rank;
  size_t dims[EW_MAX_RANK];   /* logical sizes (for XNNPACK values: physical, NHWC) */
  uint8_t order[EW_MAX_RANK]; /* dim order, outermost first; identity when row-major */
  uint32_t constant;          /* EW_NONE, or index of its bytes in constants */
  uint32_t initial;           /* EW_VALUE_STATE: constant with the first bytes; EW_NONE: zeros */
  const char *name;           /* "" when unknown */
  ew_quant quant;
} ew_value;

/* --- constants --------------------------------------------------------------------------------- */

/* Bytes of the model file that some values hold. The loader reads each range once, when it arrives;
 * XNNPACK packs filters and biases from it and the raw bytes are freed, others stay. */
typedef struct ew_constant {
  uint64_t offset; /* in the file */
  size_t size;     /* bytes that the values need (at most the stored ones) */
  uint8_t *data; /* NULL until read and after packing; 64-byte aligned with EW_EXTRA_BYTES spare */
  uint32_t source; /* EW_NONE, or the constant it is cut out of (a filter tap, see passes) */
  uint32_t tap;    /* which one: y * kernel_w + x */
  size_t tap_row;  /* bytes of one output channel of the tap */
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

/* Parameters of XNNPACK nodes, as the file states them; which fields count depends on op. */
typedef struct ew_params {
  uint32_t pad_top, pad_right, pad_bottom, pad_left;
  uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  uint32_t group_input_channels, group_output_channels, groups;
  uint32_t adjust_h, adjust_w; /* CONV_TRANSPOSE_2D */
  uint32_t axis;               /* CONCATENATE */
  uint32_t flags;              /* EW_FLAG_* */
  uint32_t rank;               /* length of shape and shape2 */
  size_t shape[EW_MAX_RANK];
  size_t shape2[EW_MAX_RANK];
  float alpha;                  /* ELU, LEAKY_RELU, PAD value */
  float output_min, output_max; /* fused activation; -inf, +inf when none */
} ew_params;

/* Bits as XNNPACK numbers them. */
enum { EW_FLAG_TRANSPOSE_WEIGHTS = 0x1, EW_FLAG_ALIGN_CORNERS = 0x8, EW_FLAG_KEEP_DIMS = 0x40 };

struct ew_kernel;

typedef struct ew_node {
  ew_op op;
  uint32_t segment; /* EW_NONE for kernels and views */
  uint32_t num_inputs, num_outputs, num_attrs;
  uint32_t *inputs; /* value ids; EW_NONE for an absent optional tensor */
  uint32_t *outputs;
  ew_attr *attrs;                 /* kernel nodes */
  ew_params *params;              /* XNNPACK nodes */
  const struct ew_kernel *kernel; /* kernel nodes */
} ew_node;

/* One XNNPACK runtime: nodes [first_node, first_node + num_nodes) of the graph, in execution order. */
typedef struct ew_segment {
  uint32_t first_node, num_nodes;
  uint32_t num_inputs, num_outputs;
  uint32_t *inputs; /* values that come from outside; constants are not among them */
  uint32_t *outputs;
  /* Segments [first_part, first_part + num_parts) run in its place, when a pass has split it. */
  uint32_t first_part, num_parts;
  /* Its first node is a convolution that runs by Winograd's method; the others, if any, a SiLU. */
  bool is_fast_conv;
} ew_segment;

/* What runs, in order: a segment, or (segment == EW_NONE) a kernel or view node. */
typedef struct ew_step {
  uint32_t segment;
  uint32_t node;
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
  ew_constant *constants;
  uint32_t num_constants, cap_constants;
  uint32_t num_inputs, num_outputs;
  uint32_t *inputs; /* tensor inputs of the method, in order */
  uint32_t *outputs;
} ew_graph;

/* Node number i of a segment. */
static inline const ew_node *ew_segment_node(const ew_graph *graph, uint32_t segment, uint32_t i) {
  return &graph->nodes[graph->segments[segment].first_node + i];
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
/* A constant that is tap number tap of another one, a filter [O,kh,kw,I]: size bytes in rows of row
 * bytes (one per output channel), made when the filter arrives. */
ew_status ew_graph_add_tap(ew_graph *graph, uint32_t source, uint32_t tap, size_t size, size_t row,
                           uint32_t *out_id, ew_error *err);
/* Appends a node with uninitialised operand lists of the given lengths (inputs and outputs are set to
 * EW_NONE, params zeroed with an infinite activation range for XNNPACK ops). The pointer is valid until
 * the next ew_graph_add_node. */
ew_status ew_graph_add_node(ew_graph *graph, ew_op op, uint32_t num_inputs, uint32_t num_outputs,
                            uint32_t num_attrs, ew_node **out_node, ew_error *err);
/* Starts a segment: the nodes added until the next call with their segment set to it are its nodes.
 * It runs where its step stands. */
ew_status ew_graph_add_segment(ew_graph *graph, uint32_t *out_id, ew_error *err);
ew_status ew_graph_add_step(ew_graph *graph, uint32_t segment, uint32_t node, ew_error *err);
/* A constant whose bytes are given here instead of read from the file. */
ew_status ew_graph_add_literal(ew_graph *graph, const void *bytes, size_t size, uint32_t *out_id,
                               ew_error *err);

/* Fills defaults: dtype, rank 0, identity order, no constant, no quantisation, name "". */
ew_value ew_value_default(ew_dtype dtype);
/* dims in memory order: dims[order[i]]. */
void ew_value_physical_dims(const ew_value *value, size_t out_dims[EW_MAX_RANK]);
bool ew_value_is_row_major(const ew_value *value);

const char *ew_op_name(ew_op op);

/* --- checks (graph/check.c, graph/check_xnn.c) --------------------------------------------------- */

/* Every structural rule of values and nodes from first_node on: operand ids, arity, ranks, dtypes,
 * shapes of XNNPACK nodes against their filters and outputs, quantisation parameters, sizes of
 * constants. Reports the first broken rule with node number and operator name. */
ew_status ew_graph_check_nodes(const ew_graph *graph, uint32_t first_node, ew_error *err);

/* Checks one XNNPACK node (called by ew_graph_check_nodes). */
ew_status ew_graph_check_xnn_node(const ew_graph *graph, const ew_node *node, ew_error *err);

/* Checks the nodes from a new segment's first on, and that each of its values is written once, before
 * it is read. */
ew_status ew_graph_check_segment(const ew_graph *graph, uint32_t segment, ew_error *err);

/* --- shapes (graph/shapes.c) --------------------------------------------------------------------- */

/* Sizes of a value of a segment, in memory order. */
typedef struct ew_shape {
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
} ew_shape;

/* The shape of what an XNNPACK node writes (all its outputs have the same), and its multiplications or,
 * where it has none, elements. inputs: one per input of the node. EW_INVALID_PROGRAM when parameters
 * and inputs do not fit each other. */
ew_status ew_derive_shape(const ew_graph *graph, const ew_node *node, const ew_shape *inputs,
                          ew_shape *out, uint64_t *out_work, ew_error *err);

/* Derives all shapes of a segment from those of its inputs, before an executor may see them. shapes: by
 * value id; those of the segment's inputs are given, those of its other values that are no constants are
 * filled in. Adds the work to *inout_work; EW_OUT_OF_RESOURCES when that exceeds max_work. */
ew_status ew_graph_derive_segment(const ew_graph *graph, uint32_t segment, ew_shape *shapes,
                                  uint64_t max_work, uint64_t *inout_work, ew_error *err);

/* --- dump (graph/dump.c) ------------------------------------------------------------------------- */

/* A stable text form, one line per value and node, for goldens and bug reports. */
void ew_graph_dump(const ew_graph *graph, ew_text *text);

#endif
