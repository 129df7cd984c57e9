/* Who waits for which constant, and who still needs its bytes. */
#include "load/depend.h"

#include "base/list.h"

/* Constants derived from derived ones: each level is a frame of the stack. */
enum { MAX_DEPTH = 16 };

/* --- tables --------------------------------------------------------------------------------------- */

void ew_depend_init(ew_depend *depend, ew_graph *graph, ew_executor *executor, ew_stage *stage) {
  *depend = (ew_depend){.graph = graph, .executor = executor, .stage = stage};
}

void ew_depend_free(ew_depend *depend) {
  ew_free(depend->constants);
  ew_free(depend->nodes);
  ew_free(depend->segments);
  ew_free(depend->waiters);
  ew_free(depend->needed);
  *depend = (ew_depend){0};
}

/* Rows for all that is in the graph by now. */
static ew_status fit(ew_depend *d, ew_error *err) {
  const ew_graph *graph = d->graph;
  EW_TRY(ew_list_reserve(&d->constants, &d->cap_constants, graph->num_constants,
                         sizeof *d->constants, err));
  EW_TRY(ew_list_reserve(&d->nodes, &d->cap_nodes, graph->num_nodes, sizeof *d->nodes, err));
  return ew_list_reserve(&d->segments, &d->cap_segments, graph->num_segments, sizeof *d->segments,
                         err);
}

static ew_status add_waiter(ew_depend *d, uint32_t constant, ew_waiter_kind kind, uint32_t index,
                            ew_error *err) {
  EW_TRY(
      ew_list_reserve(&d->waiters, &d->cap_waiters, d->num_waiters + 1, sizeof *d->waiters, err));
  ew_constant_entry *entry = &d->constants[constant];
  d->waiters[d->num_waiters++] =
      (ew_waiter){.kind = kind, .index = index, .next = entry->first_waiter};
  entry->first_waiter = d->num_waiters;
  return EW_OK;
}

/* --- asking for constants ------------------------------------------------------------------------- */

static ew_status need(ew_depend *d, uint32_t constant, ew_error *err);

static ew_status add_needed(ew_depend *d, uint32_t constant, ew_error *err) {
  EW_TRY(ew_list_reserve(&d->needed, &d->cap_needed, d->num_needed + 1, sizeof *d->needed, err));
  d->needed[d->num_needed++] = constant;
  return EW_OK;
}

/* Asks for the source of a derived constant. */
static ew_status need_source(ew_depend *d, uint32_t constant, uint32_t source, ew_error *err) {
  EW_TRY(need(d, source, err));
  ew_constant_entry *entry = &d->constants[constant];
  ew_constant_entry *from = &d->constants[source];
  if (entry->depth <= from->depth) entry->depth = from->depth + 1;
  EW_CHECK(entry->depth <= MAX_DEPTH, err, EW_OUT_OF_RESOURCES,
           "constant %u is derived from others in more than %d steps", constant, MAX_DEPTH);
  from->holders++;
  if (from->state == EW_ARRIVAL_HERE) return EW_OK;
  entry->missing++;
  return add_waiter(d, source, EW_WAITER_CONSTANT, constant, err);
}

static ew_status need_sources(ew_depend *d, uint32_t constant, ew_error *err) {
  const ew_derivation *derivation = d->graph->constants[constant].derivation;
  for (uint32_t i = 0; i < derivation->num_sources; i++) {
    EW_TRY(need_source(d, constant, derivation->sources[i], err));
  }
  return d->constants[constant].missing > 0 ? EW_OK : add_needed(d, constant, err);
}

/* Asks for a constant that is neither here nor on its way. */
static ew_status need(ew_depend *d, uint32_t constant, ew_error *err) {
  ew_constant_entry *entry = &d->constants[constant];
  const ew_constant *c = &d->graph->constants[constant];
  if (entry->state == EW_ARRIVAL_AWAITED || entry->state == EW_ARRIVAL_HERE) return EW_OK;
  if (c->data != NULL) {
    /* A literal: the graph holds the only copy. */
    entry->state = EW_ARRIVAL_HERE;
    entry->kept = true;
    return EW_OK;
  }
  entry->state = EW_ARRIVAL_AWAITED;
  if (c->kind == EW_CONSTANT_DERIVED) return need_sources(d, constant, err);
  ew_stage_expect(d->stage, c->size, entry->kept);
  return add_needed(d, constant, err);
}

