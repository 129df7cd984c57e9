/* Random graphs through the oracle and through XNNPACK, with and without each pass.
 *
 *   random_graph_test [--first SEED] [--count GRAPHS] [--nodes MOST] [--report]
 *
 * Two comparisons. Node by node: every value leaves the segment, and each node is computed again by the
 * oracle from the inputs that XNNPACK saw; results may differ by 1e-5 of the range (f32) or one quantum.
 * Whole graphs: XNNPACK fuses what it likes, passes rewrite; results may differ by what those differences
 * may grow to on their way through the graph (the slack of each element, see tensor.h).
 *
 * A failure prints the seed and the smallest number of nodes that shows it, with that graph. */
#include <stdlib.h>

#include "graph/dump.h"
#include "oracle/graph_run.h"
#include "oracle/loops.h"
#include "oracle/oracle.h"
#include "test.h"

typedef struct tally {
  uint64_t graphs, nodes, runs, resized, refused;
  uint64_t elements[2], equal[2]; /* of f32 and of 8 bits, node by node */
  uint64_t plain,
      within_plain; /* results of whole graphs, and those within the tolerance of one node */
  uint64_t per_op[EW_OP_KERNEL][3]; /* f32 results, 8-bit results, others */
  uint64_t fired[16];               /* graphs that each rewrite has changed */
  uint64_t split;                   /* runs of segments that were split */
} tally;

static tally counts;

/* Where a comparison failed; the first failure counts. */
typedef struct verdict {
  bool failed;
  char text[512];
} verdict;

static void fail(verdict *v, const char *format, ...) {
  if (v->failed) return;
  v->failed = true;
  va_list args;
  va_start(args, format);
  vsnprintf(v->text, sizeof v->text, format, args);
  va_end(args);
}

/* --- comparing ------------------------------------------------------------------------------------- */

static bool near_enough(double actual, const oracle_tensor *expected, size_t i) {
  /* Infinite slacks that met on the way leave no number: anything may come out, as for infinite ones. */
  if (isnan(expected->slack[i])) return true;
  return fabs(actual - expected->value[i]) <= expected->slack[i] * (1 + 1e-6);
}

/* Elements of actual that lie outside of expected's slack. */
static void compare(verdict *v, const char *what, uint32_t id, const oracle_tensor *actual,
                    const oracle_tensor *expected) {
  for (size_t i = 0; i < expected->count; i++) {
    if (near_enough(actual->value[i], expected, i)) continue;
    fail(v, "%s: value %u, element %zu: %.9g, the oracle says %.9g, and may be off by %.3g", what,
         id, i, actual->value[i], expected->value[i], expected->slack[i]);
    return;
  }
}

/* A value as it lies in the memory of a run. */
static ew_status read_value(const graph_run *run, uint32_t id, oracle_tensor *out, ew_error *err) {
  const ew_value *value = &run->random->graph.values[id];
  EW_TRY(oracle_tensor_init(out, value, run->shapes[id].dims, &run->random->arena, err));
  return oracle_tensor_load(out, run->data[id], NULL, &run->random->arena, err);
}

/* --- node by node ---------------------------------------------------------------------------------- */

static void count_equal(const oracle_tensor *actual, const oracle_tensor *expected, ew_op op) {
  const uint32_t kind = actual->dtype == EW_F32 ? 0 : actual->quant.kind == EW_QUANT_NONE ? 2 : 1;
  counts.per_op[op][kind]++;
  for (size_t i = 0; kind < 2 && i < expected->count; i++) {
    counts.elements[kind]++;
    counts.equal[kind] += actual->value[i] == expected->value[i];
  }
}

static ew_status compare_node(verdict *v, const graph_run *run, const ew_node *node,
                              oracle_tensor *seen, ew_error *err) {
  const ew_graph *graph = &run->random->graph;
  oracle_tensor in[5] = {{0}}, out[2] = {{0}};
  char what[96];
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] != EW_NONE) in[i] = seen[node->inputs[i]];
  }
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    EW_TRY(oracle_tensor_init(&out[i], &graph->values[id], run->shapes[id].dims,
                              &run->random->arena, err));
  }
  EW_TRY(oracle_run(&(oracle_call){.op = node->op,
                                   .params = node->params,
                                   .num_inputs = node->num_inputs,
                                   .in = in,
                                   .out = out},
                    err));
  for (uint32_t i = 0; i < node->num_outputs; i++) {
    const uint32_t id = node->outputs[i];
    if (graph->values[id].dtype == EW_QD8) {
      seen[id] = out[i]; /* lives inside of XNNPACK only */
      continue;
    }
    EW_TRY(read_value(run, id, &seen[id], err));
    snprintf(what, sizeof what, "node %u (%s)", (unsigned)(node - graph->nodes),
             ew_op_name(node->op));
    count_equal(&seen[id], &out[i], node->op);
    compare(v, what, id, &seen[id], &out[i]);
  }
  return EW_OK;
}

