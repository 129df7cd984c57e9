/* Editing segments: nodes in and out, one segment into several. */
#include "graph/segment.h"

#include <string.h>

/* --- nodes --------------------------------------------------------------------------------------- */

ew_status ew_segment_add_node(ew_graph *graph, uint32_t segment, uint32_t node, ew_error *err) {
  ew_segment *s = &graph->segments[segment];
  if (s->num_nodes == s->cap_nodes) {
    const uint32_t capacity = s->cap_nodes == 0 ? 16 : s->cap_nodes * 2;
    uint32_t *bigger = NULL;
    EW_TRY(ew_arena_alloc(graph->arena, capacity, sizeof *bigger, &bigger, err));
    if (s->num_nodes > 0) memcpy(bigger, s->nodes, s->num_nodes * sizeof *bigger);
    s->nodes = bigger;
    s->cap_nodes = capacity;
  }
  s->nodes[s->num_nodes++] = node;
  graph->nodes[node].segment = segment;
  return EW_OK;
}

/* The node keeps its number and its place in the list of all. */
static void retire(ew_node *node) { *node = (ew_node){.op = EW_OP_REMOVED, .segment = EW_NONE}; }

uint32_t ew_segment_place_of(const ew_graph *graph, uint32_t segment, const ew_node *node) {
  const uint32_t number = (uint32_t)(node - graph->nodes);
  uint32_t index = 0;
  while (graph->segments[segment].nodes[index] != number) index++;
  return index;
}

void ew_segment_remove_node(ew_graph *graph, uint32_t segment, uint32_t index) {
  ew_segment *s = &graph->segments[segment];
  retire(&graph->nodes[s->nodes[index]]);
  s->num_nodes--;
  memmove(&s->nodes[index], &s->nodes[index + 1], (s->num_nodes - index) * sizeof *s->nodes);
}

void ew_segment_set_nodes(ew_graph *graph, uint32_t segment, uint32_t *nodes, uint32_t count) {
  ew_segment *s = &graph->segments[segment];
  for (uint32_t i = 0; i < s->num_nodes; i++) graph->nodes[s->nodes[i]].segment = EW_NONE;
  for (uint32_t i = 0; i < count; i++) graph->nodes[nodes[i]].segment = segment;
  for (uint32_t i = 0; i < s->num_nodes; i++) {
    ew_node *node = &graph->nodes[s->nodes[i]];
    if (node->segment == EW_NONE) retire(node);
  }
  s->nodes = nodes;
  s->num_nodes = s->cap_nodes = count;
}

static ew_node *node_at(const ew_graph *graph, uint32_t segment, uint32_t index) {
  return &graph->nodes[graph->segments[segment].nodes[index]];
}

ew_node *ew_segment_writer(const ew_graph *graph, uint32_t segment, uint32_t end, uint32_t value) {
  while (end-- > 0) {
    ew_node *node = node_at(graph, segment, end);
    for (uint32_t i = 0; i < node->num_outputs; i++) {
      if (node->outputs[i] == value) return node;
    }
  }
  return NULL;
}

uint32_t ew_segment_count_uses(const ew_graph *graph, uint32_t segment, uint32_t value) {
  const ew_segment *s = &graph->segments[segment];
  uint32_t uses = 0;
  for (uint32_t n = 0; n < s->num_nodes; n++) {
    const ew_node *node = node_at(graph, segment, n);
    for (uint32_t i = 0; i < node->num_inputs; i++) uses += node->inputs[i] == value;
  }
  for (uint32_t i = 0; i < s->num_outputs; i++) uses += s->outputs[i] == value;
  return uses;
}

bool ew_segment_has_output(const ew_graph *graph, uint32_t segment, uint32_t value) {
  const ew_segment *s = &graph->segments[segment];
  for (uint32_t i = 0; i < s->num_outputs; i++) {
    if (s->outputs[i] == value) return true;
  }
  return false;
}

/* --- splitting ----------------------------------------------------------------------------------- */

/* Number 0 is the first part; OUTSIDE produces what comes from elsewhere. */
#define OUTSIDE EW_NONE

typedef struct splitter {
  ew_graph *graph;
  const ew_segment whole; /* before the split */
  uint32_t num_parts;
  uint32_t *part_of;  /* per node of the whole */
  uint32_t *producer; /* per value: the part that writes it, or OUTSIDE */
  uint32_t *seen_by;  /* per value: the last part that lists it as an input, or OUTSIDE */
  bool *leaves;       /* per value: read by another part than its own, or an output of the whole */
  ew_arena *scratch;
  ew_error *err;
} splitter;

static const ew_node *whole_node(const splitter *s, uint32_t index) {
  return &s->graph->nodes[s->whole.nodes[index]];
}

static bool is_operand(const ew_graph *graph, uint32_t value) {
  return value != EW_NONE && graph->values[value].constant == EW_NONE;
}

