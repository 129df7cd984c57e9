/* Shapes of nodes of ops.def.
 *
 * XNNPACK trusts its caller with much of this (a convolution reads as many channels as its filter has,
 * whatever its input holds), so that every shape is derived here, from the file's at load and from the
 * caller's when an input is dynamic. */
#include "graph/shapes.h"
#include "base/bytes.h"

/* A node being derived. */
typedef struct deriver {
  const ew_graph *graph;
  const ew_node *node;
  uint32_t index; /* of the node, for messages */
  const ew_shape *in;
  ew_shape *out;
  uint64_t *work;
  ew_error *err;
} deriver;

#define EW_SHAPE_CHECK(d, cond, ...)                                                   \
  do {                                                                                 \
    if (!(cond)) {                                                                     \
      ew_fail((d)->err, EW_INVALID_PROGRAM, __VA_ARGS__);                              \
      return ew_fail_context((d)->err, EW_INVALID_PROGRAM, "node %u (%s)", (d)->index, \
                             ew_op_name((d)->node->op));                               \
    }                                                                                  \
  } while (0)

static uint64_t numel(const ew_shape *shape) {
  uint64_t n = 1;
  for (uint32_t i = 0; i < shape->rank; i++) n *= shape->dims[i];
  return n;
}

static ew_status elementwise_work(const deriver *d) {
  const uint64_t in = d->node->num_inputs > 0 ? numel(&d->in[0]) : 0, out = numel(d->out);
  *d->work = in > out ? in : out;
  return EW_OK;
}

/* --- element by element -------------------------------------------------------------------------- */

/* Broadcast of the first count dimensions, aligned at the right as in NumPy. */
static ew_status broadcast(const deriver *d, const ew_shape *a, const ew_shape *b, uint32_t skip) {
  ew_shape *out = d->out;
  out->rank = a->rank > b->rank ? a->rank : b->rank;
  for (uint32_t i = 0; i + skip < out->rank; i++) {
    const size_t x = i + a->rank < out->rank ? 1 : a->dims[i + a->rank - out->rank];
    const size_t y = i + b->rank < out->rank ? 1 : b->dims[i + b->rank - out->rank];
    EW_SHAPE_CHECK(d, x == y || x == 1 || y == 1, "dimension %u has sizes %zu and %zu", i, x, y);
    out->dims[i] = x == 1 ? y : x;
  }
  return EW_OK;
}

static ew_status binary(const deriver *d) {
  EW_TRY(broadcast(d, &d->in[0], &d->in[1], 0));
  return elementwise_work(d);
}

static ew_status unary(const deriver *d) {
  *d->out = d->in[0];
  return elementwise_work(d);
}

static ew_status softmax(const deriver *d) {
  EW_SHAPE_CHECK(d, d->in[0].rank >= 1, "a tensor of rank 0 has no last dimension");
  return unary(d);
}

/* --- matrix products ----------------------------------------------------------------------------- */

static ew_status check_bias(const deriver *d, uint64_t channels) {
  if (d->node->num_inputs < 3 || d->node->inputs[2] == EW_NONE) return EW_OK;
  const ew_shape *bias = &d->in[2];
  EW_SHAPE_CHECK(d, bias->rank == 1 && bias->dims[0] == channels,
                 "the bias has rank %u and %llu elements, needs rank 1 and %llu", bias->rank,
                 (unsigned long long)numel(bias), (unsigned long long)channels);
  return EW_OK;
}

static ew_status fully_connected(const deriver *d) {
  const ew_shape *x = &d->in[0], *filter = &d->in[1];
  EW_SHAPE_CHECK(d, filter->rank == 2, "the filter has rank %u, needs 2", filter->rank);
  const bool transposed = d->node->params->transpose_weights;
  const size_t in = filter->dims[transposed ? 0 : 1], out = filter->dims[transposed ? 1 : 0];
  EW_SHAPE_CHECK(d, x->rank >= 1 && x->dims[x->rank - 1] == in,
                 "the input has %zu channels, the filter %zu",
                 x->rank == 0 ? 0 : x->dims[x->rank - 1], in);
  EW_TRY(check_bias(d, out));
  *d->out = *x;
  d->out->dims[x->rank - 1] = out;
  *d->work = numel(d->out) * in;
  return EW_OK;
}

