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

ew_status ew_kernel_new_call(const ew_node *node, ew_arena *arena, ew_tensor **out_inputs,
                             ew_call *out, ew_error *err) {
  ew_tensor *tensors = NULL;
  const uint32_t count = node->num_inputs + node->num_outputs;
  EW_TRY(ew_arena_alloc(arena, count + 1, sizeof *tensors, &tensors, err));
  for (uint32_t i = 0; i < count; i++) tensors[i].dtype = EW_DTYPE_NONE;
  *out_inputs = tensors;
  *out = (ew_call){.node = node,
                   .num_inputs = node->num_inputs,
                   .num_outputs = node->num_outputs,
                   .num_attrs = node->num_attrs,
                   .inputs = tensors,
                   .outputs = tensors + node->num_inputs,
                   .attrs = node->attrs,
                   .err = err};
  return EW_OK;
}

ew_status ew_kernel_run(ew_call *call) {
  size_t count = 0;
  for (uint32_t i = 0; i < call->num_outputs; i++) count += ew_tensor_numel(&call->outputs[i]);
  return count == 0 ? EW_OK : call->node->kernel->run(call);
}

static uint64_t extent(const ew_tensor *tensor) {
  uint64_t product = 1;
  for (uint32_t i = 0; i < tensor->rank && tensor->dtype != EW_DTYPE_NONE; i++) {
    if (tensor->dims[i] > 0) product *= tensor->dims[i];
  }
  return product;
}

uint64_t ew_kernel_work(const ew_call *call) {
  uint64_t work = call->work;
  for (uint32_t i = 0; i < call->num_inputs; i++) work += extent(&call->inputs[i]);
  for (uint32_t i = 0; i < call->num_outputs; i++) work += extent(&call->outputs[i]);
  return work;
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
