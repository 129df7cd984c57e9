/* Attention as exporters write it: where(!any(scores != -inf, last dimension), 0, softmax(scores)), so that rows which
 * are masked throughout become zeros and not NaN. Six kernels, for whose masks this makes one. */
#include <math.h>
#include <string.h>

#include "session/model.h"

typedef struct matcher {
  ew_graph *graph;
  uint32_t *writers; /* per value: the step that writes it, or EW_NONE */
  uint8_t *uses;     /* per value: how many read it, at most 2 counted */
} matcher;

static void count_uses(matcher *m, const uint32_t *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] != EW_NONE && m->uses[values[i]] < 2) m->uses[values[i]]++;
  }
}

static void note_writer(matcher *m, uint32_t value, uint32_t step) {
  /* What is written twice is no one's, and what runs in a branch may not have run. */
  const bool sole = m->writers[value] == EW_NONE && m->graph->steps[step].branch == 0;
  m->writers[value] = sole ? step : EW_NONE;
  if (!sole) m->uses[value] = 2;
}

static void read_steps(matcher *m) {
  const ew_graph *graph = m->graph;
  memset(m->writers, 0xff, graph->num_values * sizeof *m->writers);
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    if (step.segment != EW_NONE) {
      const ew_segment *segment = &graph->segments[step.segment];
      count_uses(m, segment->inputs, segment->num_inputs);
      continue;
    }
    const ew_node *node = &graph->nodes[step.node];
    count_uses(m, node->inputs, node->num_inputs);
    for (uint32_t i = 0; i < node->num_outputs; i++) note_writer(m, node->outputs[i], s);
  }
  count_uses(m, graph->outputs, graph->num_outputs);
  for (uint32_t b = 1; b <= graph->num_branches; b++)
    count_uses(m, &graph->branches[b].condition, 1);
}

static bool is_call(const ew_node *node, const char *name) {
  return node->op == EW_OP_KERNEL && strcmp(node->kernel->name, name) == 0;
}

/* The node of this kernel that writes a value which one node alone reads; NULL: none. */
static ew_node *source(const matcher *m, uint32_t value, const char *name) {
  const uint32_t fixed = EW_VALUE_OUTPUT | EW_VALUE_STATE | EW_VALUE_DYNAMIC;
  if (m->writers[value] == EW_NONE || m->uses[value] != 1 ||
      (m->graph->values[value].flags & fixed) != 0) {
    return NULL;
  }
  ew_node *node = &m->graph->nodes[m->graph->steps[m->writers[value]].node];
  return is_call(node, name) ? node : NULL;
}

static bool is_number(const ew_attr *attr, double number) {
  if (attr->scalars != NULL) return false;
  return attr->kind == EW_ATTR_DOUBLE ? attr->u.d == number
                                      : attr->kind == EW_ATTR_INT && (double)attr->u.i == number;
}

static bool is_plain(const ew_graph *graph, uint32_t id) {
  const ew_value *value = &graph->values[id];
  return value->dtype == EW_F32 && (value->flags & (EW_VALUE_DYNAMIC | EW_VALUE_STATE)) == 0 &&
         ew_value_is_row_major(value);
}

static bool has_same_shape(const ew_graph *graph, uint32_t a, uint32_t b) {
  return ew_value_same_shape(&graph->values[a], &graph->values[b]);
}

/* any(dimension, keepdim) over the last dimension, which stays. */
static bool is_over_rows(const ew_graph *graph, const ew_node *any) {
  const int64_t rank = graph->values[any->inputs[0]].rank;
  const ew_attr *dim = &any->attrs[0], *keep = &any->attrs[1];
  return dim->kind == EW_ATTR_INT && dim->scalars == NULL && rank > 0 &&
         (dim->u.i == -1 || dim->u.i == rank - 1) && keep->kind == EW_ATTR_BOOL && keep->u.i == 1;
}

enum { MASKS = 5 };

/* The nodes that make mask and zeros of a where, and what they are of. */
static bool find_masks(const matcher *m, const ew_node *where, ew_node *masks[MASKS],
                       uint32_t *out_scores) {
  const ew_node *last = NULL;
  for (int i = 0; i < MASKS; i++) {
    static const char *const names[MASKS] = {"aten::full_like.out", "aten::logical_not.out",
                                             "aten::any.out", "aten::logical_not.out",
                                             "aten::eq.Scalar_out"};
    const uint32_t value = i == 0 ? where->inputs[1] : i == 1 ? where->inputs[0] : last->inputs[0];
    last = masks[i] = source(m, value, names[i]);
    if (last == NULL) return false;
  }
  *out_scores = last->inputs[0];
  return is_number(&masks[0]->attrs[0], 0) && is_over_rows(m->graph, masks[2]) &&
         is_number(&last->attrs[0], -INFINITY);
}

static void fold(const matcher *m, ew_node *where) {
  ew_graph *graph = m->graph;
  ew_node *masks[MASKS];
  uint32_t scores = EW_NONE;
  const uint32_t results = where->inputs[2];
  if (!find_masks(m, where, masks, &scores) || !is_plain(graph, scores) ||
      !is_plain(graph, results) || !is_plain(graph, where->outputs[0]) ||
      !has_same_shape(graph, scores, results) ||
      !has_same_shape(graph, scores, where->outputs[0])) {
    return;
  }
  for (int i = 0; i < MASKS; i++) *masks[i] = (ew_node){.op = EW_OP_REMOVED, .segment = EW_NONE};
  where->kernel = &ew_masked_rows_kernel;
  where->num_inputs = 2;
  where->inputs[0] = scores;
  where->inputs[1] = results;
}

static void fold_all(const matcher *m) {
  ew_graph *graph = m->graph;
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    if (step.segment != EW_NONE || step.branch != 0) continue;
    ew_node *node = &graph->nodes[step.node];
    if (is_call(node, "aten::where.self_out")) fold(m, node);
  }
  uint32_t kept = 0;
  for (uint32_t s = 0; s < graph->num_steps; s++) {
    const ew_step step = graph->steps[s];
    const bool gone = step.segment == EW_NONE && graph->nodes[step.node].op == EW_OP_REMOVED;
    if (!gone) graph->steps[kept++] = step;
  }
  graph->num_steps = kept;
}

ew_status ew_fold_masked_rows(ew_graph *graph, ew_error *err) {
  ew_arena arena;
  ew_arena_init(&arena);
  matcher m = {.graph = graph};
  ew_status status =
      ew_arena_alloc(&arena, graph->num_values + 1, sizeof *m.writers, &m.writers, err);
  if (status == EW_OK) {
    status = ew_arena_alloc(&arena, graph->num_values + 1, sizeof *m.uses, &m.uses, err);
  }
  if (status == EW_OK) {
    read_steps(&m);
    fold_all(&m);
  }
  ew_arena_free(&arena);
  return status;
}