ew_status ew_depend_keep(ew_depend *depend, uint32_t constant, ew_error *err) {
  EW_TRY(fit(depend, err));
  depend->constants[constant].kept = true;
  return need(depend, constant, err);
}

/* --- uses of constants by the nodes of a segment -------------------------------------------------- */

typedef ew_status (*visit_use)(ew_depend *d, uint32_t constant, ew_keep keep, uint32_t node,
                               uint32_t segment, ew_error *err);

static ew_status visit_uses(ew_depend *d, uint32_t node, uint32_t segment, visit_use visit,
                            ew_error *err) {
  const ew_node *n = &d->graph->nodes[node];
  for (uint32_t i = 0; i < n->num_inputs; i++) {
    if (n->inputs[i] == EW_NONE) continue;
    const ew_value *value = &d->graph->values[n->inputs[i]];
    const uint32_t scales = value->quant.scale_constant;
    if (value->constant == EW_NONE) continue;
    const ew_keep keep = d->executor->ops->keeps(d->executor, node, i);
    EW_TRY(visit(d, value->constant, keep, node, segment, err));
    if (scales == EW_NONE) continue;
    if (keep == EW_KEEP_UNTIL_PACKED) EW_TRY(visit(d, scales, keep, node, segment, err));
    EW_TRY(visit(d, scales, EW_KEEP_UNTIL_BUILT, node, segment, err));
  }
  return EW_OK;
}

static ew_status add_use(ew_depend *d, uint32_t constant, ew_keep keep, uint32_t node,
                         uint32_t segment, ew_error *err) {
  if (keep == EW_KEEP_ALWAYS) d->constants[constant].kept = true;
  EW_TRY(need(d, constant, err));
  ew_constant_entry *entry = &d->constants[constant];
  if (keep != EW_KEEP_ALWAYS) entry->holders++;
  if (keep == EW_KEEP_UNTIL_PACKED) d->nodes[node].due = true;
  if (entry->state == EW_ARRIVAL_HERE) return EW_OK;
  if (keep == EW_KEEP_UNTIL_PACKED) {
    d->nodes[node].missing++;
    EW_TRY(add_waiter(d, constant, EW_WAITER_NODE, node, err));
  }
  d->segments[segment].missing++;
  return add_waiter(d, constant, EW_WAITER_SEGMENT, segment, err);
}

ew_status ew_depend_add_segment(ew_depend *depend, uint32_t segment, ew_error *err) {
  EW_TRY(fit(depend, err));
  const ew_segment s = depend->graph->segments[segment];
  depend->segments[segment].due = true;
  for (uint32_t i = 0; i < s.num_nodes; i++) {
    EW_TRY(visit_uses(depend, s.nodes[i], segment, add_use, err));
  }
  return EW_OK;
}

/* --- packing, building, deriving ------------------------------------------------------------------ */

static void release(ew_depend *d, uint32_t constant) {
  ew_constant_entry *entry = &d->constants[constant];
  ew_constant *c = &d->graph->constants[constant];
  if (--entry->holders > 0 || entry->kept) return;
  ew_stage_drop(d->stage, c->data);
  c->data = NULL;
  entry->state = EW_ARRIVAL_GONE;
}

static ew_status end_packing(ew_depend *d, uint32_t constant, ew_keep keep, uint32_t node,
                             uint32_t segment, ew_error *err) {
  (void)node, (void)segment, (void)err;
  if (keep == EW_KEEP_UNTIL_PACKED) release(d, constant);
  return EW_OK;
}

static ew_status end_building(ew_depend *d, uint32_t constant, ew_keep keep, uint32_t node,
                              uint32_t segment, ew_error *err) {
  (void)node, (void)segment, (void)err;
  if (keep == EW_KEEP_UNTIL_BUILT) release(d, constant);
  return EW_OK;
}

