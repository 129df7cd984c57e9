/* Pooling. */
#include <math.h>

#include "exec/xnn/internal.h"

ew_status ew_lower_max_pool(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const ew_params *p = node->params;
  return ew_defined(
      low, node,
      xnn_define_max_pooling_2d(low->subgraph, p->pad_top, p->pad_right, p->pad_bottom, p->pad_left,
                                p->kernel_h, p->kernel_w, p->stride_h, p->stride_w, p->dilation_h,
                                p->dilation_w, p->output_min, p->output_max, in, out, 0));
}

ew_status ew_lower_avg_pool(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const ew_params *p = node->params;
  return ew_defined(
      low, node,
      xnn_define_average_pooling_2d(low->subgraph, p->pad_top, p->pad_right, p->pad_bottom,
                                    p->pad_left, p->kernel_h, p->kernel_w, p->stride_h, p->stride_w,
                                    p->output_min, p->output_max, in, out, 0));
}

ew_status ew_lower_argmax_pool(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0, index = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  EW_TRY(ew_use_value(low, node->outputs[1], &index));
  const ew_params *p = node->params;
  return ew_defined(
      low, node,
      xnn_define_argmax_pooling_2d(low->subgraph, p->pad_top, p->pad_right, p->pad_bottom,
                                   p->pad_left, p->kernel_h, p->kernel_w, in, out, index, 0));
}

ew_status ew_lower_global_avg_pool(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const ew_params *p = node->params;
  const bool clamps = p->output_min != -INFINITY || p->output_max != INFINITY;
  uint32_t mean = out;
  if (clamps) EW_TRY(ew_define_like(low, node->outputs[0], &mean));
  const int64_t axes[2] = {1, 2}; /* height and width of NHWC */
  const uint32_t flags = p->keep_dims ? XNN_FLAG_KEEP_DIMS : 0;
  EW_TRY(ew_defined(
      low, node,
      xnn_define_static_reduce_v2(low->subgraph, xnn_reduce_mean, 2, axes, in, mean, flags)));
  if (!clamps) return EW_OK;
  const union xnn_unary_params range = {.clamp = {.min = p->output_min, .max = p->output_max}};
  return ew_defined(low, node,
                    xnn_define_unary(low->subgraph, xnn_unary_clamp, &range, mean, out, 0));
}

ew_status ew_lower_reduce(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(ew_use_value(low, node->inputs[0], &in));
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const ew_params *p = node->params;
  int64_t axes[EW_MAX_RANK];
  for (uint32_t i = 0; i < p->rank; i++) axes[i] = (int64_t)p->shape[i];
  const enum xnn_reduce_operator op =
      node->op == EW_OP_REDUCE_MEAN ? xnn_reduce_mean : xnn_reduce_sum;
  const uint32_t flags = p->keep_dims ? XNN_FLAG_KEEP_DIMS : 0;
  return ew_defined(low, node,
                    xnn_define_static_reduce_v2(low->subgraph, op, p->rank, axes, in, out, flags));
}