static ew_status compare_nodes(verdict *v, graph_run *run, const oracle_tensor *inputs,
                               ew_error *err) {
  const ew_graph *graph = &run->random->graph;
  oracle_tensor seen[RANDOM_MAX_VALUES];
  memcpy(seen, run->random->tensors, sizeof seen);
  for (uint32_t i = 0; i < run->random->num_inputs; i++) {
    seen[run->random->inputs[i]] = inputs[run->random->inputs[i]];
  }
  EW_TRY(graph_run_start(run, inputs, err));
  for (uint32_t n = 0; n < graph->num_nodes; n++) {
    EW_TRY(compare_node(v, run, &graph->nodes[n], seen, err));
  }
  counts.nodes += graph->num_nodes;
  counts.runs++;
  return EW_OK;
}

/* Sizes that XNNPACK cannot take, and that it is not given. */
static ew_status allow_refusal(ew_status status) {
  if (status != EW_NOT_SUPPORTED) return status;
  counts.refused++;
  return EW_OK;
}

/* At the declared sizes, and where the graph can take them at smaller ones. */
static ew_status check_nodes(verdict *v, const random_graph *graph, uint64_t seed, ew_error *err) {
  static random_graph g;
  graph_run run = {0};
  oracle_tensor smaller[RANDOM_MAX_VALUES];
  bool has_smaller = false;
  ew_status status = random_graph_copy(&g, graph, true, err);
  if (status == EW_OK) status = graph_run_prepare(&run, &g, ew_executors[0], 1, 0, err);
  if (status == EW_OK) status = compare_nodes(v, &run, g.tensors, err);
  if (status == EW_OK) status = random_graph_shrink(&g, seed, smaller, &has_smaller, err);
  if (status == EW_OK && has_smaller) status = allow_refusal(compare_nodes(v, &run, smaller, err));
  graph_run_destroy(&run);
  random_graph_free(&g);
  return status;
}

/* --- whole graphs ---------------------------------------------------------------------------------- */

/* One way of running a graph. */
typedef struct outcome {
  random_graph graph;
  graph_run run;
} outcome;

/* What the oracle says, at the declared sizes and, where the graph can take them, at smaller ones. */
typedef struct truth {
  outcome declared, smaller;
  bool has_smaller;
  oracle_tensor inputs[RANDOM_MAX_VALUES]; /* the smaller ones */
} truth;

static ew_status begin(outcome *o, const random_graph *graph, const ew_executor_ops *ops,
                       uint32_t threads, uint32_t rewrites, ew_error *err) {
  memset(&o->run, 0, sizeof o->run);
  EW_TRY(random_graph_copy(&o->graph, graph, false, err));
  return graph_run_prepare(&o->run, &o->graph, ops, threads, rewrites, err);
}

static void end(outcome *o) {
  graph_run_destroy(&o->run);
  random_graph_free(&o->graph);
}

static ew_status find_truth(truth *t, const random_graph *graph, uint64_t seed, ew_error *err) {
  oracle_set_waits((uint32_t)(seed % 4));
  EW_TRY(begin(&t->declared, graph, &oracle_executor, 1, 0, err));
  EW_TRY(graph_run_start(&t->declared.run, graph->tensors, err));
  t->has_smaller = false;
  if (!graph->is_dynamic) return EW_OK;
  EW_TRY(begin(&t->smaller, graph, &oracle_executor, 1, 0, err));
  EW_TRY(random_graph_shrink(&t->smaller.graph, seed, t->inputs, &t->has_smaller, err));
  counts.resized += t->has_smaller;
  return t->has_smaller ? graph_run_start(&t->smaller.run, t->inputs, err) : EW_OK;
}

