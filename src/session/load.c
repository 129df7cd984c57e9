/* Loading: asks for the bytes of the file in order, parses what is complete, packs weights as they
 * arrive and frees their raw bytes. */
#include <string.h>

#include "base/bytes.h"
#include "format/format.h"
#include "graph/passes/passes.h"
#include "session/model.h"

typedef enum want_kind { WANT_HEAD, WANT_FORMAT, WANT_CONSTANT } want_kind;

typedef struct want_entry {
  want_kind kind;
  ew_format_range range; /* data NULL: allocated when its turn comes (constants, whose id is tag) */
} want_entry;

/* Who waits for a constant: a node that packs, or a segment that is built. */
typedef struct waiter {
  uint32_t next; /* EW_NONE = end */
  uint32_t node; /* EW_NONE: segment */
  uint32_t segment;
  bool holds; /* needs the raw bytes until it is done */
} waiter;

struct ew_load {
  ew_model *model;
  ew_load_options options;
  const ew_format *format; /* NULL until the head has been read */
  ew_reader *reader;
  bool complete; /* the format has filled the graph */
  uint8_t head[EW_FORMAT_HEAD_BYTES];
  want_entry *wants; /* binary heap, lowest offset first; the root is the current want */
  uint32_t num_wants, cap_wants;
  size_t got;             /* bytes of the current want that have arrived */
  uint32_t *first_waiter; /* per constant */
  uint32_t cap_first_waiter;
  waiter *waiters;
  uint32_t num_waiters, cap_waiters;
  uint32_t *segment_pending; /* per segment: constants that have not arrived */
  uint32_t cap_segment_pending;
  uint32_t constants_seen; /* constants [0, seen) have been asked for */
  uint8_t *stage; /* where large weights arrive, one after the other: no holes in the heap */
  size_t stage_size;
  bool stage_busy;
  uint32_t segments_seen, nodes_seen, values_seen; /* the graph grows; these have been looked at */
  uint64_t pending_bytes;                          /* of constants that have been asked for */
  bool reserve_due; /* some of them since the heap was last made large enough */
  bool warmed;      /* pages for working memory have been asked for */
  bool has_taps;    /* some constants are cut out of others */
  bool failed;
};

/* --- growable lists (plain memory: they die with the load, not with the model) -------------------- */

static ew_status reserve(void *list_pointer, uint32_t *cap, uint32_t need, size_t item,
                         ew_error *err) {
  if (need <= *cap) return EW_OK;
  uint32_t capacity = *cap == 0 ? 64 : *cap;
  while (capacity < need) capacity *= 2;
  void *old = NULL;
  memcpy(&old, list_pointer, sizeof old);
  void *bigger = ew_alloc((size_t)capacity * item);
  EW_CHECK(bigger != NULL, err, EW_OUT_OF_MEMORY, "out of memory while loading");
  if (*cap > 0) memcpy(bigger, old, (size_t)*cap * item);
  memset((char *)bigger + (size_t)*cap * item, 0xff, (size_t)(capacity - *cap) * item);
  ew_free(old);
  memcpy(list_pointer, &bigger, sizeof bigger);
  *cap = capacity;
  return EW_OK;
}

/* --- heap of wants -------------------------------------------------------------------------------- */

static bool before(const want_entry *a, const want_entry *b) {
  return a->range.offset < b->range.offset;
}

static void swap(want_entry *a, want_entry *b) {
  const want_entry t = *a;
  *a = *b;
  *b = t;
}

