/* Random graphs of XNNPACK operators that are valid by construction.
 *
 * A graph grows node by node. Each node is evaluated by the oracle as soon as it is made, so that the scales
 * of 8-bit results fit what is really there, and that no operator leaves its domain. A graph of n nodes is
 * the beginning of the graph of n + 1 nodes with the same seed: the smallest n that still fails is the
 * reproduction. */
#ifndef EW_TESTS_ORACLE_RANDOM_GRAPH_H
#define EW_TESTS_ORACLE_RANDOM_GRAPH_H

#include "graph/ir.h"
#include "oracle/random.h"
#include "oracle/tensor.h"

enum { RANDOM_MAX_VALUES = 192, RANDOM_MAX_NODES = 12, RANDOM_MAX_INPUTS = 6 };

typedef struct random_graph {
  ew_arena arena;
  ew_graph graph; /* one segment, not yet checked */
  uint32_t num_inputs;
  uint32_t inputs[RANDOM_MAX_INPUTS];
  oracle_tensor tensors[RANDOM_MAX_VALUES]; /* per value */
  const void *constants[RANDOM_MAX_VALUES]; /* per constant: its bytes */
  uint32_t reads[RANDOM_MAX_VALUES];        /* per value: nodes that read it */
  uint8_t
      leaves[RANDOM_MAX_VALUES]; /* percentile that decides which values that are read also leave */
  bool is_dynamic;               /* may run with other sizes than the declared ones */
} random_graph;

/* max_nodes: at most RANDOM_MAX_NODES operators are asked for; each may bring helpers along. The segment has
 * no inputs and outputs yet: copies have. */
ew_status random_graph_make(random_graph *g, uint64_t seed, uint32_t max_nodes, ew_error *err);
/* A graph of its own to rewrite and run; shares numbers and bytes with `from`, which must outlive it.
 * all_outputs: every value that may leave the segment does. */
ew_status random_graph_copy(random_graph *g, const random_graph *from, bool all_outputs,
                            ew_error *err);
void random_graph_free(random_graph *g);

/* Smaller inputs (by value id) that a dynamic graph with its inputs listed can take; *out_found false when a
 * few tries have found none. They live in g's arena. */
ew_status random_graph_shrink(random_graph *g, uint64_t seed, oracle_tensor *inputs,
                              bool *out_found, ew_error *err);

/* Puts fresh numbers into an input of the given sizes. */
void random_graph_fill(oracle_tensor *input, random_state *random);

#endif
