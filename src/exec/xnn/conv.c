/* Convolutions. */
#include <math.h>
#include <string.h>

#include "exec/xnn/internal.h"

typedef struct conv_operands {
  uint32_t in, filter, bias, out;
  ew_params params; /* the node's, but for rows and columns that were dropped */
  bool in_floats;   /* operands are whole numbers in f32, twins of the node's */
} conv_operands;

/* --- thin filters ----------------------------------------------------------------------------------- */

/* The filter of an 8-bit convolution with one input channel per output: [channels, height, width, 1] or, of
 * DEPTHWISE_CONV_2D, [1, height, width, channels]. XNNPACK packs it when its segment is built. */
typedef struct thin_filter {
  const int8_t *weights; /* NULL: the filter is of another kind */
  size_t dims[4];
} thin_filter;

static thin_filter thin_filter_of(const ew_graph *graph, const ew_node *node) {
  thin_filter filter = {0};
  const ew_value *value = &graph->values[node->inputs[1]];
  const ew_params *p = node->params;
  const bool is_thin =
      node->op == EW_OP_DEPTHWISE_CONV_2D ||
      (node->op == EW_OP_CONV_2D && p->group_input_channels == 1 && p->group_output_channels == 1);
  const bool is_8bit = graph->values[node->inputs[0]].dtype == EW_I8 && value->dtype == EW_I8;
  if (!is_thin || !is_8bit || value->constant == EW_NONE || value->rank != 4) return filter;
  const ew_shape shape = ew_value_shape(value);
  filter.weights = (const int8_t *)graph->constants[value->constant].data;
  memcpy(filter.dims, shape.dims, sizeof filter.dims);
  return filter;
}

/* --- borders of zeros ------------------------------------------------------------------------------- */

/* A filter as [outer][dims[axis]][inner]. */
static size_t outer_of(const thin_filter *f, int axis) {
  return axis == 1 ? f->dims[0] : f->dims[0] * f->dims[1];
}

static size_t inner_of(const thin_filter *f, int axis) {
  return axis == 1 ? f->dims[2] * f->dims[3] : f->dims[3];
}

/* Whether row (axis 1) or column (axis 2) `at` is zero in every channel. */
static bool is_zero(const thin_filter *f, int axis, size_t at) {
  const size_t inner = inner_of(f, axis);
  for (size_t o = 0; o < outer_of(f, axis); o++) {
    const int8_t *row = f->weights + (o * f->dims[axis] + at) * inner;
    for (size_t i = 0; i < inner; i++) {
      if (row[i] != 0) return false;
    }
  }
  return true;
}

static ew_status drop(ew_lowering *low, thin_filter *f, int axis, size_t at) {
  const size_t outer = outer_of(f, axis), inner = inner_of(f, axis), count = f->dims[axis];
  int8_t *rest = NULL;
  EW_TRY(ew_arena_alloc(&low->arena, outer * (count - 1), inner, &rest, low->err));
  for (size_t o = 0; o < outer; o++) {
    const int8_t *from = f->weights + o * count * inner;
    int8_t *to = rest + o * (count - 1) * inner;
    memcpy(to, from, at * inner);
    memcpy(to + at * inner, from + (at + 1) * inner, (count - 1 - at) * inner);
  }
  f->weights = rest;
  f->dims[axis]--;
  return EW_OK;
}

/* `pad`: the padding before (end 0) or behind (end 1) the picture along the axis. */
static ew_status trim(ew_lowering *low, thin_filter *f, int axis, int end, uint32_t *pad,
                      uint32_t dilation) {
  while (f->dims[axis] > 1 && *pad >= dilation) {
    const size_t at = end == 0 ? 0 : f->dims[axis] - 1;
    if (!is_zero(f, axis, at)) break;
    EW_TRY(drop(low, f, axis, at));
    *pad -= dilation;
  }
  return EW_OK;
}

