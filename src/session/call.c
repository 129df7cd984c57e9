/* Calls of kernels by the model: what they are given, and row-major copies for those that want them. */
#include <string.h>

#include "session/model.h"

/* Symbolic numbers: takes what the run has computed. A list is updated in place. */
static void fill_attrs(const ew_model *model, const ew_node *node, ew_attr *attrs) {
  for (uint32_t i = 0; i < node->num_attrs; i++) {
    attrs[i] = node->attrs[i];
    if (attrs[i].scalars == NULL) continue;
    const bool is_list = attrs[i].kind == EW_ATTR_INTS;
    for (uint32_t k = 0; k < (is_list ? attrs[i].count : 1); k++) {
      if (attrs[i].scalars[k] == EW_NONE) continue;
      const ew_tensor *scalar = &model->tensors[attrs[i].scalars[k]];
      if (is_list) {
        memcpy(&attrs[i].u.ints[k], scalar->data, sizeof attrs[i].u.ints[k]);
      } else {
        attrs[i].kind = scalar->dtype == EW_F64 ? EW_ATTR_DOUBLE : EW_ATTR_INT;
        memcpy(&attrs[i].u, scalar->data, sizeof(int64_t));
      }
    }
  }
}

static ew_status fill(const ew_model *model, const ew_node *node, ew_step_call *c, ew_error *err) {
  ew_attr *attrs = NULL;
  EW_TRY(ew_kernel_new_call(node, &c->arena, &c->inputs, &c->call, err));
  EW_TRY(ew_arena_alloc(&c->arena, node->num_attrs + 1, sizeof *attrs, &attrs, err));
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] != EW_NONE) c->inputs[i] = model->tensors[node->inputs[i]];
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    c->call.outputs[i] = model->tensors[node->outputs[i]];
  }
  fill_attrs(model, node, attrs);
  c->call.attrs = attrs;
  return EW_OK;
}

ew_status ew_step_call_begin(const ew_model *model, const ew_node *node, ew_step_call *out,
                             ew_error *err) {
  ew_arena_init(&out->arena);
  return fill(model, node, out, err);
}

void ew_step_call_end(ew_step_call *c) { ew_arena_free(&c->arena); }

/* --- row-major copies ------------------------------------------------------------------------------- */

/* The row-major tensor that the kernel wants to see in the place of this one. */
static ew_tensor dense_tensor(const ew_node *node, const ew_tensor *tensor) {
  ew_tensor out = *tensor;
  out.dtype = ew_kernel_dtype(node->kernel, tensor->dtype);
  ew_tensor_set_strides(&out, NULL);
  return out;
}

static bool needs_copy(const ew_node *node, const ew_tensor *tensor) {
  if ((node->kernel->flags & EW_KERNEL_DENSE) == 0 || tensor->dtype == EW_DTYPE_NONE) return false;
  return ew_kernel_dtype(node->kernel, tensor->dtype) != tensor->dtype ||
         !ew_tensor_is_contiguous(tensor);
}

static size_t dense_size(const ew_node *node, const ew_tensor *tensor) {
  const ew_tensor dense = dense_tensor(node, tensor);
  return (ew_tensor_bytes(&dense) + EW_EXTRA_BYTES + 63) / 64 * 64;
}

static uint64_t dense_sizes(const ew_model *model, const ew_node *node, const uint32_t *ids,
                            uint32_t count) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (ids[i] == EW_NONE) continue;
    const ew_tensor *tensor = &model->tensors[ids[i]];
    if (needs_copy(node, tensor)) total += dense_size(node, tensor);
  }
  return total;
}

uint64_t ew_dense_bytes(const ew_model *model, const ew_node *node) {
  return dense_sizes(model, node, node->inputs, node->num_inputs) +
         dense_sizes(model, node, node->outputs, node->num_outputs);
}

/* Takes the tensor's row-major stand-in from the scratch memory of the call. */
static void make_dense(ew_call *call, ew_tensor *tensor) {
  const size_t size = dense_size(call->node, tensor);
  *tensor = dense_tensor(call->node, tensor);
  tensor->data = call->scratch;
  call->scratch = (char *)call->scratch + size;
  call->scratch_size -= size;
}

/* Makes row-major copies of the inputs that are not, and room for such outputs. */
static void copy_in(ew_step_call *c) {
  ew_call *call = &c->call;
  const ew_node *node = call->node;
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (!needs_copy(node, &c->inputs[i])) continue;
    const ew_tensor original = c->inputs[i];
    make_dense(call, &c->inputs[i]);
    ew_kernel_copy(&c->inputs[i], &original);
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    if (needs_copy(node, &call->outputs[i])) make_dense(call, &call->outputs[i]);
  }
}

static void copy_back(const ew_model *model, const ew_call *call) {
  const ew_node *node = call->node;
  const ew_tensor *outputs = call->outputs;
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const ew_tensor *own = &model->tensors[node->outputs[i]];
    if (outputs[i].data != own->data) ew_kernel_copy(own, &outputs[i]);
  }
}

ew_status ew_step_call_run(const ew_model *model, ew_step_call *c) {
  copy_in(c);
  EW_TRY(ew_kernel_run(&c->call));
  copy_back(model, &c->call);
  return EW_OK;
}