static ew_status push_want(ew_load *load, want_entry want, ew_error *err) {
  EW_TRY(reserve(&load->wants, &load->cap_wants, load->num_wants + 1, sizeof want, err));
  uint32_t i = load->num_wants++;
  load->wants[i] = want;
  while (i > 0 && before(&load->wants[i], &load->wants[(i - 1) / 2])) {
    swap(&load->wants[i], &load->wants[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  return EW_OK;
}

static want_entry pop_want(ew_load *load) {
  const want_entry top = load->wants[0];
  load->wants[0] = load->wants[--load->num_wants];
  for (uint32_t i = 0;;) {
    uint32_t least = i;
    for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < load->num_wants; child++) {
      if (before(&load->wants[child], &load->wants[least])) least = child;
    }
    if (least == i) break;
    swap(&load->wants[i], &load->wants[least]);
    i = least;
  }
  load->got = 0;
  return top;
}

/* --- constants ------------------------------------------------------------------------------------ */

/* Pages are asked for when so many bytes are still to come, and at most for so many bytes. */
enum { WARM_AT = 8 << 20, WARM_MOST = 20 << 20 };

static ew_status push_constant(ew_load *load, uint32_t id, ew_error *err) {
  const ew_constant *constant = &load->model->graph.constants[id];
  load->pending_bytes += constant->size;
  load->reserve_due = true;
  const want_entry want = {
      .kind = WANT_CONSTANT,
      .range = {.offset = constant->offset, .size = constant->size, .tag = id}};
  return push_want(load, want, err);
}

/* Packed weights take about as much as raw ones: makes room for all that are known to come. */
static void reserve_pending(ew_load *load) {
  if (!load->reserve_due) return;
  load->reserve_due = false;
  /* Hostile files name the same bytes many times. */
  const uint64_t most = load->options.file_size;
  ew_reserve((size_t)(load->pending_bytes < most ? load->pending_bytes : most), 0);
}

/* The system gives memory page by page, at the first write, and planning memory after the last byte would
 * wait for thousands of pages: asks for them while bytes are still on their way. */
static void warm_working_memory(ew_load *load) {
  if (load->warmed || !load->complete || load->pending_bytes > WARM_AT) return;
  load->warmed = true;
  size_t working = ew_model_guess_working_bytes(load->model);
  if (working > WARM_MOST) working = WARM_MOST;
  ew_reserve((size_t)load->pending_bytes, working);
}

/* Smaller ones have memory of their own, of their exact size. */
enum { STAGE_LEAST = 64 * 1024 };

/* Makes the stage as large as the largest weight that is known to come. */
static ew_status prepare_stage(ew_load *load, size_t size, ew_error *err) {
  if (load->stage_size >= size) return EW_OK;
  const ew_graph *graph = &load->model->graph;
  for (uint32_t i = 0; i < load->num_wants; i++) {
    const want_entry *want = &load->wants[i];
    if (want->kind == WANT_CONSTANT && !graph->constants[want->range.tag].resident &&
        want->range.size > size) {
      size = want->range.size;
    }
  }
  ew_free(load->stage);
  load->stage = ew_alloc(size);
  load->stage_size = load->stage != NULL ? size : 0;
  EW_CHECK(load->stage != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for weights",
           size);
  return EW_OK;
}

static ew_status allocate_constant(ew_load *load, ew_constant *constant, ew_error *err) {
  if (constant->size >= STAGE_LEAST && !constant->resident && !load->stage_busy) {
    EW_TRY(prepare_stage(load, constant->size, err));
    load->stage_busy = true;
    constant->data = load->stage;
  } else {
    constant->data = ew_alloc(constant->size);
    EW_CHECK(constant->data != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for weights",
             constant->size);
  }
  /* XNNPACK reads a little behind the end; what is there must not depend on chance. */
  memset(constant->data + constant->size, 0, EW_EXTRA_BYTES);
  return EW_OK;
}

static void drop_bytes(ew_load *load, ew_constant *constant) {
  if (load->stage_busy && constant->data == load->stage) {
    load->stage_busy = false;
  } else {
    ew_free(constant->data);
  }
  constant->data = NULL;
}

static void release_constant(ew_load *load, uint32_t id) {
  ew_constant *constant = &load->model->graph.constants[id];
  if (--constant->users == 0 && !constant->resident) drop_bytes(load, constant);
}

static ew_status add_waiter(ew_load *load, uint32_t constant, waiter entry, ew_error *err) {
  EW_TRY(reserve(&load->waiters, &load->cap_waiters, load->num_waiters + 1, sizeof entry, err));
  entry.next = load->first_waiter[constant];
  load->first_waiter[constant] = load->num_waiters;
  load->waiters[load->num_waiters++] = entry;
  if (entry.holds) load->model->graph.constants[constant].users++;
  return EW_OK;
}

static ew_status segment_ready(ew_load *load, uint32_t segment, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  ew_executor *executor = load->model->executor;
  EW_TRY(executor->ops->build(executor, segment, err));
  /* Constants that the build has copied go now. */
  for (uint32_t c = 0; c < graph->num_constants; c++) {
    for (uint32_t w = load->first_waiter[c]; w != EW_NONE; w = load->waiters[w].next) {
      waiter *entry = &load->waiters[w];
      if (entry->node != EW_NONE || entry->segment != segment || !entry->holds) continue;
      entry->holds = false;
      release_constant(load, c);
    }
  }
  return EW_OK;
}

static ew_status node_ready(ew_load *load, uint32_t index, ew_error *err) {
  ew_executor *executor = load->model->executor;
  EW_TRY(executor->ops->pack(executor, index, err));
  const ew_graph *graph = &load->model->graph;
  const ew_node *node = &graph->nodes[index];
  for (uint32_t i = 1; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE) continue;
    const uint32_t c = graph->values[node->inputs[i]].constant;
    if (c == EW_NONE) continue;
    for (uint32_t w = load->first_waiter[c]; w != EW_NONE; w = load->waiters[w].next) {
      waiter *entry = &load->waiters[w];
      if (entry->node != index || !entry->holds) continue;
      entry->holds = false;
      release_constant(load, c);
    }
  }
  return EW_OK;
}

static ew_status constant_arrived(ew_load *load, uint32_t id, ew_error *err);

/* Cuts the taps out of a filter that has arrived; each is packed and freed before the next. */
static ew_status make_taps(ew_load *load, uint32_t id, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  if (!load->has_taps) return EW_OK;
  bool any = false;
  for (uint32_t c = id + 1; c < graph->num_constants; c++) {
    ew_constant *tap = &graph->constants[c];
    if (tap->source != id || tap->arrived) continue;
    any = true;
    EW_TRY(allocate_constant(load, tap, err));
    ew_gather_tap(&graph->constants[id], tap);
    EW_TRY(constant_arrived(load, c, err));
  }
  if (any && graph->constants[id].users == 0 && !graph->constants[id].resident) {
    drop_bytes(load, &graph->constants[id]);
  }
  return EW_OK;
}

static ew_status constant_arrived(ew_load *load, uint32_t id, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  graph->constants[id].arrived = true;
  for (uint32_t w = load->first_waiter[id]; w != EW_NONE; w = load->waiters[w].next) {
    const waiter entry = load->waiters[w];
    if (entry.node == EW_NONE) continue;
    if (--graph->nodes[entry.node].waiting == 0) EW_TRY(node_ready(load, entry.node, err));
  }
  for (uint32_t w = load->first_waiter[id]; w != EW_NONE; w = load->waiters[w].next) {
    const waiter entry = load->waiters[w];
    if (entry.node != EW_NONE) continue;
    if (--load->segment_pending[entry.segment] == 0)
      EW_TRY(segment_ready(load, entry.segment, err));
  }
  return make_taps(load, id, err);
}

/* Copies a constant out of bytes that the format has in memory anyway. */
static ew_status copy_held(ew_load *load, uint32_t id, bool *out_done, ew_error *err) {
  ew_constant *constant = &load->model->graph.constants[id];
  const uint8_t *bytes = load->format->held == NULL
                             ? NULL
                             : load->format->held(load->reader, constant->offset, constant->size);
  *out_done = bytes != NULL;
  if (bytes == NULL) return EW_OK;
  EW_TRY(allocate_constant(load, constant, err));
  if (constant->size > 0) memcpy(constant->data, bytes, constant->size);
  return constant_arrived(load, id, err);
}

/* Asks for the constants that have been added since the last call. */
static ew_status want_constants(ew_load *load, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  while (load->constants_seen < graph->num_constants) {
    const uint32_t id = load->constants_seen++;
    if (graph->constants[id].arrived) {
      EW_TRY(constant_arrived(load, id, err));
      continue;
    }
    if (graph->constants[id].source != EW_NONE) {
      load->has_taps = true;
      continue;
    }
    bool done = false;
    EW_TRY(copy_held(load, id, &done, err));
    if (!done) EW_TRY(push_constant(load, id, err));
  }
  return EW_OK;
}

/* --- segments ------------------------------------------------------------------------------------- */

/* One operand or scale constant of a segment's node. */
static ew_status wait_for(ew_load *load, uint32_t constant, uint32_t node, uint32_t segment,
                          bool packs, bool holds_until_build, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  ew_constant *weights = &graph->constants[constant];
  if (weights->arrived && weights->data == NULL) {
    /* Freed with an earlier segment: read it again. */
    weights->arrived = false;
    EW_TRY(push_constant(load, constant, err));
  }
  const bool arrived = weights->arrived && constant < load->constants_seen;
  if (packs) {
    EW_TRY(
        add_waiter(load, constant, (waiter){.node = node, .segment = segment, .holds = true}, err));
    if (!arrived) graph->nodes[node].waiting++;
  } else if (!holds_until_build) {
    graph->constants[constant].resident = true;
  }
  EW_TRY(add_waiter(
      load, constant,
      (waiter){.node = EW_NONE, .segment = segment, .holds = !packs && holds_until_build}, err));
  if (!arrived) load->segment_pending[segment]++;
  return EW_OK;
}

static ew_keep keep_of(const ew_load *load, uint32_t node, uint32_t input) {
  const ew_executor *executor = load->model->executor;
  return executor->ops->keeps(executor, node, input);
}

/* True when the node has constants that it packs before its segment is built. */
static bool packs(const ew_load *load, uint32_t index) {
  const ew_graph *graph = &load->model->graph;
  const ew_node *node = &graph->nodes[index];
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE || graph->values[node->inputs[i]].constant == EW_NONE) continue;
    if (keep_of(load, index, i) == EW_KEEP_UNTIL_PACKED) return true;
  }
  return false;
}

