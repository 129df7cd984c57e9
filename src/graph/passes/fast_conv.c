/* Convolutions by Winograd's method; see passes.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/passes/passes.h"

enum {
  /* Below these the transforms cost what the products save. */
  MIN_CHANNELS = 24,
  MIN_TILES = 16,
  /* Bounds the scratch, which is a multiple of the channels. */
  MAX_CHANNELS = 4096
};

/* Transformed filters take 16/9 of the plain ones. At most this share of a segment's filters is spent on
 * it, where it saves the most per byte; small models may spend FREE_EXTRA_BYTES in any case. */
#define MAX_EXTRA_SHARE 0.125
#define FREE_EXTRA_BYTES (1 << 20)

typedef struct candidate {
  uint32_t node;       /* index in the segment */
  size_t tiles;        /* of 2x2 outputs */
  size_t filter_bytes; /* 0: not a candidate */
} candidate;

static bool is_f32(const ew_value *value) {
  return value->dtype == EW_F32 && value->quant.kind == EW_QUANT_NONE;
}

static bool is_constant_f32(const ew_graph *graph, uint32_t id) {
  return id != EW_NONE && is_f32(&graph->values[id]) && graph->values[id].constant != EW_NONE &&
         graph->constants[graph->values[id].constant].source == EW_NONE;
}

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
                     x->constant == EW_NONE && is_f32(x) && is_f32(y) && x->rank == 4 &&
                     y->rank == 4 && is_constant_f32(graph, node->inputs[1]) &&
                     (node->inputs[2] == EW_NONE || is_constant_f32(graph, node->inputs[2]));
  if (!suits) return none;
  const size_t tiles = y->dims[0] * ((y->dims[1] + 1) / 2) * ((y->dims[2] + 1) / 2);
  if (tiles < MIN_TILES) return none;
  return (candidate){.tiles = tiles, .filter_bytes = in * out * 9 * sizeof(float)};
}

static int by_gain(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->tiles != y->tiles) return x->tiles < y->tiles ? 1 : -1;
  return x->node < y->node ? -1 : 1;
}

static bool reads(const ew_node *node, uint32_t value) {
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == value) return true;
  }
  return false;
}

/* True when nothing but the nodes [first, end) of the segment reads the value. */
static bool stays_inside(const ew_graph *graph, const ew_segment *segment, uint32_t first,
                         uint32_t end, uint32_t value) {
  for (uint32_t i = 0; i < segment->num_outputs; i++) {
    if (segment->outputs[i] == value) return false;
  }
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const bool inside = i >= first && i < end;
    if (!inside && reads(&graph->nodes[segment->first_node + i], value)) return false;
  }
  return true;
}

/* Nodes that run as one with the convolution at i: 3 when a SiLU (x * sigmoid(x)) follows it, else 1. */
static uint32_t span_of(const ew_graph *graph, const ew_segment *segment, uint32_t i) {
  if (i + 3 > segment->num_nodes) return 1;
  const ew_node *conv = &graph->nodes[segment->first_node + i];
  const ew_node *sigmoid = conv + 1, *product = conv + 2;
  const uint32_t x = conv->outputs[0];
  if (sigmoid->op != EW_OP_SIGMOID || product->op != EW_OP_MULTIPLY || sigmoid->inputs[0] != x) {
    return 1;
  }
  const uint32_t s = sigmoid->outputs[0];
  const bool is_silu =
      reads(product, x) && reads(product, s) && product->params->output_min == -INFINITY &&
      product->params->output_max == INFINITY && is_f32(&graph->values[s]) &&
      is_f32(&graph->values[product->outputs[0]]) && stays_inside(graph, segment, i, i + 3, x) &&
      stays_inside(graph, segment, i, i + 3, s);
  return is_silu ? 3 : 1;
}

/* Where parts begin, and which of them are fast convolutions, per node of the segment. */
typedef struct part_plan {
  bool *begins, *is_fast;
} part_plan;

