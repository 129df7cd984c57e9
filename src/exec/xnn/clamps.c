/* Clamps become the activation range of the node before them.
 *
 * XNNPACK would do it when it builds the runtime, but then weights that were packed before have the wrong output
 * scale where the clamp changes it, and a lower bound above 0 lands in the convolution's padding (the two
 * share memory there). So it is no matter of choice. */
#include "exec/xnn/internal.h"
#include "graph/segment.h"

static bool takes_clamp(ew_op op) {
  return op == EW_OP_CONV_2D || op == EW_OP_DEPTHWISE_CONV_2D || op == EW_OP_CONV_TRANSPOSE_2D ||
         op == EW_OP_FULLY_CONNECTED;
}

static float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* Moves the clamp at n into its producer; false when it must stay. */
static bool fuse(const ew_graph *graph, uint32_t segment, uint32_t n) {
  const ew_node *node = ew_segment_node(graph, segment, n);
  if (node->op != EW_OP_CLAMP) return false;
  ew_node *producer = ew_segment_writer(graph, segment, n, node->inputs[0]);
  if (producer == NULL || !takes_clamp(producer->op) ||
      ew_segment_count_uses(graph, segment, node->inputs[0]) != 1) {
    return false;
  }
  const ew_params *p = node->params;
  const float low = clamp(producer->params->output_min, p->output_min, p->output_max);
  const float high = clamp(producer->params->output_max, p->output_min, p->output_max);
  if (!(low < high)) return false;
  producer->params->output_min = low;
  producer->params->output_max = high;
  producer->outputs[0] = node->outputs[0];
  return true;
}

void ew_xnn_fuse_clamps(ew_graph *graph, uint32_t segment) {
  for (uint32_t n = 0; n < graph->segments[segment].num_nodes; n++) {
    if (fuse(graph, segment, n)) ew_segment_remove_node(graph, segment, n--);
  }
}
