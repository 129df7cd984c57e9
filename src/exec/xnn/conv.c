/* Convolutions. */
#include "exec/xnn/internal.h"

typedef struct conv_operands {
  uint32_t in, filter, bias, out;
  bool in_float; /* they are f32 twins of the node's */
} conv_operands;

/* --- sums that may overflow ------------------------------------------------------------------------- */

/* The filter of a convolution with one input channel per output: [channels, height, width] or, of
 * DEPTHWISE_CONV_2D, [height, width, channels]. */
typedef struct thin_filter {
  const int8_t *weights;
  size_t channels, height, width;
  bool by_tap; /* the latter */
} thin_filter;

/* Taps count column by column, as XNNPACK's kernels have them. */
static bool is_least(const thin_filter *f, size_t channel, size_t tap) {
  const size_t taps = f->height * f->width, at = tap % f->height * f->width + tap / f->height;
  return f->weights[f->by_tap ? at * f->channels + channel : channel * taps + at] == INT8_MIN;
}

/* In WebAssembly those kernels add the products of two taps in 16 bits, which is too few for one case: both
 * weights are -128, and both inputs. */
static bool may_overflow(const ew_graph *graph, const ew_node *node) {
  const ew_value *value = &graph->values[node->inputs[1]];
  const ew_params *p = node->params;
  const bool by_tap = node->op == EW_OP_DEPTHWISE_CONV_2D;
  const bool is_thin = by_tap || (node->op == EW_OP_CONV_2D && p->group_input_channels == 1 &&
                                  p->group_output_channels == 1);
  const bool is_8bit = graph->values[node->inputs[0]].dtype == EW_I8 && value->dtype == EW_I8;
  if (!is_thin || !is_8bit || value->constant == EW_NONE) return false;
  const ew_shape shape = ew_value_shape(value);
  const thin_filter filter = {.weights = (const int8_t *)graph->constants[value->constant].data,
                              .channels = shape.dims[by_tap ? 3 : 0],
                              .height = p->kernel_h,
                              .width = p->kernel_w,
                              .by_tap = by_tap};
  for (size_t c = 0; filter.weights != NULL && c < filter.channels; c++) {
    for (size_t tap = 0; tap + 1 < filter.height * filter.width; tap += 2) {
      if (is_least(&filter, c, tap) && is_least(&filter, c, tap + 1)) return true;
    }
  }
  return false;
}

static ew_status convert(ew_lowering *low, const ew_node *node, uint32_t from, uint32_t to) {
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_convert, NULL, from, to, 0));
}

static ew_status use_floats(ew_lowering *low, const ew_node *node, conv_operands *operands) {
  uint32_t in = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_real(low, node->inputs[0], &operands->in));
  EW_TRY(convert(low, node, in, operands->in));
  EW_TRY(ew_use_real(low, node->inputs[1], &operands->filter));
  operands->bias = XNN_INVALID_VALUE_ID;
  if (node->num_inputs > 2 && node->inputs[2] != EW_NONE) {
    EW_TRY(ew_use_real(low, node->inputs[2], &operands->bias));
  }
  return ew_use_real(low, node->outputs[0], &operands->out);
}

/* --- operands --------------------------------------------------------------------------------------- */

static ew_status use_operands(ew_lowering *low, const ew_node *node, conv_operands *operands) {
  operands->in_float = may_overflow(low->graph, node);
  if (operands->in_float) return use_floats(low, node, operands);
  EW_TRY(ew_use_value(low, node->inputs[0], &operands->in));
  EW_TRY(ew_use_weight(low, node, 1, &operands->filter));
  EW_TRY(ew_use_weight(low, node, 2, &operands->bias));
  return ew_use_value(low, node->outputs[0], &operands->out);
}

static ew_status finish(ew_lowering *low, const ew_node *node, const conv_operands *operands,
                        enum xnn_status status) {
  uint32_t out = 0;
  EW_TRY(ew_defined(low, node, status));
  if (!operands->in_float) return EW_OK;
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  return convert(low, node, operands->out, out);
}

/* --- nodes ------------------------------------------------------------------------------------------ */

ew_status ew_lower_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
  const enum xnn_status status = xnn_define_convolution_2d(
      low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left, p->kernel_h, p->kernel_w,
      p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->groups, p->group_input_channels,
      p->group_output_channels, p->output_min, p->output_max, v.in, v.filter, v.bias, v.out, 0);
  return finish(low, node, &v, status);
}

ew_status ew_lower_depthwise_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
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
