/* The XNNPACK delegate payload: a serialised XNNGraph becomes the nodes of a segment, once per call.
 * Schema: executorch/backends/xnnpack/serialization/schema.fbs (XN00 and XN01). */
#include <string.h>

#include "format/pte/payload.h"
#include "graph/check.h"
#include "kernels/kernel.h"

enum { GRAPH_EXTERNS = 3 };

static ew_status open_payload(payload_reader *r, ew_bytes bytes) {
  ew_error *err = r->err;
  const pte_payload_header *header = &r->payload->header;
  const ew_bytes graph = {bytes.data + header->graph_offset, (size_t)header->graph_size};
  EW_CHECK(graph.size >= 8 &&
               (memcmp(graph.data + 4, "XN01", 4) == 0 || memcmp(graph.data + 4, "XN00", 4) == 0),
           err, EW_INVALID_PROGRAM, "XNNPACK payload: neither 'XN01' nor 'XN00' at byte 4");
  ew_fb_init(&r->fb, graph, "XNNPACK payload", err);
  r->root = ew_fb_root(&r->fb);
  r->num_externs = ew_fb_u32(r->root, GRAPH_EXTERNS);
  EW_TRY(ew_fb_status(&r->fb));
  EW_CHECK(r->num_externs <= EW_MAX_EXTERNALS && r->num_externs <= r->call->num_args, err,
           EW_INVALID_PROGRAM, "XNNPACK payload: %u external values, the call passes %u arguments",
           r->num_externs, r->call->num_args);
  EW_TRY(ew_arena_alloc(r->graph->arena, r->num_externs, 1, &r->extern_flags, err));
  EW_TRY(ew_arena_alloc(r->graph->arena, r->num_externs, sizeof *r->widened, &r->widened, err));
  for (uint32_t i = 0; i < r->num_externs; i++) r->widened[i] = EW_NONE;
  return EW_OK;
}

/* Fills in inputs and outputs of the segment from the external flags. */
static ew_status list_externals(payload_reader *r, ew_segment *segment) {
  EW_TRY(
      ew_arena_alloc(r->graph->arena, r->num_externs, sizeof(uint32_t), &segment->inputs, r->err));
  EW_TRY(
      ew_arena_alloc(r->graph->arena, r->num_externs, sizeof(uint32_t), &segment->outputs, r->err));
  for (uint32_t i = 0; i < r->num_externs; i++) {
    const uint32_t value = r->widened[i] != EW_NONE ? r->widened[i] : r->call->args[i];
    const bool constant = r->graph->values[value].constant != EW_NONE;
    if (r->extern_flags[i] == PAYLOAD_EXTERNAL_OUTPUT) {
      EW_CHECK(!constant, r->err, EW_INVALID_PROGRAM,
               "XNNPACK payload: output argument %u is a constant", i);
      segment->outputs[segment->num_outputs++] = value;
    } else if (!constant) {
      segment->inputs[segment->num_inputs++] = value;
    }
  }
  return EW_OK;
}

/* Behind the segment: casts of its i32 outputs to the i64 values of the method. */
static ew_status widen_outputs(payload_reader *r) {
  ew_graph *graph = r->graph;
  for (uint32_t i = 0; i < r->num_externs; i++) {
    if (r->widened[i] == EW_NONE) continue;
    uint32_t step = 0;
    while (graph->steps[step].segment != r->call->segment) step++;
    EW_TRY(ew_kernel_insert_cast(graph, step + 1, graph->steps[step].branch, r->widened[i],
                                 r->call->args[i], r->err));
  }
  return EW_OK;
}

static ew_status read_call(pte_file *pte, const pte_payload *payload, ew_bytes bytes,
                           pte_call *call, ew_error *err) {
  payload_reader r = {
      .pte = pte, .graph = pte->graph, .payload = payload, .call = call, .err = err};
  EW_TRY(open_payload(&r, bytes));
  EW_TRY(payload_read_values(&r));
  EW_TRY(payload_read_nodes(&r));
  EW_TRY(list_externals(&r, &pte->graph->segments[call->segment]));
  EW_TRY(ew_graph_check_segment(pte->graph, call->segment, err));
  return widen_outputs(&r);
}

ew_status pte_read_payload(pte_file *pte, uint32_t index, ew_bytes bytes, ew_error *err) {
  const pte_payload *payload = &pte->payloads[index];
  for (uint32_t i = 0; i < pte->num_calls; i++) {
    if (pte->calls[i].payload != index) continue;
    const ew_status status = read_call(pte, payload, bytes, &pte->calls[i], err);
    if (status != EW_OK) return ew_fail_context(err, status, "delegate call %u", i);
  }
  return EW_OK;
}
