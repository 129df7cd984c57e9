/* Kernels that would copy their input as it is become views. */
#include "session/model.h"

static bool same_elements(const ew_value *a, const ew_value *b) {
  size_t n = 1, m = 1;
  for (uint32_t i = 0; i < a->rank; i++) n *= a->dims[i];
  for (uint32_t i = 0; i < b->rank; i++) m *= b->dims[i];
  return n == m && a->dtype == b->dtype && ew_value_is_row_major(a) && ew_value_is_row_major(b);
}

void ew_views_for_copies(ew_graph *graph) {
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    /* A result of branches has a copy in each. */
    if (step.segment != EW_NONE || step.branch != 0) continue;
    ew_node *node = &graph->nodes[step.node];
    if (node->op != EW_OP_KERNEL || node->num_inputs != 1 || node->num_outputs != 1) continue;
    if (node->inputs[0] == EW_NONE || !(node->kernel->flags & EW_KERNEL_COPIES)) continue;
    const ew_value *in = &graph->values[node->inputs[0]];
    const ew_value *out = &graph->values[node->outputs[0]];
    /* A mutable buffer may be overwritten between the copy and its use. A dynamic expand may repeat. */
    if ((in->flags | out->flags) & (EW_VALUE_STATE | EW_VALUE_DYNAMIC)) continue;
    if (same_elements(in, out)) node->op = EW_OP_VIEW;
  }
}
