/* Building a subgraph: the table of operators and what their functions share. */
#include <stdio.h>

#include "exec/xnn/internal.h"

static const ew_lower_fn lower_functions[] = {
#define EW_OP(id, name, min_inputs, max_inputs, outputs, shape, family) \
  [EW_OP_##id] = ew_lower_##family,
#include "graph/ops.def"
#undef EW_OP
};

ew_status ew_lower_node(ew_lowering *low, const ew_node *node) {
  EW_CHECK(node->op < EW_OP_KERNEL, low->err, EW_NOT_IMPLEMENTED,
           "node %u (%s) is not an XNNPACK operator", (unsigned)(node - low->graph->nodes),
           ew_op_name(node->op));
  return lower_functions[node->op](low, node);
}

ew_status ew_lowering_begin(ew_lowering *low, ew_xnn *xnn, uint32_t num_external, ew_error *err) {
  *low = (ew_lowering){.xnn = xnn, .graph = xnn->graph, .err = err};
  ew_arena_init(&low->arena);
  for (uint32_t i = 0; i < xnn->graph->num_values; i++) xnn->ids[i] = EW_NONE;
  const enum xnn_status status = xnn_create_subgraph(num_external, 0, &low->subgraph);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "creating a subgraph");
  return EW_OK;
}

void ew_lowering_end(ew_lowering *low) {
  if (low->subgraph != NULL) xnn_delete_subgraph(low->subgraph);
  low->subgraph = NULL;
  ew_arena_free(&low->arena);
}

static ew_status translate(enum xnn_status status, const char **out_text) {
  switch (status) {
    case xnn_status_success:
      *out_text = "no error";
      return EW_INTERNAL;
    case xnn_status_out_of_memory:
      *out_text = "out of memory";
      return EW_DELEGATE_OUT_OF_MEMORY;
    case xnn_status_invalid_parameter:
      *out_text = "invalid parameter";
      return EW_DELEGATE_FAILED;
    case xnn_status_unsupported_parameter:
      *out_text = "unsupported parameter";
      return EW_NOT_SUPPORTED;
    case xnn_status_unsupported_hardware:
      *out_text = "no kernel for this processor";
      return EW_NOT_SUPPORTED;
    case xnn_status_uninitialized:
      *out_text = "XNNPACK is not initialised";
      return EW_INTERNAL;
    default:
      *out_text = "invalid state";
      return EW_DELEGATE_FAILED;
  }
}

ew_status ew_xnn_fail(ew_error *err, enum xnn_status status, const char *format, ...) {
  const char *reason = "";
  const ew_status code = translate(status, &reason);
  char what[256];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return ew_fail(err, code, "%s: XNNPACK reports: %s", what, reason);
}

ew_status ew_defined(const ew_lowering *low, const ew_node *node, enum xnn_status status) {
  if (status == xnn_status_success) return EW_OK;
  return ew_xnn_fail(low->err, status, "defining node %u (%s)",
                     (unsigned)(node - low->graph->nodes), ew_op_name(node->op));
}