static ew_status prepare(splitter *s, const bool *begins) {
  const uint32_t values = s->graph->num_values;
  EW_TRY(ew_arena_alloc(s->scratch, s->whole.num_nodes, sizeof *s->part_of, &s->part_of, s->err));
  EW_TRY(ew_arena_alloc(s->scratch, values, sizeof *s->producer, &s->producer, s->err));
  EW_TRY(ew_arena_alloc(s->scratch, values, sizeof *s->seen_by, &s->seen_by, s->err));
  EW_TRY(ew_arena_alloc(s->scratch, values, sizeof *s->leaves, &s->leaves, s->err));
  memset(s->producer, 0xff, values * sizeof *s->producer);
  memset(s->seen_by, 0xff, values * sizeof *s->seen_by);
  for (uint32_t i = 0; i < s->whole.num_nodes; i++) {
    if (i == 0 || begins[i]) s->num_parts++;
    s->part_of[i] = s->num_parts - 1;
  }
  return EW_OK;
}

/* Which values leave their part; false when one of them may not. */
static bool find_crossings(splitter *s, bool (*may_cross)(const ew_value *)) {
  for (uint32_t i = 0; i < s->whole.num_nodes; i++) {
    const ew_node *node = whole_node(s, i);
    const uint32_t part = s->part_of[i];
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t value = node->inputs[k];
      if (!is_operand(s->graph, value) || s->producer[value] == OUTSIDE ||
          s->producer[value] == part) {
        continue;
      }
      if (!may_cross(&s->graph->values[value])) return false;
      s->leaves[value] = true;
    }
    for (uint32_t k = 0; k < node->num_outputs; k++) s->producer[node->outputs[k]] = part;
  }
  for (uint32_t i = 0; i < s->whole.num_outputs; i++) s->leaves[s->whole.outputs[i]] = true;
  return true;
}

static ew_status allocate_operands(splitter *s, uint32_t first, uint32_t end, ew_segment *out) {
  uint32_t operands = 0, results = 0;
  for (uint32_t i = first; i < end; i++) {
    operands += whole_node(s, i)->num_inputs;
    results += whole_node(s, i)->num_outputs;
  }
  EW_TRY(ew_arena_alloc(s->graph->arena, operands, sizeof *out->inputs, &out->inputs, s->err));
  return ew_arena_alloc(s->graph->arena, results, sizeof *out->outputs, &out->outputs, s->err);
}

/* The part that holds nodes [first, end) of the whole. */
static ew_status make_part(splitter *s, uint32_t first, uint32_t end, ew_segment *out) {
  const uint32_t part = s->part_of[first];
  *out = (ew_segment){
      .nodes = s->whole.nodes + first, .num_nodes = end - first, .cap_nodes = end - first};
  EW_TRY(allocate_operands(s, first, end, out));
  for (uint32_t i = first; i < end; i++) {
    const ew_node *node = whole_node(s, i);
    for (uint32_t k = 0; k < node->num_inputs; k++) {
      const uint32_t value = node->inputs[k];
      if (!is_operand(s->graph, value) || s->producer[value] == part || s->seen_by[value] == part) {
        continue;
      }
      s->seen_by[value] = part;
      out->inputs[out->num_inputs++] = value;
    }
    for (uint32_t k = 0; k < node->num_outputs; k++) {
      if (s->leaves[node->outputs[k]]) out->outputs[out->num_outputs++] = node->outputs[k];
    }
  }
  return EW_OK;
}

static uint32_t step_of(const ew_graph *graph, uint32_t segment) {
  uint32_t step = 0;
  while (step < graph->num_steps && graph->steps[step].segment != segment) step++;
  return step;
}

static ew_status make_parts(splitter *s, uint32_t segment) {
  ew_graph *graph = s->graph;
  const uint32_t step = step_of(graph, segment);
  const bool has_step = step < graph->num_steps;
  const uint32_t branch = has_step ? graph->steps[step].branch : 0;
  uint32_t first = 0;
  if (has_step) EW_TRY(ew_graph_insert_steps(graph, step + 1, s->num_parts - 1, s->err));
  for (uint32_t part = 0; part < s->num_parts; part++) {
    uint32_t end = first, id = segment;
    while (end < s->whole.num_nodes && s->part_of[end] == part) end++;
    ew_segment made;
    EW_TRY(make_part(s, first, end, &made));
    if (part > 0) EW_TRY(ew_graph_add_segment(graph, &id, s->err));
    graph->segments[id] = made;
    for (uint32_t i = first; i < end; i++) graph->nodes[s->whole.nodes[i]].segment = id;
    if (has_step)
      graph->steps[step + part] = (ew_step){.segment = id, .node = EW_NONE, .branch = branch};
    first = end;
  }
  return EW_OK;
}

static ew_status split(splitter *s, uint32_t segment, const bool *begins,
                       bool (*may_cross)(const ew_value *), bool *out_done) {
  EW_TRY(prepare(s, begins));
  if (s->graph->num_segments + s->num_parts > EW_MAX_SEGMENTS) return EW_OK;
  if (!find_crossings(s, may_cross)) return EW_OK;
  *out_done = true;
  return make_parts(s, segment);
}

ew_status ew_segment_split(ew_graph *graph, uint32_t segment, const bool *begins,
                           bool (*may_cross)(const ew_value *value), bool *out_done,
                           ew_error *err) {
  ew_arena scratch;
  ew_arena_init(&scratch);
  splitter s = {.graph = graph, .whole = graph->segments[segment], .scratch = &scratch, .err = err};
  *out_done = false;
  const ew_status status = split(&s, segment, begins, may_cross, out_done);
  ew_arena_free(&scratch);
  return status;
}
