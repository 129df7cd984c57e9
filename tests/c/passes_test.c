/* Graph passes on graphs built by hand. */
#include "graph/passes/passes.h"

#include <math.h>

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

static ew_node *node_of(builder *b, ew_op op, uint32_t num_inputs, uint32_t in, uint32_t out) {
  ew_node *n = NULL;
  CHECK_EQ(ew_graph_add_node(&b->graph, op, num_inputs, 1, 0, &n, &b->err), EW_OK);
  n->inputs[0] = in;
  n->outputs[0] = out;
  CHECK_EQ(ew_segment_add_node(&b->graph, 0, b->graph.num_nodes - 1, &b->err), EW_OK);
  return n;
}

static ew_node *node(builder *b, ew_op op, uint32_t in, uint32_t out) {
  return node_of(b, op, op == EW_OP_CONV_2D ? 3 : 1, in, out);
}

static ew_node *multiply(builder *b, uint32_t x, uint32_t y, uint32_t out) {
  ew_node *n = node_of(b, EW_OP_MULTIPLY, 2, x, out);
  n->inputs[1] = y;
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

static uint32_t byte_value(builder *b, size_t height, size_t width, size_t channels,
                           const float *scale, int32_t zero_point) {
  const uint32_t id = value(b, height, width, channels);
  b->graph.values[id].dtype = EW_I8;
  b->graph.values[id].quant = (ew_quant){
      .kind = EW_QUANT_TENSOR, .scale = scale, .zero_point = zero_point, .scale_constant = EW_NONE};
  return id;
}

static void pad_with(builder *b, uint32_t in, uint32_t out, float with) {
  ew_node *n = node(b, EW_OP_PAD, in, out);
  n->params->rank = 4;
  n->params->shape[1] = 1;  /* above */
  n->params->shape2[2] = 2; /* on the right */
  n->params->alpha = with;
}

/* bytes, floats, zeros around them, the same bytes, convolution: one convolution of bytes with padding. */
static void check_padding(float with, float scale_behind, uint32_t nodes_left) {
  builder b;
  start(&b);
  const float scale = 0.1f;
  const uint32_t x = byte_value(&b, 4, 4, 3, &scale, 5), wide = value(&b, 4, 4, 3);
  const uint32_t padded = value(&b, 5, 6, 3), y = byte_value(&b, 5, 6, 3, &scale_behind, 5);
  uint32_t out = byte_value(&b, 3, 4, 8, &scale, 0);
  node(&b, EW_OP_CONVERT, x, wide);
  pad_with(&b, wide, padded, with);
  node(&b, EW_OP_CONVERT, padded, y);
  ew_node *conv = node(&b, EW_OP_CONV_2D, y, out);
  conv->params->pad_bottom = 1;
  outputs(&b, &out, 1);
  CHECK_EQ(ew_pass_quantise_early(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(ew_pass_pads(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(b.graph.segments[0].num_nodes, nodes_left);
  if (nodes_left == 1) {
    conv = &b.graph.nodes[3];
    CHECK_EQ(conv->inputs[0], x);
    CHECK_EQ(conv->params->pad_top, 1);
    CHECK_EQ(conv->params->pad_right, 2);
    CHECK_EQ(conv->params->pad_bottom, 1);
    CHECK_EQ(conv->params->pad_left, 0);
  }
  finish(&b);
}

static void test_padding(void) {
  check_padding(0, 0.1f, 1);
  check_padding(1, 0.1f, 4); /* what byte that is depends on rounding */
  check_padding(0, 0.2f, 3); /* other bytes: both conversions stay */
}

/* pad, transpose, convolution: the padding is turned. */
static void test_turned_padding(void) {
  builder b;
  start(&b);
  const uint32_t planar = value(&b, 3, 4, 4), y = value(&b, 5, 6, 3);
  uint32_t out = value(&b, 3, 4, 8);
  const uint32_t padded = value(&b, 3, 5, 6);
  ew_node *pad = node(&b, EW_OP_PAD, planar, padded);
  pad->params->shape[2] = 1;
  pad->params->shape2[3] = 2;
  transpose(&b, padded, y, false);
  node(&b, EW_OP_CONV_2D, y, out);
  outputs(&b, &out, 1);
  CHECK_EQ(ew_pass_pads(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(b.graph.segments[0].num_nodes, 2);
  CHECK_EQ(b.graph.nodes[0].op, EW_OP_TRANSPOSE);
  const ew_node *conv = ew_segment_node(&b.graph, 0, 1);
  const ew_value *between = &b.graph.values[conv->inputs[0]];
  CHECK_EQ(between->dims[1], 4);
  CHECK_EQ(between->dims[2], 4);
  CHECK_EQ(between->dims[3], 3);
  CHECK_EQ(conv->params->pad_top, 1);
  CHECK_EQ(conv->params->pad_right, 2);
  finish(&b);
}

static uint32_t numbers(builder *b, const float *data, size_t count) {
  ew_value v = ew_value_default(EW_F32);
  uint32_t id = 0;
  v.rank = 1;
  v.dims[0] = count;
  const size_t size = count * sizeof *data;
  CHECK_EQ(ew_graph_add_literal(&b->graph, data, size, &v.constant, &b->err), EW_OK);
  CHECK_EQ(ew_graph_add_value(&b->graph, &v, &id, &b->err), EW_OK);
  return id;
}

typedef struct silu_case {
  bool gate_first, scaled, per_channel;
  bool clamped, read_outside, of_another, quantised; /* each of these must stay as it is */
} silu_case;

static void check_float_silu(const silu_case *c) {
  static const float factors[] = {1.702f, 1, 2, 3};
  builder b;
  start(&b);
  const uint32_t x = value(&b, 2, 2, 4), other = value(&b, 2, 2, 4), s = value(&b, 2, 2, 4);
  const uint32_t factor = numbers(&b, factors, c->per_channel ? 4 : 1);
  uint32_t ids[2] = {value(&b, 2, 2, 4), s}, in = c->of_another ? other : x;
  if (c->scaled) {
    in = value(&b, 2, 2, 4);
    multiply(&b, c->gate_first ? factor : x, c->gate_first ? x : factor, in);
  }
  node(&b, EW_OP_SIGMOID, in, s);
  ew_node *last = multiply(&b, c->gate_first ? s : x, c->gate_first ? x : s, ids[0]);
  if (c->clamped) last->params->output_max = 6;
  const float scale = 0.05f;
  if (c->quantised) node(&b, EW_OP_CONVERT, ids[0], byte_value(&b, 2, 2, 4, &scale, 0));
  outputs(&b, ids, c->read_outside ? 2 : 1);
  const uint32_t before = b.graph.segments[0].num_nodes;
  ew_pass_silu(&b.graph, 0);
  const bool stays =
      c->per_channel || c->clamped || c->read_outside || c->of_another || c->quantised;
  CHECK_EQ(b.graph.segments[0].num_nodes, stays ? before : 1);
  CHECK_EQ(last->op, stays ? EW_OP_MULTIPLY : EW_OP_SILU);
  if (!stays) {
    CHECK_EQ(last->num_inputs, c->scaled ? 2 : 1);
    CHECK_EQ(last->inputs[0], x);
    CHECK(!c->scaled || last->inputs[1] == factor);
    CHECK_EQ(last->outputs[0], ids[0]);
  }
  finish(&b);
}

static void test_silu(void) {
  for (int gate_first = 0; gate_first < 2; gate_first++) {
    check_float_silu(&(silu_case){.gate_first = gate_first});
    check_float_silu(&(silu_case){.gate_first = gate_first, .scaled = true});
    check_float_silu(&(silu_case){.gate_first = gate_first, .scaled = true, .per_channel = true});
    check_float_silu(&(silu_case){.gate_first = gate_first, .clamped = true});
    check_float_silu(&(silu_case){.gate_first = gate_first, .read_outside = true});
    check_float_silu(&(silu_case){.gate_first = gate_first, .of_another = true});
    check_float_silu(&(silu_case){.gate_first = gate_first, .quantised = true});
  }
}

/* A SiLU of bytes through floats is a table; not when somebody else reads the floats. */
static void check_silu(bool read_outside) {
  builder b;
  start(&b);
  const float scale = 0.05f, out_scale = 0.03f;
  const uint32_t x = byte_value(&b, 2, 2, 4, &scale, 3), wide = value(&b, 2, 2, 4);
  const uint32_t s = value(&b, 2, 2, 4), product = value(&b, 2, 2, 4);
  uint32_t ids[2] = {byte_value(&b, 2, 2, 4, &out_scale, -100), wide};
  node(&b, EW_OP_CONVERT, x, wide);
  node(&b, EW_OP_SIGMOID, wide, s);
  multiply(&b, s, wide, product);
  node(&b, EW_OP_CONVERT, product, ids[0]);
  outputs(&b, ids, read_outside ? 2 : 1);
  CHECK_EQ(xnn_initialize(&ew_xnn_allocator), xnn_status_success);
  CHECK_EQ(ew_xnn_fold_tables(&b.graph, 0, &b.err), EW_OK);
  CHECK_EQ(b.graph.segments[0].num_nodes, read_outside ? 4 : 1);
  const ew_node *table = ew_segment_node(&b.graph, 0, 0);
  if (!read_outside && table->op == EW_OP_TABLE) {
    CHECK_EQ(table->inputs[0], x);
    for (int byte = -128; byte < 128; byte++) {
      const double v = (byte - 3) * 0.05, silu = v / (1 + exp(-v)) / 0.03 - 100;
      const double wanted = silu > 127 ? 127 : silu < -128 ? -128 : silu;
      CHECK(fabs((int8_t)table->params->table[(uint8_t)byte] - wanted) < 0.51);
    }
  }
  CHECK(read_outside || table->op == EW_OP_TABLE);
  finish(&b);
}

static void test_tables(void) {
  check_silu(false);
  check_silu(true);
}

int main(void) {
  RUN(test_padding);
  RUN(test_turned_padding);
  RUN(test_silu);
  RUN(test_tables);
  RUN(test_clamps);
  RUN(test_clamps_behind_copies);
  RUN(test_clamps_that_stay);
  RUN(test_clamps_that_exclude);
  RUN(test_transposes);
  return test_summary();
}
