/* Running a random graph through an executor, by the calls of exec/executor.h only, in the order of a load:
 * constants arrive, are packed, and go as soon as the executor has said they may. */
#ifndef EW_TESTS_ORACLE_GRAPH_RUN_H
#define EW_TESTS_ORACLE_GRAPH_RUN_H

#include "exec/executor.h"
#include "oracle/random_graph.h"

/* Rewrites to apply before. The executor's own, refine, runs in any case; RUN_OPTIMISE lets it do all it
 * knows. */
enum { RUN_DEAD_TAPS = 1, RUN_TRANSPOSES = 2, RUN_CLAMPS = 4, RUN_OPTIMISE = 8 };

typedef struct graph_run {
  random_graph *random; /* its graph is rewritten and run; prepare once */
  ew_executor *executor;
  ew_shape *shapes; /* [num_values], in memory order */
  void **data;      /* [num_values]: bytes of the segments' inputs and outputs */
  uint32_t parts[RANDOM_MAX_VALUES], num_parts; /* the segments that run, in order */
  uint32_t original_nodes;
  uint32_t whole_outputs[RANDOM_MAX_VALUES], num_whole_outputs; /* outputs of the graph */
  bool changed;                                                 /* a rewrite has done something */
} graph_run;

/* Checks, rewrites, packs and builds. Destroy also after a failure. */
ew_status graph_run_prepare(graph_run *run, random_graph *random, const ew_executor_ops *ops,
                            uint32_t num_threads, uint32_t rewrites, ew_error *err);
/* Runs with the numbers and sizes of inputs (by value id). EW_INVALID_PROGRAM when the graph cannot take
 * these sizes. */
ew_status graph_run_start(graph_run *run, const oracle_tensor *inputs, ew_error *err);
void graph_run_destroy(graph_run *run);

#endif