/* Marks the convolutions that are worth it; *out_any tells whether there are any. */
static ew_status choose(const ew_graph *graph, const ew_segment *segment, ew_arena *arena,
                        const part_plan *plan, bool *out_any, ew_error *err) {
  candidate *list = NULL;
  EW_TRY(ew_arena_alloc(arena, segment->num_nodes, sizeof *list, &list, err));
  uint32_t count = 0;
  double total = 0;
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = &graph->nodes[segment->first_node + i];
    if (node->num_inputs > 1 && is_constant_f32(graph, node->inputs[1])) {
      total += (double)graph->constants[graph->values[node->inputs[1]].constant].size;
    }
    candidate found = candidate_of(graph, node);
    found.node = i;
    if (found.filter_bytes > 0) list[count++] = found;
  }
  qsort(list, count, sizeof *list, by_gain);
  double budget = total * MAX_EXTRA_SHARE;
  if (budget < FREE_EXTRA_BYTES) budget = FREE_EXTRA_BYTES;
  for (uint32_t i = 0; i < count; i++) {
    const double extra = (double)list[i].filter_bytes * 7 / 9;
    if (extra > budget) continue;
    budget -= extra;
    const uint32_t node = list[i].node, end = node + span_of(graph, segment, node);
    plan->begins[node] = plan->is_fast[node] = *out_any = true;
    if (end < segment->num_nodes) plan->begins[end] = true;
  }
  plan->begins[0] = true;
  return EW_OK;
}

/* --- splitting ------------------------------------------------------------------------------------ */

/* Parts are numbered from the graph's next segment on; OUTSIDE produces what comes from elsewhere. */
#define OUTSIDE EW_NONE

typedef struct splitter {
  ew_graph *graph;
  uint32_t whole;     /* the segment being split */
  uint32_t *producer; /* per value: the part that writes it, or OUTSIDE */
  uint32_t *seen_by;  /* per value: the last part that lists it as an input, or OUTSIDE */
  bool *leaves;       /* per value: read by another part than its own, or an output of the whole */
} splitter;

static bool is_operand(const ew_graph *graph, uint32_t value) {
  return value != EW_NONE && graph->values[value].constant == EW_NONE;
}

/* What crosses from part to part becomes external; XNNPACK allows that for plain tensors only. */
static bool can_cross(const ew_graph *graph, uint32_t value) {
  return is_f32(&graph->values[value]);
}

static uint32_t part_count(const part_plan *plan, uint32_t num_nodes) {
  uint32_t parts = 0;
  for (uint32_t i = 0; i < num_nodes; i++) parts += plan->begins[i];
  return parts;
}

/* Which values leave their part; false when one of them cannot. */
static bool find_crossings(splitter *s, const part_plan *plan, uint32_t first_part) {
  const ew_graph *graph = s->graph;
  const ew_segment *whole = &graph->segments[s->whole];
  uint32_t part = first_part - 1;
  for (uint32_t i = 0; i < whole->num_nodes; i++) {
    const ew_node *node = &graph->nodes[whole->first_node + i];
    part += plan->begins[i];
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t value = node->inputs[k];
      if (!is_operand(graph, value) || s->producer[value] == OUTSIDE ||
          s->producer[value] == part) {
        continue;
      }
      if (!can_cross(graph, value)) return false;
      s->leaves[value] = true;
    }
    for (uint32_t k = 0; k < node->num_outputs; k++) s->producer[node->outputs[k]] = part;
  }
  for (uint32_t i = 0; i < whole->num_outputs; i++) s->leaves[whole->outputs[i]] = true;
  return true;
}

