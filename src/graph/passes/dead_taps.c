/* Dead taps of dilated convolutions; see passes.h. */
#include <math.h>
#include <string.h>

#include "graph/passes/passes.h"

/* Rewriting pays when it saves at least this share of the multiplications: what it adds is one slice,
 * one pad and one addition per tap. */
#define MIN_SAVED 0.3

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

static tap_area area_of(const ew_params *p, const ew_value *x, const ew_value *y, uint32_t tap) {
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
         p->kernel_h * p->kernel_w <= 64 && (p->dilation_h > 1 || p->dilation_w > 1) &&
         x->dtype == EW_F32 && y->dtype == EW_F32 && filter->dtype == EW_F32 &&
         filter->constant != EW_NONE && graph->constants[filter->constant].data == NULL &&
         graph->constants[filter->constant].source == EW_NONE &&
         !((x->flags | y->flags) & EW_VALUE_DYNAMIC);
}

/* Live areas, the largest first; false when rewriting does not pay. */
static bool find_areas(const ew_graph *graph, const ew_node *node, tap_area *areas,
                       uint32_t *out_count) {
  const ew_params *p = node->params;
  const ew_value *x = &graph->values[node->inputs[0]];
  const ew_value *y = &graph->values[node->outputs[0]];
  const uint32_t taps = p->kernel_h * p->kernel_w;
  const double full = (double)y->dims[1] * (double)y->dims[2];
  double live = 0;
  uint32_t count = 0;
  for (uint32_t tap = 0; tap < taps; tap++) {
    const tap_area area = area_of(p, x, y, tap);
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

typedef struct rewriter {
  ew_graph *graph;
  uint32_t segment;
  ew_error *err;
} rewriter;

static ew_status add_value(rewriter *r, const ew_value *like, size_t height, size_t width,
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
  (*out_node)->segment = r->segment;
  memcpy((*out_node)->inputs, inputs, count * sizeof *inputs);
  (*out_node)->outputs[0] = output;
  return EW_OK;
}

/* The filter of one tap: a constant that is cut out of the whole filter when that arrives. */
static ew_status add_tap_filter(rewriter *r, uint32_t filter_id, uint32_t tap, uint32_t *out_id) {
  const ew_value filter = r->graph->values[filter_id];
  ew_value value = ew_value_default(EW_F32);
  value.rank = 4;
  value.dims[0] = filter.dims[0];
  value.dims[1] = value.dims[2] = 1;
  value.dims[3] = filter.dims[3];
  EW_TRY(ew_graph_add_tap(r->graph, filter.constant, tap,
                          filter.dims[0] * filter.dims[3] * sizeof(float),
                          filter.dims[3] * sizeof(float), &value.constant, r->err));
  return ew_graph_add_value(r->graph, &value, out_id, r->err);
}

/* slice -> 1x1 convolution -> pad: what one tap adds to every output. */
static ew_status add_tap(rewriter *r, const ew_node *conv, const tap_area *area, bool with_bias,
                         uint32_t *out_id) {
  ew_graph *graph = r->graph;
  const ew_value x = graph->values[conv->inputs[0]];
  const ew_value y = graph->values[conv->outputs[0]];
  ew_node *node = NULL;
  uint32_t part = conv->inputs[0];
  if (area->height != x.dims[1] || area->width != x.dims[2]) {
    EW_TRY(add_value(r, &x, area->height, area->width, &part));
    EW_TRY(add_node(r, EW_OP_SLICE, conv->inputs, 1, part, &node));
    node->params->rank = 4;
    memcpy(node->params->shape, (size_t[]){0, area->in_y, area->in_x, 0}, 4 * sizeof(size_t));
    memcpy(node->params->shape2, (size_t[]){x.dims[0], area->height, area->width, x.dims[3]},
           4 * sizeof(size_t));
  }
  uint32_t inputs[3] = {part, EW_NONE, with_bias ? conv->inputs[2] : EW_NONE};
  EW_TRY(add_tap_filter(r, conv->inputs[1], area->tap, &inputs[1]));
  uint32_t product = EW_NONE;
  EW_TRY(add_value(r, &y, area->height, area->width, &product));
  EW_TRY(add_node(r, EW_OP_CONV_2D, inputs, 3, product, &node));
  ew_params *p = node->params;
  p->kernel_h = p->kernel_w = p->stride_h = p->stride_w = p->dilation_h = p->dilation_w = 1;
  p->groups = 1;
  p->group_input_channels = conv->params->group_input_channels;
  p->group_output_channels = conv->params->group_output_channels;
  *out_id = product;
  if (area->height == y.dims[1] && area->width == y.dims[2]) return EW_OK;
  EW_TRY(add_value(r, &y, y.dims[1], y.dims[2], out_id));
  EW_TRY(add_node(r, EW_OP_PAD, &product, 1, *out_id, &node));
  node->params->rank = 4;
  memcpy(node->params->shape, (size_t[]){0, area->out_y, area->out_x, 0}, 4 * sizeof(size_t));
  memcpy(node->params->shape2,
         (size_t[]){0, y.dims[1] - area->out_y - area->height,
                    y.dims[2] - area->out_x - area->width, 0},
         4 * sizeof(size_t));
  return EW_OK;
}

/* The bias must reach every output, so it goes with a tap that covers the map. */
static bool covers(const ew_graph *graph, const ew_node *conv, const tap_area *area) {
  const ew_value *y = &graph->values[conv->outputs[0]];
  return area->height == y->dims[1] && area->width == y->dims[2];
}

static ew_status split(rewriter *r, const ew_node *conv, const tap_area *areas, uint32_t count) {
  uint32_t sum = EW_NONE;
  ew_node *node = NULL;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t part = EW_NONE;
    EW_TRY(add_tap(r, conv, &areas[i], i == 0, &part));
    if (i == 0) {
      sum = part;
      continue;
    }
    uint32_t total = EW_NONE;
    const ew_value y = r->graph->values[conv->outputs[0]];
    EW_TRY(add_value(r, &y, y.dims[1], y.dims[2], &total));
    EW_TRY(add_node(r, EW_OP_ADD, (uint32_t[]){sum, part}, 2, total, &node));
    sum = total;
  }
  /* The last node writes the convolution's own output and carries its activation. */
  node = &r->graph->nodes[r->graph->num_nodes - 1];
  node->outputs[0] = conv->outputs[0];
  node->params->output_min = conv->params->output_min;
  node->params->output_max = conv->params->output_max;
  return EW_OK;
}

ew_status ew_pass_dead_taps(ew_graph *graph, uint32_t segment_id, ew_error *err) {
  ew_segment *segment = &graph->segments[segment_id];
  if (segment->first_node + segment->num_nodes != graph->num_nodes) return EW_OK;
  bool any = false;
  tap_area areas[64];
  uint32_t count = 0;
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = &graph->nodes[segment->first_node + i];
    if (!is_candidate(graph, node)) continue;
    any = any || (find_areas(graph, node, areas, &count) && covers(graph, node, &areas[0]));
  }
  if (!any) return EW_OK;
  ew_node *old = NULL;
  EW_TRY(ew_arena_alloc(graph->arena, segment->num_nodes, sizeof *old, &old, err));
  memcpy(old, &graph->nodes[segment->first_node], segment->num_nodes * sizeof *old);
  graph->num_nodes = segment->first_node;
  rewriter r = {graph, segment_id, err};
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    if (is_candidate(graph, &old[i]) && find_areas(graph, &old[i], areas, &count) &&
        covers(graph, &old[i], &areas[0])) {
      EW_TRY(split(&r, &old[i], areas, count));
      continue;
    }
    ew_node *node = NULL;
    EW_TRY(ew_graph_add_node(graph, old[i].op, 0, 0, 0, &node, err));
    *node = old[i];
  }
  segment->num_nodes = graph->num_nodes - segment->first_node;
  return ew_graph_check_nodes(graph, segment->first_node, err);
}

void ew_gather_tap(const ew_constant *filter, const ew_constant *tap) {
  const size_t row = tap->tap_row;
  const size_t channels = tap->size / row;
  const size_t filter_row = filter->size / channels;
  for (size_t o = 0; o < channels; o++) {
    memcpy(tap->data + o * row, filter->data + o * filter_row + tap->tap * row, row);
  }
}
