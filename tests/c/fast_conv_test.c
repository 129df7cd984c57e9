/* Convolutions by Winograd's method against the definition, through the choice and the executor: maps of
 * odd sizes, every padding, dilations, batches, a fused SiLU; 8-bit ones to the bit, with extremes of weights, inputs and zero
 * points; and what must be left alone. */
#include <stdlib.h>

#include "exec/xnn/fast_conv.h"
#include "graph/check.h"
#include "graph/passes/passes.h"
#include "graph/segment.h"
#include "graph/shapes.h"
#include "test.h"

#ifdef __SANITIZE_ADDRESS__
/* XNNPACK is not instrumented: what it reads after it was freed must look wrong. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "max_free_fill_size=1048576:free_fill_byte=90"; }
#endif

/* Terms are of the order of 1, so sums differ by rounding only. */
#define TOLERANCE 2e-5

typedef struct conv_case {
  size_t batch, height, width, in, out;
  uint32_t pad_top, pad_right, pad_bottom, pad_left, dilation_h, dilation_w;
  bool silu, clamp, bias;
  size_t size; /* of the tiles it must run with; 0: whichever */
  bool depthwise;
} conv_case;

static uint32_t random_state;
static float random_float(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return (float)(random_state >> 8) / (float)(1 << 24) - 0.5f;
}

static float *random_floats(size_t count, float scale) {
  float *out = malloc(count * sizeof *out);
  for (size_t i = 0; i < count; i++) out[i] = random_float() * scale;
  return out;
}

static void out_size(const conv_case *c, size_t *height, size_t *width) {
  *height = c->height + c->pad_top + c->pad_bottom - 2 * c->dilation_h;
  *width = c->width + c->pad_left + c->pad_right - 2 * c->dilation_w;
}

/* The definition, summed in double. */
static void reference(const conv_case *c, const float *x, const float *filter, const float *bias,
                      float *y) {
  size_t height = 0, width = 0;
  out_size(c, &height, &width);
  for (size_t i = 0; i < c->batch * height * width * c->out; i++) {
    const size_t o = i % c->out, ox = i / c->out % width, oy = i / c->out / width % height;
    const size_t n = i / c->out / width / height;
    double sum = bias[o];
    for (size_t k = 0; k < 9; k++) {
      const size_t iy = oy + k / 3 * c->dilation_h - c->pad_top;
      const size_t ix = ox + k % 3 * c->dilation_w - c->pad_left;
      if (iy >= c->height || ix >= c->width) continue;
      const float *pixel = x + ((n * c->height + iy) * c->width + ix) * c->in;
      for (size_t ch = 0; ch < c->in; ch++) {
        sum += (double)pixel[ch] * (double)filter[(o * 9 + k) * c->in + ch];
      }
    }
    if (c->clamp) sum = sum < -0.25 ? -0.25 : sum > 0.5 ? 0.5 : sum;
    y[i] = (float)(c->silu ? sum / (1 + exp(-sum)) : sum);
  }
}

static uint32_t add_map_of(ew_graph *graph, ew_value value, size_t n, size_t h, size_t w, size_t c,
                           ew_error *err) {
  uint32_t id = EW_NONE;
  value.rank = 4;
  value.dims[0] = n;
  value.dims[1] = h;
  value.dims[2] = w;
  value.dims[3] = c;
  CHECK_EQ(ew_graph_add_value(graph, &value, &id, err), EW_OK);
  return id;
}

static uint32_t add_map(ew_graph *graph, size_t n, size_t h, size_t w, size_t c, ew_error *err) {
  return add_map_of(graph, ew_value_default(EW_F32), n, h, w, c, err);
}

static uint32_t add_constant(ew_graph *graph, const float *data, uint32_t rank, const size_t *dims,
                             ew_error *err) {
  ew_value value = ew_value_default(EW_F32);
  uint32_t id = EW_NONE;
  size_t count = 1;
  value.rank = rank;
  for (uint32_t i = 0; i < rank; i++) count *= value.dims[i] = dims[i];
  CHECK_EQ(ew_graph_add_literal(graph, data, count * sizeof *data, &value.constant, err), EW_OK);
  CHECK_EQ(ew_graph_add_value(graph, &value, &id, err), EW_OK);
  return id;
}

