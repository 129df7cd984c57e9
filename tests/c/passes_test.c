/* Graph passes on graphs built by hand. */
#include "graph/passes/passes.h"
#include "exec/xnn/internal.h"
#include "graph/segment.h"
#include "test.h"

typedef struct builder {
  ew_arena arena;
  ew_graph graph;
  ew_error err;
} builder;

static void start(builder *b) {
  memset(b, 0, sizeof *b);
  ew_arena_init(&b->arena);
  ew_graph_init(&b->graph, &b->arena, "test");
  uint32_t segment = 0;
  CHECK_EQ(ew_graph_add_segment(&b->graph, &segment, &b->err), EW_OK);
}

static void finish(builder *b) {
  ew_graph_free(&b->graph);
  ew_arena_free(&b->arena);
}

static uint32_t value(builder *b, size_t height, size_t width, size_t channels) {
  ew_value v = ew_value_default(EW_F32);
  v.rank = 4;
  v.dims[0] = 1;
  v.dims[1] = height;
  v.dims[2] = width;
  v.dims[3] = channels;
  uint32_t id = 0;
  CHECK_EQ(ew_graph_add_value(&b->graph, &v, &id, &b->err), EW_OK);
  return id;
}

static ew_node *node(builder *b, ew_op op, uint32_t in, uint32_t out) {
  ew_node *n = NULL;
  CHECK_EQ(ew_graph_add_node(&b->graph, op, op == EW_OP_CONV_2D ? 3 : 1, 1, 0, &n, &b->err), EW_OK);
  n->inputs[0] = in;
  n->outputs[0] = out;
  CHECK_EQ(ew_segment_add_node(&b->graph, 0, b->graph.num_nodes - 1, &b->err), EW_OK);
  return n;
}

static void clamp_to(builder *b, uint32_t in, uint32_t out, float low, float high) {
  ew_node *n = node(b, EW_OP_CLAMP, in, out);
  n->params->output_min = low;
  n->params->output_max = high;
}

static void outputs(builder *b, uint32_t *ids, uint32_t count) {
  b->graph.segments[0].outputs = ids;
  b->graph.segments[0].num_outputs = count;
}

