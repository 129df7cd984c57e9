/* Clamps become the activation range of the node before them, and copies vanish between the two.
 *
 * XNNPACK would do it when it builds the runtime, but then weights that were packed before have the wrong output
 * scale where the clamp changes it, and a lower bound above 0 lands in the padding of the convolution or pool
 * (the two share memory there). So it is no matter of choice. */
#include "exec/xnn/internal.h"
#include "graph/segment.h"

static bool takes_clamp(ew_op op) {
  return op == EW_OP_CONV_2D || op == EW_OP_DEPTHWISE_CONV_2D || op == EW_OP_CONV_TRANSPOSE_2D ||
         op == EW_OP_FULLY_CONNECTED || op == EW_OP_MAX_POOL_2D || op == EW_OP_AVG_POOL_2D;
}

static float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* The node that node number n of the segment, a clamp or copy, becomes one with; NULL: none. */
static ew_node *producer_of(const ew_graph *graph, uint32_t segment, uint32_t n) {
  const ew_node *node = ew_segment_node(graph, segment, n);
  if (node->op != EW_OP_CLAMP && node->op != EW_OP_COPY) return NULL;
  ew_node *producer = ew_segment_writer(graph, segment, n, node->inputs[0]);
  const bool fuses = producer != NULL && takes_clamp(producer->op) &&
                     ew_segment_count_uses(graph, segment, node->inputs[0]) == 1;
  return fuses ? producer : NULL;
}

static ew_status narrow(const ew_graph *graph, const ew_node *node, ew_params *range,
                        ew_error *err) {
  const ew_params *p = node->params;
  const float low = clamp(range->output_min, p->output_min, p->output_max);
  const float high = clamp(range->output_max, p->output_min, p->output_max);
  EW_CHECK(low < high, err, EW_NOT_SUPPORTED,
           "node %u (clamp): its range %g to %g leaves nothing of the range %g to %g before it",
           (unsigned)(node - graph->nodes), (double)p->output_min, (double)p->output_max,
           (double)range->output_min, (double)range->output_max);
  range->output_min = low;
  range->output_max = high;
  return EW_OK;
}

ew_status ew_xnn_fuse_clamps(ew_graph *graph, uint32_t segment, ew_error *err) {
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    ew_node *producer = producer_of(graph, segment, n);
    if (producer == NULL) continue;
    const ew_node *node = ew_segment_node(graph, segment, n);
    if (node->op == EW_OP_CLAMP) EW_TRY(narrow(graph, node, producer->params, err));
    producer->outputs[0] = node->outputs[0];
    ew_segment_remove_node(graph, segment, n--);
  }
  return EW_OK;
}