static ew_status batch_matrix_multiply(const deriver *d) {
  const ew_shape *a = &d->in[0], *b = &d->in[1];
  EW_SHAPE_CHECK(d, a->rank >= 2 && b->rank >= 2, "the inputs have ranks %u and %u, need 2",
                 a->rank, b->rank);
  const bool transposed = d->node->params->transpose_weights;
  const size_t n = b->dims[b->rank - (transposed ? 2 : 1)];
  const size_t k = b->dims[b->rank - (transposed ? 1 : 2)];
  EW_SHAPE_CHECK(d, a->dims[a->rank - 1] == k, "the inner sizes %zu and %zu differ",
                 a->dims[a->rank - 1], k);
  EW_TRY(broadcast(d, a, b, 2));
  d->out->dims[d->out->rank - 2] = a->dims[a->rank - 2];
  d->out->dims[d->out->rank - 1] = n;
  *d->work = numel(d->out) * k;
  return EW_OK;
}

/* --- windows over pictures ----------------------------------------------------------------------- */

static ew_status check_picture(const deriver *d) {
  EW_SHAPE_CHECK(d, d->in[0].rank == 4, "the input has rank %u, needs 4 (NHWC)", d->in[0].rank);
  EW_SHAPE_CHECK(d, d->in[0].dims[1] <= EW_MAX_SIDE && d->in[0].dims[2] <= EW_MAX_SIDE,
                 "the input has %zu x %zu pixels, the limit is %d a side", d->in[0].dims[1],
                 d->in[0].dims[2], EW_MAX_SIDE);
  return EW_OK;
}

static ew_status check_window(const deriver *d) {
  const ew_params *p = d->node->params;
  EW_SHAPE_CHECK(d,
                 p->kernel_h >= 1 && p->kernel_w >= 1 && p->stride_h >= 1 && p->stride_w >= 1 &&
                     p->dilation_h >= 1 && p->dilation_w >= 1,
                 "kernel %u x %u, stride %u x %u and dilation %u x %u must be at least 1",
                 p->kernel_h, p->kernel_w, p->stride_h, p->stride_w, p->dilation_h, p->dilation_w);
  const uint32_t fields[] = {p->kernel_h,   p->kernel_w,   p->stride_h, p->stride_w,
                             p->dilation_h, p->dilation_w, p->pad_top,  p->pad_bottom,
                             p->pad_left,   p->pad_right,  p->adjust_h, p->adjust_w};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    EW_SHAPE_CHECK(d, fields[i] <= EW_MAX_SIDE, "a window parameter is %u, the limit is %d",
                   fields[i], EW_MAX_SIDE);
  }
  return EW_OK;
}

static ew_status slide(const deriver *d, const char *what, uint64_t in, uint64_t pad,
                       uint64_t kernel, uint64_t stride, uint64_t dilation, size_t *out) {
  const uint64_t span = (kernel - 1) * dilation + 1;
  EW_SHAPE_CHECK(d, span <= in + pad, "a window of %s %llu does not fit into %llu", what,
                 (unsigned long long)span, (unsigned long long)(in + pad));
  *out = (size_t)((in + pad - span) / stride + 1);
  return EW_OK;
}