static ew_status pack_if_ready(ew_depend *d, uint32_t node, ew_error *err) {
  ew_pending *pending = &d->nodes[node];
  if (!pending->due || pending->missing > 0) return EW_OK;
  pending->due = false;
  EW_TRY(d->executor->ops->pack(d->executor, node, err));
  return visit_uses(d, node, EW_NONE, end_packing, err);
}

static ew_status build_if_ready(ew_depend *d, uint32_t segment, ew_error *err) {
  ew_pending *pending = &d->segments[segment];
  if (!pending->due || pending->missing > 0) return EW_OK;
  pending->due = false;
  EW_TRY(d->executor->ops->build(d->executor, segment, err));
  const ew_segment s = d->graph->segments[segment];
  for (uint32_t i = 0; i < s.num_nodes; i++) {
    EW_TRY(visit_uses(d, s.nodes[i], segment, end_building, err));
  }
  return EW_OK;
}

static ew_status derive_if_ready(ew_depend *d, uint32_t constant, ew_error *err) {
  if (d->constants[constant].missing > 0) return EW_OK;
  const ew_derivation *derivation = d->graph->constants[constant].derivation;
  EW_TRY(ew_depend_allocate(d, constant, err));
  EW_TRY(derivation->make(d->graph, constant, d->graph->constants[constant].data, err));
  for (uint32_t i = 0; i < derivation->num_sources; i++) release(d, derivation->sources[i]);
  return ew_depend_arrived(d, constant, err);
}

ew_status ew_depend_start(ew_depend *depend, uint32_t segment, ew_error *err) {
  const ew_segment s = depend->graph->segments[segment];
  for (uint32_t i = 0; i < s.num_nodes; i++) EW_TRY(pack_if_ready(depend, s.nodes[i], err));
  return build_if_ready(depend, segment, err);
}

ew_status ew_depend_next(ew_depend *depend, uint32_t *out_constant, ew_error *err) {
  *out_constant = EW_NONE;
  while (depend->needed_taken < depend->num_needed) {
    const uint32_t constant = depend->needed[depend->needed_taken++];
    if (depend->graph->constants[constant].kind != EW_CONSTANT_DERIVED) {
      *out_constant = constant;
      return EW_OK;
    }
    EW_TRY(derive_if_ready(depend, constant, err));
  }
  depend->needed_taken = depend->num_needed = 0;
  return EW_OK;
}

ew_status ew_depend_allocate(ew_depend *depend, uint32_t constant, ew_error *err) {
  ew_constant *c = &depend->graph->constants[constant];
  return ew_stage_take(depend->stage, c->size, depend->constants[constant].kept, &c->data, err);
}

static ew_status resume(ew_depend *d, ew_waiter_kind kind, uint32_t index, ew_error *err) {
  switch (kind) {
    case EW_WAITER_NODE:
      d->nodes[index].missing--;
      return pack_if_ready(d, index, err);
    case EW_WAITER_SEGMENT:
      d->segments[index].missing--;
      return build_if_ready(d, index, err);
    default:
      d->constants[index].missing--;
      return derive_if_ready(d, index, err);
  }
}

ew_status ew_depend_arrived(ew_depend *depend, uint32_t constant, ew_error *err) {
  ew_constant_entry *entry = &depend->constants[constant];
  const uint32_t first = entry->first_waiter;
  entry->state = EW_ARRIVAL_HERE;
  entry->first_waiter = 0;
  /* A segment is built when its nodes are packed; deriving may let go of the bytes. */
  for (int kind = EW_WAITER_NODE; kind <= EW_WAITER_CONSTANT; kind++) {
    for (uint32_t w = first; w != 0; w = depend->waiters[w - 1].next) {
      const ew_waiter waiter = depend->waiters[w - 1];
      if ((int)waiter.kind == kind) EW_TRY(resume(depend, waiter.kind, waiter.index, err));
    }
  }
  return EW_OK;
}
