/* The table of portable kernels and its look-up. */
#include "kernels/kernel.h"

#include <string.h>

#include "kernels/strided.h"
#include "kernels/support.h"

static const ew_kernel table[] = {
#define EW_KERNEL(name, signature, prepare, run, flags) \
  {name, signature, ew_prepare_##prepare, ew_run_##run, flags},
#define EW_KERNEL_VIEW_ROW(name, signature, prepare) \
  {name, signature, ew_prepare_##prepare, NULL, EW_KERNEL_VIEW},
#include "kernels/kernels.def"
#undef EW_KERNEL
#undef EW_KERNEL_VIEW_ROW
};

ew_dtype ew_kernel_dtype(const ew_kernel *kernel, ew_dtype dtype) {
  const bool as_f32 = (kernel->flags & EW_KERNEL_F32) == EW_KERNEL_F32;
  return as_f32 && ew_dtype_is_float(dtype) ? EW_F32 : dtype;
}

void ew_kernel_copy(const ew_tensor *to, const ew_tensor *from) { ew_copy_tensor(to, from); }

const ew_kernel *ew_kernel_find(const char *name) {
  size_t low = 0, high = sizeof table / sizeof table[0];
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, table[middle].name);
    if (order == 0) return &table[middle];
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}

ew_status ew_kernel_insert_cast(ew_graph *graph, uint32_t at, uint32_t branch, uint32_t from,
                                uint32_t to, ew_error *err) {
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_KERNEL, 1, 1, 2, &node, err));
  node->kernel = ew_kernel_find("dim_order_ops::_to_dim_order_copy.out");
  node->inputs[0] = from;
  node->outputs[0] = to;
  node->attrs[0].kind = EW_ATTR_BOOL;
  EW_TRY(ew_graph_insert_steps(graph, at, 1, err));
  graph->steps[at] = (ew_step){.segment = EW_NONE, .node = graph->num_nodes - 1, .branch = branch};
  return EW_OK;
}

const ew_kernel *ew_kernel_table(size_t *out_count) {
  *out_count = sizeof table / sizeof table[0];
  return table;
}
