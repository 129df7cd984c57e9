/* Copies that move nothing become views; see passes.h. */
#include <string.h>

#include "graph/passes/passes.h"
#include "kernels/kernel.h"

/* Kernels whose output holds input 0's elements in the same order whenever the element count, the type
 * and the layout agree. */
static bool keeps_order(const char *name) {
  static const char *const names[] = {
      "aten::_to_copy.out",
      "aten::alias_copy.out",
      "aten::clone.out",
      "aten::detach_copy.out",
      "aten::expand_copy.out",
      "aten::lift_fresh_copy.out",
      "aten::squeeze_copy.dim_out",
      "aten::squeeze_copy.dims_out",
      "aten::unsqueeze_copy.out",
      "aten::view_copy.out",
      "dim_order_ops::_clone_dim_order.out",
      "dim_order_ops::_to_dim_order_copy.out",
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return false;
}

static bool same_elements(const ew_value *a, const ew_value *b) {
  size_t n = 1, m = 1;
  for (uint32_t i = 0; i < a->rank; i++) n *= a->dims[i];
  for (uint32_t i = 0; i < b->rank; i++) m *= b->dims[i];
  return n == m && a->dtype == b->dtype && ew_value_is_row_major(a) && ew_value_is_row_major(b);
}

void ew_pass_copies_to_views(ew_graph *graph) {
  for (uint32_t i = 0; i < graph->num_nodes; i++) {
    ew_node *node = &graph->nodes[i];
    if (node->op != EW_OP_KERNEL || node->num_inputs != 1 || node->num_outputs != 1) continue;
    if (node->inputs[0] == EW_NONE || !keeps_order(node->kernel->name)) continue;
    const ew_value *in = &graph->values[node->inputs[0]];
    const ew_value *out = &graph->values[node->outputs[0]];
    /* A mutable buffer may be overwritten between the copy and its use. A dynamic expand may repeat. */
    if ((in->flags | out->flags) & (EW_VALUE_STATE | EW_VALUE_DYNAMIC)) continue;
    if (same_elements(in, out)) node->op = EW_OP_VIEW;
  }
}
