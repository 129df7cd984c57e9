/* Nodes of an XNNPACK payload. */
#include <string.h>

#include "format/pte/payload.h"
#include "graph/segment.h"

enum { GRAPH_NODES = 1 };

/* How the fields of a node are laid out. */
typedef enum layout {
  N1,
  N2,
  FC,
  CAT,
  CONV,
  POOL,
  PERM,
  RESIZE,
  PADS,
  SLICE,
  ARGMAX,
  ALPHA
} layout;

/* XNodeUnion, index = union type. */
static const struct {
  ew_op op;
  layout layout;
  const char *name;
} node_kinds[] = {
    [1] = {EW_OP_ADD, N2, "Add"},
    [2] = {EW_OP_FULLY_CONNECTED, FC, "FullyConnected"},
    [3] = {EW_OP_SOFTMAX, N1, "Softmax"},
    [4] = {EW_OP_SIGMOID, N1, "Sigmoid"},
    [5] = {EW_OP_TRANSPOSE, PERM, "StaticTranspose"},
    [6] = {EW_OP_CLAMP, N1, "Clamp"},
    [7] = {EW_OP_CONV_2D, CONV, "Conv2d"},
    [8] = {EW_OP_DIVIDE, N2, "Div"},
    [9] = {EW_OP_RESIZE_BILINEAR_2D, RESIZE, "StaticResizeBilinear2D"},
    [10] = {EW_OP_PAD, PADS, "StaticConstantPad"},
    [11] = {EW_OP_AVG_POOL_2D, POOL, "AvgPooling2d"},
    [12] = {EW_OP_MINIMUM, N2, "Minimum"},
    [13] = {EW_OP_DEPTHWISE_CONV_2D, CONV, "DepthwiseConv2d"},
    [14] = {EW_OP_MAX_POOL_2D, POOL, "MaxPooling2d"},
    [15] = {EW_OP_MULTIPLY, N2, "Multiply"},
    [16] = {EW_OP_SUBTRACT, N2, "Subtract"},
    [17] = {EW_OP_FLOOR, N1, "Floor"},
    [18] = {EW_OP_CONVERT, N1, "Convert"},
    [19] = {EW_OP_GLOBAL_AVG_POOL_2D, N1, "GlobalAvgPooling2d"},
    [20] = {EW_OP_RESHAPE, PERM, "StaticReshape"},
    [21] = {EW_OP_ARGMAX_POOL_2D, ARGMAX, "ArgMaxPooling2d"},
    [22] = {EW_OP_SQUARE_ROOT, N1, "SquareRoot"},
    [23] = {EW_OP_CEILING, N1, "Ceiling"},
    [24] = {EW_OP_HARDSWISH, N1, "Hardswish"},
    [25] = {EW_OP_LEAKY_RELU, ALPHA, "LeakyReLU"},
    [26] = {EW_OP_MAXIMUM, N2, "Maximum"},
    [27] = {EW_OP_NEGATE, N1, "Negate"},
    [28] = {EW_OP_SQUARE, N1, "Square"},
    [29] = {EW_OP_ELU, ALPHA, "ELU"},
    [30] = {EW_OP_ABS, N1, "Abs"},
    [31] = {EW_OP_PRELU, N2, "PReLU"},
    [32] = {EW_OP_CONCATENATE, CAT, "Concatenate2"},
    [33] = {EW_OP_CONCATENATE, CAT, "Concatenate3"},
    [34] = {EW_OP_CONCATENATE, CAT, "Concatenate4"},
    [35] = {EW_OP_SLICE, SLICE, "StaticSlice"},
    [36] = {EW_OP_COUNT, N1, "ScaledDotProductAttention"},
    [37] = {EW_OP_BATCH_MATRIX_MULTIPLY, N2, "BatchMatrixMultiply"},
    [38] = {EW_OP_CONCATENATE, CAT, "Concatenate5"},
    [39] = {EW_OP_CONV_TRANSPOSE_2D, CONV, "ConvTranspose2d"},
    [40] = {EW_OP_RECIPROCAL_SQUARE_ROOT, N1, "ReciprocalSquareRoot"},
    [41] = {EW_OP_LOG, N1, "Log"},
    [42] = {EW_OP_GELU, N1, "Gelu"},
    [43] = {EW_OP_TANH, N1, "Tanh"},
    [44] = {EW_OP_EXP, N1, "Exp"},
    [45] = {EW_OP_SINE, N1, "Sin"},
    [46] = {EW_OP_COPY, N1, "Copy"},
    [47] = {EW_OP_COSINE, N1, "Cos"},
};
enum { NUM_NODE_KINDS = sizeof node_kinds / sizeof node_kinds[0] };