/* Sizes of the output's pixels; its channels are the caller's. */
static ew_status slide_window(const deriver *d) {
  EW_TRY(check_picture(d));
  EW_TRY(check_window(d));
  const ew_params *p = d->node->params;
  const ew_shape *x = &d->in[0];
  d->out->rank = 4;
  d->out->dims[0] = x->dims[0];
  EW_TRY(slide(d, "height", x->dims[1], (uint64_t)p->pad_top + p->pad_bottom, p->kernel_h,
               p->stride_h, p->dilation_h, &d->out->dims[1]));
  EW_TRY(slide(d, "width", x->dims[2], (uint64_t)p->pad_left + p->pad_right, p->kernel_w,
               p->stride_w, p->dilation_w, &d->out->dims[2]));
  return EW_OK;
}

/* pixels: of the picture that the window visits. */
static ew_status window_work(const deriver *d, uint64_t channels_per_tap) {
  const ew_params *p = d->node->params;
  const bool transposed = d->node->op == EW_OP_CONV_TRANSPOSE_2D;
  const ew_shape *visited = transposed ? &d->in[0] : d->out;
  const uint64_t area = (uint64_t)p->kernel_h * p->kernel_w;
  const uint64_t pixels = (uint64_t)d->out->dims[1] * d->out->dims[2];
  EW_SHAPE_CHECK(d, area <= EW_MAX_WINDOW_ENTRIES && pixels <= EW_MAX_WINDOW_ENTRIES / area,
                 "%llu pixels of windows of %llu exceed the limit of %d",
                 (unsigned long long)pixels, (unsigned long long)area, EW_MAX_WINDOW_ENTRIES);
  *d->work = numel(visited) * area;
  if (*d->work > EW_MAX_WORK / channels_per_tap) {
    *d->work = EW_MAX_WORK + 1;
  } else {
    *d->work *= channels_per_tap;
  }
  return EW_OK;
}

/* Filter [outputs, kh, kw, inputs], as params state it. */
static ew_status check_filter(const deriver *d, uint64_t outputs, uint64_t inputs) {
  const ew_shape *filter = &d->in[1];
  const ew_params *p = d->node->params;
  EW_SHAPE_CHECK(d,
                 filter->rank == 4 && filter->dims[0] == outputs &&
                     filter->dims[1] == p->kernel_h && filter->dims[2] == p->kernel_w &&
                     filter->dims[3] == inputs,
                 "the filter is not [%llu,%u,%u,%llu]", (unsigned long long)outputs, p->kernel_h,
                 p->kernel_w, (unsigned long long)inputs);
  return EW_OK;
}

static ew_status check_groups(const deriver *d) {
  const ew_params *p = d->node->params;
  EW_SHAPE_CHECK(d, p->groups >= 1 && p->group_input_channels >= 1 && p->group_output_channels >= 1,
                 "%u groups of %u -> %u channels", p->groups, p->group_input_channels,
                 p->group_output_channels);
  return EW_OK;
}

static ew_status check_channels(const deriver *d, uint64_t channels) {
  EW_SHAPE_CHECK(d, d->in[0].dims[3] == channels, "the input has %zu channels, the filter %llu",
                 d->in[0].dims[3], (unsigned long long)channels);
  return EW_OK;
}

static ew_status conv(const deriver *d) {
  const ew_params *p = d->node->params;
  EW_TRY(slide_window(d));
  EW_TRY(check_groups(d));
  const uint64_t outputs = (uint64_t)p->groups * p->group_output_channels;
  EW_TRY(check_channels(d, (uint64_t)p->groups * p->group_input_channels));
  EW_TRY(check_filter(d, outputs, p->group_input_channels));
  EW_TRY(check_bias(d, outputs));
  d->out->dims[3] = (size_t)outputs;
  return window_work(d, p->group_input_channels);
}

static ew_status depthwise_conv(const deriver *d) {
  const ew_params *p = d->node->params;
  EW_TRY(slide_window(d));
  EW_TRY(check_groups(d));
  EW_SHAPE_CHECK(d, p->group_output_channels % p->group_input_channels == 0,
                 "%u outputs per group are no multiple of %u inputs", p->group_output_channels,
                 p->group_input_channels);
  const uint64_t outputs =
      (uint64_t)p->groups * (p->group_output_channels / p->group_input_channels);
  EW_TRY(check_channels(d, p->groups));
  EW_TRY(check_filter(d, 1, outputs));
  EW_TRY(check_bias(d, outputs));
  d->out->dims[3] = (size_t)outputs;
  return window_work(d, 1);
}

