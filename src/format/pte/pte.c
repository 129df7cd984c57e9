/* `.pte`: header, segments, methods, payload ranges, order of steps. */
#include <string.h>

#include "format/pte/internal.h"
#include "graph/check.h"
#include "kernels/kernel.h"

/* Field numbers of program.fbs. */
enum { PROGRAM_PLANS = 1, PROGRAM_INLINE_DELEGATES = 3, PROGRAM_SEGMENTS = 4, PROGRAM_NAMED = 7 };
enum { PLAN_NAME = 0, PLAN_DELEGATES = 7 };
enum { DELEGATE_ID = 0, DELEGATE_PROCESSED = 1 };

ew_status pte_read_header(ew_bytes bytes, uint64_t file_size, ew_pte_header *out, ew_error *err) {
  EW_CHECK(bytes.size >= 40, err, EW_INVALID_PROGRAM,
           "program: the file has only %zu bytes; a model has at least 40", bytes.size);
  *out = (ew_pte_header){.program_size = file_size};
  if (memcmp(bytes.data + 8, "eh00", 4) != 0) {
    EW_CHECK(file_size != UINT64_MAX, err, EW_INVALID_PROGRAM,
             "program: the size of a model without extended header must be known in advance");
    return EW_OK;
  }
  const uint32_t length = ew_load_u32(bytes.data + 12);
  EW_CHECK(length >= 24, err, EW_INVALID_PROGRAM,
           "program: the extended header states %u bytes, needs 24", length);
  out->program_size = ew_load_u64(bytes.data + 16);
  out->segment_base = ew_load_u64(bytes.data + 24);
  if (length >= 32) out->segment_data_size = ew_load_u64(bytes.data + 32);
  EW_CHECK(out->program_size >= 40 && out->program_size <= file_size, err, EW_INVALID_PROGRAM,
           "program: the header states a program of %llu bytes, the file has %llu",
           (unsigned long long)out->program_size, (unsigned long long)file_size);
  EW_CHECK(out->program_size <= EW_MAX_TENSOR_BYTES, err, EW_OUT_OF_RESOURCES,
           "program: %llu bytes of metadata exceed the limit of 1 GiB",
           (unsigned long long)out->program_size);
  EW_CHECK(out->segment_base == 0 || out->segment_base >= out->program_size, err,
           EW_INVALID_PROGRAM, "program: the segments at %llu overlap the program of %llu bytes",
           (unsigned long long)out->segment_base, (unsigned long long)out->program_size);
  EW_CHECK(
      ew_in_range(out->segment_base, out->segment_data_size, file_size), err, EW_INVALID_PROGRAM,
      "program: the segments at %llu (%llu bytes) leave the file of %llu bytes; is it truncated?",
      (unsigned long long)out->segment_base, (unsigned long long)out->segment_data_size,
      (unsigned long long)file_size);
  return EW_OK;
}

ew_status pte_segment_range(ew_pte *pte, uint32_t index, const char *what, uint64_t *out_offset,
                            uint64_t *out_size, ew_error *err) {
  EW_CHECK(pte->header.segment_base != 0, err, EW_INVALID_PROGRAM,
           "%s: names segment %u, but the file has no segments", what, index);
  EW_CHECK(index < pte->segments.count, err, EW_INVALID_PROGRAM, "%s: names segment %u of %u", what,
           index, pte->segments.count);
  const ew_fb_table segment = ew_fb_vec_table(pte->segments, index);
  const uint64_t offset = ew_fb_u64(segment, 0);
  const uint64_t size = ew_fb_u64(segment, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  const uint64_t room = pte->header.segment_data_size != 0
                            ? pte->header.segment_data_size
                            : pte->file_size - pte->header.segment_base;
  EW_CHECK(ew_in_range(offset, size, room), err, EW_INVALID_PROGRAM,
           "%s: segment %u (offset %llu, %llu bytes) leaves the file; is it truncated?", what,
           index, (unsigned long long)offset, (unsigned long long)size);
  *out_offset = pte->header.segment_base + offset;
  *out_size = size;
  return EW_OK;
}

/* FNV-1a. */
static uint32_t hash_text(const char *text) {
  uint32_t hash = 2166136261u;
  for (; *text != '\0'; text++) hash = (hash ^ (uint8_t)*text) * 16777619u;
  return hash;
}

static const char *name_at(const ew_pte *pte, uint32_t index) {
  return ew_fb_str(ew_fb_vec_table(pte->named_data, index), 0);
}

/* The slot of a name, or the free one where it would go. */
static uint32_t *name_slot(const ew_pte *pte, const char *key) {
  uint32_t slot = hash_text(key) & pte->names_mask;
  while (pte->names[slot] != 0 && strcmp(name_at(pte, pte->names[slot] - 1), key) != 0) {
    slot = (slot + 1) & pte->names_mask;
  }
  return &pte->names[slot];
}

/* Of names that occur twice the first counts. */
static ew_status index_names(ew_pte *pte, ew_error *err) {
  const uint32_t count = pte->named_data.count;
  uint32_t slots = 16;
  while (slots < count * 2) slots *= 2;
  EW_TRY(ew_arena_alloc(pte->arena, slots, sizeof *pte->names, &pte->names, err));
  pte->names_mask = slots - 1;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t *slot = name_slot(pte, name_at(pte, i));
    if (*slot == 0) *slot = i + 1;
    EW_TRY(ew_fb_status(&pte->fb));
  }
  return EW_OK;
}

