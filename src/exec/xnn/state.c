/* Tables by number that grow with the graph, and XNNPACK's refusals as ours. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "exec/xnn/internal.h"

/* --- tables --------------------------------------------------------------------------------------- */

static ew_status grow_table(void *table_pointer, uint32_t old_count, uint32_t count, size_t item,
                            int fill, ew_error *err) {
  char *old = NULL, *bigger = ew_alloc(count * item);
  EW_CHECK(bigger != NULL, err, EW_OUT_OF_MEMORY, "out of memory: XNNPACK tables of %u entries",
           count);
  memcpy(&old, table_pointer, sizeof old);
  if (old_count > 0) memcpy(bigger, old, old_count * item);
  memset(bigger + old_count * item, fill, (count - old_count) * item);
  ew_free(old);
  memcpy(table_pointer, &bigger, sizeof bigger);
  return EW_OK;
}

/* The graph grows while payloads arrive: makes the tables as long as its lists. */
ew_status ew_xnn_follow_graph(ew_xnn *xnn, ew_error *err) {
  const ew_graph *graph = xnn->graph;
  if (graph->num_segments > xnn->num_segments) {
    EW_TRY(grow_table(&xnn->is_fast, xnn->num_segments, graph->num_segments, sizeof *xnn->is_fast,
                      0, err));
    EW_TRY(grow_table(&xnn->fast_convs, xnn->num_segments, graph->num_segments,
                      sizeof *xnn->fast_convs, 0, err));
    EW_TRY(grow_table(&xnn->fast_times, xnn->num_segments, graph->num_segments,
                      sizeof *xnn->fast_times, 0, err));
    EW_TRY(grow_table(&xnn->runtimes, xnn->num_segments, graph->num_segments, sizeof *xnn->runtimes,
                      0, err));
    xnn->num_segments = graph->num_segments;
  }
  if (graph->num_values > xnn->num_ids) {
    EW_TRY(grow_table(&xnn->ids, 0, graph->num_values, sizeof *xnn->ids, 0xff, err));
    xnn->num_ids = graph->num_values;
  }
  ew_weights *weights = &xnn->weights;
  if (graph->num_nodes > weights->num_nodes) {
    const uint32_t count = graph->num_nodes, old = weights->num_nodes;
    EW_TRY(grow_table(&weights->by_node, old, count, sizeof *weights->by_node, 0xff, err));
    /* Addresses of tokens may change from one runtime to the next: none outlives its creation. */
    EW_TRY(grow_table(&weights->tokens, 0, count, 1, 0, err));
    weights->num_nodes = count;
  }
  return EW_OK;
}

/* --- refusals ------------------------------------------------------------------------------------- */

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