/* Side of a transposed convolution's output. */
static ew_status unslide(const deriver *d, const char *what, uint64_t in, uint64_t pad,
                         uint64_t kernel, uint64_t stride, uint64_t dilation, uint64_t adjust,
                         size_t *out) {
  const uint64_t full = stride * (in - 1) + adjust + (kernel - 1) * dilation + 1;
  EW_SHAPE_CHECK(d, adjust < stride && full > pad && full - pad <= EW_MAX_SIDE,
                 "%s: padding %llu and adjustment %llu do not fit %llu outputs at stride %llu",
                 what, (unsigned long long)pad, (unsigned long long)adjust,
                 (unsigned long long)full, (unsigned long long)stride);
  *out = (size_t)(full - pad);
  return EW_OK;
}

static ew_status conv_transpose(const deriver *d) {
  const ew_params *p = d->node->params;
  const ew_shape *x = &d->in[0];
  EW_TRY(check_picture(d));
  EW_TRY(check_window(d));
  EW_TRY(check_groups(d));
  const uint64_t outputs = (uint64_t)p->groups * p->group_output_channels;
  EW_TRY(check_channels(d, (uint64_t)p->groups * p->group_input_channels));
  EW_TRY(check_filter(d, outputs, p->group_input_channels));
  EW_TRY(check_bias(d, outputs));
  d->out->rank = 4;
  d->out->dims[0] = x->dims[0];
  EW_TRY(unslide(d, "height", x->dims[1], (uint64_t)p->pad_top + p->pad_bottom, p->kernel_h,
                 p->stride_h, p->dilation_h, p->adjust_h, &d->out->dims[1]));
  EW_TRY(unslide(d, "width", x->dims[2], (uint64_t)p->pad_left + p->pad_right, p->kernel_w,
                 p->stride_w, p->dilation_w, p->adjust_w, &d->out->dims[2]));
  d->out->dims[3] = (size_t)outputs;
  return window_work(d, p->group_output_channels);
}

static ew_status pool(const deriver *d) {
  EW_TRY(slide_window(d));
  d->out->dims[3] = d->in[0].dims[3];
  return window_work(d, 1);
}

static ew_status global_pool(const deriver *d) {
  EW_TRY(check_picture(d));
  const ew_shape *x = &d->in[0];
  if (d->node->params->keep_dims) {
    *d->out = (ew_shape){.rank = 4, .dims = {x->dims[0], 1, 1, x->dims[3]}};
  } else {
    *d->out = (ew_shape){.rank = 2, .dims = {x->dims[0], x->dims[3]}};
  }
  return elementwise_work(d);
}

static ew_status reduce(const deriver *d) {
  const ew_params *p = d->node->params;
  const ew_shape *x = &d->in[0];
  uint32_t mask = 0;
  EW_SHAPE_CHECK(d, p->rank >= 1 && p->rank <= x->rank, "%u axes of a tensor of rank %u", p->rank,
                 x->rank);
  for (uint32_t i = 0; i < p->rank; i++) {
    EW_SHAPE_CHECK(d, p->shape[i] < x->rank && (i == 0 || p->shape[i] > p->shape[i - 1]),
                   "axis %zu of a tensor of rank %u", p->shape[i], x->rank);
    mask |= 1u << p->shape[i];
  }
  for (uint32_t i = 0; i < x->rank; i++) {
    const bool reduced = (mask >> i & 1) != 0;
    if (!reduced || p->keep_dims) d->out->dims[d->out->rank++] = reduced ? 1 : x->dims[i];
  }
  return elementwise_work(d);
}