static ew_status wait_for_node(ew_load *load, uint32_t index, uint32_t segment, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  const ew_node *node = &graph->nodes[index];
  EW_TRY(load->model->executor->ops->supports(graph, node, err));
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    if (node->inputs[i] == EW_NONE) continue;
    const ew_value *value = &graph->values[node->inputs[i]];
    if (value->constant == EW_NONE) continue;
    const ew_keep keep = keep_of(load, index, i);
    const bool operand_packs = keep == EW_KEEP_UNTIL_PACKED;
    EW_TRY(wait_for(load, value->constant, index, segment, operand_packs,
                    keep == EW_KEEP_UNTIL_BUILT, err));
    const uint32_t scales = value->quant.scale_constant;
    if (scales == EW_NONE) continue;
    if (operand_packs) EW_TRY(wait_for(load, scales, index, segment, true, false, err));
    EW_TRY(wait_for(load, scales, index, segment, false, true, err));
  }
  return EW_OK;
}

static ew_status add_segments(ew_load *load, uint32_t first, uint32_t count, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  EW_TRY(reserve(&load->first_waiter, &load->cap_first_waiter, graph->num_constants,
                 sizeof *load->first_waiter, err));
  EW_TRY(reserve(&load->segment_pending, &load->cap_segment_pending, graph->num_segments,
                 sizeof *load->segment_pending, err));
  for (uint32_t s = first; s < first + count; s++) {
    load->segment_pending[s] = 0;
    const ew_segment segment = graph->segments[s];
    if (segment.num_parts > 0) continue;
    for (uint32_t i = 0; i < segment.num_nodes; i++) {
      EW_TRY(wait_for_node(load, segment.first_node + i, s, err));
    }
  }
  /* Nodes whose weights have all arrived with an earlier segment, and segments without constants. */
  for (uint32_t s = first; s < first + count; s++) {
    const ew_segment segment = graph->segments[s];
    if (segment.num_parts > 0) continue;
    for (uint32_t i = 0; i < segment.num_nodes; i++) {
      const uint32_t index = segment.first_node + i;
      if (packs(load, index) && graph->nodes[index].waiting == 0) {
        EW_TRY(node_ready(load, index, err));
      }
    }
    if (load->segment_pending[s] == 0) EW_TRY(segment_ready(load, s, err));
  }
  return EW_OK;
}

