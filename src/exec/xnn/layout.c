/* Operators that move data: reshape, transpose, slice, pad, concatenate, resize. */
#include "exec/xnn/internal.h"

static ew_status use_pair(ew_lowering *low, const ew_node *node, uint32_t *in, uint32_t *out) {
  EW_TRY(ew_use_value(low, node->inputs[0], in));
  return ew_use_value(low, node->outputs[0], out);
}

ew_status ew_lower_copy(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  return ew_defined(low, node, xnn_define_copy(low->subgraph, in, out, 0));
}

ew_status ew_lower_reshape(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  const ew_params *p = node->params;
  return ew_defined(low, node,
                    xnn_define_static_reshape(low->subgraph, p->rank, p->shape, in, out, 0));
}

ew_status ew_lower_transpose(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  const ew_params *p = node->params;
  return ew_defined(low, node,
                    xnn_define_static_transpose(low->subgraph, p->rank, p->shape, in, out, 0));
}

ew_status ew_lower_slice(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  const ew_params *p = node->params;
  return ew_defined(
      low, node, xnn_define_static_slice(low->subgraph, p->rank, p->shape, p->shape2, in, out, 0));
}

ew_status ew_lower_pad(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  const ew_params *p = node->params;
  return ew_defined(
      low, node,
      xnn_define_static_constant_pad(low->subgraph, p->shape, p->shape2, p->alpha, in, out, 0));
}

ew_status ew_lower_concatenate(ew_lowering *low, const ew_node *node) {
  uint32_t in[5] = {0}, out = 0;
  for (uint32_t i = 0; i < node->num_inputs && i < 5; i++) {
    EW_TRY(ew_use_value(low, node->inputs[i], &in[i]));
  }
  EW_TRY(ew_use_value(low, node->outputs[0], &out));
  const int32_t axis = (int32_t)node->params->axis;
  xnn_subgraph_t s = low->subgraph;
  switch (node->num_inputs) {
    case 1:
      return ew_defined(low, node, xnn_define_copy(s, in[0], out, 0));
    case 2:
      return ew_defined(low, node, xnn_define_concatenate2(s, axis, in[0], in[1], out, 0));
    case 3:
      return ew_defined(low, node, xnn_define_concatenate3(s, axis, in[0], in[1], in[2], out, 0));
    case 4:
      return ew_defined(low, node,
                        xnn_define_concatenate4(s, axis, in[0], in[1], in[2], in[3], out, 0));
    case 5:
      return ew_defined(
          low, node, xnn_define_concatenate5(s, axis, in[0], in[1], in[2], in[3], in[4], out, 0));
    default:
      return ew_defined(low, node, xnn_status_invalid_parameter);
  }
}

ew_status ew_lower_resize_bilinear(ew_lowering *low, const ew_node *node) {
  uint32_t in = 0, out = 0;
  EW_TRY(use_pair(low, node, &in, &out));
  const ew_params *p = node->params;
  /* Without a flag pixels are centred at halves, as in PyTorch. */
  const uint32_t flags = p->align_corners ? XNN_FLAG_ALIGN_CORNERS
                         : p->top_left    ? XNN_FLAG_TENSORFLOW_LEGACY_MODE
                                          : 0;
  return ew_defined(low, node,
                    xnn_define_static_resize_bilinear_2d(low->subgraph, p->shape[0], p->shape[1],
                                                         in, out, flags));
}