static ew_status list_externals(splitter *s, uint32_t part, ew_error *err) {
  ew_graph *graph = s->graph;
  ew_segment *segment = &graph->segments[part];
  uint32_t operands = 0, results = 0;
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    operands += graph->nodes[segment->first_node + i].num_inputs;
    results += graph->nodes[segment->first_node + i].num_outputs;
  }
  EW_TRY(ew_arena_alloc(graph->arena, operands, sizeof(uint32_t), &segment->inputs, err));
  EW_TRY(ew_arena_alloc(graph->arena, results, sizeof(uint32_t), &segment->outputs, err));
  for (uint32_t i = 0; i < segment->num_nodes; i++) {
    const ew_node *node = &graph->nodes[segment->first_node + i];
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t value = node->inputs[k];
      if (!is_operand(graph, value) || s->producer[value] == part || s->seen_by[value] == part) {
        continue;
      }
      s->seen_by[value] = part;
      segment->inputs[segment->num_inputs++] = value;
    }
    for (uint32_t k = 0; k < node->num_outputs; k++) {
      if (s->leaves[node->outputs[k]]) segment->outputs[segment->num_outputs++] = node->outputs[k];
    }
  }
  return EW_OK;
}

static ew_status split(splitter *s, const part_plan *plan, uint32_t parts, ew_error *err) {
  ew_graph *graph = s->graph;
  const ew_segment whole = graph->segments[s->whole];
  const uint32_t first_part = graph->num_segments;
  uint32_t id = EW_NONE;
  for (uint32_t i = 0; i < whole.num_nodes; i++) {
    if (plan->begins[i]) {
      EW_TRY(ew_graph_add_segment(graph, &id, err));
      graph->segments[id].first_node = whole.first_node + i;
      graph->segments[id].is_fast_conv = plan->is_fast[i];
    }
    graph->segments[id].num_nodes++;
    graph->nodes[whole.first_node + i].segment = id;
  }
  graph->segments[s->whole].first_part = first_part;
  graph->segments[s->whole].num_parts = parts;
  for (uint32_t i = 0; i < parts; i++) EW_TRY(list_externals(s, first_part + i, err));
  return EW_OK;
}

static bool is_static(const ew_graph *graph, const ew_segment *segment) {
  for (uint32_t i = 0; i < segment->num_inputs; i++) {
    if (graph->values[segment->inputs[i]].flags & EW_VALUE_DYNAMIC) return false;
  }
  return true;
}

static ew_status run_pass(ew_graph *graph, uint32_t segment_id, ew_arena *arena, ew_error *err) {
  const ew_segment *whole = &graph->segments[segment_id];
  part_plan plan = {0};
  bool any = false;
  EW_TRY(ew_arena_alloc(arena, whole->num_nodes, sizeof *plan.begins, &plan.begins, err));
  EW_TRY(ew_arena_alloc(arena, whole->num_nodes, sizeof *plan.is_fast, &plan.is_fast, err));
  EW_TRY(choose(graph, whole, arena, &plan, &any, err));
  if (!any) return EW_OK;
  splitter s = {.graph = graph, .whole = segment_id};
  const uint32_t values = graph->num_values;
  EW_TRY(ew_arena_alloc(arena, values, sizeof *s.producer, &s.producer, err));
  EW_TRY(ew_arena_alloc(arena, values, sizeof *s.seen_by, &s.seen_by, err));
  EW_TRY(ew_arena_alloc(arena, values, sizeof *s.leaves, &s.leaves, err));
  memset(s.producer, 0xff, values * sizeof *s.producer);
  memset(s.seen_by, 0xff, values * sizeof *s.seen_by);
  const uint32_t parts = part_count(&plan, whole->num_nodes);
  if (graph->num_segments + parts > EW_MAX_SEGMENTS) return EW_OK;
  if (!find_crossings(&s, &plan, graph->num_segments)) return EW_OK;
  return split(&s, &plan, parts, err);
}

ew_status ew_pass_fast_conv(ew_graph *graph, uint32_t segment, ew_error *err) {
  if (graph->segments[segment].num_nodes == 0 || !is_static(graph, &graph->segments[segment])) {
    return EW_OK;
  }
  ew_arena arena;
  ew_arena_init(&arena);
  const ew_status status = run_pass(graph, segment, &arena, err);
  ew_arena_free(&arena);
  return status;
}