static ew_node *add_node(ew_graph *graph, ew_op op, uint32_t a, uint32_t b, uint32_t out,
                         ew_error *err) {
  ew_node *node = NULL;
  CHECK_EQ(ew_graph_add_node(graph, op, b == EW_NONE ? 1 : 2, 1, 0, &node, err), EW_OK);
  CHECK_EQ(ew_segment_add_node(graph, 0, graph->num_nodes - 1, err), EW_OK);
  node->inputs[0] = a;
  if (b != EW_NONE) node->inputs[1] = b;
  node->outputs[0] = out;
  return node;
}

static void add_conv(const conv_case *c, ew_graph *graph, const uint32_t inputs[3], uint32_t y,
                     ew_error *err) {
  ew_node *node = NULL;
  CHECK_EQ(ew_graph_add_node(graph, EW_OP_CONV_2D, 3, 1, 0, &node, err), EW_OK);
  CHECK_EQ(ew_segment_add_node(graph, 0, graph->num_nodes - 1, err), EW_OK);
  memcpy(node->inputs, inputs, 3 * sizeof(uint32_t));
  node->outputs[0] = y;
  ew_params *p = node->params;
  p->pad_top = c->pad_top;
  p->pad_right = c->pad_right;
  p->pad_bottom = c->pad_bottom;
  p->pad_left = c->pad_left;
  p->kernel_h = p->kernel_w = 3;
  p->stride_h = p->stride_w = 1;
  p->dilation_h = c->dilation_h;
  p->dilation_w = c->dilation_w;
  p->groups = c->depthwise ? (uint32_t)c->in : 1;
  p->group_input_channels = c->depthwise ? 1 : (uint32_t)c->in;
  p->group_output_channels = c->depthwise ? 1 : (uint32_t)c->out;
  if (c->clamp) {
    p->output_min = -0.25f;
    p->output_max = 0.5f;
  }
}

/* Segment 0, of one input and one output. */
static void finish_segment(ew_graph *graph, uint32_t in, uint32_t out, ew_error *err) {
  ew_segment *whole = &graph->segments[0];
  CHECK_EQ(ew_arena_alloc(graph->arena, 1, sizeof(uint32_t), &whole->inputs, err), EW_OK);
  CHECK_EQ(ew_arena_alloc(graph->arena, 1, sizeof(uint32_t), &whole->outputs, err), EW_OK);
  whole->num_inputs = whole->num_outputs = 1;
  whole->inputs[0] = in;
  whole->outputs[0] = out;
  CHECK_EQ(ew_graph_check_segment(graph, 0, err), EW_OK);
}

/* x -> conv (-> SiLU) -> negate, so that the convolution is inside of its segment. */
static void build(const conv_case *c, ew_graph *graph, const float *filter, const float *bias,
                  ew_error *err) {
  size_t height = 0, width = 0;
  uint32_t segment = EW_NONE;
  out_size(c, &height, &width);
  CHECK_EQ(ew_graph_add_segment(graph, &segment, err), EW_OK);
  CHECK_EQ(ew_graph_add_step(graph, segment, EW_NONE, err), EW_OK);
  const uint32_t x = add_map(graph, c->batch, c->height, c->width, c->in, err);
  const uint32_t f = add_constant(graph, filter, 4, (size_t[]){c->out, 3, 3, c->in}, err);
  const uint32_t b = c->bias ? add_constant(graph, bias, 1, &c->out, err) : EW_NONE;
  uint32_t y = add_map(graph, c->batch, height, width, c->out, err);
  add_conv(c, graph, (uint32_t[]){x, f, b}, y, err);
  if (c->silu) {
    const uint32_t s = add_map(graph, c->batch, height, width, c->out, err);
    const uint32_t z = add_map(graph, c->batch, height, width, c->out, err);
    add_node(graph, EW_OP_SIGMOID, y, EW_NONE, s, err);
    add_node(graph, EW_OP_MULTIPLY, y, s, z, err);
    y = z;
  }
  const uint32_t negated = add_map(graph, c->batch, height, width, c->out, err);
  add_node(graph, EW_OP_NEGATE, y, EW_NONE, negated, err);
  finish_segment(graph, x, negated, err);
}

