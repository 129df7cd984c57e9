/* One segment: packing its nodes, building its runtime, running it. */
#include <string.h>

#include "base/clock.h"
#include "exec/xnn/fast_conv.h"
#include "exec/xnn/internal.h"

/* --- packing ------------------------------------------------------------------------------------------- */

static ew_status pack(ew_lowering *low, const ew_node *node, xnn_runtime_t *runtime) {
  low->packing = true;
  /* The output must be external, or XNNPACK drops the node as unused. The input stays internal: a
   * dynamically quantised one may not be external, and nothing is ever run. */
  EW_TRY(ew_define_external(low, node->outputs[0], 0, XNN_VALUE_FLAG_EXTERNAL_OUTPUT));
  EW_TRY(ew_lower_node(low, node));
  EW_TRY(ew_xnn_watch(0, low->err));
  const enum xnn_status status = xnn_create_runtime_v4(low->subgraph, &low->xnn->weights.provider,
                                                       low->xnn->workspace, NULL, 0, runtime);
  if (low->xnn->weights.refused != NULL) {
    return ew_fail(low->err, low->xnn->weights.refusal, "node %u (%s): %s",
                   (unsigned)(node - low->graph->nodes), ew_op_name(node->op),
                   low->xnn->weights.refused);
  }
  if (status != xnn_status_success) {
    return ew_xnn_fail(low->err, status, "packing the weights of node %u (%s)",
                       (unsigned)(node - low->graph->nodes), ew_op_name(node->op));
  }
  return ew_xnn_watched(low->err);
}

static ew_status pack_fast(ew_xnn *xnn, const ew_node *node, ew_error *err) {
  ew_fast_conv **conv = &xnn->fast_convs[node->segment];
  EW_CHECK(*conv == NULL, err, EW_INVALID_STATE, "segment %u is packed already", node->segment);
  const bool is_float = xnn->graph->values[node->inputs[0]].dtype == EW_F32;
  EW_TRY((is_float ? ew_fast_float_create : ew_fast_int8_create)(xnn->graph, node->segment, conv,
                                                                 err));
  xnn->weights.bytes += ew_fast_conv_packed_bytes(*conv);
  return EW_OK;
}

ew_status ew_xnn_pack(ew_executor *executor, uint32_t node_index, ew_error *err) {
  ew_xnn *xnn = ew_xnn_of(executor);
  ew_weights *weights = &xnn->weights;
  EW_TRY(ew_xnn_follow_graph(xnn, err));
  EW_CHECK(node_index < weights->num_nodes, err, EW_INVALID_ARGUMENT, "there is no node %u",
           node_index);
  const ew_node *node = &xnn->graph->nodes[node_index];
  EW_CHECK(ew_xnn_packs(xnn->graph, node), err, EW_INVALID_ARGUMENT,
           "node %u (%s) has nothing to pack", node_index, ew_op_name(node->op));
  EW_CHECK(weights->by_node[node_index] == EW_NONE, err, EW_INVALID_STATE,
           "node %u (%s) is packed already", node_index, ew_op_name(node->op));
  if (xnn->is_fast[node->segment]) return pack_fast(xnn, node, err);
  ew_lowering low;
  xnn_runtime_t runtime = NULL;
  ew_weights_begin(weights, xnn->graph, node_index);
  ew_status status = ew_lowering_begin(&low, xnn, 1, err);
  if (status == EW_OK) status = pack(&low, node, &runtime);
  ew_lowering_end(&low);
  if (runtime != NULL) xnn_delete_runtime(runtime);
  ew_weights_end(weights);
  if (status != EW_OK) return status;
  EW_CHECK(weights->by_node[node_index] != EW_NONE, err, EW_INTERNAL,
           "node %u (%s): XNNPACK did not pack its weights through the provider", node_index,
           ew_op_name(node->op));
  return EW_OK;
}

/* --- building ------------------------------------------------------------------------------------------- */

static ew_status lower_segment(ew_lowering *low, uint32_t index) {
  const ew_segment *segment = &low->graph->segments[index];
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    EW_TRY(ew_define_external(low, segment->inputs[i], i, XNN_VALUE_FLAG_EXTERNAL_INPUT));
  }
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    EW_TRY(ew_define_external(low, segment->outputs[i], segment->num_inputs + i,
                              XNN_VALUE_FLAG_EXTERNAL_OUTPUT));
  }
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    EW_TRY(ew_lower_node(low, ew_segment_node(low->graph, index, i)));
  }
  return EW_OK;
}