ew_status pte_named_range(ew_pte *pte, const char *key, uint64_t *out_offset, uint64_t *out_size,
                          ew_error *err) {
  if (pte->names == NULL) EW_TRY(index_names(pte, err));
  const uint32_t found = *name_slot(pte, key);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(found != 0, err, EW_INVALID_EXTERNAL_DATA,
           "weight '%.100s' is not in the file; models with external weights (.ptd) cannot be "
           "run: export without external constants",
           key);
  const ew_fb_table entry = ew_fb_vec_table(pte->named_data, found - 1);
  return pte_segment_range(pte, ew_fb_u32(entry, 1), "named data", out_offset, out_size, err);
}

static ew_status choose_method(ew_pte *pte, ew_error *err) {
  const char *method = pte->method;
  const ew_fb_vector plans = ew_fb_vec(pte->program, PROGRAM_PLANS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(plans.count > 0 && plans.count <= EW_MAX_METHODS, err, EW_INVALID_PROGRAM,
           "program: %u methods", plans.count);
  pte->num_methods = plans.count;
  EW_TRY(ew_arena_alloc(pte->arena, plans.count, sizeof(char *), &pte->method_names, err));
  uint32_t chosen = EW_NONE;
  for (uint32_t i = 0; i < plans.count; i++) {
    const ew_fb_table plan = ew_fb_vec_table(plans, i);
    const char *name = ew_fb_str(plan, PLAN_NAME);
    EW_TRY(ew_fb_status(&pte->fb));
    EW_TRY(ew_arena_string(pte->arena, name, strlen(name), &pte->method_names[i], err));
    if (chosen == EW_NONE && strcmp(name, method != NULL ? method : "forward") == 0) chosen = i;
  }
  if (chosen == EW_NONE && method == NULL && plans.count == 1) chosen = 0;
  if (chosen == EW_NONE) {
    char list[400] = "";
    for (uint32_t i = 0; i < plans.count; i++) {
      if (strlen(list) + strlen(pte->method_names[i]) + 4 > sizeof list) break;
      strcat(strcat(list, i == 0 ? "" : ", "), pte->method_names[i]);
    }
    return ew_fail(err, EW_NOT_FOUND, "the model has no method '%.100s'; it has: %s",
                   method != NULL ? method : "forward", list);
  }
  pte->plan = ew_fb_vec_table(plans, chosen);
  pte->graph->name = pte->method_names[chosen];
  return EW_OK;
}

/* The range of one delegate's payload; equal ranges are one payload. */
static ew_status payload_of(ew_pte *pte, uint32_t delegate_index, ew_fb_table delegate,
                            ew_error *err) {
  const ew_fb_table processed = ew_fb_sub(delegate, DELEGATE_PROCESSED);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(processed.position != 0, err, EW_INVALID_PROGRAM, "delegate %u has no payload",
           delegate_index);
  const int8_t location = ew_fb_i8(processed, 0);
  const uint32_t index = ew_fb_u32(processed, 1);
  uint64_t offset = 0, size = 0;
  if (location == 1) {
    EW_TRY(pte_segment_range(pte, index, "delegate payload", &offset, &size, err));
  } else {
    EW_CHECK(location == 0, err, EW_INVALID_PROGRAM, "delegate %u: unknown payload location %d",
             delegate_index, location);
    const ew_fb_vector blobs = ew_fb_vec(pte->program, PROGRAM_INLINE_DELEGATES, 4);
    EW_CHECK(index < blobs.count, err, EW_INVALID_PROGRAM,
             "delegate %u: names inline payload %u of %u", delegate_index, index, blobs.count);
    const ew_fb_vector data = ew_fb_vec(ew_fb_vec_table(blobs, index), 0, 1);
    EW_TRY(ew_fb_status(&pte->fb));
    offset = data.position;
    size = data.count;
  }
  for (uint32_t i = 0; i < pte->num_payloads; i++) {
    if (pte->payloads[i].offset == offset && pte->payloads[i].size == size) {
      pte->delegate_payload[delegate_index] = i;
      return EW_OK;
    }
  }
  EW_CHECK(size >= 8, err, EW_INVALID_PROGRAM, "delegate %u: payload of %llu bytes", delegate_index,
           (unsigned long long)size);
  pte->delegate_payload[delegate_index] = pte->num_payloads;
  pte->payloads[pte->num_payloads++] =
      (ew_pte_payload){.offset = offset,
                       .size = size,
                       .need = size < EW_PTE_PAYLOAD_HEAD_BYTES ? size : EW_PTE_PAYLOAD_HEAD_BYTES};
  return EW_OK;
}

static ew_status read_delegates(ew_pte *pte, ew_error *err) {
  const ew_fb_vector delegates = ew_fb_vec(pte->plan, PLAN_DELEGATES, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(delegates.count <= EW_MAX_SEGMENTS, err, EW_OUT_OF_RESOURCES,
           "the method has %u delegates, the limit is %d", delegates.count, EW_MAX_SEGMENTS);
  pte->num_delegates = delegates.count;
  EW_TRY(ew_arena_alloc(pte->arena, delegates.count, sizeof *pte->delegate_payload,
                        &pte->delegate_payload, err));
  EW_TRY(ew_arena_alloc(pte->arena, delegates.count, sizeof *pte->payloads, &pte->payloads, err));
  for (uint32_t i = 0; i < delegates.count; i++) {
    const char *id = ew_fb_str(ew_fb_vec_table(delegates, i), DELEGATE_ID);
    EW_TRY(ew_fb_status(&pte->fb));
    EW_CHECK(
        strcmp(id, "XnnpackBackend") == 0, err, EW_DELEGATE_INCOMPATIBLE,
        "the model was exported for %.60s (delegate %u); only XnnpackBackend runs here: export "
        "it with XnnpackPartitioner",
        id, i);
  }
  for (uint32_t i = 0; i < delegates.count; i++) {
    EW_TRY(payload_of(pte, i, ew_fb_vec_table(delegates, i), err));
  }
  return EW_OK;
}

ew_status pte_parse(ew_pte *pte, ew_error *err) {
  const ew_bytes program = {pte->program_data, (size_t)pte->header.program_size};
  ew_fb_init(&pte->fb, program, "program", err);
  pte->program = ew_fb_root(&pte->fb);
  pte->segments = ew_fb_vec(pte->program, PROGRAM_SEGMENTS, 4);
  pte->named_data = ew_fb_vec(pte->program, PROGRAM_NAMED, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(
      pte->segments.count <= EW_MAX_FILE_SEGMENTS && pte->named_data.count <= EW_MAX_FILE_SEGMENTS,
      err, EW_OUT_OF_RESOURCES, "program: %u segments and %u names exceed the limit of %d",
      pte->segments.count, pte->named_data.count, EW_MAX_FILE_SEGMENTS);
  EW_TRY(choose_method(pte, err));
  EW_TRY(read_delegates(pte, err));
  EW_TRY(pte_read_evalues(pte, err));
  /* Moves between values change what the names of outputs stand for, not those of inputs. */
  EW_TRY(pte_read_inputs(pte, err));
  EW_TRY(pte_read_instructions(pte, err));
  EW_TRY(pte_read_outputs(pte, err));
  return ew_graph_check_nodes(pte->graph, 0, err);
}

ew_status pte_read_payload_head(ew_pte *pte, uint32_t index, ew_bytes head, ew_error *err) {
  ew_pte_payload *payload = &pte->payloads[index];
  /* Without XH00 header the payload is a bare flatbuffer that holds its weights. */
  payload->need = payload->size;
  if (head.size < 8 || memcmp(head.data + 4, "XH00", 4) != 0) return EW_OK;
  EW_CHECK(head.size >= 30, err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: %zu bytes are too few for its header", index, head.size);
  const uint16_t length = ew_load_u16(head.data + 8);
  const uint64_t start = ew_load_u32(head.data + 10);
  const uint64_t size = ew_load_u32(head.data + 14);
  const uint64_t constants = ew_load_u32(head.data + 18);
  const uint64_t constants_size = ew_load_u64(head.data + 22);
  EW_CHECK(length >= 30, err, EW_INVALID_PROGRAM, "XNNPACK payload %u: header of %u bytes", index,
           length);
  EW_CHECK(start >= 30 && ew_in_range(start, size, payload->size), err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: graph at %llu (%llu bytes) leaves the payload of %llu bytes", index,
           (unsigned long long)start, (unsigned long long)size, (unsigned long long)payload->size);
  EW_CHECK(ew_in_range(constants, constants_size, payload->size), err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: constants at %llu (%llu bytes) leave the payload of %llu bytes",
           index, (unsigned long long)constants, (unsigned long long)constants_size,
           (unsigned long long)payload->size);
  EW_CHECK(constants_size == 0 || constants >= start + size, err, EW_INVALID_PROGRAM,
           "XNNPACK payload %u: constants at %llu overlap the graph", index,
           (unsigned long long)constants);
  payload->need = start + size;
  return EW_OK;
}

ew_status pte_inline_payload(ew_pte *pte, uint32_t index, ew_bytes bytes, ew_error *err) {
  const ew_pte_payload *payload = &pte->payloads[index];
  for (uint32_t i = 0; i < pte->num_calls; i++) {
    if (pte->calls[i].payload != index) continue;
    const ew_status status = pte_inline_call(pte, payload, bytes, &pte->calls[i], err);
    if (status != EW_OK) return ew_fail_context(err, status, "delegate call %u", i);
  }
  return EW_OK;
}

/* --- order of steps ------------------------------------------------------------------------------ */

/* The value that planned memory holds at present, by place. */
typedef struct place_entry {
  pte_place place;
  uint32_t value; /* EW_NONE = free slot */
} place_entry;

typedef struct order {
  ew_pte *pte;
  bool *written;  /* per graph value */
  bool *produced; /* per graph value: some step writes it */
  place_entry *places;
  uint32_t mask;
  ew_error *err;
} order;

static place_entry *find_place(const order *o, pte_place place) {
  uint32_t slot = (uint32_t)(place.offset / 16 * 2654435761u + place.memory_id) & o->mask;
  while (o->places[slot].value != EW_NONE && (o->places[slot].place.memory_id != place.memory_id ||
                                              o->places[slot].place.offset != place.offset)) {
    slot = (slot + 1) & o->mask;
  }
  return &o->places[slot];
}

static void mark_written(order *o, uint32_t value) {
  o->written[value] = true;
  if (value >= o->pte->num_places || o->pte->places[value].memory_id == 0) return;
  *find_place(o, o->pte->places[value]) =
      (place_entry){.place = o->pte->places[value], .value = value};
}

/* Before a read: a value that nothing wrote must be another value of the same place under another
 * shape, a view that the exporter elided. */
static ew_status require_written(order *o, uint32_t id) {
  ew_graph *graph = o->pte->graph;
  if (id == EW_NONE || o->written[id] || graph->values[id].constant != EW_NONE) return EW_OK;
  const ew_value *value = &graph->values[id];
  if (value->flags & (EW_VALUE_INPUT | EW_VALUE_STATE)) return EW_OK;
  if (o->produced[id]) {
    /* Written further down: a mutable buffer, for the next run. Exporters leave out a first value that
     * is not asked for. */
    graph->values[id].flags |= EW_VALUE_STATE;
    return EW_OK;
  }
  uint32_t source = EW_NONE;
  if (id < o->pte->num_places && o->pte->places[id].memory_id != 0) {
    source = find_place(o, o->pte->places[id])->value;
  }
  size_t bytes = 0, source_bytes = 1;
  /* The view's shape is fixed: it would not follow a dynamic source. */
  const bool found = source != EW_NONE && graph->values[source].dtype == value->dtype &&
                     !((graph->values[source].flags | value->flags) & EW_VALUE_DYNAMIC) &&
                     ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes) &&
                     ew_shape_bytes(value->dtype, graph->values[source].dims,
                                    graph->values[source].rank, &source_bytes) &&
                     bytes == source_bytes;
  /* A tensor without elements (the placeholder of an absent argument) holds nothing to write. */
  if (!found && ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes) && bytes == 0) {
    return EW_OK;
  }
  EW_CHECK(found, o->err, EW_INVALID_PROGRAM, "value %u is read before it is written", id);
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_VIEW, 1, 1, 0, &node, o->err));
  node->inputs[0] = source;
  node->outputs[0] = id;
  EW_TRY(ew_graph_add_step(graph, EW_NONE, graph->num_nodes - 1, o->err));
  o->written[id] = true;
  return EW_OK;
}