static ew_status resize(const deriver *d) {
  EW_TRY(check_picture(d));
  const size_t *size = d->node->params->shape;
  EW_SHAPE_CHECK(d,
                 size[0] >= 1 && size[1] >= 1 && size[0] <= EW_MAX_SIDE && size[1] <= EW_MAX_SIDE,
                 "cannot resize to %zu x %zu pixels", size[0], size[1]);
  EW_SHAPE_CHECK(d, (uint64_t)size[0] * size[1] <= EW_MAX_WINDOW_ENTRIES,
                 "%zu x %zu pixels exceed the limit of %d", size[0], size[1],
                 EW_MAX_WINDOW_ENTRIES);
  *d->out = d->in[0];
  d->out->dims[1] = size[0];
  d->out->dims[2] = size[1];
  *d->work = numel(d->out) * 4;
  return EW_OK;
}

/* --- moving elements ----------------------------------------------------------------------------- */

static ew_status reshape(const deriver *d) {
  const ew_params *p = d->node->params;
  const uint64_t total = numel(&d->in[0]);
  uint64_t known = 1;
  uint32_t inferred = EW_NONE;
  d->out->rank = p->rank;
  for (uint32_t i = 0; i < p->rank; i++) {
    d->out->dims[i] = p->shape[i];
    if (p->shape[i] == 0) {
      EW_SHAPE_CHECK(d, inferred == EW_NONE, "dimensions %u and %u are both inferred", inferred, i);
      inferred = i;
      continue;
    }
    EW_SHAPE_CHECK(d, p->shape[i] <= total && known <= total / p->shape[i],
                   "the new shape has more than %llu elements", (unsigned long long)total);
    known *= p->shape[i];
  }
  EW_SHAPE_CHECK(d, inferred == EW_NONE ? known == total : total % known == 0,
                 "%llu elements do not fit the new shape", (unsigned long long)total);
  if (inferred != EW_NONE) d->out->dims[inferred] = (size_t)(total / known);
  return elementwise_work(d);
}

static ew_status check_list(const deriver *d) {
  EW_SHAPE_CHECK(d, d->node->params->rank == d->in[0].rank,
                 "a list of %u entries for a tensor of rank %u", d->node->params->rank,
                 d->in[0].rank);
  d->out->rank = d->in[0].rank;
  return EW_OK;
}

static ew_status transpose(const deriver *d) {
  EW_TRY(check_list(d));
  const ew_params *p = d->node->params;
  uint32_t seen = 0;
  for (uint32_t i = 0; i < p->rank; i++) {
    EW_SHAPE_CHECK(d, p->shape[i] < p->rank && !(seen >> p->shape[i] & 1),
                   "the permutation is none: entry %u is %zu", i, p->shape[i]);
    seen |= 1u << p->shape[i];
    d->out->dims[i] = d->in[0].dims[p->shape[i]];
  }
  return elementwise_work(d);
}

static ew_status slice(const deriver *d) {
  EW_TRY(check_list(d));
  const ew_params *p = d->node->params;
  for (uint32_t i = 0; i < p->rank; i++) {
    const size_t size = d->in[0].dims[i];
    EW_SHAPE_CHECK(d, p->shape2[i] >= 1 && ew_in_range(p->shape[i], p->shape2[i], size),
                   "elements %zu and %zu more leave dimension %u of size %zu", p->shape[i],
                   p->shape2[i], i, size);
    d->out->dims[i] = p->shape2[i];
  }
  return elementwise_work(d);
}

static ew_status pad(const deriver *d) {
  EW_TRY(check_list(d));
  const ew_params *p = d->node->params;
  for (uint32_t i = 0; i < p->rank; i++) {
    const uint64_t size = (uint64_t)d->in[0].dims[i] + p->shape[i] + p->shape2[i];
    EW_SHAPE_CHECK(d, size <= EW_MAX_TENSOR_BYTES, "dimension %u would have size %llu", i,
                   (unsigned long long)size);
    d->out->dims[i] = (size_t)size;
  }
  return elementwise_work(d);
}