/* Counts how many elements are even within the tolerance of a single node. */
static void count_plain(const oracle_tensor *got, const oracle_tensor *wanted) {
  double largest = 0;
  for (size_t k = 0; k < wanted->count; k++) largest = fmax(largest, fabs(wanted->value[k]));
  const double plain = wanted->dtype == EW_F32       ? largest * ORACLE_F32_SHARE
                       : wanted->quant.scale != NULL ? (double)wanted->quant.scale[0]
                                                     : 0;
  for (size_t k = 0; k < wanted->count; k++) {
    counts.plain++;
    counts.within_plain += fabs(got->value[k] - wanted->value[k]) <= plain * (1 + 1e-6);
  }
}

static ew_status compare_outcomes(verdict *v, const char *what, const outcome *actual,
                                  const outcome *expected, ew_error *err) {
  counts.runs++;
  for (uint32_t i = 0; i < expected->run.num_whole_outputs; i++) {
    const uint32_t id = expected->run.whole_outputs[i];
    const oracle_tensor *wanted = oracle_result(expected->run.executor, 0, id);
    oracle_tensor got;
    EW_TRY(read_value(&actual->run, id, &got, err));
    compare(v, what, id, &got, wanted);
    count_plain(&got, wanted);
  }
  return EW_OK;
}

/* With more than one thread where there are threads. */
#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
#define THREADS 1
#else
#define THREADS 2
#endif

typedef struct way {
  const char *name;
  bool is_oracle;
  uint32_t threads, rewrites;
} way;

static const way ways[] = {
    {"XNNPACK", false, 1, 0},
    {"XNNPACK, dead taps", false, 1, RUN_DEAD_TAPS},
    {"XNNPACK, transposes", false, 1, RUN_TRANSPOSES},
    {"XNNPACK, optimised", false, 1, RUN_OPTIMISE},
    {"XNNPACK, optimised, threads", false, THREADS, RUN_OPTIMISE},
    {"oracle, clamps", true, 1, RUN_CLAMPS},
    {"oracle, dead taps", true, 1, RUN_DEAD_TAPS},
    {"oracle, transposes", true, 1, RUN_TRANSPOSES},
};

/* Runs at the declared sizes, then at smaller ones and again as declared. */
static ew_status run_way(verdict *v, const char *name, outcome *actual, const truth *t,
                         ew_error *err) {
  const oracle_tensor *declared = actual->graph.tensors;
  EW_TRY(graph_run_start(&actual->run, declared, err));
  EW_TRY(compare_outcomes(v, name, actual, &t->declared, err));
  if (!t->has_smaller) return EW_OK;
  char smaller[128];
  snprintf(smaller, sizeof smaller, "%s, smaller inputs", name);
  const ew_status status = graph_run_start(&actual->run, t->inputs, err);
  if (status == EW_OK) EW_TRY(compare_outcomes(v, smaller, actual, &t->smaller, err));
  EW_TRY(allow_refusal(status));
  EW_TRY(graph_run_start(&actual->run, declared, err));
  return compare_outcomes(v, name, actual, &t->declared, err);
}

/* A rewrite that has changed nothing needs no run of its own. */
static bool is_idle(size_t index, const outcome *o) { return index != 0 && !o->run.changed; }

static ew_status check_way(verdict *v, size_t index, const random_graph *graph, const truth *t,
                           ew_error *err) {
  static outcome actual;
  const way *w = &ways[index];
  const ew_executor_ops *ops = w->is_oracle ? &oracle_executor : ew_executors[0];
  ew_status status = begin(&actual, graph, ops, w->threads, w->rewrites, err);
  if (status == EW_OK && !is_idle(index, &actual)) {
    counts.fired[index] += actual.run.changed;
    counts.split += actual.run.num_parts > 1;
    status = run_way(v, w->name, &actual, t, err);
  }
  end(&actual);
  return status;
}

static void check_ways(verdict *v, const random_graph *graph, uint64_t seed, ew_error *err) {
  static truth t;
  memset(&t, 0, sizeof t);
  if (find_truth(&t, graph, seed, err) != EW_OK) fail(v, "oracle: %s", err->message);
  for (size_t i = 0; !v->failed && i < sizeof ways / sizeof *ways; i++) {
    if (check_way(v, i, graph, &t, err) != EW_OK) fail(v, "%s: %s", ways[i].name, err->message);
  }
  end(&t.declared);
  end(&t.smaller);
}

/* --- seeds ----------------------------------------------------------------------------------------- */

static verdict check_seed(uint64_t seed, uint32_t nodes) {
  static random_graph graph;
  verdict v = {0};
  ew_error err = {0};
  if (random_graph_make(&graph, seed, nodes, &err) != EW_OK) fail(&v, "making it: %s", err.message);
  if (!v.failed && graph.graph.num_nodes > 0) {
    if (check_nodes(&v, &graph, seed, &err) != EW_OK) fail(&v, "node by node: %s", err.message);
    check_ways(&v, &graph, seed, &err);
  }
  random_graph_free(&graph);
  return v;
}

