/* Dead taps of dilated convolutions; see passes.h. */
#include <string.h>

#include "graph/check.h"
#include "graph/passes/passes.h"
#include "graph/segment.h"

/* Rewriting pays when it saves at least this share of the multiplications: what it adds is one slice,
 * one pad and one addition per tap. */
#define MIN_SAVED 0.3

/* Larger filters are left alone. */
enum { MAX_TAPS = 64 };

/* The rectangle of outputs that one tap reaches, and where its inputs begin. */
typedef struct tap_area {
  uint32_t tap;
  size_t out_y, out_x, in_y, in_x, height, width; /* height or width 0: dead */
} tap_area;

/* Outputs o in [0, out) with 0 <= o + shift < in. */
static void live_range(int64_t shift, size_t in, size_t out, size_t *first, size_t *count) {
  const int64_t low = shift < 0 ? -shift : 0;
  int64_t high = (int64_t)in - shift;
  if (high > (int64_t)out) high = (int64_t)out;
  *first = (size_t)low;
  *count = high > low ? (size_t)(high - low) : 0;
}

static tap_area area_of(const ew_params *p, const ew_shape *x, const ew_shape *y, uint32_t tap) {
  const int64_t shift_y = (int64_t)(tap / p->kernel_w) * p->dilation_h - p->pad_top;
  const int64_t shift_x = (int64_t)(tap % p->kernel_w) * p->dilation_w - p->pad_left;
  tap_area area = {.tap = tap};
  live_range(shift_y, x->dims[1], y->dims[1], &area.out_y, &area.height);
  live_range(shift_x, x->dims[2], y->dims[2], &area.out_x, &area.width);
  area.in_y = (size_t)((int64_t)area.out_y + shift_y);
  area.in_x = (size_t)((int64_t)area.out_x + shift_x);
  return area;
}

static bool is_candidate(const ew_graph *graph, const ew_node *node) {
  if (node->op != EW_OP_CONV_2D) return false;
  const ew_params *p = node->params;
  const ew_value *x = &graph->values[node->inputs[0]];
  const ew_value *filter = &graph->values[node->inputs[1]];
  const ew_value *y = &graph->values[node->outputs[0]];
  return p->groups == 1 && p->stride_h == 1 && p->stride_w == 1 && p->kernel_h * p->kernel_w > 1 &&
         p->kernel_h * p->kernel_w <= MAX_TAPS && (p->dilation_h > 1 || p->dilation_w > 1) &&
         x->dtype == EW_F32 && y->dtype == EW_F32 && filter->dtype == EW_F32 &&
         filter->constant != EW_NONE && !((x->flags | y->flags) & EW_VALUE_DYNAMIC);
}

/* Live areas, the largest first; false when rewriting does not pay. */
static bool find_areas(const ew_graph *graph, const ew_node *node, tap_area *areas,
                       uint32_t *out_count) {
  const ew_params *p = node->params;
  const ew_shape x = ew_value_shape(&graph->values[node->inputs[0]]);
  const ew_shape y = ew_value_shape(&graph->values[node->outputs[0]]);
  const uint32_t taps = p->kernel_h * p->kernel_w;
  const double full = (double)y.dims[1] * (double)y.dims[2];
  double live = 0;
  uint32_t count = 0;
  for (uint32_t tap = 0; tap < taps; tap++) {
    const tap_area area = area_of(p, &x, &y, tap);
    if (area.height == 0 || area.width == 0) continue;
    live += (double)area.height * (double)area.width;
    uint32_t i = count++;
    for (; i > 0 && areas[i - 1].height * areas[i - 1].width < area.height * area.width; i--) {
      areas[i] = areas[i - 1];
    }
    areas[i] = area;
  }
  *out_count = count;
  return count > 0 && live <= (1 - MIN_SAVED) * full * taps;
}

/* Builds the new list of nodes. */
typedef struct rewriter {
  ew_graph *graph;
  uint32_t *nodes;
  uint32_t count;
  ew_error *err;
} rewriter;

/* What one tap becomes: slice, convolution, pad, and the addition to the taps before it. */
enum { NODES_PER_TAP = 4 };

/* A picture of this size, with the batch and channels of another. */
static ew_status add_value(rewriter *r, const ew_shape *like, size_t height, size_t width,
                           uint32_t *out_id) {
  ew_value value = ew_value_default(EW_F32);
  value.rank = 4;
  value.dims[0] = like->dims[0];
  value.dims[1] = height;
  value.dims[2] = width;
  value.dims[3] = like->dims[3];
  return ew_graph_add_value(r->graph, &value, out_id, r->err);
}