static ew_status concatenate(const deriver *d) {
  const uint32_t axis = d->node->params->axis;
  *d->out = d->in[0];
  EW_SHAPE_CHECK(d, axis < d->out->rank, "axis %u of a tensor of rank %u", axis, d->out->rank);
  for (uint32_t k = 1; k < d->node->num_inputs; k++) {
    const ew_shape *x = &d->in[k];
    EW_SHAPE_CHECK(d, x->rank == d->out->rank, "inputs 0 and %u have ranks %u and %u", k,
                   d->out->rank, x->rank);
    for (uint32_t i = 0; i < x->rank; i++) {
      EW_SHAPE_CHECK(d, i == axis || x->dims[i] == d->out->dims[i],
                     "inputs 0 and %u differ in dimension %u: %zu and %zu", k, i, d->out->dims[i],
                     x->dims[i]);
    }
    EW_SHAPE_CHECK(d, x->dims[axis] <= EW_MAX_TENSOR_BYTES - d->out->dims[axis],
                   "the result is larger than 1 GiB");
    d->out->dims[axis] += x->dims[axis];
  }
  return elementwise_work(d);
}

/* --- dispatch ------------------------------------------------------------------------------------ */

static ew_status (*const rules[])(const deriver *) = {
#define EW_OP(id, name, min_inputs, max_inputs, outputs, shape, ...) [EW_OP_##id] = shape,
#include "graph/ops.def"
#undef EW_OP
};

ew_status ew_derive_shape(const ew_graph *graph, const ew_node *node, const ew_shape *inputs,
                          ew_shape *out, uint64_t *out_work, ew_error *err) {
  const deriver d = {.graph = graph,
                     .node = node,
                     .index = (uint32_t)(node - graph->nodes),
                     .in = inputs,
                     .out = out,
                     .work = out_work,
                     .err = err};
  *out = (ew_shape){0};
  for (uint32_t k = 0; k < node->num_inputs; k++) {
    if (node->inputs[k] == EW_NONE) continue;
    for (uint32_t i = 0; i < inputs[k].rank; i++) {
      EW_SHAPE_CHECK(&d, inputs[k].dims[i] >= 1, "input %u has no elements", k);
    }
  }
  EW_TRY(rules[node->op](&d));
  size_t bytes = 0;
  EW_SHAPE_CHECK(
      &d, ew_shape_bytes(graph->values[node->outputs[0]].dtype, out->dims, out->rank, &bytes),
      "the result is larger than 1 GiB");
  return EW_OK;
}

/* --- segments ------------------------------------------------------------------------------------ */

ew_status ew_graph_derive_segment(const ew_graph *graph, uint32_t index, ew_shape *shapes,
                                  uint64_t max_work, uint64_t *inout_work, ew_error *err) {
  const ew_segment *segment = &graph->segments[index];
  for (uint32_t n = 0; n < segment->num_nodes; n++) {
    const ew_node *node = ew_segment_node(graph, index, n);
    ew_shape inputs[EW_MAX_OP_INPUTS] = {{0}};
    for (uint32_t i = 0; i < node->num_inputs; i++) {
      const uint32_t id = node->inputs[i];
      if (id == EW_NONE) continue;
      inputs[i] =
          graph->values[id].constant != EW_NONE ? ew_value_shape(&graph->values[id]) : shapes[id];
    }
    ew_shape out;
    uint64_t work = 0;
    EW_TRY(ew_derive_shape(graph, node, inputs, &out, &work, err));
    for (uint32_t i = 0; i < node->num_outputs; i++) shapes[node->outputs[i]] = out;
    EW_CHECK(work <= max_work - *inout_work, err, EW_OUT_OF_RESOURCES,
             "node %u (%s): one run would take more than %llu multiplications",
             (unsigned)(node - graph->nodes), ew_op_name(node->op), (unsigned long long)max_work);
    *inout_work += work;
  }
  return EW_OK;
}
