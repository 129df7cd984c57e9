/* Shapes that XNNPACK cannot work with, and does not notice: it would write or read outside of its memory, or
 * compute something else. */
#include "exec/xnn/internal.h"

#define REFUSE_UNLESS(cond, graph, node, ...)                                              \
  do {                                                                                     \
    if (!(cond)) {                                                                         \
      ew_fail(err, EW_NOT_SUPPORTED, __VA_ARGS__);                                         \
      return ew_fail_context(err, EW_NOT_SUPPORTED, "node %u (%s)",                        \
                             (unsigned)((node) - (graph)->nodes), ew_op_name((node)->op)); \
    }                                                                                      \
  } while (0)

/* XNNPACK keeps padding for each picture, and loses count of it when their number changes. */
static ew_status check_batch(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                             ew_error *err) {
  const bool is_dynamic = graph->values[node->inputs[0]].dtype == EW_QD8;
  REFUSE_UNLESS(!is_dynamic || in->dims[0] == 1, graph, node,
                "dynamically quantised, takes one picture at a time");
  return EW_OK;
}

/* With strides XNNPACK computes a picture per phase of the stride, and takes phases that begin behind the
 * end for endless ones. */
static ew_status check_phases(const ew_graph *graph, const ew_node *node, const ew_shape *out,
                              ew_error *err) {
  const ew_params *p = node->params;
  const bool has_phases = p->dilation_h == 1 && p->dilation_w == 1 && p->stride_h <= p->kernel_h &&
                          p->stride_w <= p->kernel_w;
  const bool fits = out->dims[1] >= p->stride_h && out->dims[2] >= p->stride_w;
  REFUSE_UNLESS(!has_phases || fits, graph, node,
                "a result of %zu x %zu is smaller than the stride of %u x %u", out->dims[1],
                out->dims[2], p->stride_h, p->stride_w);
  return EW_OK;
}

/* With dilation XNNPACK reads a certain tap in place of padding, and takes it for granted that the tap
 * belongs to the window and lies on the picture. */
static bool has_tap(size_t in, size_t out, uint32_t pad, uint32_t kernel, uint32_t stride,
                    uint32_t dilation) {
  for (size_t o = 0; o < out; o++) {
    const size_t tap = pad / dilation + (o * stride < pad % dilation ? 1 : 0);
    if (tap >= kernel || o * stride + tap * dilation - pad >= in) return false;
  }
  return true;
}

static ew_status check_taps(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                            const ew_shape *out, ew_error *err) {
  const ew_params *p = node->params;
  if (p->dilation_h <= 1 && p->dilation_w <= 1) return EW_OK;
  const bool fits =
      has_tap(in->dims[1], out->dims[1], p->pad_top, p->kernel_h, p->stride_h, p->dilation_h) &&
      has_tap(in->dims[2], out->dims[2], p->pad_left, p->kernel_w, p->stride_w, p->dilation_w);
  REFUSE_UNLESS(fits, graph, node,
                "XNNPACK cannot pool %zu x %zu pixels with this dilation and padding", in->dims[1],
                in->dims[2]);
  return EW_OK;
}

/* With padding XNNPACK keeps the addresses of a pool's windows row by row: those of the rows that touch the
 * upper padding, one for all in the middle, those at the lower padding. It miscounts where the two overlap. */
static ew_status check_rows(const ew_graph *graph, const ew_node *node, const ew_shape *out,
                            ew_error *err) {
  const ew_params *p = node->params;
  const size_t rows = out->dims[1];
  const size_t top = (p->pad_top + p->stride_h - (size_t)1) / p->stride_h;
  const size_t bottom = (p->pad_bottom + p->stride_h - (size_t)1) / p->stride_h;
  const bool fits = (top < rows ? top : rows - 1) + bottom <= rows;
  REFUSE_UNLESS(fits, graph, node,
                "XNNPACK cannot average windows of %u rows with padding %u, %u where only %zu rows "
                "result",
                p->kernel_h, p->pad_top, p->pad_bottom, rows);
  return EW_OK;
}