/* --- what the format has added to the graph -------------------------------------------------------- */

static void keep_resident(ew_graph *graph, uint32_t value) {
  if (value == EW_NONE) return;
  const ew_value *v = &graph->values[value];
  if (v->constant != EW_NONE) graph->constants[v->constant].resident = true;
  if (v->initial != EW_NONE) graph->constants[v->initial].resident = true;
}

/* What kernels read, starts a state or is an output stays in memory. */
static void find_residents(ew_load *load) {
  ew_graph *graph = &load->model->graph;
  for (; load->nodes_seen < graph->num_nodes; load->nodes_seen++) {
    const ew_node *node = &graph->nodes[load->nodes_seen];
    if (node->op < EW_OP_KERNEL) continue;
    for (uint32_t i = 0; i < node->num_inputs; i++) keep_resident(graph, node->inputs[i]);
  }
  for (; load->values_seen < graph->num_values; load->values_seen++) {
    if (graph->values[load->values_seen].flags & EW_VALUE_STATE) {
      keep_resident(graph, load->values_seen);
    }
  }
  for (uint32_t i = 0; i < graph->num_outputs; i++) keep_resident(graph, graph->outputs[i]);
}

static ew_status optimise_segments(ew_load *load, uint32_t first, ew_error *err) {
  ew_graph *graph = &load->model->graph;
  ew_executor *executor = load->model->executor;
  const bool optimise = !load->options.skip_passes;
  const uint32_t last = graph->num_segments;
  /* Segments of a shared payload are not the newest but for the last; they stay as they are. */
  if (optimise && last - first == 1) {
    ew_pass_transposes(graph, first);
    EW_TRY(ew_pass_dead_taps(graph, first, err));
  }
  for (uint32_t s = first; s < last && executor->ops->refine != NULL; s++) {
    EW_TRY(executor->ops->refine(executor, graph, s, optimise, err));
  }
  return EW_OK;
}

