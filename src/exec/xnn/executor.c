/* XNNPACK behind executor.h: state and table of functions. */
#include <string.h>

#include "exec/xnn/internal.h"
#include "graph/passes/passes.h"

static ew_status open_xnnpack(ew_xnn *xnn, ew_error *err) {
  /* Safe to repeat: only the first call of the process does anything. */
  enum xnn_status status = xnn_initialize(&ew_xnn_allocator);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "initialising XNNPACK");
  ew_weights_init(&xnn->weights);
  status = xnn_create_workspace(&xnn->workspace);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "creating the workspace");
  if (xnn->options.num_threads > 1) {
    xnn->threadpool = pthreadpool_create(xnn->options.num_threads);
    EW_CHECK(xnn->threadpool != NULL, err, EW_OUT_OF_RESOURCES, "%u threads cannot be started",
             xnn->options.num_threads);
  }
  return EW_OK;
}

static void destroy(ew_executor *executor) {
  ew_xnn *xnn = ew_xnn_of(executor);
  if (xnn == NULL) return;
  for (uint32_t i = 0; i < xnn->num_segments; i++) {
    if (xnn->runtimes[i] != NULL) xnn_delete_runtime(xnn->runtimes[i]);
    ew_fast_conv_destroy(xnn->fast_convs[i]);
  }
  if (xnn->workspace != NULL) xnn_release_workspace(xnn->workspace);
  if (xnn->threadpool != NULL) pthreadpool_destroy(xnn->threadpool);
  ew_weights_free(&xnn->weights);
  ew_free(xnn->runtimes);
  ew_free(xnn->is_fast);
  ew_free(xnn->fast_convs);
  ew_free(xnn->fast_times);
  ew_free(xnn->fast_scratch);
  ew_free(xnn->ids);
  ew_free(xnn);
}

static ew_status create(const ew_graph *graph, const ew_executor_options *options,
                        ew_executor **out, ew_error *err) {
  *out = NULL;
  ew_xnn *xnn = ew_alloc(sizeof *xnn);
  EW_CHECK(xnn != NULL, err, EW_OUT_OF_MEMORY, "out of memory: the XNNPACK state");
  memset(xnn, 0, sizeof *xnn);
  xnn->base.ops = &ew_xnn_executor;
  xnn->graph = graph;
  if (options != NULL) xnn->options = *options;
  const ew_status status = open_xnnpack(xnn, err);
  if (status != EW_OK) {
    destroy(&xnn->base);
    return status;
  }
  *out = &xnn->base;
  return EW_OK;
}

static ew_status refine(ew_executor *executor, ew_graph *graph, uint32_t segment, bool optimise,
                        ew_error *err) {
  /* First: it may bring a clamp to a convolution. */
  if (optimise) ew_pass_transposes(graph, segment);
  EW_TRY(ew_xnn_fuse_clamps(graph, segment, err));
  if (!optimise) return EW_OK;
  EW_TRY(ew_pass_quantise_early(graph, segment, err));
  EW_TRY(ew_pass_pads(graph, segment, err));
  EW_TRY(ew_xnn_fold_tables(graph, segment, err));
  ew_pass_silu(graph, segment);
  EW_TRY(ew_pass_dead_taps(graph, segment, err));
  return ew_xnn_choose_fast(ew_xnn_of(executor), graph, segment, err);
}

static size_t memory(const ew_executor *executor) {
  return ew_xnn_of_const(executor)->weights.bytes;
}

const ew_executor_ops ew_xnn_executor = {
    .name = "xnnpack",
    .supports = ew_xnn_supports,
    .create = create,
    .destroy = destroy,
    .refine = refine,
    .keeps = ew_xnn_keeps,
    .pack = ew_xnn_pack,
    .build = ew_xnn_build,
    .reshape = ew_xnn_reshape,
    .workspace = ew_xnn_workspace,
    .setup = ew_xnn_setup,
    .start = ew_xnn_start,
    .poll = ew_xnn_poll,
    .times = ew_xnn_times,
    .memory = memory,
};
