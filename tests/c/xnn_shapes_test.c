/* Shapes that XNNPACK would take without noticing that it cannot work with them. Each case was found by random
 * graphs (tests/oracle): memory written or read outside of its bounds, or wrong results. */
#include "exec/xnn/internal.h"
#include "graph/segment.h"
#include "test.h"

typedef struct bench {
  ew_arena arena;
  ew_graph graph;
  ew_error err;
  ew_node *node;
} bench;

static uint32_t add_value(bench *b, ew_dtype dtype, uint32_t rank, const size_t *dims) {
  ew_value value = ew_value_default(dtype);
  uint32_t id = EW_NONE;
  value.rank = rank;
  memcpy(value.dims, dims, rank * sizeof *dims);
  CHECK_EQ(ew_graph_add_value(&b->graph, &value, &id, &b->err), EW_OK);
  return id;
}

/* A graph of one node on maps of height x height and out x out. */
static void start(bench *b, ew_op op, size_t height, size_t out) {
  memset(b, 0, sizeof *b);
  ew_arena_init(&b->arena);
  ew_graph_init(&b->graph, &b->arena, "test");
  const uint32_t x = add_value(b, EW_F32, 4, (size_t[]){1, height, height, 3});
  const uint32_t y = add_value(b, EW_F32, 4, (size_t[]){1, out, out, 3});
  CHECK_EQ(ew_graph_add_node(&b->graph, op, 1, 1, 0, &b->node, &b->err), EW_OK);
  b->node->inputs[0] = x;
  b->node->outputs[0] = y;
  b->node->params->dilation_h = b->node->params->dilation_w = 1;
}

static void finish(bench *b) {
  ew_graph_free(&b->graph);
  ew_arena_free(&b->arena);
}

static ew_status check_transposed(size_t out, uint32_t kernel, uint32_t stride) {
  bench b;
  start(&b, EW_OP_CONV_TRANSPOSE_2D, 1, out);
  b.node->params->kernel_h = b.node->params->kernel_w = kernel;
  b.node->params->stride_h = b.node->params->stride_w = stride;
  const ew_status status = ew_xnn_check_declared(&b.graph, b.node, &b.err);
  finish(&b);
  return status;
}

static void test_transposed_convolutions(void) {
  CHECK_EQ(check_transposed(3, 3, 3), EW_OK);
  CHECK_EQ(check_transposed(2, 3, 3), EW_NOT_SUPPORTED);
  CHECK_EQ(check_transposed(1, 2, 2), EW_NOT_SUPPORTED);
  /* Kernels smaller than the stride take another way, which is sound. */
  CHECK_EQ(check_transposed(2, 2, 3), EW_OK);
}

static ew_status check_pool(size_t in, size_t out, uint32_t dilation, uint32_t pad) {
  bench b;
  start(&b, EW_OP_MAX_POOL_2D, in, out);
  ew_params *p = b.node->params;
  p->kernel_h = p->kernel_w = 3;
  p->stride_h = p->stride_w = 1;
  p->dilation_h = p->dilation_w = dilation;
  p->pad_top = p->pad_left = pad;
  const ew_status status = ew_xnn_check_declared(&b.graph, b.node, &b.err);
  finish(&b);
  return status;
}

static void test_dilated_pools(void) {
  CHECK_EQ(check_pool(9, 9, 2, 2), EW_OK);
  CHECK_EQ(check_pool(9, 9, 2, 1), EW_OK);
  /* Its windows end behind the picture: tap 2 of the last ones is not there. */
  CHECK_EQ(check_pool(9, 11, 2, 4), EW_NOT_SUPPORTED);
  CHECK_EQ(check_pool(1, 1, 2, 1), EW_NOT_SUPPORTED);
  CHECK_EQ(check_pool(9, 11, 1, 2), EW_OK);
}