/* Exporters widen a filter by zeros where padding has to be the same on both sides (SAME with stride 2), and XNNPACK
 * has kernels for depthwise filters of 9 and 25 taps, but none for 16 and 36. Drops such rows and columns with
 * the padding that they look at. Not in f32, where zero times infinity counts. */
static ew_status drop_zeros(ew_lowering *low, thin_filter *f, ew_params *p) {
  EW_TRY(trim(low, f, 1, 0, &p->pad_top, p->dilation_h));
  EW_TRY(trim(low, f, 1, 1, &p->pad_bottom, p->dilation_h));
  EW_TRY(trim(low, f, 2, 0, &p->pad_left, p->dilation_w));
  EW_TRY(trim(low, f, 2, 1, &p->pad_right, p->dilation_w));
  p->kernel_h = (uint32_t)f->dims[1];
  p->kernel_w = (uint32_t)f->dims[2];
  return EW_OK;
}

/* --- sums that may overflow ------------------------------------------------------------------------- */

/* Taps count column by column, as XNNPACK's kernels have them. */
static bool is_least(const thin_filter *f, size_t channel, size_t tap) {
  const size_t taps = f->dims[1] * f->dims[2], inner = f->dims[3];
  const size_t at = tap % f->dims[1] * f->dims[2] + tap / f->dims[1];
  return f->weights[(channel / inner * taps + at) * inner + channel % inner] == INT8_MIN;
}

/* In WebAssembly those kernels add the products of two taps in 16 bits, which is too few for one case: both
 * weights are -128, and both inputs. */
static bool may_overflow(const thin_filter *filter) {
  for (size_t c = 0; c < filter->dims[0] * filter->dims[3]; c++) {
    for (size_t tap = 0; tap + 1 < filter->dims[1] * filter->dims[2]; tap += 2) {
      if (is_least(filter, c, tap) && is_least(filter, c, tap + 1)) return true;
    }
  }
  return false;
}

/* Whole numbers as floats, which hold such sums exactly: the inputs less their zero point, weights and biases. */
static ew_status use_numbers(ew_lowering *low, const ew_node *node, conv_operands *operands) {
  uint32_t in = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_numbers(low, node->inputs[0], &operands->in));
  EW_TRY(ew_define_from_bytes(low, node, in, operands->in));
  EW_TRY(ew_use_numbers(low, node->inputs[1], &operands->filter));
  operands->bias = XNN_INVALID_VALUE_ID;
  if (node->num_inputs > 2 && node->inputs[2] != EW_NONE) {
    EW_TRY(ew_use_numbers(low, node->inputs[2], &operands->bias));
  }
  operands->params.output_min = -INFINITY;
  operands->params.output_max = INFINITY;
  return ew_use_numbers(low, node->outputs[0], &operands->out);
}

/* --- requantisation --------------------------------------------------------------------------------- */

ew_status ew_requantisation_scales(ew_lowering *low, const ew_node *node, size_t count,
                                   float *scales) {
  const ew_value *values = low->graph->values, *w = &values[node->inputs[1]];
  const float in = values[node->inputs[0]].quant.scale[0];
  const float out = values[node->outputs[0]].quant.scale[0];
  const void *all = NULL, *unused = NULL;
  EW_TRY(ew_copy_scales(low, w, sizeof(float), &all));
  if (node->num_inputs > 2 && node->inputs[2] != EW_NONE) {
    EW_TRY(ew_copy_scales(low, &values[node->inputs[2]], sizeof(float), &unused));
  }
  for (size_t i = 0; i < count; i++) {
    const float *own = (const float *)all + (w->quant.kind == EW_QUANT_CHANNEL ? i : 0);
    scales[i] = in * *own / out;
    EW_CHECK(scales[i] < 256.0f, low->err, EW_NOT_SUPPORTED,
             "node %u (%s): the scales of output channel %zu make steps of %g; XNNPACK takes less "
             "than 256",
             (unsigned)(node - low->graph->nodes), ew_op_name(node->op), i, (double)scales[i]);
  }
  return EW_OK;
}

