/* Flat lists of nodes become segments: maximal runs of what an executor supports, kernels between them. */
#include "exec/partition.h"

#include "kernels/kernel.h"
#include "test.h"

typedef struct builder {
  ew_arena arena;
  ew_graph graph;
  ew_error err;
} builder;

/* An executor that has no sigmoids. */
static ew_status supports(const ew_graph *graph, const ew_node *node, ew_error *err) {
  (void)graph;
  EW_CHECK(node->op != EW_OP_SIGMOID, err, EW_NOT_SUPPORTED, "no sigmoids here");
  return EW_OK;
}

static const ew_executor_ops executor = {.name = "test", .supports = supports};

static void start(builder *b) {
  memset(b, 0, sizeof *b);
  ew_arena_init(&b->arena);
  ew_graph_init(&b->graph, &b->arena, "test");
}

static void finish(builder *b) {
  ew_graph_free(&b->graph);
  ew_arena_free(&b->arena);
}

static uint32_t value(builder *b, uint32_t flags) {
  ew_value v = ew_value_default(EW_F32);
  v.rank = 1;
  v.dims[0] = 4;
  v.flags = flags;
  uint32_t id = 0;
  CHECK_EQ(ew_graph_add_value(&b->graph, &v, &id, &b->err), EW_OK);
  return id;
}

/* A node that is a step; y EW_NONE: it has one input. */
static uint32_t step(builder *b, ew_op op, uint32_t x, uint32_t y, uint32_t out) {
  ew_node *n = NULL;
  CHECK_EQ(ew_graph_add_node(&b->graph, op, y == EW_NONE ? 1 : 2, 1, 0, &n, &b->err), EW_OK);
  n->inputs[0] = x;
  if (y != EW_NONE) n->inputs[1] = y;
  n->outputs[0] = out;
  const uint32_t id = b->graph.num_nodes - 1;
  CHECK_EQ(ew_graph_add_step(&b->graph, EW_NONE, id, &b->err), EW_OK);
  return id;
}

static void set_outputs(builder *b, uint32_t *ids, uint32_t count) {
  b->graph.outputs = ids;
  b->graph.num_outputs = count;
}

/* abs, add | sigmoid | multiply, negate: two segments around the kernel. */
static void test_runs(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, EW_VALUE_INPUT), a = value(&b, 0), c = value(&b, 0), s = value(&b, 0);
  uint32_t m = value(&b, 0), out = value(&b, EW_VALUE_OUTPUT);
  step(&b, EW_OP_ABS, x, EW_NONE, a);
  step(&b, EW_OP_ADD, a, x, c);
  const uint32_t sigmoid = step(&b, EW_OP_SIGMOID, c, EW_NONE, s);
  step(&b, EW_OP_MULTIPLY, s, a, m);
  step(&b, EW_OP_NEGATE, m, EW_NONE, out);
  set_outputs(&b, &out, 1);
  b.graph.nodes[sigmoid].kernel = ew_kernel_find("aten::sigmoid.out");
  CHECK(b.graph.nodes[sigmoid].kernel != NULL);
  CHECK_EQ(ew_partition_nodes(&executor, &b.graph, &b.err), EW_OK);
  CHECK_EQ(b.graph.num_steps, 3);
  CHECK_EQ(b.graph.num_segments, 2);
  CHECK_EQ(b.graph.steps[0].segment, 0);
  CHECK_EQ(b.graph.steps[1].segment, EW_NONE);
  CHECK_EQ(b.graph.steps[1].node, sigmoid);
  CHECK_EQ(b.graph.nodes[sigmoid].op, EW_OP_KERNEL);
  CHECK_EQ(b.graph.steps[2].segment, 1);
  const ew_segment *first = &b.graph.segments[0], *second = &b.graph.segments[1];
  CHECK_EQ(first->num_nodes, 2);
  CHECK_EQ(first->num_inputs, 1);
  CHECK_EQ(first->inputs[0], x);
  /* a is read in both segments, c by the kernel. */
  CHECK_EQ(first->num_outputs, 2);
  CHECK_EQ(first->outputs[0], a);
  CHECK_EQ(first->outputs[1], c);
  CHECK_EQ(second->num_inputs, 2);
  CHECK_EQ(second->inputs[0], s);
  CHECK_EQ(second->inputs[1], a);
  CHECK_EQ(second->num_outputs, 1);
  CHECK_EQ(second->outputs[0], out);
  finish(&b);
}

/* Without a kernel the executor's reason is what is wrong. */
static void test_no_kernel(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, EW_VALUE_INPUT), out = value(&b, EW_VALUE_OUTPUT);
  step(&b, EW_OP_SIGMOID, x, EW_NONE, out);
  set_outputs(&b, &out, 1);
  CHECK_EQ(ew_partition_nodes(&executor, &b.graph, &b.err), EW_NOT_SUPPORTED);
  CHECK(strcmp(b.err.message, "no sigmoids here") == 0);
  finish(&b);
}

/* What nobody reads goes, with what served only that; inner values and states that are written stay. */
static void test_unused(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, EW_VALUE_INPUT), a = value(&b, 0), dead = value(&b, 0);
  uint32_t deader = value(&b, 0), state = value(&b, EW_VALUE_STATE);
  uint32_t out = value(&b, EW_VALUE_OUTPUT);
  step(&b, EW_OP_ABS, x, EW_NONE, a);
  const uint32_t first = step(&b, EW_OP_SIGMOID, a, EW_NONE, dead);
  const uint32_t second = step(&b, EW_OP_SQUARE, dead, EW_NONE, deader);
  step(&b, EW_OP_NEGATE, a, EW_NONE, out);
  step(&b, EW_OP_SQUARE, a, EW_NONE, state);
  set_outputs(&b, &out, 1);
  CHECK_EQ(ew_partition_nodes(&executor, &b.graph, &b.err), EW_OK);
  CHECK_EQ(b.graph.nodes[first].op, EW_OP_REMOVED);
  CHECK_EQ(b.graph.nodes[second].op, EW_OP_REMOVED);
  CHECK_EQ(b.graph.num_steps, 1);
  CHECK_EQ(b.graph.segments[0].num_nodes, 3);
  CHECK_EQ(b.graph.segments[0].num_outputs, 2);
  CHECK_EQ(b.graph.segments[0].outputs[0], out);
  CHECK_EQ(b.graph.segments[0].outputs[1], state);
  finish(&b);
}

int main(void) {
  RUN(test_runs);
  RUN(test_no_kernel);
  RUN(test_unused);
  return test_summary();
}
