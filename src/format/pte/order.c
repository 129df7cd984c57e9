/* The order of steps, and the views that an exporter left to its memory plan: a reshape may be left out
 * when source and result share planned memory. Values that are read but never written are found, and such
 * views are made explicit; a value that is read first and written later is a mutable buffer that starts at
 * zero. */
#include <string.h>

#include "format/pte/internal.h"

typedef struct order {
  pte_file *pte;
  ew_graph *graph;
  bool *written;    /* per graph value */
  uint32_t *writer; /* per written value: the branch where it is; 0: everywhere from there on */
  bool *produced;   /* per graph value: some step writes it */
  ew_map places;    /* place -> the value that planned memory holds there at present */
  uint32_t branch;  /* of the step that is looked at */
  ew_error *err;
} order;

static bool has_place(const order *o, uint32_t value) {
  return value < o->pte->num_places && o->pte->places[value].memory_id != 0;
}

/* Planned memory has less than 4 GiB. */
static uint64_t place_key(const order *o, uint32_t value) {
  const pte_place place = o->pte->places[value];
  return (uint64_t)place.memory_id << 32 | place.offset;
}

/* True when the branch lies in the other, or is it. */
static bool lies_in(const order *o, uint32_t branch, uint32_t outer) {
  while (branch != outer && branch != 0) branch = o->graph->branches[branch].parent;
  return branch == outer;
}

/* What is written in a branch is there for the rest of that branch; what both branches of a condition write
 * is there behind them, too. */
static bool is_written(const order *o, uint32_t value) {
  return o->written[value] && lies_in(o, o->branch, o->writer[value]);
}

static bool are_both(const ew_branch *a, const ew_branch *b) {
  return a->condition == b->condition && a->when != b->when && a->parent == b->parent;
}

static void mark_written(order *o, uint32_t value) {
  const ew_branch *branches = o->graph->branches;
  uint32_t branch = o->branch;
  if (is_written(o, value)) {
    branch = o->writer[value];
  } else if (o->written[value] && branch != 0 && o->writer[value] != 0 &&
             are_both(&branches[branch], &branches[o->writer[value]])) {
    branch = branches[branch].parent;
  }
  o->written[value] = true;
  o->writer[value] = branch;
  if (has_place(o, value)) ew_map_set(&o->places, place_key(o, value), value);
}

/* What the value may be a view of: same place, type and number of bytes. The view's shape is fixed: it would
 * not follow a dynamic source. */
static uint32_t find_source(const order *o, uint32_t id) {
  const ew_value *value = &o->graph->values[id];
  if (!has_place(o, id)) return EW_NONE;
  const uint32_t found = ew_map_get(&o->places, place_key(o, id));
  if (found == EW_MAP_NONE || !is_written(o, found)) return EW_NONE;
  const ew_value *source = &o->graph->values[found];
  size_t bytes = 0, source_bytes = 0;
  const bool fits = source->dtype == value->dtype &&
                    ((source->flags | value->flags) & EW_VALUE_DYNAMIC) == 0 &&
                    ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes) &&
                    ew_shape_bytes(value->dtype, source->dims, source->rank, &source_bytes) &&
                    bytes == source_bytes;
  return fits ? found : EW_NONE;
}

static ew_status add_step(order *o, uint32_t segment, uint32_t node) {
  EW_TRY(ew_graph_add_step(o->graph, segment, node, o->err));
  o->graph->steps[o->graph->num_steps - 1].branch = o->branch;
  return EW_OK;
}

static ew_status insert_view(order *o, uint32_t source, uint32_t id) {
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(o->graph, EW_OP_VIEW, 1, 1, 0, &node, o->err));
  node->inputs[0] = source;
  node->outputs[0] = id;
  /* Not mark_written: the place still holds the source. */
  o->written[id] = true;
  o->writer[id] = o->branch;
  return add_step(o, EW_NONE, o->graph->num_nodes - 1);
}