/* Takes up nodes, segments and constants that are new. */
static ew_status absorb(ew_load *load, ew_error *err) {
  const ew_graph *graph = &load->model->graph;
  const uint32_t first = load->segments_seen;
  find_residents(load);
  EW_TRY(optimise_segments(load, first, err));
  load->segments_seen = graph->num_segments;
  EW_TRY(add_segments(load, first, graph->num_segments - first, err));
  return want_constants(load, err);
}

/* The format has read something: takes up what it made of it, and asks what it wants next. */
static ew_status format_advanced(ew_load *load, ew_error *err) {
  const ew_format *format = load->format;
  EW_TRY(absorb(load, err));
  if (format->release != NULL) format->release(load->reader);
  if (!load->complete && format->complete(load->reader)) {
    load->complete = true;
    EW_TRY(format->finish(load->reader, err));
    EW_TRY(absorb(load, err));
  }
  want_entry entry = {.kind = WANT_FORMAT};
  while (format->want(load->reader, &entry.range)) EW_TRY(push_want(load, entry, err));
  return EW_OK;
}

static ew_status head_complete(ew_load *load, size_t size, ew_error *err) {
  ew_model *model = load->model;
  const ew_bytes head = {load->head, size};
  EW_TRY(ew_format_find(head, &load->format, err));
  model->format = load->format->name;
  const ew_format_context context = {.arena = &model->arena,
                                     .graph = &model->graph,
                                     .file_size = load->options.file_size,
                                     .method = load->options.method};
  EW_TRY(load->format->open(&context, head, &load->reader, err));
  const ew_executor_options options = {.num_threads = load->options.num_threads,
                                       .profile = load->options.profile};
  const ew_executor_ops *ops =
      load->options.executor != NULL ? load->options.executor : ew_executors[0];
  EW_TRY(ops->create(&model->graph, &options, &model->executor, err));
  return format_advanced(load, err);
}

