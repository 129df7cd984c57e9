/* What an executor is: something that runs segments of a graph (XNNPACK on the CPU; later a GPU).
 *
 * A segment is a list of nodes of ops.def that becomes one unit of the executor. Formats, kernels, tasks and
 * the session know executors by this header only. An executor is added by a folder beside xnn/ and a row of
 * the table in executors.c; a model uses one of them.
 *
 * The life of a segment, in the order of the calls:
 *
 *   supports(node)           for each node, before any weight is read: can it run here?
 *   refine(segment)          once, when the segment is complete: rewrites of the executor's own
 *   keeps(node, input)       how long the raw bytes of a constant operand are needed
 *   pack(node)               the node's constants have arrived; only if one of them is EW_KEEP_UNTIL_PACKED
 *   build(segment)           all constants of the segment have arrived (some may be gone since pack)
 *   reshape(segment)         shapes are known, or have changed
 *   setup(segment)           addresses of inputs and outputs are known, or have changed
 *   start, poll, poll, ...   one run
 *
 * Bytes of constants are found in graph->constants[...].data; scales that lie in the file are there during
 * pack and during build. The graph grows while a file is read: pack and build of one segment may come before
 * the values, nodes and segments of another exist, so that tables by id must grow with it.
 *
 * Every function but keeps, memory and destroy reports failure through ew_error. When start or poll fails the
 * run is over, and the next start begins another. A pointer that may be NULL says so. */
#ifndef EW_EXEC_EXECUTOR_H
#define EW_EXEC_EXECUTOR_H

#include "base/status.h"
#include "graph/ir.h"

typedef struct ew_executor_options {
  uint32_t num_threads; /* 0 or 1: the calling thread only */
  bool profile;         /* measure each operator */
} ew_executor_options;

/* How long the raw bytes of a constant operand must stay in memory. */
typedef enum ew_keep {
  EW_KEEP_UNTIL_PACKED, /* pack copies them */
  EW_KEEP_UNTIL_BUILT,  /* build copies them */
  EW_KEEP_ALWAYS        /* they are read by runs */
} ew_keep;

typedef enum ew_progress {
  EW_DONE,   /* outputs are in place */
  EW_WAITING /* not yet: poll again. Inputs, outputs and their memory must stay as they are */
} ew_progress;

struct ew_executor_ops;

/* The state of an executor for one graph; each begins with this. */
typedef struct ew_executor {
  const struct ew_executor_ops *ops;
} ew_executor;

/* Receives the name of an operator and how long it took. */
typedef void ew_time_visitor(void *context, const char *name, uint64_t microseconds);

typedef struct ew_executor_ops {
  const char *name; /* "xnnpack" */

  /* EW_OK, or the sentence that says why this node (of ops.def) cannot run here: EW_NOT_SUPPORTED, or
   * EW_INVALID_PROGRAM for what no exporter writes. The graph has passed ew_graph_check_nodes. */
  ew_status (*supports)(const ew_graph *graph, const ew_node *node, ew_error *err);

  /* graph outlives the executor and may still grow. options NULL: defaults. */
  ew_status (*create)(const ew_graph *graph, const ew_executor_options *options, ew_executor **out,
                      ew_error *err);
  /* At any time, also while a run waits: it is given up. NULL is allowed. */
  void (*destroy)(ew_executor *executor);

  /* Rewrites a complete segment before anything of it is packed. graph is the executor's own. optimise
   * false: only what correctness needs. May split the segment (graph/segment.h); the parts are not given to
   * refine again. NULL: nothing to do. */
  ew_status (*refine)(ew_executor *executor, ew_graph *graph, uint32_t segment, bool optimise,
                      ew_error *err);

  /* input: of an operand that is a constant. Asked after refine; the answer never changes. */
  ew_keep (*keeps)(const ew_executor *executor, uint32_t node, uint32_t input);

  /* Takes over the constants of one node; at most once per node. NULL when keeps never answers
   * EW_KEEP_UNTIL_PACKED. */
  ew_status (*pack)(ew_executor *executor, uint32_t node, ew_error *err);
  ew_status (*build)(ew_executor *executor, uint32_t segment, ew_error *err);

  /* shapes: by value id, of every value of the segment that is no constant, in memory order, as
   * ew_graph_derive_segment found them. They are valid during the call. Sizes of dynamic values
   * differ from the declared ones, and may be larger: the declared number of elements bounds that of the
   * segment's inputs only. No operand is without elements. */
  ew_status (*reshape)(ew_executor *executor, uint32_t segment, const ew_shape *shapes,
                       ew_error *err);
  /* About how many bytes of working memory the segment's runs take beside inputs and outputs, at the sizes
   * that the graph declares. The session prepares the greediest segment first, so that a workspace shared
   * by all does not grow from one to the next. 0: nothing, or not known. NULL: 0. */
  ew_status (*workspace)(const ew_executor *executor, uint32_t segment, size_t *out_bytes,
                         ew_error *err);
  /* Memory of the segment's inputs and outputs, in the order of ew_segment.inputs and .outputs, elements in
   * memory order, with EW_EXTRA_BYTES readable behind each. It stays valid until the next setup. */
  ew_status (*setup)(ew_executor *executor, uint32_t segment, void *const *inputs,
                     void *const *outputs, ew_error *err);

  /* Begins a run of the segment: inputs are in place. May do all the work at once. Segments of one executor
   * run one at a time, each to its end. */
  ew_status (*start)(ew_executor *executor, uint32_t segment, ew_error *err);
  /* How far the run is; must not block. After EW_DONE it is over. */
  ew_status (*poll)(ew_executor *executor, uint32_t segment, ew_progress *out, ew_error *err);

  /* Times of the operators of the segment's last run; EW_INVALID_STATE without options.profile. */
  ew_status (*times)(ew_executor *executor, uint32_t segment, ew_time_visitor *visit, void *context,
                     ew_error *err);
  /* Bytes that packed weights take. */
  size_t (*memory)(const ew_executor *executor);
} ew_executor_ops;

/* The segment, of the graph's first num_segments, that will take the most working memory, and about how much;
 * EW_NONE when none needs any. */
ew_status ew_executor_greediest(const ew_executor *executor, uint32_t num_segments,
                                uint32_t *out_segment, size_t *out_bytes, ew_error *err);

/* How many of their threads all models use from now on, at most; 0: all of them, which is the default. Results
 * do not depend on it. Only in builds with threads. */
void ew_limit_threads(uint32_t count);

/* The table of executors, NULL at its end (executors.c); the first is the default. */
extern const ew_executor_ops *const ew_executors[];

#endif