/* How a product's right side is packed: per group, rows of outputs. */
typedef struct packing {
  uint64_t groups, outputs, inputs, taps;
} packing;

/* XNNPACK rounds channels up to its tiles and counts the bytes of packed weights in a size_t, which in WebAssembly
 * wraps around for many groups of one channel. 16 is more than any tile has, 64 more than an output's bias and scale. */
static ew_status check_packing(const ew_graph *graph, const ew_node *node, const packing *pack,
                               ew_error *err) {
  const uint64_t row = pack->taps * ((pack->inputs + 15) / 16 * 16) * sizeof(float) + 64;
  const uint64_t bytes = pack->groups * ((pack->outputs + 15) / 16 * 16) * row;
  REFUSE_UNLESS(bytes <= SIZE_MAX, graph, node,
                "XNNPACK would need up to %llu bytes for its weights, as it packs them",
                (unsigned long long)bytes);
  return EW_OK;
}

static ew_status check_weights(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                               const ew_shape *out, ew_error *err) {
  const ew_params *p = node->params;
  packing pack = {.groups = 1, .taps = 1};
  switch (node->op) {
    case EW_OP_FULLY_CONNECTED:
    case EW_OP_BATCH_MATRIX_MULTIPLY:
      for (uint32_t i = 0; i + 2 < out->rank && node->op != EW_OP_FULLY_CONNECTED; i++) {
        pack.groups *= out->dims[i];
      }
      pack.inputs = in->dims[in->rank - 1];
      pack.outputs = out->dims[out->rank - 1];
      break;
    case EW_OP_DEPTHWISE_CONV_2D:
      pack.inputs = 1;
      pack.outputs = out->dims[3];
      pack.taps = (uint64_t)p->kernel_h * p->kernel_w;
      break;
    case EW_OP_CONV_2D:
    case EW_OP_CONV_TRANSPOSE_2D:
      pack.groups = p->groups;
      pack.inputs = p->group_input_channels;
      pack.outputs = p->group_output_channels;
      pack.taps = (uint64_t)p->kernel_h * p->kernel_w;
      break;
    default:
      return EW_OK;
  }
  return check_packing(graph, node, &pack, err);
}

/* --- sizes of this run against the declared ones ------------------------------------------------------ */

static size_t count_of(const ew_shape *shape) {
  size_t count = 1;
  for (uint32_t i = 0; i < shape->rank; i++) count *= shape->dims[i];
  return count;
}

static size_t declared_count(const ew_graph *graph, uint32_t id) {
  const ew_shape shape = ew_value_shape(&graph->values[id]);
  return count_of(&shape);
}

/* XNNPACK computes in place where an operand is as large as the result, and decides that by the declared
 * sizes. */
static ew_status check_in_place(const ew_graph *graph, const ew_node *node, const ew_shape *shapes,
                                ew_error *err) {
  const uint32_t out = node->outputs[0];
  for (uint32_t i = 0; i < 2; i++) {
    const uint32_t in = node->inputs[i];
    if (graph->values[in].constant != EW_NONE) continue;
    const bool is_whole = count_of(&shapes[in]) == count_of(&shapes[out]);
    REFUSE_UNLESS(is_whole || declared_count(graph, in) != declared_count(graph, out), graph, node,
                  "input %u would have to be repeated for these sizes, where it is not for the "
                  "declared ones",
                  i);
  }
  return EW_OK;
}

/* XNNPACK keeps the addresses of pixels while height and width stay the same. */
static ew_status check_channels(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                                ew_error *err) {
  const ew_shape declared = ew_value_shape(&graph->values[node->inputs[0]]);
  REFUSE_UNLESS(in->dims[3] == declared.dims[3], graph, node,
                "%zu channels, where %zu are declared; only height, width and batch may change",
                in->dims[3], declared.dims[3]);
  return EW_OK;
}