static ew_status read_size_list(payload_reader *r, ew_fb_table table, uint32_t field,
                                const char *name, size_t *out, uint32_t *out_count) {
  const ew_fb_vector items = ew_fb_vec(table, field, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(items.count <= EW_XNN_MAX_RANK, r->err, EW_INVALID_PROGRAM,
           "XNNPACK payload: %s has a list of %u items, the limit is %d", name, items.count,
           EW_XNN_MAX_RANK);
  for (uint32_t i = 0; i < items.count; i++) out[i] = ew_fb_vec_u32(items, i);
  *out_count = items.count;
  return EW_OK;
}

/* Field numbers of the operands: inputs, then outputs. */
typedef struct operands {
  uint32_t inputs[6];
  uint32_t num_inputs;
  uint32_t outputs[2];
  uint32_t num_outputs;
  uint32_t flags;
  bool last_optional; /* the last input may be absent (bias) */
} operands;

static operands operands_of(uint8_t type) {
  switch (node_kinds[type].layout) {
    case N1:
      return (operands){
          .inputs = {0}, .num_inputs = 1, .outputs = {1}, .num_outputs = 1, .flags = 2};
    case N2:
      return (operands){
          .inputs = {0, 1}, .num_inputs = 2, .outputs = {2}, .num_outputs = 1, .flags = 3};
    case FC:
      return (operands){.inputs = {0, 1, 2},
                        .num_inputs = 3,
                        .outputs = {3},
                        .num_outputs = 1,
                        .flags = 4,
                        .last_optional = true};
    case CONV:
      return (operands){.inputs = {15, 16, 17},
                        .num_inputs = 3,
                        .outputs = {18},
                        .num_outputs = 1,
                        .flags = 19,
                        .last_optional = true};
    case CAT:
      return (operands){.inputs = {1, 2, 3, 4, 7},
                        .num_inputs = type == 38 ? 5 : (uint32_t)type - 30,
                        .outputs = {5},
                        .num_outputs = 1,
                        .flags = 6};
    case POOL:
      return (operands){
          .inputs = {10}, .num_inputs = 1, .outputs = {11}, .num_outputs = 1, .flags = 12};
    case ARGMAX:
      return (operands){
          .inputs = {6}, .num_inputs = 1, .outputs = {7, 8}, .num_outputs = 2, .flags = 9};
    case ALPHA:
      return (operands){
          .inputs = {1}, .num_inputs = 1, .outputs = {2}, .num_outputs = 1, .flags = 3};
    case PERM:
    case RESIZE:
      return (operands){
          .inputs = {2}, .num_inputs = 1, .outputs = {3}, .num_outputs = 1, .flags = 4};
    case PADS:
    case SLICE:
    default:
      return (operands){
          .inputs = {3}, .num_inputs = 1, .outputs = {4}, .num_outputs = 1, .flags = 5};
  }
}

static void read_window(ew_fb_table t, bool pool, ew_params *p) {
  p->pad_top = ew_fb_u32(t, 0);
  p->pad_right = ew_fb_u32(t, 1);
  p->pad_bottom = ew_fb_u32(t, 2);
  p->pad_left = ew_fb_u32(t, 3);
  p->kernel_h = ew_fb_u32(t, 4);
  p->kernel_w = ew_fb_u32(t, 5);
  p->stride_h = ew_fb_u32(t, 6);
  p->stride_w = ew_fb_u32(t, 7);
  p->dilation_h = ew_fb_u32(t, 8);
  p->dilation_w = ew_fb_u32(t, 9);
  if (pool) return;
  p->group_input_channels = ew_fb_u32(t, 10);
  p->group_output_channels = ew_fb_u32(t, 11);
  p->groups = ew_fb_u32(t, 12);
  p->adjust_h = ew_fb_u32(t, 13);
  p->adjust_w = ew_fb_u32(t, 14);
}

static ew_status read_params(payload_reader *r, ew_fb_table t, uint8_t type, ew_params *p) {
  const char *name = node_kinds[type].name;
  uint32_t count2 = 0;
  switch (node_kinds[type].layout) {
    case CAT:
      p->axis = ew_fb_u32(t, 0);
      break;
    case CONV:
    case POOL:
      read_window(t, node_kinds[type].layout == POOL, p);
      /* Files state 0: average pooling has no dilation. */
      if (node_kinds[type].op == EW_OP_AVG_POOL_2D) p->dilation_h = p->dilation_w = 1;
      break;
    case ARGMAX:
      p->pad_top = ew_fb_u32(t, 0);
      p->pad_right = ew_fb_u32(t, 1);
      p->pad_bottom = ew_fb_u32(t, 2);
      p->pad_left = ew_fb_u32(t, 3);
      p->dilation_h = p->dilation_w = 1;
      p->kernel_h = p->stride_h = ew_fb_u32(t, 4);
      p->kernel_w = p->stride_w = ew_fb_u32(t, 5);
      break;
    case PERM:
      EW_TRY(read_size_list(r, t, 1, name, p->shape, &p->rank));
      break;
    case RESIZE:
      p->rank = 2;
      p->shape[0] = ew_fb_u32(t, 0);
      p->shape[1] = ew_fb_u32(t, 1);
      break;
    case PADS:
      EW_TRY(read_size_list(r, t, 0, name, p->shape, &p->rank));
      EW_TRY(read_size_list(r, t, 1, name, p->shape2, &count2));
      EW_CHECK(count2 == p->rank, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: %s has %u sizes before and %u behind", name, p->rank, count2);
      p->alpha = ew_fb_f32(t, 2);
      break;
    case SLICE:
      EW_TRY(read_size_list(r, t, 1, name, p->shape, &p->rank));
      EW_TRY(read_size_list(r, t, 2, name, p->shape2, &count2));
      EW_CHECK(count2 == p->rank, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: %s has %u offsets and %u sizes", name, p->rank, count2);
      break;
    case ALPHA:
      p->alpha = ew_fb_f32(t, 0);
      break;
    default:
      break;
  }
  return ew_fb_status(&r->fb);
}

/* Bits of `flags`, which are XNNPACK's. */
enum { FLAG_TRANSPOSE_WEIGHTS = 0x1, FLAG_ALIGN_CORNERS = 0x8, FLAG_KEEP_DIMS = 0x40 };

static void read_flags(uint32_t flags, ew_node *node) {
  ew_params *p = node->params;
  switch (node->op) {
    case EW_OP_FULLY_CONNECTED:
    case EW_OP_BATCH_MATRIX_MULTIPLY:
      p->transpose_weights = (flags & FLAG_TRANSPOSE_WEIGHTS) != 0;
      break;
    case EW_OP_RESIZE_BILINEAR_2D:
      p->align_corners = (flags & FLAG_ALIGN_CORNERS) != 0;
      break;
    case EW_OP_GLOBAL_AVG_POOL_2D:
      p->keep_dims = (flags & FLAG_KEEP_DIMS) != 0;
      break;
    default:
      break;
  }
}

/* Exporters state the logical sizes of a value that is quantised in front of a convolution, though it lies
 * there as NHWC like its source; XNNPACK takes the shape from the source, and so do we. */
static void take_shape_of_source(ew_graph *graph, const ew_node *node) {
  if (node->op != EW_OP_CONVERT) return;
  const ew_value *source = &graph->values[node->inputs[0]];
  ew_value *value = &graph->values[node->outputs[0]];
  if (value->dtype != EW_QD8 || value->rank != source->rank) return;
  const ew_shape actual = ew_value_shape(source);
  if (payload_numel(value) == payload_numel(source))
    memcpy(value->dims, actual.dims, sizeof value->dims);
}

static ew_status read_node(payload_reader *r, ew_fb_table entry, uint32_t segment) {
  const uint8_t type = ew_fb_u8(entry, 0);
  const ew_fb_table content = ew_fb_sub(entry, 1);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(type > 0 && type < NUM_NODE_KINDS, r->err, EW_NOT_SUPPORTED,
           "XNNPACK payload: node type %u is newer than this runtime (it knows types up to %d)",
           type, NUM_NODE_KINDS - 1);
  EW_CHECK(node_kinds[type].op != EW_OP_COUNT, r->err, EW_NOT_SUPPORTED,
           "XNNPACK payload: node %s is not supported", node_kinds[type].name);
  EW_CHECK(content.position != 0, r->err, EW_INVALID_PROGRAM, "XNNPACK payload: %s without content",
           node_kinds[type].name);
  const operands ops = operands_of(type);
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(r->graph, node_kinds[type].op, ops.num_inputs, ops.num_outputs, 0, &node,
                           r->err));
  EW_TRY(ew_segment_add_node(r->graph, segment, r->graph->num_nodes - 1, r->err));
  for (uint32_t i = 0; i < ops.num_inputs; i++) {
    const bool optional = ops.last_optional && i + 1 == ops.num_inputs;
    EW_TRY(payload_find_id(r, ew_fb_u32(content, ops.inputs[i]), optional, &node->inputs[i]));
  }
  for (uint32_t i = 0; i < ops.num_outputs; i++) {
    EW_TRY(payload_find_id(r, ew_fb_u32(content, ops.outputs[i]), false, &node->outputs[i]));
  }
  take_shape_of_source(r->graph, node);
  read_flags(ew_fb_u32(content, ops.flags), node);
  const ew_fb_table range = ew_fb_sub(entry, 3);
  if (range.position != 0) {
    node->params->output_min = ew_fb_f32(range, 0);
    node->params->output_max = ew_fb_f32(range, 1);
  }
  return read_params(r, content, type, node->params);
}

ew_status payload_read_nodes(payload_reader *r) {
  const ew_fb_vector nodes = ew_fb_vec(r->root, GRAPH_NODES, 4);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(nodes.count > 0, r->err, EW_INVALID_PROGRAM, "XNNPACK payload: no nodes");
  for (uint32_t i = 0; i < nodes.count; i++) {
    EW_TRY(read_node(r, ew_fb_vec_table(nodes, i), r->call->segment));
  }
  return ew_fb_status(&r->fb);
}