int32_t ew_quantise_bound(float value, const ew_quant *quant) {
  const float steps = value / quant->scale[0] + (float)quant->zero_point;
  return (int32_t)lrintf(fminf(fmaxf(steps, -128.0f), 127.0f));
}

/* Sums of whole numbers in floats to the output's bytes. */
static ew_status requantise(ew_lowering *low, const ew_node *node, uint32_t sums) {
  const ew_shape shape = ew_value_shape(&low->graph->values[node->outputs[0]]);
  const size_t channels = shape.dims[shape.rank - 1];
  float *scales = NULL;
  uint32_t factors = 0, steps = 0, out = 0;
  /* Read in every run. */
  EW_TRY(ew_arena_alloc(low->graph->arena, channels, sizeof *scales, &scales, low->err));
  EW_TRY(ew_requantisation_scales(low, node, channels, scales));
  EW_TRY(ew_defined(low, node,
                    xnn_define_tensor_value(low->subgraph, xnn_datatype_fp32, 1, &channels, scales,
                                            XNN_INVALID_VALUE_ID, 0, &factors)));
  EW_TRY(ew_use_numbers(low, node->outputs[0], &steps));
  EW_TRY(ew_defined(
      low, node,
      xnn_define_binary(low->subgraph, xnn_binary_multiply, NULL, sums, factors, steps, 0)));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  return ew_define_to_bytes(low, node, steps, out);
}

/* --- operands --------------------------------------------------------------------------------------- */

static ew_status use_operands(ew_lowering *low, const ew_node *node, conv_operands *operands) {
  operands->params = *node->params;
  thin_filter thin = thin_filter_of(low->graph, node);
  if (thin.weights != NULL) {
    EW_TRY(drop_zeros(low, &thin, &operands->params));
    operands->in_floats = may_overflow(&thin);
    if (operands->in_floats) {
      operands->params = *node->params;
      return use_numbers(low, node, operands);
    }
    EW_TRY(ew_define_static(low, node->inputs[1], thin.dims, thin.weights, &operands->filter));
  } else {
    EW_TRY(ew_use_weight(low, node, 1, &operands->filter));
  }
  EW_TRY(ew_use_value(low, node->inputs[0], &operands->in));
  EW_TRY(ew_use_weight(low, node, 2, &operands->bias));
  return ew_use_value(low, node->outputs[0], &operands->out);
}

static ew_status finish(ew_lowering *low, const ew_node *node, const conv_operands *operands,
                        enum xnn_status status) {
  EW_TRY(ew_defined(low, node, status));
  return operands->in_floats ? requantise(low, node, operands->out) : EW_OK;
}

/* --- nodes ------------------------------------------------------------------------------------------ */

ew_status ew_lower_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = &v.params;
  const enum xnn_status status = xnn_define_convolution_2d(
      low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left, p->kernel_h, p->kernel_w,
      p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->groups, p->group_input_channels,
      p->group_output_channels, p->output_min, p->output_max, v.in, v.filter, v.bias, v.out, 0);
  return finish(low, node, &v, status);
}

ew_status ew_lower_depthwise_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = &v.params;
  /* The file states a grouped convolution; XNNPACK wants the depth multiplier. */
  const enum xnn_status status = xnn_define_depthwise_convolution_2d(
      low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left, p->kernel_h, p->kernel_w,
      p->stride_h, p->stride_w, p->dilation_h, p->dilation_w,
      p->group_output_channels / p->group_input_channels, p->groups, p->output_min, p->output_max,
      v.in, v.filter, v.bias, v.out, 0);
  return finish(low, node, &v, status);
}

ew_status ew_lower_conv_transpose(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
  const enum xnn_status status = xnn_define_deconvolution_2d(
      low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left, p->adjust_h, p->adjust_w,
      p->kernel_h, p->kernel_w, p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->groups,
      p->group_input_channels, p->group_output_channels, p->output_min, p->output_max, v.in,
      v.filter, v.bias, v.out, 0);
  return finish(low, node, &v, status);
}