static ew_status create_runtime(ew_lowering *low, uint32_t segment) {
  ew_xnn *xnn = low->xnn;
  EW_TRY(lower_segment(low, segment));
  EW_TRY(ew_xnn_watch(0, low->err));
  const enum xnn_status status = xnn_create_runtime_v4(
      low->subgraph, &xnn->weights.provider, xnn->workspace, xnn->threadpool,
      xnn->options.profile ? XNN_FLAG_BASIC_PROFILING : 0, &xnn->runtimes[segment]);
  /* XNNPACK may go on without the weights that it did not get. */
  if (xnn->weights.refused != NULL) {
    if (status == xnn_status_success) xnn_delete_runtime(xnn->runtimes[segment]);
    xnn->runtimes[segment] = NULL;
    return ew_fail(low->err, xnn->weights.refusal, "segment %u: a node was refused: %s", segment,
                   xnn->weights.refused);
  }
  if (status == xnn_status_success) return ew_xnn_watched(low->err);
  xnn->runtimes[segment] = NULL;
  return ew_xnn_fail(low->err, status, "building segment %u", segment);
}

static ew_status check_segment(const ew_xnn *xnn, uint32_t segment, bool built, ew_error *err) {
  EW_CHECK(segment < xnn->num_segments, err, EW_INVALID_ARGUMENT, "there is no segment %u",
           segment);
  const bool exists = xnn->runtimes[segment] != NULL || xnn->fast_convs[segment] != NULL;
  EW_CHECK(exists == built, err, EW_INVALID_STATE, "segment %u is %s", segment,
           built ? "not built yet" : "built already");
  return EW_OK;
}

ew_status ew_xnn_build(ew_executor *executor, uint32_t segment, ew_error *err) {
  ew_xnn *xnn = ew_xnn_of(executor);
  EW_TRY(ew_xnn_follow_graph(xnn, err));
  /* All there is to build was built when the filter was packed. */
  if (xnn->is_fast[segment]) return check_segment(xnn, segment, true, err);
  EW_TRY(check_segment(xnn, segment, false, err));
  ew_lowering low;
  xnn->weights.refused = NULL;
  const ew_segment *s = &xnn->graph->segments[segment];
  ew_status status = ew_lowering_begin(&low, xnn, s->num_inputs + s->num_outputs, err);
  if (status == EW_OK) status = create_runtime(&low, segment);
  ew_lowering_end(&low);
  return status;
}

/* --- running ------------------------------------------------------------------------------------------- */

static ew_status reserve_scratch(ew_xnn *xnn, size_t size, ew_error *err) {
  if (size <= xnn->fast_scratch_size) return EW_OK;
  ew_free(xnn->fast_scratch);
  xnn->fast_scratch_size = 0;
  xnn->fast_scratch = ew_alloc(size);
  EW_CHECK(xnn->fast_scratch != NULL, err, EW_OUT_OF_MEMORY,
           "out of memory: %zu bytes for convolutions", size);
  xnn->fast_scratch_size = size;
  return EW_OK;
}

static ew_status reshape_fast(ew_xnn *xnn, uint32_t segment, const ew_shape *shapes,
                              ew_error *err) {
  size_t out_dims[4] = {0}, scratch = 0;
  const ew_shape *in = &shapes[xnn->graph->segments[segment].inputs[0]];
  const size_t threads = pthreadpool_get_threads_count(xnn->threadpool);
  EW_TRY(
      ew_fast_conv_reshape(xnn->fast_convs[segment], in->dims, threads, out_dims, &scratch, err));
  return reserve_scratch(xnn, scratch, err);
}

/* Enough for all that XNNPACK allocates without a look: 56 bytes per value and operator of the runtime (a
 * node becomes at most three operators), and a pointer per convolution. */
static size_t reserve_size(const ew_graph *graph, uint32_t index) {
  const ew_segment *segment = &graph->segments[index];
  size_t size = (size_t)segment->num_inputs * 64 + 1024;
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    size += (ew_segment_node(graph, index, i)->num_inputs + 8) * (size_t)64;
  }
  return size;
}

static ew_status reshape_runtime(ew_xnn *xnn, uint32_t segment, ew_error *err) {
  xnn_runtime_t runtime = xnn->runtimes[segment];
  EW_TRY(ew_xnn_watch(reserve_size(xnn->graph, segment), err));
  const enum xnn_status answer = xnn_reshape_runtime(runtime);
  const ew_status status = ew_xnn_watched(err);
  if (status != EW_OK) {
    /* Some of its memory may be the reserve's. */
    xnn_delete_runtime(runtime);
    xnn->runtimes[segment] = NULL;
  }
  ew_xnn_unwatch();
  EW_TRY(status);
  if (answer == xnn_status_success) return EW_OK;
  return ew_xnn_fail(err, answer, "preparing the shapes of segment %u", segment);
}