static ew_status add_node(rewriter *r, ew_op op, const uint32_t *inputs, uint32_t count,
                          uint32_t output, ew_node **out_node) {
  EW_TRY(ew_graph_add_node(r->graph, op, count, 1, 0, out_node, r->err));
  memcpy((*out_node)->inputs, inputs, count * sizeof *inputs);
  (*out_node)->outputs[0] = output;
  r->nodes[r->count++] = r->graph->num_nodes - 1;
  return EW_OK;
}

/* Where the filter of one tap lies in the whole filter. */
typedef struct tap_place {
  uint32_t tap;
  size_t row;        /* bytes of one output channel of the tap */
  size_t filter_row; /* the same of the filter */
} tap_place;

/* out[o][i] = filter[o][tap][i] */
static ew_status cut_tap(const ew_graph *graph, uint32_t id, uint8_t *out, ew_error *err) {
  (void)err;
  const ew_derivation *derivation = graph->constants[id].derivation;
  const tap_place *place = derivation->context;
  const uint8_t *from = graph->constants[derivation->sources[0]].data + place->tap * place->row;
  for (size_t at = 0; at < graph->constants[id].size; at += place->row) {
    memcpy(out + at, from, place->row);
    from += place->filter_row;
  }
  return EW_OK;
}

/* The filter of one tap: a constant that is cut out of the whole filter when that arrives. */
static ew_status add_tap_filter(rewriter *r, uint32_t filter_id, uint32_t tap, uint32_t *out_id) {
  const ew_value filter = r->graph->values[filter_id];
  const ew_shape shape = ew_value_shape(&filter);
  tap_place *place = NULL;
  EW_TRY(ew_arena_alloc(r->graph->arena, 1, sizeof *place, &place, r->err));
  place->tap = tap;
  place->row = shape.dims[3] * sizeof(float);
  place->filter_row = shape.dims[1] * shape.dims[2] * place->row;
  const ew_derivation derivation = {
      .make = cut_tap, .context = place, .num_sources = 1, .sources = {filter.constant}};
  ew_value value = ew_value_default(EW_F32);
  value.rank = 4;
  value.dims[0] = shape.dims[0];
  value.dims[1] = value.dims[2] = 1;
  value.dims[3] = shape.dims[3];
  EW_TRY(ew_graph_add_derived(r->graph, shape.dims[0] * place->row, &derivation, &value.constant,
                              r->err));
  return ew_graph_add_value(r->graph, &value, out_id, r->err);
}

static void set_lists(ew_node *node, const size_t shape[4], const size_t shape2[4]) {
  node->params->rank = 4;
  memcpy(node->params->shape, shape, 4 * sizeof *shape);
  memcpy(node->params->shape2, shape2, 4 * sizeof *shape2);
}

/* The part of the map that the tap reads. */
static ew_status add_slice(rewriter *r, const ew_node *conv, const tap_area *area, uint32_t *out) {
  const ew_shape x = ew_value_shape(&r->graph->values[conv->inputs[0]]);
  *out = conv->inputs[0];
  if (area->height == x.dims[1] && area->width == x.dims[2]) return EW_OK;
  ew_node *node = NULL;
  EW_TRY(add_value(r, &x, area->height, area->width, out));
  EW_TRY(add_node(r, EW_OP_SLICE, conv->inputs, 1, *out, &node));
  set_lists(node, (size_t[]){0, area->in_y, area->in_x, 0},
            (size_t[]){x.dims[0], area->height, area->width, x.dims[3]});
  return EW_OK;
}

static ew_status add_product(rewriter *r, const ew_node *conv, const tap_area *area, uint32_t part,
                             bool with_bias, uint32_t *out) {
  const ew_shape y = ew_value_shape(&r->graph->values[conv->outputs[0]]);
  uint32_t inputs[3] = {part, EW_NONE, with_bias ? conv->inputs[2] : EW_NONE};
  ew_node *node = NULL;
  EW_TRY(add_tap_filter(r, conv->inputs[1], area->tap, &inputs[1]));
  EW_TRY(add_value(r, &y, area->height, area->width, out));
  EW_TRY(add_node(r, EW_OP_CONV_2D, inputs, 3, *out, &node));
  ew_params *p = node->params;
  p->kernel_h = p->kernel_w = p->stride_h = p->stride_w = p->dilation_h = p->dilation_w = 1;
  p->groups = 1;
  p->group_input_channels = conv->params->group_input_channels;
  p->group_output_channels = conv->params->group_output_channels;
  return EW_OK;
}