static ew_status order_values(order *o, const uint32_t *ids, uint32_t count, bool write) {
  for (uint32_t i = 0; i < count; i++) {
    if (write) {
      mark_written(o, ids[i]);
    } else {
      EW_TRY(require_written(o, ids[i]));
    }
  }
  return EW_OK;
}

static ew_status order_step(order *o, ew_step step) {
  ew_graph *graph = o->pte->graph;
  /* Copies: the lists grow. */
  if (step.segment == EW_NONE) {
    const ew_node node = graph->nodes[step.node];
    EW_TRY(order_values(o, node.inputs, node.num_inputs, false));
    EW_TRY(order_values(o, node.outputs, node.num_outputs, true));
  } else {
    const ew_segment segment = graph->segments[step.segment];
    EW_CHECK(segment.num_nodes > 0, o->err, EW_INTERNAL, "segment %u was not read", step.segment);
    EW_TRY(order_values(o, segment.inputs, segment.num_inputs, false));
    EW_TRY(order_values(o, segment.outputs, segment.num_outputs, true));
  }
  return ew_graph_add_step(graph, step.segment, step.node, o->err);
}

/* Steps are added anew, with views between them. */
static ew_status order_steps(order *o) {
  ew_graph *graph = o->pte->graph;
  const uint32_t count = graph->num_steps;
  ew_step *steps = NULL;
  EW_TRY(ew_arena_alloc(o->pte->arena, count, sizeof *steps, &steps, o->err));
  if (count > 0) memcpy(steps, graph->steps, count * sizeof *steps);
  graph->num_steps = 0;
  EW_TRY(order_values(o, graph->inputs, graph->num_inputs, true));
  for (uint32_t i = 0; i < count; i++) EW_TRY(order_step(o, steps[i]));
  return order_values(o, graph->outputs, graph->num_outputs, false);
}

ew_status pte_order_steps(ew_pte *pte, ew_error *err) {
  ew_graph *graph = pte->graph;
  order o = {.pte = pte, .err = err};
  uint32_t slots = 16;
  while (slots < pte->num_places * 2) slots *= 2;
  o.mask = slots - 1;
  EW_TRY(ew_arena_alloc(pte->arena, slots, sizeof *o.places, &o.places, err));
  for (uint32_t i = 0; i < slots; i++) o.places[i].value = EW_NONE;
  EW_TRY(ew_arena_alloc(pte->arena, graph->num_values, sizeof *o.written, &o.written, err));
  EW_TRY(ew_arena_alloc(pte->arena, graph->num_values, sizeof *o.produced, &o.produced, err));
  for (uint32_t n = 0; n < graph->num_nodes; n++) {
    const ew_node *node = &graph->nodes[n];
    for (uint32_t i = 0; i < node->num_outputs; i++) o.produced[node->outputs[i]] = true;
  }
  return order_steps(&o);
}
