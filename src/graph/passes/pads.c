/* Zeros around pictures become the padding of the convolution behind them; see passes.h. */

#include "graph/passes/passes.h"
#include "graph/segment.h"

enum { MOST_PADDING = 1 << 14 };

static ew_node *node_at(ew_graph *graph, uint32_t segment, uint32_t n) {
  return &graph->nodes[graph->segments[segment].nodes[n]];
}

/* The PAD of zeros that writes input 0 of node number n, for no other reader; NULL: none. Static shapes only. */
static ew_node *pad_before(ew_graph *graph, uint32_t segment, uint32_t n) {
  const ew_node *node = node_at(graph, segment, n);
  const uint32_t value = node->inputs[0];
  if (graph->values[value].flags & EW_VALUE_DYNAMIC) return NULL;
  ew_node *pad = ew_segment_writer(graph, segment, n, value);
  const bool suits = pad != NULL && pad->op == EW_OP_PAD && pad->params->alpha == 0 &&
                     ew_segment_count_uses(graph, segment, value) == 1;
  return suits ? pad : NULL;
}

/* pad, transpose -> transpose, pad: the pad may then meet a convolution. */
static ew_status swap_with_transpose(ew_graph *graph, uint32_t segment, uint32_t n, ew_error *err) {
  ew_node *pad = pad_before(graph, segment, n);
  if (pad == NULL) return EW_OK;
  ew_value between = graph->values[node_at(graph, segment, n)->outputs[0]];
  const ew_params *order = node_at(graph, segment, n)->params;
  if (!ew_value_is_row_major(&between) || order->rank != between.rank) return EW_OK;
  ew_params moved = *pad->params;
  for (uint32_t i = 0; i < order->rank; i++) {
    moved.shape[i] = pad->params->shape[order->shape[i]];
    moved.shape2[i] = pad->params->shape2[order->shape[i]];
    between.dims[i] -= moved.shape[i] + moved.shape2[i];
  }
  between.flags = 0;
  uint32_t id = EW_NONE;
  EW_TRY(ew_graph_add_value(graph, &between, &id, err));
  ew_node *transpose = node_at(graph, segment, n);
  ew_params *pad_params = pad->params;
  *pad_params = moved;
  pad->op = EW_OP_TRANSPOSE;
  pad->params = transpose->params;
  pad->outputs[0] = id;
  transpose->op = EW_OP_PAD;
  transpose->params = pad_params;
  transpose->inputs[0] = id;
  return EW_OK;
}

static bool only_rows_and_columns(const ew_params *pad) {
  bool small = true;
  for (int i = 1; i < 3; i++) {
    small = small && pad->shape[i] < MOST_PADDING && pad->shape2[i] < MOST_PADDING;
  }
  return small && pad->shape[0] == 0 && pad->shape2[0] == 0 && pad->shape[3] == 0 &&
         pad->shape2[3] == 0;
}

/* What a convolution pads with is a real zero, whatever byte that is. */
static bool same_zero(const ew_value *a, const ew_value *b) {
  if (a->dtype != b->dtype || a->quant.kind != b->quant.kind) return false;
  if (a->quant.kind == EW_QUANT_NONE) return a->dtype == EW_F32;
  return a->quant.kind == EW_QUANT_TENSOR && a->quant.zero_point == b->quant.zero_point;
}

static void fold_into_conv(ew_graph *graph, uint32_t segment, uint32_t n) {
  ew_node *pad = pad_before(graph, segment, n);
  ew_node *conv = node_at(graph, segment, n);
  ew_params *p = conv->params;
  if (pad == NULL || graph->values[conv->inputs[0]].rank != 4) return;
  const bool fits = only_rows_and_columns(pad->params) && p->pad_top < MOST_PADDING &&
                    p->pad_left < MOST_PADDING && p->pad_bottom < MOST_PADDING &&
                    p->pad_right < MOST_PADDING &&
                    same_zero(&graph->values[pad->inputs[0]], &graph->values[conv->inputs[0]]);
  if (!fits) return;
  p->pad_top += (uint32_t)pad->params->shape[1];
  p->pad_left += (uint32_t)pad->params->shape[2];
  p->pad_bottom += (uint32_t)pad->params->shape2[1];
  p->pad_right += (uint32_t)pad->params->shape2[2];
  conv->inputs[0] = pad->inputs[0];
  ew_segment_remove_node(graph, segment, ew_segment_place_of(graph, segment, pad));
}

ew_status ew_pass_pads(ew_graph *graph, uint32_t segment, ew_error *err) {
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_op op = node_at(graph, segment, n)->op;
    if (op == EW_OP_TRANSPOSE) {
      EW_TRY(swap_with_transpose(graph, segment, n, err));
    }
  }
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    const ew_op op = node_at(graph, segment, n)->op;
    if (op != EW_OP_CONV_2D && op != EW_OP_DEPTHWISE_CONV_2D) continue;
    const uint32_t before = graph->segments[segment].num_nodes;
    fold_into_conv(graph, segment, n);
    n -= before - graph->segments[segment].num_nodes;
  }
  return EW_OK;
}