/* Puts the product where it belongs in the map of the outputs. */
static ew_status add_pad(rewriter *r, const ew_node *conv, const tap_area *area,
                         uint32_t *inout_value) {
  const ew_shape y = ew_value_shape(&r->graph->values[conv->outputs[0]]);
  if (area->height == y.dims[1] && area->width == y.dims[2]) return EW_OK;
  const uint32_t product = *inout_value;
  ew_node *node = NULL;
  EW_TRY(add_value(r, &y, y.dims[1], y.dims[2], inout_value));
  EW_TRY(add_node(r, EW_OP_PAD, &product, 1, *inout_value, &node));
  set_lists(node, (size_t[]){0, area->out_y, area->out_x, 0},
            (size_t[]){0, y.dims[1] - area->out_y - area->height,
                       y.dims[2] - area->out_x - area->width, 0});
  return EW_OK;
}

/* slice -> 1x1 convolution -> pad: what one tap adds to every output. */
static ew_status add_tap(rewriter *r, const ew_node *conv, const tap_area *area, bool with_bias,
                         uint32_t *out_id) {
  uint32_t part = EW_NONE;
  EW_TRY(add_slice(r, conv, area, &part));
  EW_TRY(add_product(r, conv, area, part, with_bias, out_id));
  return add_pad(r, conv, area, out_id);
}

/* The bias must reach every output, so it goes with a tap that covers the map. */
static bool covers(const ew_graph *graph, const ew_node *conv, const tap_area *area) {
  const ew_shape y = ew_value_shape(&graph->values[conv->outputs[0]]);
  return area->height == y.dims[1] && area->width == y.dims[2];
}

/* conv is a copy: the list of nodes grows. */
static ew_status replace(rewriter *r, const ew_node conv, const tap_area *areas, uint32_t count) {
  const ew_shape y = ew_value_shape(&r->graph->values[conv.outputs[0]]);
  uint32_t sum = EW_NONE;
  ew_node *node = NULL;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t part = EW_NONE, total = EW_NONE;
    EW_TRY(add_tap(r, &conv, &areas[i], i == 0, &part));
    if (i == 0) {
      sum = part;
      continue;
    }
    EW_TRY(add_value(r, &y, y.dims[1], y.dims[2], &total));
    EW_TRY(add_node(r, EW_OP_ADD, (uint32_t[]){sum, part}, 2, total, &node));
    sum = total;
  }
  /* The last node writes the convolution's own output and carries its activation. */
  node = &r->graph->nodes[r->graph->num_nodes - 1];
  node->outputs[0] = conv.outputs[0];
  node->params->output_min = conv.params->output_min;
  node->params->output_max = conv.params->output_max;
  return EW_OK;
}

/* The areas of a convolution that is worth rewriting. */
static bool is_worth_it(const ew_graph *graph, const ew_node *node, tap_area areas[MAX_TAPS],
                        uint32_t *out_count) {
  return is_candidate(graph, node) && find_areas(graph, node, areas, out_count) &&
         covers(graph, node, &areas[0]);
}

ew_status ew_pass_dead_taps(ew_graph *graph, uint32_t segment, ew_error *err) {
  const ew_segment before = graph->segments[segment];
  tap_area areas[MAX_TAPS];
  uint32_t count = 0;
  size_t most = before.num_nodes;
  for (uint32_t i = 0; i < before.num_nodes; i++) {
    if (is_worth_it(graph, &graph->nodes[before.nodes[i]], areas, &count)) {
      most += (size_t)count * NODES_PER_TAP;
    }
  }
  if (most == before.num_nodes) return EW_OK;
  rewriter r = {.graph = graph, .err = err};
  EW_TRY(ew_arena_alloc(graph->arena, most, sizeof *r.nodes, &r.nodes, err));
  for (uint32_t i = 0; i < before.num_nodes; i++) {
    const ew_node *node = &graph->nodes[before.nodes[i]];
    if (is_worth_it(graph, node, areas, &count)) {
      EW_TRY(replace(&r, *node, areas, count));
    } else {
      r.nodes[r.count++] = before.nodes[i];
    }
  }
  ew_segment_set_nodes(graph, segment, r.nodes, r.count);
  return ew_graph_check_segment(graph, segment, err);
}
