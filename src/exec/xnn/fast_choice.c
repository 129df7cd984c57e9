/* Which convolutions run by Winograd's method (fast_conv.c), and in segments of their own. */
#include <stdlib.h>

#include "exec/xnn/fast_conv.h"
#include "graph/segment.h"

enum {
  /* Below these the transforms cost what the products save. */
  MIN_CHANNELS = 24,
  MIN_TILES = 16,
  /* Of a filter and of a tile, per point and vector, in products of one vector. */
  FILTER_COST = 6,
  TILE_COST = 4,
  /* Bounds the scratch, which is a multiple of the channels. */
  MAX_CHANNELS = 4096
};

/* Transformed filters of bytes take more than the plain ones. At most this share of a segment's filters is spent on
 * it, where it saves the most per byte; small models may spend FREE_EXTRA_BYTES in any case. */
#define MAX_EXTRA_SHARE 0.125
#define FREE_EXTRA_BYTES (1 << 20)

/* The method must save a tenth, and so must tiles of 4x4, which are less exact, beside those of 2x2. */
#define WORTH 0.9

typedef struct candidate {
  uint32_t node; /* index in the segment */
  size_t tiles;  /* 0: not a candidate */
  size_t extra;  /* bytes that its filter grows by */
} candidate;

static bool is_f32(const ew_value *value) {
  return value->dtype == EW_F32 && value->quant.kind == EW_QUANT_NONE;
}

static bool is_int8(const ew_value *value) {
  return value->dtype == EW_I8 && value->quant.kind == EW_QUANT_TENSOR &&
         value->quant.scale != NULL;
}

static bool is_constant(const ew_graph *graph, uint32_t id) {
  return id != EW_NONE && graph->values[id].constant != EW_NONE;
}

/* Bytes of a filter; 0 for other types, and for pieces cut out of a larger constant. */
static size_t filter_bytes(const ew_graph *graph, const ew_node *node) {
  if (node->num_inputs < 2 || !is_constant(graph, node->inputs[1])) return 0;
  const ew_value *value = &graph->values[node->inputs[1]];
  if (!is_f32(value) && value->dtype != EW_I8) return 0;
  const ew_constant *constant = &graph->constants[value->constant];
  const ew_derivation *derivation = constant->derivation;
  const bool is_piece =
      derivation != NULL && constant->size < graph->constants[derivation->sources[0]].size;
  return is_piece ? 0 : constant->size;
}

static bool has_float_operands(const ew_graph *graph, const ew_node *node) {
  const ew_value *values = graph->values;
  return is_f32(&values[node->inputs[0]]) && is_f32(&values[node->outputs[0]]) &&
         is_f32(&values[node->inputs[1]]) &&
         (node->inputs[2] == EW_NONE || is_f32(&values[node->inputs[2]]));
}

static bool has_int8_operands(const ew_graph *graph, const ew_node *node) {
  const ew_value *x = &graph->values[node->inputs[0]], *y = &graph->values[node->outputs[0]];
  const ew_value *w = &graph->values[node->inputs[1]];
  const ew_params *p = node->params;
  if (ew_xnn_has_dot() || !is_int8(x) || !is_int8(y) || w->dtype != EW_I8 ||
      w->quant.zero_point != 0 || p->group_input_channels % 8 != 0 ||
      p->group_input_channels > EW_FAST_MOST_INT8_CHANNELS || p->group_output_channels % 8 != 0) {
    return false;
  }
  return node->inputs[2] == EW_NONE || graph->values[node->inputs[2]].dtype == EW_I32;
}

/* --- floats ------------------------------------------------------------------------------------------- */

static size_t tiles_of(const ew_graph *graph, const ew_node *node, size_t size) {
  const ew_shape map = ew_value_shape(&graph->values[node->outputs[0]]);
  return map.dims[0] * ew_fast_tiles(node->params, size, map.dims[1], map.dims[2]);
}

/* Time in units of a product of one vector, as measured: `size` is 0 for the plain sum. */
static double float_cost(const ew_graph *graph, const ew_node *node, size_t size) {
  const ew_params *p = node->params;
  const double in = p->group_input_channels, out = p->group_output_channels;
  if (size == 0) {
    const ew_shape map = ew_value_shape(&graph->values[node->outputs[0]]);
    return (double)(map.dims[0] * map.dims[1] * map.dims[2] * 9) * in * out;
  }
  const double points = (double)((size + 2) * (size + 2));
  const double tiles = (double)((tiles_of(graph, node, size) + 3) / 4 * 4);
  return points * (tiles * in * out + FILTER_COST * in * out + TILE_COST * tiles * (in + out));
}

size_t ew_fast_float_size(const ew_graph *graph, const ew_node *node) {
  const double plain = float_cost(graph, node, 0), two = float_cost(graph, node, 2),
               four = float_cost(graph, node, 4);
  if (four < WORTH * two && four < WORTH * plain) return 4;
  return two < WORTH * plain ? 2 : 0;
}

/* --- candidates --------------------------------------------------------------------------------------- */