static ew_status want_complete(ew_load *load, want_entry want, ew_error *err) {
  switch (want.kind) {
    case WANT_HEAD:
      return head_complete(load, want.range.size, err);
    case WANT_FORMAT:
      EW_TRY(load->format->take(load->reader, &want.range, err));
      return format_advanced(load, err);
    case WANT_CONSTANT:
      load->pending_bytes -= want.range.size;
      return constant_arrived(load, want.range.tag, err);
  }
  return EW_INTERNAL;
}

/* Makes the current want ready: memory for a constant, and empty ranges at once. */
static ew_status settle(ew_load *load, ew_error *err) {
  while (load->num_wants > 0) {
    want_entry *want = &load->wants[0];
    if (want->kind == WANT_CONSTANT && want->range.data == NULL) {
      ew_constant *constant = &load->model->graph.constants[want->range.tag];
      reserve_pending(load);
      warm_working_memory(load);
      EW_TRY(allocate_constant(load, constant, err));
      want->range.data = constant->data;
    }
    if (want->range.size > load->got) return EW_OK;
    EW_TRY(want_complete(load, pop_want(load), err));
  }
  return EW_OK;
}

/* --- API ------------------------------------------------------------------------------------------ */

ew_status ew_load_begin(const ew_load_options *options, ew_load **out, ew_error *err) {
  *out = NULL;
  ew_load *load = ew_alloc(sizeof *load);
  ew_model *model = ew_alloc(sizeof *model);
  if (load == NULL || model == NULL) {
    ew_free(load);
    ew_free(model);
    return ew_fail(err, EW_OUT_OF_MEMORY, "out of memory while loading");
  }
  memset(load, 0, sizeof *load);
  memset(model, 0, sizeof *model);
  load->model = model;
  load->options = *options;
  model->profile = options->profile;
  model->max_work = options->max_work != 0 ? options->max_work : EW_MAX_WORK;
  model->file_size = options->file_size;
  ew_arena_init(&model->arena);
  model->arena.limit = EW_MAX_METADATA_BYTES;
  ew_graph_init(&model->graph, &model->arena, "");
  const size_t size =
      options->file_size < EW_FORMAT_HEAD_BYTES ? (size_t)options->file_size : EW_FORMAT_HEAD_BYTES;
  ew_status status = EW_OK;
  if (options->method != NULL) {
    status = ew_arena_string(&model->arena, options->method, strlen(options->method),
                             &load->options.method, err);
  }
  if (status == EW_OK) {
    const ew_format_range head = {.size = size, .data = load->head};
    status = push_want(load, (want_entry){.kind = WANT_HEAD, .range = head}, err);
  }
  if (status == EW_OK) status = settle(load, err);
  if (status != EW_OK) {
    ew_load_destroy(load);
    return status;
  }
  *out = load;
  return EW_OK;
}