/* XNNPACK derives shapes of its own, and writes as many elements as those have. */
static ew_status check_output(const ew_xnn *xnn, uint32_t segment, uint32_t index,
                              const ew_shape *shapes, ew_error *err) {
  const ew_segment *s = &xnn->graph->segments[segment];
  const ew_shape *wanted = &shapes[s->outputs[index]];
  /* Indices of an argmax pooling: XNNPACK writes them with the shape of the maxima, and tells the declared
   * one. */
  if (xnn->graph->values[s->outputs[index]].dtype == EW_I32) return EW_OK;
  size_t rank = 0, dims[XNN_MAX_TENSOR_DIMS] = {0};
  const enum xnn_status status =
      xnn_get_external_value_shape(xnn->runtimes[segment], s->num_inputs + index, &rank, dims);
  if (status != xnn_status_success) {
    return ew_xnn_fail(err, status, "reading the shape of output %u of segment %u", index, segment);
  }
  char found[128], derived[128];
  EW_CHECK(rank == wanted->rank && memcmp(dims, wanted->dims, rank * sizeof *dims) == 0, err,
           EW_INVALID_PROGRAM, "output %u of segment %u has shape %s for XNNPACK, but is %s", index,
           segment, ew_shape_text(dims, (uint32_t)rank, found, sizeof found),
           ew_shape_text(wanted->dims, wanted->rank, derived, sizeof derived));
  return EW_OK;
}

ew_status ew_xnn_reshape(ew_executor *executor, uint32_t segment, const ew_shape *shapes,
                         ew_error *err) {
  ew_xnn *xnn = ew_xnn_of(executor);
  EW_TRY(check_segment(xnn, segment, true, err));
  if (xnn->is_fast[segment]) return reshape_fast(xnn, segment, shapes, err);
  const ew_segment *s = &xnn->graph->segments[segment];
  EW_TRY(ew_xnn_check_shapes(xnn->graph, segment, shapes, err));
  for (uint32_t i = 0; i < s->num_inputs; i++) {
    const ew_shape *shape = &shapes[s->inputs[i]];
    const enum xnn_status status =
        xnn_reshape_external_value(xnn->runtimes[segment], i, shape->rank, shape->dims);
    if (status != xnn_status_success) {
      return ew_xnn_fail(err, status, "setting the shape of input %u of segment %u", i, segment);
    }
  }
  EW_TRY(reshape_runtime(xnn, segment, err));
  for (uint32_t i = 0; i < s->num_outputs; i++) {
    EW_TRY(check_output(xnn, segment, i, shapes, err));
  }
  return EW_OK;
}

ew_status ew_xnn_setup(ew_executor *executor, uint32_t segment, void *const *inputs,
                       void *const *outputs, ew_error *err) {
  ew_xnn *xnn = ew_xnn_of(executor);
  EW_TRY(check_segment(xnn, segment, true, err));
  if (xnn->is_fast[segment]) {
    ew_fast_conv_setup(xnn->fast_convs[segment], inputs[0], outputs[0]);
    return EW_OK;
  }
  const ew_segment *s = &xnn->graph->segments[segment];
  const uint32_t count = s->num_inputs + s->num_outputs;
  struct xnn_external_value few[16], *values = few;
  if (count > 16) values = ew_alloc(count * sizeof *values);
  EW_CHECK(values != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %u pointers of segment %u", count,
           segment);
  for (uint32_t i = 0; i < count; i++) {
    values[i] = (struct xnn_external_value){
        .id = i, .data = i < s->num_inputs ? inputs[i] : outputs[i - s->num_inputs]};
  }
  const enum xnn_status status = xnn_setup_runtime_v2(xnn->runtimes[segment], count, values);
  if (values != few) ew_free(values);
  if (status != xnn_status_success) {
    return ew_xnn_fail(err, status, "setting the pointers of segment %u", segment);
  }
  return EW_OK;
}

static void run_fast(ew_xnn *xnn, uint32_t segment) {
  const uint64_t start = xnn->options.profile ? ew_now_microseconds() : 0;
  ew_fast_conv_run(xnn->fast_convs[segment], xnn->fast_scratch, xnn->threadpool);
  if (xnn->options.profile) xnn->fast_times[segment] = ew_now_microseconds() - start;
}

/* XNNPACK runs on the calling thread (and its pool): when it returns, the run is over. */
ew_status ew_xnn_start(ew_executor *executor, uint32_t segment, ew_error *err) {
  ew_xnn *xnn = ew_xnn_of(executor);
  EW_TRY(check_segment(xnn, segment, true, err));
  if (xnn->is_fast[segment]) {
    run_fast(xnn, segment);
    return EW_OK;
  }
  const enum xnn_status status = xnn_invoke_runtime(xnn->runtimes[segment]);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "running segment %u", segment);
  return EW_OK;
}

ew_status ew_xnn_poll(ew_executor *executor, uint32_t segment, ew_progress *out, ew_error *err) {
  (void)executor;
  (void)segment;
  (void)err;
  *out = EW_DONE;
  return EW_OK;
}