/* Runs one segment with one input and one output. */
static void run_segment(ew_executor *executor, const ew_graph *graph, uint32_t index, void *in,
                        void *out, ew_error *err) {
  const ew_executor_ops *ops = executor->ops;
  const ew_segment *segment = &graph->segments[index];
  CHECK_EQ(segment->num_inputs, 1);
  CHECK_EQ(segment->num_outputs, 1);
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = ew_segment_node(graph, index, i);
    const uint32_t id = (uint32_t)(node - graph->nodes);
    if (node->op == EW_OP_CONV_2D && node->params->groups == 1) {
      CHECK_EQ(ops->keeps(executor, id, 1), EW_KEEP_UNTIL_PACKED);
      CHECK_EQ(ops->pack(executor, id, err), EW_OK);
    }
  }
  CHECK_EQ(ops->build(executor, index, err), EW_OK);
  ew_shape *shapes = calloc(graph->num_values, sizeof *shapes);
  const ew_value *x = &graph->values[segment->inputs[0]];
  shapes[segment->inputs[0]].rank = x->rank;
  memcpy(shapes[segment->inputs[0]].dims, x->dims, sizeof x->dims);
  uint64_t work = 0;
  CHECK_EQ(ew_graph_derive_segment(graph, index, shapes, UINT64_MAX, &work, err), EW_OK);
  CHECK_EQ(ops->reshape(executor, index, shapes, err), EW_OK);
  for (uint32_t d = 0; d < 4; d++) {
    CHECK_EQ(shapes[segment->outputs[0]].dims[d], graph->values[segment->outputs[0]].dims[d]);
  }
  free(shapes);
  CHECK_EQ(ops->setup(executor, index, (void *[]){in}, (void *[]){out}, err), EW_OK);
  ew_progress progress = EW_WAITING;
  CHECK_EQ(ops->start(executor, index, err), EW_OK);
  CHECK_EQ(ops->poll(executor, index, &progress, err), EW_OK);
  CHECK_EQ(progress, EW_DONE);
}

/* The graph of a case after the choice: the convolution in a segment of its own, and what follows. */
typedef struct made_graph {
  ew_arena arena;
  ew_graph graph;
  ew_executor *executor;
} made_graph;

static void make(const conv_case *c, const float *filter, const float *bias, uint32_t threads,
                 made_graph *made, ew_error *err) {
  const ew_executor_options options = {.num_threads = threads};
  ew_arena_init(&made->arena);
  ew_graph_init(&made->graph, &made->arena, "test");
  build(c, &made->graph, filter, bias, err);
  CHECK_EQ(ew_xnn_executor.create(&made->graph, &options, &made->executor, err), EW_OK);
  ew_pass_silu(&made->graph, 0);
  CHECK_EQ(ew_xnn_choose_fast(ew_xnn_of(made->executor), &made->graph, 0, err), EW_OK);
}

static void unmake(made_graph *made) {
  ew_xnn_executor.destroy(made->executor);
  ew_graph_free(&made->graph);
  ew_arena_free(&made->arena);
}