static ew_status check_change(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                              const ew_shape *shapes, ew_error *err) {
  switch (node->op) {
    case EW_OP_ADD:
    case EW_OP_SUBTRACT:
    case EW_OP_MULTIPLY:
    case EW_OP_DIVIDE:
    case EW_OP_MINIMUM:
    case EW_OP_MAXIMUM:
    case EW_OP_PRELU:
      return check_in_place(graph, node, shapes, err);
    case EW_OP_MAX_POOL_2D:
    case EW_OP_ARGMAX_POOL_2D:
    case EW_OP_RESIZE_BILINEAR_2D:
      return check_channels(graph, node, in, err);
    default:
      return EW_OK;
  }
}

/* --- nodes ------------------------------------------------------------------------------------------- */

static ew_status check_node(const ew_graph *graph, const ew_node *node, const ew_shape *in,
                            const ew_shape *out, ew_error *err) {
  EW_TRY(check_weights(graph, node, in, out, err));
  switch (node->op) {
    case EW_OP_CONV_2D:
    case EW_OP_DEPTHWISE_CONV_2D:
      return check_batch(graph, node, in, err);
    case EW_OP_CONV_TRANSPOSE_2D:
      EW_TRY(check_batch(graph, node, in, err));
      return check_phases(graph, node, out, err);
    case EW_OP_MAX_POOL_2D:
      return check_taps(graph, node, in, out, err);
    case EW_OP_AVG_POOL_2D:
      return check_rows(graph, node, out, err);
    default:
      return EW_OK;
  }
}

ew_status ew_xnn_check_declared(const ew_graph *graph, const ew_node *node, ew_error *err) {
  const ew_shape in = ew_value_shape(&graph->values[node->inputs[0]]);
  const ew_shape out = ew_value_shape(&graph->values[node->outputs[0]]);
  return check_node(graph, node, &in, &out, err);
}

/* XNNPACK counts the bits of a tensor in a size_t. In WebAssembly those of 2^29 bytes come out as none, it takes
 * no memory for them, and writes. */
static ew_status check_bytes(const ew_graph *graph, const ew_node *node, const uint32_t *values,
                             uint32_t count, const ew_shape *shapes, ew_error *err) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] == EW_NONE || graph->values[values[i]].constant != EW_NONE) continue;
    const ew_shape *shape = &shapes[values[i]];
    size_t bytes = 0;
    const bool fits =
        ew_shape_bytes(graph->values[values[i]].dtype, shape->dims, shape->rank, &bytes);
    EW_CHECK(fits && bytes <= SIZE_MAX / 8, err, EW_OUT_OF_RESOURCES,
             "node %u (%s): a tensor of %zu bytes; XNNPACK takes less than %zu",
             (unsigned)(node - graph->nodes), ew_op_name(node->op), bytes, SIZE_MAX / 8);
  }
  return EW_OK;
}

ew_status ew_xnn_check_shapes(const ew_graph *graph, uint32_t segment, const ew_shape *shapes,
                              ew_error *err) {
  for (uint32_t i = 0; i < graph->segments[segment].num_nodes; i++) {
    const ew_node *node = ew_segment_node(graph, segment, i);
    EW_TRY(check_bytes(graph, node, node->inputs, node->num_inputs, shapes, err));
    EW_TRY(check_bytes(graph, node, node->outputs, node->num_outputs, shapes, err));
    const uint32_t in = node->inputs[0];
    const bool is_constant = graph->values[in].constant != EW_NONE;
    const ew_shape in_shape = is_constant ? ew_value_shape(&graph->values[in]) : shapes[in];
    EW_TRY(check_node(graph, node, &in_shape, &shapes[node->outputs[0]], err));
    EW_TRY(check_change(graph, node, &in_shape, shapes, err));
  }
  return EW_OK;
}