static void print_graph(uint64_t seed, uint32_t nodes) {
  static random_graph graph, copy;
  ew_error err = {0};
  ew_text text = {0};
  if (random_graph_make(&graph, seed, nodes, &err) == EW_OK &&
      random_graph_copy(&copy, &graph, true, &err) == EW_OK) {
    ew_graph_dump(&copy.graph, &text);
  }
  printf("%s\n", text.data == NULL ? err.message : text.data);
  ew_text_free(&text);
  random_graph_free(&copy);
  random_graph_free(&graph);
}

static void report_failure(uint64_t seed, uint32_t nodes, const verdict *first) {
  verdict v = *first;
  uint32_t fewest = nodes;
  for (uint32_t n = 1; n < nodes; n++) {
    const verdict shorter = check_seed(seed, n);
    if (!shorter.failed) continue;
    v = shorter;
    fewest = n;
    break;
  }
  printf("seed %llu fails: %s\nreproduce: random_graph_test --first %llu --count 1 --nodes %u\n",
         (unsigned long long)seed, v.text, (unsigned long long)seed, fewest);
  print_graph(seed, fewest);
}

static void print_tally(void) {
  printf(
      "%llu graphs, %llu nodes, %llu runs, %llu with other sizes, of which XNNPACK refused %llu\n",
      (unsigned long long)counts.graphs, (unsigned long long)counts.nodes,
      (unsigned long long)counts.runs, (unsigned long long)counts.resized,
      (unsigned long long)counts.refused);
  for (int kind = 0; kind < 2; kind++) {
    printf("node by node, %s: %llu elements, %.4f %% equal\n", kind ? "8 bits" : "f32",
           (unsigned long long)counts.elements[kind],
           100.0 * (double)counts.equal[kind] / fmax(1, (double)counts.elements[kind]));
  }
  printf("whole graphs: %llu elements, %.4f %% within the tolerance of a single node\n",
         (unsigned long long)counts.plain,
         100.0 * (double)counts.within_plain / fmax(1, (double)counts.plain));
  printf("%llu segments split\n", (unsigned long long)counts.split);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    if (i > 0) {
      printf("%s: %llu graphs rewritten\n", ways[i].name, (unsigned long long)counts.fired[i]);
    }
  }
}

static void print_operators(void) {
  for (int op = 0; op < EW_OP_KERNEL; op++) {
    printf("  %-24s %8llu f32 %8llu 8-bit %6llu other\n", ew_op_name((ew_op)op),
           (unsigned long long)counts.per_op[op][0], (unsigned long long)counts.per_op[op][1],
           (unsigned long long)counts.per_op[op][2]);
  }
}

/* A test that never meets an operator or a rewrite proves nothing about it. */
static void check_coverage(void) {
  for (int op = 0; op < EW_OP_KERNEL; op++) {
    const uint64_t *n = counts.per_op[op];
    if (n[0] + n[1] + n[2] == 0) printf("no graph had %s\n", ew_op_name((ew_op)op));
    CHECK(n[0] + n[1] + n[2] > 0);
  }
  for (size_t i = 1; i < sizeof ways / sizeof *ways; i++) CHECK(counts.fired[i] > 0);
  CHECK(counts.split > 0);
}

int main(int argc, char **argv) {
  uint64_t first = 1, count = 150;
  uint32_t nodes = RANDOM_MAX_NODES;
  bool report = false;
  for (int i = 1; i < argc; i++) {
    const char *next = i + 1 < argc ? argv[i + 1] : "0";
    if (strcmp(argv[i], "--first") == 0) first = strtoull(next, NULL, 10);
    if (strcmp(argv[i], "--count") == 0) count = strtoull(next, NULL, 10);
    if (strcmp(argv[i], "--nodes") == 0) nodes = (uint32_t)strtoul(next, NULL, 10);
    if (strcmp(argv[i], "--report") == 0) report = true;
  }
  for (uint64_t seed = first; seed < first + count; seed++) {
    const verdict v = check_seed(seed, nodes);
    CHECK(!v.failed);
    counts.graphs++;
    if (v.failed) report_failure(seed, nodes, &v);
  }
  print_tally();
  if (report) print_operators();
  if (count >= 400) check_coverage();
  return test_summary();
}