ew_want ew_load_want(const ew_load *load) {
  if (load->num_wants == 0 || load->failed) return (ew_want){0};
  const ew_format_range *range = &load->wants[0].range;
  return (ew_want){.offset = range->offset + load->got,
                   .size = range->size - load->got,
                   .data = range->data + load->got};
}

ew_status ew_load_advance(ew_load *load, size_t n, ew_error *err) {
  const ew_want want = ew_load_want(load);
  EW_CHECK(n > 0 && n <= want.size, err, EW_INVALID_ARGUMENT,
           "advance by %zu bytes, but %zu are wanted", n, want.size);
  load->got += n;
  const ew_status status = settle(load, err);
  if (status != EW_OK) load->failed = true;
  return status;
}

/* A constant that is still in it has come to stay, and keeps it. */
static void free_stage(ew_load *load) {
  if (!load->stage_busy) ew_free(load->stage);
  load->stage = NULL;
  load->stage_size = 0;
}

/* What the format tells about the file; its reader dies with the load. */
static ew_status keep_facts(ew_load *load, ew_error *err) {
  ew_model *model = load->model;
  const ew_format *format = load->format;
  format->methods(load->reader, &model->method_names, &model->num_methods);
  model->facts = "";
  if (format->describe == NULL) return EW_OK;
  ew_text text = {0};
  format->describe(load->reader, &text);
  ew_status status = EW_OK;
  if (text.failed) {
    status = ew_fail(err, EW_OUT_OF_MEMORY, "out of memory: the description of the model");
  } else if (text.size > 0) {
    status = ew_arena_string(&model->arena, text.data, text.size, &model->facts, err);
  }
  ew_text_free(&text);
  return status;
}

ew_status ew_load_finish(ew_load *load, ew_model **out, ew_error *err) {
  ew_model *model = load->model;
  ew_status status = EW_OK;
  *out = NULL;
  if (load->failed || load->num_wants > 0 || !load->complete) {
    status = ew_fail(err, EW_INVALID_STATE, "the model is not complete: %u ranges are missing",
                     load->num_wants);
  }
  /* Before memory is planned, which may use the space. */
  free_stage(load);
  if (status == EW_OK && !load->options.skip_passes) {
    ew_pass_copies_to_views(&model->graph);
    status = ew_fold_constants(&model->graph, err);
  }
  if (status == EW_OK) status = keep_facts(load, err);
  if (status == EW_OK) status = ew_model_init(model, err);
  if (status == EW_OK) {
    load->model = NULL;
    *out = model;
  }
  ew_load_destroy(load);
  return status;
}

void ew_load_destroy(ew_load *load) {
  if (load == NULL) return;
  if (load->reader != NULL) load->format->destroy(load->reader);
  ew_free(load->wants);
  ew_free(load->first_waiter);
  ew_free(load->waiters);
  ew_free(load->segment_pending);
  /* While it is busy the graph owns it, as the bytes of a constant. */
  free_stage(load);
  ew_model_destroy(load->model);
  ew_free(load);
}

ew_status ew_model_load(const void *bytes, size_t size, const ew_load_options *options,
                        ew_model **out, ew_error *err) {
  ew_load_options known = *options;
  known.file_size = size;
  ew_load *load = NULL;
  EW_TRY(ew_load_begin(&known, &load, err));
  for (ew_want want; (want = ew_load_want(load)).size > 0;) {
    ew_status status = EW_OK;
    if (!ew_in_range(want.offset, want.size, size)) {
      status = ew_fail(
          err, EW_INVALID_PROGRAM, "the file ends at byte %zu, but bytes %llu to %llu are needed",
          size, (unsigned long long)want.offset, (unsigned long long)(want.offset + want.size));
    }
    if (status == EW_OK) {
      memcpy(want.data, (const uint8_t *)bytes + want.offset, want.size);
      status = ew_load_advance(load, want.size, err);
    }
    if (status != EW_OK) {
      ew_load_destroy(load);
      return status;
    }
  }
  return ew_load_finish(load, out, err);
}