/* conv, clamp [a, b], clamp [c, d] become one convolution whose range is the composition. */
static void test_clamps(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, 4, 4, 3), y = value(&b, 4, 4, 8), z = value(&b, 4, 4, 8);
  uint32_t out = value(&b, 4, 4, 8);
  node(&b, EW_OP_CONV_2D, x, y)->params->output_min = 0;
  clamp_to(&b, y, z, -1, 6);
  clamp_to(&b, z, out, 0.5f, 20);
  outputs(&b, &out, 1);
  CHECK_EQ(ew_xnn_fuse_clamps(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(b.graph.segments[0].num_nodes, 1);
  CHECK_EQ(b.graph.nodes[1].op, EW_OP_REMOVED);
  CHECK_EQ(b.graph.nodes[0].outputs[0], out);
  CHECK(b.graph.nodes[0].params->output_min == 0.5f);
  CHECK(b.graph.nodes[0].params->output_max == 6.0f);
  finish(&b);
}

/* XNNPACK would take the copy out and fuse the clamp itself, into the padding of the convolution. */
static void test_clamps_behind_copies(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, 4, 4, 3), y = value(&b, 4, 4, 8), z = value(&b, 4, 4, 8);
  uint32_t out = value(&b, 4, 4, 8);
  node(&b, EW_OP_CONV_2D, x, y);
  node(&b, EW_OP_COPY, y, z);
  clamp_to(&b, z, out, 0.5f, 6);
  outputs(&b, &out, 1);
  CHECK_EQ(ew_xnn_fuse_clamps(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(b.graph.segments[0].num_nodes, 1);
  CHECK_EQ(b.graph.nodes[0].outputs[0], out);
  CHECK(b.graph.nodes[0].params->output_min == 0.5f);
  finish(&b);
}

/* A result that is read elsewhere, or that leaves the segment, keeps its own range. */
static void test_clamps_that_stay(void) {
  for (int leaves = 0; leaves < 2; leaves++) {
    builder b;
    start(&b);
    uint32_t x = value(&b, 4, 4, 3), y = value(&b, 4, 4, 8);
    uint32_t ids[3] = {value(&b, 4, 4, 8), value(&b, 4, 4, 8), y};
    node(&b, EW_OP_CONV_2D, x, y);
    clamp_to(&b, y, ids[0], 0, 6);
    node(&b, EW_OP_SIGMOID, leaves ? ids[0] : y, ids[1]);
    outputs(&b, ids, leaves ? 3 : 2);
    CHECK_EQ(ew_xnn_fuse_clamps(&b.graph, 0, &b.err), EW_OK);
    CHECK_EQ(b.graph.segments[0].num_nodes, 3);
    CHECK(isinf(b.graph.nodes[0].params->output_max));
    finish(&b);
  }
}

/* Ranges that exclude each other: XNNPACK would fuse them, and spoil the node's padding. */
static void test_clamps_that_exclude(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, 4, 4, 3), y = value(&b, 4, 4, 8), z = value(&b, 4, 4, 8);
  node(&b, EW_OP_CONV_2D, x, y)->params->output_max = 1;
  clamp_to(&b, y, z, 2, 3);
  outputs(&b, &z, 1);
  CHECK_EQ(ew_xnn_fuse_clamps(&b.graph, 0, &b.err), EW_NOT_SUPPORTED);
  finish(&b);
}

static void transpose(builder *b, uint32_t in, uint32_t out, bool to_planar) {
  static const size_t orders[2][4] = {{0, 2, 3, 1}, {0, 3, 1, 2}};
  ew_node *n = node(b, EW_OP_TRANSPOSE, in, out);
  n->params->rank = 4;
  memcpy(n->params->shape, orders[to_planar], sizeof orders[0]);
}

static void test_transposes(void) {
  builder b;
  start(&b);
  uint32_t x = value(&b, 4, 5, 3), planar = value(&b, 3, 4, 5), y = value(&b, 4, 5, 3);
  uint32_t out = value(&b, 4, 5, 3);
  transpose(&b, x, planar, true);
  transpose(&b, planar, y, false);
  node(&b, EW_OP_SIGMOID, y, out);
  outputs(&b, &out, 1);
  ew_pass_transposes(&b.graph, 0);
  CHECK_EQ(b.graph.segments[0].num_nodes, 1);
  CHECK_EQ(ew_segment_node(&b.graph, 0, 0)->op, EW_OP_SIGMOID);
  CHECK_EQ(ew_segment_node(&b.graph, 0, 0)->inputs[0], x);
  finish(&b);

  /* The same order twice is no inverse. */
  start(&b);
  x = value(&b, 4, 5, 3);
  planar = value(&b, 3, 4, 5);
  out = value(&b, 5, 3, 4);
  transpose(&b, x, planar, true);
  transpose(&b, planar, out, true);
  outputs(&b, &out, 1);
  ew_pass_transposes(&b.graph, 0);
  CHECK_EQ(b.graph.segments[0].num_nodes, 2);
  finish(&b);

  /* What leaves the segment becomes a copy; the first stays for its other reader. */
  start(&b);
  x = value(&b, 4, 5, 3);
  uint32_t ids[2] = {value(&b, 4, 5, 3), value(&b, 3, 4, 5)};
  transpose(&b, x, ids[1], true);
  transpose(&b, ids[1], ids[0], false);
  outputs(&b, ids, 2);
  ew_pass_transposes(&b.graph, 0);
  CHECK_EQ(b.graph.segments[0].num_nodes, 2);
  CHECK(b.graph.nodes[1].op == EW_OP_COPY);
  CHECK_EQ(b.graph.nodes[1].inputs[0], x);
  finish(&b);
}

int main(void) {
  RUN(test_clamps);
  RUN(test_clamps_behind_copies);
  RUN(test_clamps_that_stay);
  RUN(test_clamps_that_exclude);
  RUN(test_transposes);
  return test_summary();
}