/* Before a read. */
static ew_status require_written(order *o, uint32_t id) {
  if (id == EW_NONE || is_written(o, id)) return EW_OK;
  ew_value *value = &o->graph->values[id];
  if (value->constant != EW_NONE) return EW_OK;
  if (value->flags & (EW_VALUE_INPUT | EW_VALUE_STATE)) return EW_OK;
  if (o->produced[id]) {
    /* Written further down: a mutable buffer, for the next run. Exporters leave out a first value that
     * is not asked for. */
    value->flags |= EW_VALUE_STATE;
    return EW_OK;
  }
  const uint32_t source = find_source(o, id);
  if (source != EW_NONE) return insert_view(o, source, id);
  /* A tensor without elements (the placeholder of an absent argument) holds nothing to write. */
  size_t bytes = 1;
  const bool known = ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes);
  EW_CHECK(known && bytes == 0, o->err, EW_INVALID_PROGRAM, "value %u is read before it is written",
           id);
  return EW_OK;
}

static ew_status read_values(order *o, const uint32_t *ids, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) EW_TRY(require_written(o, ids[i]));
  return EW_OK;
}

static void write_values(order *o, const uint32_t *ids, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) mark_written(o, ids[i]);
}

/* Conditions are read in front of their branches. */
static ew_status enter_branch(order *o, uint32_t branch) {
  o->branch = 0;
  if (branch == 0) return EW_OK;
  EW_TRY(enter_branch(o, o->graph->branches[branch].parent));
  EW_TRY(require_written(o, o->graph->branches[branch].condition));
  o->branch = branch;
  return EW_OK;
}

static ew_status order_step(order *o, ew_step step) {
  EW_TRY(enter_branch(o, step.branch));
  /* Copies: the lists grow. */
  if (step.segment == EW_NONE) {
    const ew_node node = o->graph->nodes[step.node];
    EW_TRY(read_values(o, node.inputs, node.num_inputs));
    write_values(o, node.outputs, node.num_outputs);
  } else {
    const ew_segment segment = o->graph->segments[step.segment];
    EW_CHECK(segment.num_nodes > 0, o->err, EW_INTERNAL, "segment %u was not read", step.segment);
    EW_TRY(read_values(o, segment.inputs, segment.num_inputs));
    write_values(o, segment.outputs, segment.num_outputs);
  }
  return add_step(o, step.segment, step.node);
}

/* Steps are added again, with views between them. */
static ew_status order_steps(order *o) {
  ew_graph *graph = o->graph;
  const uint32_t count = graph->num_steps;
  ew_step *steps = NULL;
  EW_TRY(ew_arena_alloc(o->pte->arena, count, sizeof *steps, &steps, o->err));
  if (count > 0) memcpy(steps, graph->steps, count * sizeof *steps);
  graph->num_steps = 0;
  write_values(o, graph->inputs, graph->num_inputs);
  for (uint32_t i = 0; i < count; i++) EW_TRY(order_step(o, steps[i]));
  o->branch = 0;
  return read_values(o, graph->outputs, graph->num_outputs);
}

ew_status pte_order_steps(pte_file *pte, ew_error *err) {
  ew_graph *graph = pte->graph;
  order o = {.pte = pte, .graph = graph, .err = err};
  EW_TRY(ew_map_init(&o.places, pte->arena, pte->num_places, err));
  EW_TRY(ew_arena_alloc(pte->arena, graph->num_values, sizeof *o.written, &o.written, err));
  EW_TRY(ew_arena_alloc(pte->arena, graph->num_values, sizeof *o.writer, &o.writer, err));
  EW_TRY(ew_arena_alloc(pte->arena, graph->num_values, sizeof *o.produced, &o.produced, err));
  for (uint32_t n = 0; n < graph->num_nodes; n++) {
    const ew_node *node = &graph->nodes[n];
    for (uint32_t i = 0; i < node->num_outputs; i++) o.produced[node->outputs[i]] = true;
  }
  return order_steps(&o);
}