/* Windows of 4 rows, 2 apart. */
static ew_status check_average(size_t out, uint32_t top, uint32_t bottom) {
  bench b;
  start(&b, EW_OP_AVG_POOL_2D, 2 * out + 2 - top - bottom, out);
  ew_params *p = b.node->params;
  p->kernel_h = p->kernel_w = 4;
  p->stride_h = p->stride_w = 2;
  p->pad_top = top;
  p->pad_bottom = bottom;
  const ew_status status = ew_xnn_check_declared(&b.graph, b.node, &b.err);
  finish(&b);
  return status;
}

static void test_padded_averages(void) {
  CHECK_EQ(check_average(4, 3, 3), EW_OK);
  CHECK_EQ(check_average(3, 3, 1), EW_OK);
  CHECK_EQ(check_average(3, 3, 3), EW_NOT_SUPPORTED);
  CHECK_EQ(check_average(1, 1, 1), EW_OK);
  CHECK_EQ(check_average(2, 0, 3), EW_OK);
  CHECK_EQ(check_average(2, 2, 3), EW_NOT_SUPPORTED);
  CHECK_EQ(check_average(1, 0, 3), EW_NOT_SUPPORTED);
}

/* a [declared, then now rows of 4] + b [6 rows of 4]. */
static ew_status check_sum(size_t declared, size_t now) {
  bench b;
  memset(&b, 0, sizeof b);
  ew_arena_init(&b.arena);
  ew_graph_init(&b.graph, &b.arena, "test");
  uint32_t segment = EW_NONE;
  CHECK_EQ(ew_graph_add_segment(&b.graph, &segment, &b.err), EW_OK);
  const uint32_t x = add_value(&b, EW_F32, 2, (size_t[]){declared, 4});
  const uint32_t y = add_value(&b, EW_F32, 2, (size_t[]){6, 4});
  const uint32_t sum = add_value(&b, EW_F32, 2, (size_t[]){6, 4});
  CHECK_EQ(ew_graph_add_node(&b.graph, EW_OP_ADD, 2, 1, 0, &b.node, &b.err), EW_OK);
  b.node->inputs[0] = x;
  b.node->inputs[1] = y;
  b.node->outputs[0] = sum;
  CHECK_EQ(ew_segment_add_node(&b.graph, segment, 0, &b.err), EW_OK);
  const ew_shape shapes[3] = {{2, {now, 4}}, {2, {6, 4}}, {2, {6, 4}}};
  const ew_status status = ew_xnn_check_shapes(&b.graph, segment, shapes, &b.err);
  finish(&b);
  return status;
}

static void test_sums_in_place(void) {
  CHECK_EQ(check_sum(6, 6), EW_OK);
  CHECK_EQ(check_sum(1, 1), EW_OK);
  CHECK_EQ(check_sum(6, 1), EW_NOT_SUPPORTED);
}

static ew_status check_resize(size_t channels) {
  bench b;
  start(&b, EW_OP_RESIZE_BILINEAR_2D, 5, 8);
  uint32_t segment = EW_NONE;
  CHECK_EQ(ew_graph_add_segment(&b.graph, &segment, &b.err), EW_OK);
  CHECK_EQ(ew_segment_add_node(&b.graph, segment, 0, &b.err), EW_OK);
  const ew_shape shapes[2] = {{4, {1, 4, 4, channels}}, {4, {1, 8, 8, channels}}};
  const ew_status status = ew_xnn_check_shapes(&b.graph, segment, shapes, &b.err);
  finish(&b);
  return status;
}

static void test_changing_channels(void) {
  CHECK_EQ(check_resize(3), EW_OK);
  CHECK_EQ(check_resize(2), EW_NOT_SUPPORTED);
}

int main(void) {
  RUN(test_transposed_convolutions);
  RUN(test_dilated_pools);
  RUN(test_padded_averages);
  RUN(test_sums_in_place);
  RUN(test_changing_channels);
  return test_summary();
}