static candidate candidate_of(const ew_graph *graph, const ew_node *node) {
  candidate none = {0};
  if (node->op != EW_OP_CONV_2D) return none;
  const ew_params *p = node->params;
  const ew_value *x = &graph->values[node->inputs[0]];
  const ew_value *y = &graph->values[node->outputs[0]];
  const size_t in = p->group_input_channels, out = p->group_output_channels;
  const bool suits = p->groups == 1 && p->kernel_h == 3 && p->kernel_w == 3 && p->stride_h == 1 &&
                     p->stride_w == 1 && in % 4 == 0 && out % 4 == 0 && in >= MIN_CHANNELS &&
                     out >= MIN_CHANNELS && in <= MAX_CHANNELS && out <= MAX_CHANNELS &&
                     x->constant == EW_NONE && x->rank == 4 && y->rank == 4 &&
                     is_constant(graph, node->inputs[1]) &&
                     (node->inputs[2] == EW_NONE || is_constant(graph, node->inputs[2]));
  if (!suits) return none;
  const size_t tiles = tiles_of(graph, node, 2);
  if (has_float_operands(graph, node)) {
    return (candidate){.tiles = ew_fast_float_size(graph, node) > 0 ? tiles : 0};
  }
  if (tiles < MIN_TILES || !has_int8_operands(graph, node)) return none;
  /* 16 words for 9 bytes. */
  return (candidate){.tiles = tiles, .extra = in * out * 23};
}

static int by_gain(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->tiles != y->tiles) return x->tiles < y->tiles ? 1 : -1;
  return x->node < y->node ? -1 : 1;
}

/* True when a SiLU follows node number i of the segment, and nobody else reads what is between. */
static bool silu_follows(const ew_graph *graph, uint32_t segment, uint32_t i) {
  if (i + 2 > graph->segments[segment].num_nodes) return false;
  const ew_node *silu = ew_segment_node(graph, segment, i + 1);
  const uint32_t x = ew_segment_node(graph, segment, i)->outputs[0];
  return silu->op == EW_OP_SILU && silu->num_inputs == 1 && silu->inputs[0] == x &&
         ew_segment_count_uses(graph, segment, x) == 1;
}

/* Where parts begin, and which of them are fast convolutions, per node of the segment. */
typedef struct part_plan {
  bool *begins, *is_fast;
} part_plan;

/* The convolutions that could run so, the most rewarding first, and what all filters take together. */
static ew_status list_candidates(const ew_graph *graph, uint32_t segment, ew_arena *arena,
                                 candidate **out, uint32_t *out_count, double *out_total,
                                 ew_error *err) {
  const uint32_t num_nodes = graph->segments[segment].num_nodes;
  EW_TRY(ew_arena_alloc(arena, num_nodes, sizeof **out, out, err));
  *out_count = 0;
  *out_total = 0;
  for (uint32_t i = 0; i < num_nodes; i++) {
    const ew_node *node = ew_segment_node(graph, segment, i);
    *out_total += (double)filter_bytes(graph, node);
    candidate found = candidate_of(graph, node);
    found.node = i;
    if (found.tiles > 0) (*out)[(*out_count)++] = found;
  }
  qsort(*out, *out_count, sizeof **out, by_gain);
  return EW_OK;
}

/* Marks the convolutions that are worth it; *out_any tells whether there are any. */
static ew_status choose(const ew_graph *graph, uint32_t segment, ew_arena *arena,
                        const part_plan *plan, bool *out_any, ew_error *err) {
  candidate *list = NULL;
  uint32_t count = 0;
  double total = 0;
  EW_TRY(list_candidates(graph, segment, arena, &list, &count, &total, err));
  double budget = total * MAX_EXTRA_SHARE;
  if (budget < FREE_EXTRA_BYTES) budget = FREE_EXTRA_BYTES;
  for (uint32_t i = 0; i < count; i++) {
    if ((double)list[i].extra > budget) continue;
    budget -= (double)list[i].extra;
    const uint32_t node = list[i].node;
    const uint32_t end = node + (silu_follows(graph, segment, node) ? 2 : 1);
    plan->begins[node] = plan->is_fast[node] = *out_any = true;
    if (end < graph->segments[segment].num_nodes) plan->begins[end] = true;
  }
  return EW_OK;
}

/* What crosses from part to part becomes external, which dynamically quantised tensors may not be. */
static bool may_cross(const ew_value *value) { return is_f32(value) || is_int8(value); }

static bool is_static(const ew_graph *graph, const ew_segment *segment) {
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    if (graph->values[segment->inputs[i]].flags & EW_VALUE_DYNAMIC) return false;
  }
  return true;
}

static ew_status choose_and_split(ew_xnn *xnn, ew_graph *graph, uint32_t segment, ew_arena *arena,
                                  ew_error *err) {
  const ew_segment whole = graph->segments[segment];
  part_plan plan = {0};
  bool any = false, done = false;
  EW_TRY(ew_arena_alloc(arena, whole.num_nodes, sizeof *plan.begins, &plan.begins, err));
  EW_TRY(ew_arena_alloc(arena, whole.num_nodes, sizeof *plan.is_fast, &plan.is_fast, err));
  EW_TRY(choose(graph, segment, arena, &plan, &any, err));
  if (!any) return EW_OK;
  EW_TRY(ew_segment_split(graph, segment, plan.begins, may_cross, &done, err));
  if (!done) return EW_OK;
  EW_TRY(ew_xnn_follow_graph(xnn, err));
  for (uint32_t i = 0; i < whole.num_nodes; i++) {
    if (plan.is_fast[i]) xnn->is_fast[graph->nodes[whole.nodes[i]].segment] = true;
  }
  return EW_OK;
}

ew_status ew_xnn_choose_fast(ew_xnn *xnn, ew_graph *graph, uint32_t segment, ew_error *err) {
  if (!is_static(graph, &graph->segments[segment])) return EW_OK;
  ew_arena arena;
  ew_arena_init(&arena);
  const ew_status status = choose_and_split(xnn, graph, segment, &arena, err);
  ew_arena_free(&arena);
  return status;
}