static void check_case(const conv_case *c) {
  size_t height = 0, width = 0;
  out_size(c, &height, &width);
  random_state = (uint32_t)(c->height * 31 + c->width * 7 + c->in);
  const size_t in = c->batch * c->height * c->width * c->in;
  const size_t out = c->batch * height * width * c->out;
  float *x = random_floats(in + 4, 2), *y = malloc((out + 4) * sizeof *y);
  float *negated = malloc((out + 4) * sizeof *y), *expected = malloc(out * sizeof *y);
  float *filter = random_floats(c->out * 9 * c->in, 2 / sqrtf((float)(9 * c->in)));
  float *bias = random_floats(c->out, c->bias ? 1 : 0);
  ew_error err = {0};
  for (uint32_t threads = 1; threads <= 2; threads++) {
    made_graph made;
    make(c, filter, bias, threads, &made, &err);
    CHECK_EQ(made.graph.num_segments, 2);
    CHECK_EQ(made.graph.num_steps, 2);
    CHECK_EQ(made.graph.segments[0].num_nodes, c->silu ? 2 : 1);
    const size_t size = ew_fast_float_size(&made.graph, ew_segment_node(&made.graph, 0, 0));
    if (c->size > 0) CHECK_EQ(size, c->size);
    if (made.graph.num_segments == 2) {
      run_segment(made.executor, &made.graph, 0, x, y, &err);
      run_segment(made.executor, &made.graph, 1, y, negated, &err);
      reference(c, x, filter, bias, expected);
      CHECK_NEAR_ALL(y, expected, out, TOLERANCE);
      for (size_t i = 0; i < out; i++) expected[i] = -expected[i];
      CHECK_NEAR_ALL(negated, expected, out, TOLERANCE);
    }
    unmake(&made);
  }
  float *all[] = {x, y, negated, expected, filter, bias};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

#define PAD(n) .pad_top = n, .pad_right = n, .pad_bottom = n, .pad_left = n
#define DILATION(n) .dilation_h = n, .dilation_w = n

static void test_sizes(void) {
  for (size_t height = 10; height <= 13; height++) {
    for (size_t width = 9; width <= 12; width++) {
      check_case(&(conv_case){1, height, width, 24, 28, PAD(1), DILATION(1), .bias = true});
    }
  }
}

/* Tiles that fit and that hang over, blocks that are full and that are not, shares of threads. */
static void test_tiles_of_four(void) {
  for (size_t edge = 16; edge <= 19; edge++) {
    check_case(
        &(conv_case){1, edge, 35 - edge, 32, 32, PAD(1), DILATION(1), .bias = true, .size = 4});
  }
  check_case(&(conv_case){2, 20, 23, 24, 28, PAD(1), DILATION(1), .size = 4});
  check_case(&(conv_case){1, 20, 23, 28, 40, PAD(2), DILATION(1), .clamp = true, .size = 4});
  check_case(
      &(conv_case){1, 33, 29, 32, 24, PAD(2), DILATION(2), .bias = true, .silu = true, .size = 4});
  check_case(
      &(conv_case){1, 25, 26, 32, 36, 1, 0, 2, 3, .dilation_h = 3, .dilation_w = 1, .size = 4});
  check_case(&(conv_case){1, 7, 7, 64, 64, PAD(1), DILATION(1), .bias = true, .size = 2});
}

static void test_many_chunks(void) {
  check_case(&(conv_case){1, 40, 52, 128, 64, PAD(1), DILATION(1), .bias = true, .size = 4});
  check_case(&(conv_case){1, 60, 76, 32, 24, PAD(1), DILATION(1), .bias = true, .size = 4});
}

static void test_padding(void) {
  check_case(&(conv_case){1, 12, 12, 32, 32, PAD(0), DILATION(1), .bias = true});
  check_case(&(conv_case){1, 9, 10, 32, 24, PAD(2), DILATION(1), .bias = true});
  check_case(&(conv_case){1, 9, 9, 24, 24, 2, 0, 1, 3, DILATION(1), .bias = true});
}

static void test_dilations(void) {
  for (uint32_t dilation = 2; dilation <= 5; dilation++) {
    check_case(&(conv_case){1, 13, 17, 24, 32, PAD(dilation), DILATION(dilation), .bias = true});
  }
  check_case(&(conv_case){1, 14, 13, 24, 24, PAD(2), .dilation_h = 3, .dilation_w = 1});
}

static void test_batches(void) {
  check_case(&(conv_case){3, 7, 9, 24, 24, PAD(1), DILATION(1), .bias = true});
}

static void test_activations(void) {
  check_case(&(conv_case){1, 12, 11, 24, 24, PAD(1), DILATION(1), .silu = true, .bias = true});
  check_case(&(conv_case){1, 12, 11, 24, 24, PAD(1), DILATION(1), .clamp = true});
  check_case(&(conv_case){1, 14, 13, 24, 24, PAD(1), DILATION(2), .silu = true, .clamp = true});
}

/* Cases that the pass must not touch. */
static void test_left_alone(void) {
  const conv_case cases[] = {
      {1, 12, 12, 16, 64, PAD(1), DILATION(1), .bias = true}, /* too few channels */
      {1, 12, 12, 26, 32, PAD(1), DILATION(1), .bias = true}, /* not a multiple of 4 */
      {1, 6, 6, 64, 64, PAD(1), DILATION(1), .bias = true},   /* too few tiles */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const conv_case *c = &cases[i];
    float *filter = random_floats(c->out * 9 * c->in, 1), *bias = random_floats(c->out, 1);
    ew_error err = {0};
    made_graph made;
    make(c, filter, bias, 1, &made, &err);
    CHECK_EQ(made.graph.num_segments, 1);
    CHECK_EQ(made.graph.num_steps, 1);
    unmake(&made);
    free(filter);
    free(bias);
  }
}

/* --- 8 bits --------------------------------------------------------------------------------------- */

/* How bytes are chosen: random, all -128, all 127; random with every third -128. */
enum { FEW, LEAST, MOST, KINDS, OFTEN_LEAST };

/* Of a map (float_scale 1) and a filter; scales are small enough that not all results are cut off. */
typedef struct int8_case {
  conv_case conv;
  int weights, inputs;
  int32_t in_zero, out_zero;
  bool one_scale; /* for the filter, not one per channel */
} int8_case;

static int8_t *random_bytes(size_t count, int kind) {
  int8_t *out = malloc(count);
  for (size_t i = 0; i < count; i++) {
    int value = (int)(random_float() * 256);
    if (kind == OFTEN_LEAST && random_float() < -0.17f) value = INT8_MIN;
    out[i] = (int8_t)(kind == LEAST ? INT8_MIN : kind == MOST ? INT8_MAX : value);
  }
  return out;
}

static ew_value quantised(ew_dtype dtype, int32_t zero_point, const float *scales, uint32_t count) {
  ew_value value = ew_value_default(dtype);
  value.quant.kind = count > 1 ? EW_QUANT_CHANNEL : EW_QUANT_TENSOR;
  value.quant.zero_point = zero_point;
  value.quant.scale = scales;
  value.quant.count = count;
  return value;
}

typedef struct int8_data {
  int8_t *x, *filter, *y, *expected;
  int32_t *bias;
  float *floats;
  float in_scale, out_scale, scales[64];
} int8_data;

static uint32_t add_bytes(ew_graph *graph, ew_value value, const void *data, size_t size,
                          ew_error *err) {
  uint32_t id = EW_NONE;
  CHECK_EQ(ew_graph_add_literal(graph, data, size, &value.constant, err), EW_OK);
  CHECK_EQ(ew_graph_add_value(graph, &value, &id, err), EW_OK);
  return id;
}

/* x -> conv -> floats */
static void build_int8(const int8_case *c8, const int8_data *d, ew_graph *graph, ew_error *err) {
  const conv_case *c = &c8->conv;
  size_t height = 0, width = 0;
  uint32_t segment = EW_NONE;
  out_size(c, &height, &width);
  CHECK_EQ(ew_graph_add_segment(graph, &segment, err), EW_OK);
  CHECK_EQ(ew_graph_add_step(graph, segment, EW_NONE, err), EW_OK);
  const uint32_t scales = c8->one_scale ? 1 : (uint32_t)c->out;
  const uint32_t x = add_map_of(graph, quantised(EW_I8, c8->in_zero, &d->in_scale, 1), c->batch,
                                c->height, c->width, c->in, err);
  ew_value filter = quantised(EW_I8, 0, d->scales, scales),
           bias = quantised(EW_I32, 0, d->scales, scales);
  filter.rank = 4;
  const size_t depth = c->depthwise ? 1 : c->in;
  memcpy(filter.dims, (size_t[]){c->out, 3, 3, depth}, 4 * sizeof(size_t));
  bias.rank = 1;
  bias.dims[0] = c->out;
  const uint32_t f = add_bytes(graph, filter, d->filter, c->out * 9 * depth, err);
  const uint32_t b =
      c->bias ? add_bytes(graph, bias, d->bias, c->out * sizeof *d->bias, err) : EW_NONE;
  const uint32_t y = add_map_of(graph, quantised(EW_I8, c8->out_zero, &d->out_scale, 1), c->batch,
                                height, width, c->out, err);
  add_conv(c, graph, (uint32_t[]){x, f, b}, y, err);
  const uint32_t floats = add_map(graph, c->batch, height, width, c->out, err);
  add_node(graph, EW_OP_CONVERT, y, EW_NONE, floats, err);
  finish_segment(graph, x, floats, err);
}

static int32_t sum_int8(const int8_case *c8, const int8_data *d, size_t n, size_t oy, size_t ox,
                        size_t o) {
  const conv_case *c = &c8->conv;
  int64_t sum = c->bias ? d->bias[o] : 0;
  for (size_t k = 0; k < 9; k++) {
    const size_t iy = oy + k / 3 * c->dilation_h - c->pad_top;
    const size_t ix = ox + k % 3 * c->dilation_w - c->pad_left;
    if (iy >= c->height || ix >= c->width) continue;
    const int8_t *pixel = d->x + ((n * c->height + iy) * c->width + ix) * c->in;
    if (c->depthwise) sum += (pixel[o] - c8->in_zero) * d->filter[o * 9 + k];
    for (size_t ch = 0; ch < c->in && !c->depthwise; ch++) {
      sum += (pixel[ch] - c8->in_zero) * d->filter[(o * 9 + k) * c->in + ch];
    }
  }
  return (int32_t)sum;
}

static long quantise(float real, float scale, int32_t zero_point) {
  return lrintf(fminf(fmaxf(real / scale + (float)zero_point, -128.0f), 127.0f));
}

static void reference_int8(const int8_case *c8, const int8_data *d) {
  const conv_case *c = &c8->conv;
  size_t height = 0, width = 0;
  out_size(c, &height, &width);
  const long min = c->clamp ? quantise(-0.25f, d->out_scale, c8->out_zero) : INT8_MIN;
  const long max = c->clamp ? quantise(0.5f, d->out_scale, c8->out_zero) : INT8_MAX;
  for (size_t i = 0; i < c->batch * height * width * c->out; i++) {
    const size_t o = i % c->out, at = i / c->out;
    const int32_t sum = sum_int8(c8, d, at / width / height, at / width % height, at % width, o);
    const float scale = d->in_scale * d->scales[c8->one_scale ? 0 : o] / d->out_scale;
    const float steps = fminf(fmaxf((float)sum * scale, -512), 512);
    const long value = lrintf(steps) + c8->out_zero;
    d->expected[i] = (int8_t)(value < min ? min : value > max ? max : value);
  }
}

/* Whether the convolution got a segment of its own. */
static bool run_int8(const int8_case *c8, int8_data *d, uint32_t threads, ew_error *err) {
  const ew_executor_options options = {.num_threads = threads};
  made_graph made;
  ew_arena_init(&made.arena);
  ew_graph_init(&made.graph, &made.arena, "test");
  build_int8(c8, d, &made.graph, err);
  CHECK_EQ(ew_xnn_executor.create(&made.graph, &options, &made.executor, err), EW_OK);
  CHECK_EQ(ew_xnn_choose_fast(ew_xnn_of(made.executor), &made.graph, 0, err), EW_OK);
  const bool is_fast = made.graph.num_segments == 2;
  if (is_fast) {
    run_segment(made.executor, &made.graph, 0, d->x, d->y, err);
    run_segment(made.executor, &made.graph, 1, d->y, d->floats, err);
  } else if (c8->conv.depthwise) {
    run_segment(made.executor, &made.graph, 0, d->x, d->floats, err);
  }
  unmake(&made);
  return is_fast;
}

static void check_int8(const int8_case *c8, bool is_fast) {
  const conv_case *c = &c8->conv;
  size_t height = 0, width = 0;
  out_size(c, &height, &width);
  const size_t in = c->batch * c->height * c->width * c->in;
  const size_t out = c->batch * height * width * c->out;
  random_state = (uint32_t)(c->height * 31 + c->width * 7 + c->in);
  int8_data d = {.x = random_bytes(in + 16, c8->inputs),
                 .filter = random_bytes(c->out * 9 * c->in, c8->weights),
                 .y = malloc(out + 16),
                 .expected = malloc(out),
                 .bias = malloc(c->out * sizeof *d.bias),
                 .floats = malloc((out + 4) * sizeof *d.floats),
                 .in_scale = 0.02f,
                 .out_scale = 0.01f * sqrtf((float)(9 * c->in)) *
                              (c8->weights == FEW && c8->inputs == FEW ? 1 : 40)};
  for (size_t i = 0; i < c->out; i++) {
    d.bias[i] = (int32_t)(random_float() * 10000);
    d.scales[i] = 0.01f + 0.005f * random_float();
  }
  ew_error err = {0};
  for (uint32_t threads = 1; threads <= 2; threads++) {
    memset(d.y, 0x55, out);
    CHECK_EQ(run_int8(c8, &d, threads, &err), is_fast);
    if (!is_fast && !c->depthwise) continue;
    reference_int8(c8, &d);
    if (is_fast) CHECK_EQ(memcmp(d.y, d.expected, out), 0);
    size_t wrong = 0;
    for (size_t i = 0; i < out; i++) {
      wrong += d.floats[i] != (float)(d.expected[i] - c8->out_zero) * d.out_scale;
    }
    CHECK_EQ(wrong, 0);
  }
  void *all[] = {d.x, d.filter, d.y, d.expected, d.bias, d.floats};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void test_int8_maps(void) {
  for (size_t height = 7; height <= 10; height++) {
    const conv_case c = {1, height, 21 - height, 24, 32, PAD(1), DILATION(1), .bias = true};
    check_int8(&(int8_case){.conv = c, .in_zero = 3, .out_zero = -7}, true);
  }
  const conv_case cases[] = {
      {1, 40, 44, 64, 64, PAD(1), DILATION(1), .bias = true},
      {1, 12, 12, 32, 24, PAD(0), DILATION(1)},
      {1, 9, 9, 24, 24, 2, 0, 1, 3, DILATION(1), .bias = true},
      {1, 13, 17, 24, 32, PAD(3), DILATION(3), .bias = true},
      {1, 14, 13, 24, 24, PAD(2), .dilation_h = 3, .dilation_w = 1},
      {3, 7, 9, 24, 24, PAD(1), DILATION(1), .bias = true},
      {1, 12, 11, 24, 24, PAD(1), DILATION(1), .clamp = true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_int8(&(int8_case){.conv = cases[i], .in_zero = -20, .out_zero = 11}, true);
  }
}

static void test_int8_extremes(void) {
  const int32_t zeros[] = {-128, 0, 127};
  const conv_case c = {1, 9, 8, 32, 24, PAD(1), DILATION(1), .bias = true};
  for (int kinds = 0; kinds < KINDS * KINDS * 3; kinds++) {
    check_int8(&(int8_case){.conv = c,
                            .weights = kinds % KINDS,
                            .inputs = kinds / KINDS % KINDS,
                            .in_zero = zeros[kinds / KINDS / KINDS],
                            .out_zero = zeros[kinds % 3],
                            .one_scale = kinds % 2 == 0},
               true);
  }
  /* As many channels as there may be, at their largest sums. */
  const conv_case widest = {1, 8, 8, 1824, 24, PAD(1), DILATION(1)};
  check_int8(&(int8_case){.conv = widest, .weights = LEAST, .inputs = LEAST, .in_zero = 127}, true);
  check_int8(&(int8_case){.conv = widest, .weights = LEAST, .inputs = MOST, .in_zero = -128}, true);
}

static void test_int8_left_alone(void) {
  const conv_case cases[] = {
      {1, 12, 12, 28, 32, PAD(1), DILATION(1), .bias = true}, /* not multiples of 8 */
      {1, 12, 12, 32, 28, PAD(1), DILATION(1), .bias = true},
      {1, 6, 6, 64, 64, PAD(1), DILATION(1), .bias = true}, /* too few tiles */
      {1, 8, 8, 1832, 24, PAD(1), DILATION(1)},             /* sums might not fit */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_int8(&(int8_case){.conv = cases[i]}, false);
  }
}

/* XNNPACK adds the products of two taps in 16 bits, which two times -128 * -128 do not fit: no step may be wrong. */
static void test_int8_depthwise(void) {
  const int32_t zeros[] = {-128, 5, 127};
  for (int kinds = 0; kinds < 18; kinds++) {
    const conv_case c = {1,
                         40,
                         40 + (size_t)kinds,
                         48,
                         48,
                         PAD(1),
                         DILATION(1),
                         .bias = kinds % 2 == 0,
                         .clamp = kinds % 5 == 0,
                         .depthwise = true};
    check_int8(&(int8_case){.conv = c,
                            .weights = kinds % 3 == 0 ? LEAST : OFTEN_LEAST,
                            .inputs = kinds % 4 == 0 ? LEAST : OFTEN_LEAST,
                            .in_zero = zeros[kinds % 3],
                            .out_zero = zeros[kinds / 3 % 3],
                            .one_scale = kinds % 7 == 0},
               false);
  }
}

int main(void) {
  RUN(test_sizes);
  RUN(test_tiles_of_four);
  RUN(test_many_chunks);
  RUN(test_padding);
  RUN(test_dilations);
  RUN(test_batches);
  RUN(test_activations);
  RUN(test_left_alone);
  RUN(test_int8_maps);
  RUN(test_int8_extremes);
  RUN(test_int8_left_alone);
  RUN(test_int8_depthwise);
  return test_summary();
}
