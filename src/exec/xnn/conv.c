/* Convolutions. */
#include "exec/xnn/internal.h"

typedef struct conv_operands {
  uint32_t in, filter, bias, out;
} conv_operands;

static ew_status use_operands(ew_lowering *low, const ew_node *node, conv_operands *operands) {
  EW_TRY(ew_use_value(low, node->inputs[0], &operands->in));
  EW_TRY(ew_use_weight(low, node, 1, &operands->filter));
  EW_TRY(ew_use_weight(low, node, 2, &operands->bias));
  return ew_use_value(low, node->outputs[0], &operands->out);
}

ew_status ew_lower_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
  return ew_defined(low, node,
                    xnn_define_convolution_2d(
                        low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left,
                        p->kernel_h, p->kernel_w, p->stride_h, p->stride_w, p->dilation_h,
                        p->dilation_w, p->groups, p->group_input_channels, p->group_output_channels,
                        p->output_min, p->output_max, v.in, v.filter, v.bias, v.out, 0));
}

ew_status ew_lower_depthwise_conv(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
  /* The file states a grouped convolution; XNNPACK wants the depth multiplier. */
  return ew_defined(low, node,
                    xnn_define_depthwise_convolution_2d(
                        low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left,
                        p->kernel_h, p->kernel_w, p->stride_h, p->stride_w, p->dilation_h,
                        p->dilation_w, p->group_output_channels / p->group_input_channels,
                        p->groups, p->output_min, p->output_max, v.in, v.filter, v.bias, v.out, 0));
}

ew_status ew_lower_conv_transpose(ew_lowering *low, const ew_node *node) {
  conv_operands v = {0};
  EW_TRY(use_operands(low, node, &v));
  const ew_params *p = node->params;
  return ew_defined(
      low, node,
      xnn_define_deconvolution_2d(low->subgraph, p->pad_top, p->pad_right, p->pad_bottom,
                                  p->pad_left, p->adjust_h, p->adjust_w, p->kernel_h, p->kernel_w,
                                  p->stride_h, p->stride_w, p->dilation_h, p->dilation_w, p->groups,
                                  p->group_input_channels, p->group_output_channels, p->output_min,
                                  p->output_max, v.in, v.filter, v.bias, v.out, 0));
}
