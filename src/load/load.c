/* Loading as a conversation. */
#include "load/load.h"

#include <string.h>

#include "base/arena.h"
#include "base/list.h"
#include "exec/partition.h"
#include "format/format.h"
#include "load/depend.h"
#include "load/stage.h"
#include "load/wants.h"

struct ew_loader {
  ew_loader_options options;
  ew_graph *graph;
  ew_executor **executor;
  const ew_format *format; /* NULL until the head has been read */
  ew_reader *reader;
  ew_wants wants; /* the first is the current want */
  size_t got;     /* bytes of the current want that have arrived */
  ew_stage stage;
  ew_depend depend;
  uint32_t nodes_seen, values_seen; /* the graph grows; these have been looked at */
  bool *taken;                      /* per segment: its constants have been asked for */
  uint32_t cap_taken;
  bool complete; /* the format has filled the graph */
  bool failed;
  uint8_t head[EW_FORMAT_HEAD_BYTES];
};

/* --- what the format has added to the graph ------------------------------------------------------- */

static ew_status keep(ew_loader *loader, uint32_t constant, ew_error *err) {
  return constant == EW_NONE ? EW_OK : ew_depend_keep(&loader->depend, constant, err);
}

static ew_status keep_values(ew_loader *loader, const uint32_t *values, uint32_t count,
                             ew_error *err) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] == EW_NONE) continue;
    EW_TRY(keep(loader, loader->graph->values[values[i]].constant, err));
  }
  return EW_OK;
}

/* What kernels and views read, starts a state or is an output stays in memory. */
static ew_status keep_constants(ew_loader *loader, ew_error *err) {
  const ew_graph *graph = loader->graph;
  for (; loader->nodes_seen < graph->num_nodes; loader->nodes_seen++) {
    const ew_node *node = &graph->nodes[loader->nodes_seen];
    if (node->op < EW_OP_KERNEL) continue;
    EW_TRY(keep_values(loader, node->inputs, node->num_inputs, err));
  }
  for (; loader->values_seen < graph->num_values; loader->values_seen++) {
    EW_TRY(keep(loader, graph->values[loader->values_seen].initial, err));
  }
  for (uint32_t b = 1; b <= graph->num_branches; b++) {
    EW_TRY(keep_values(loader, &graph->branches[b].condition, 1, err));
  }
  return keep_values(loader, graph->outputs, graph->num_outputs, err);
}

static bool is_new_segment(const ew_loader *loader, uint32_t segment) {
  return loader->graph->segments[segment].num_nodes > 0 && !loader->taken[segment];
}

static ew_status fit_segments(ew_loader *loader, ew_error *err) {
  return ew_list_reserve(&loader->taken, &loader->cap_taken, loader->graph->num_segments,
                         sizeof *loader->taken, err);
}

/* Segments that have become complete go to the executor, which may split them. */
static ew_status add_segments(ew_loader *loader, ew_error *err) {
  ew_graph *graph = loader->graph;
  const uint32_t before = graph->num_segments;
  const bool optimise = !loader->options.skip_passes;
  EW_TRY(fit_segments(loader, err));
  for (uint32_t s = 0; s < before; s++) {
    if (!is_new_segment(loader, s)) continue;
    EW_TRY(ew_partition_adopt(*loader->executor, graph, s, optimise, err));
  }
  EW_TRY(fit_segments(loader, err));
  for (uint32_t s = 0; s < graph->num_segments; s++) {
    if (is_new_segment(loader, s)) EW_TRY(ew_depend_add_segment(&loader->depend, s, err));
  }
  for (uint32_t s = 0; s < graph->num_segments; s++) {
    if (!is_new_segment(loader, s)) continue;
    loader->taken[s] = true;
    EW_TRY(ew_depend_start(&loader->depend, s, err));
  }
  return EW_OK;
}

/* Copies a constant out of bytes that the format has in memory, or asks for it. */
static ew_status fetch(ew_loader *loader, uint32_t id, ew_error *err) {
  const ew_format *format = loader->format;
  ew_constant *constant = &loader->graph->constants[id];
  const uint8_t *held = NULL;
  if (format->held != NULL) held = format->held(loader->reader, constant->offset, constant->size);
  if (held == NULL) {
    const ew_format_range range = {.offset = constant->offset, .size = constant->size, .tag = id};
    return ew_wants_push(&loader->wants, (ew_want_entry){EW_WANT_CONSTANT, range}, err);
  }
  EW_TRY(ew_depend_allocate(&loader->depend, id, err));
  memcpy(constant->data, held, constant->size);
  ew_stage_arrived(&loader->stage, constant->size);
  return ew_depend_arrived(&loader->depend, id, err);
}

/* Takes up nodes, segments and constants that are new. */
static ew_status absorb(ew_loader *loader, ew_error *err) {
  EW_TRY(keep_constants(loader, err));
  EW_TRY(add_segments(loader, err));
  for (uint32_t id = EW_NONE;;) {
    EW_TRY(ew_depend_next(&loader->depend, &id, err));
    if (id == EW_NONE) return EW_OK;
    EW_TRY(fetch(loader, id, err));
  }
}

/* --- what has arrived ----------------------------------------------------------------------------- */

/* The format has read something: takes up what it made of it, and asks what it wants next. */
static ew_status format_advanced(ew_loader *loader, ew_error *err) {
  const ew_format *format = loader->format;
  EW_TRY(absorb(loader, err));
  if (format->release != NULL) format->release(loader->reader);
  if (!loader->complete && format->complete(loader->reader)) {
    loader->complete = true;
    EW_TRY(format->finish(loader->reader, err));
    EW_TRY(ew_partition_nodes(loader->options.executor, loader->graph, err));
    loader->nodes_seen = 0; /* some may have become kernel nodes */
    EW_TRY(absorb(loader, err));
  }
  ew_want_entry entry = {.kind = EW_WANT_FORMAT};
  while (format->want(loader->reader, &entry.range)) {
    EW_TRY(ew_wants_push(&loader->wants, entry, err));
  }
  return EW_OK;
}

static ew_status head_arrived(ew_loader *loader, size_t size, ew_error *err) {
  const ew_bytes head = {loader->head, size};
  EW_TRY(ew_format_find(head, &loader->format, err));
  const ew_format_context context = {
      .arena = loader->graph->arena,
      .graph = loader->graph,
      .file_size = loader->options.file_size,
      .data_size = loader->options.data_size,
      .method = loader->options.method,
      .input_sizes = loader->options.input_sizes,
      .num_input_sizes = loader->options.num_input_sizes,
      .picture_size = {loader->options.picture_size[0], loader->options.picture_size[1]}};
  EW_TRY(loader->format->open(&context, head, &loader->reader, err));
  EW_TRY(loader->options.executor->create(loader->graph, &loader->options.executor_options,
                                          loader->executor, err));
  ew_depend_init(&loader->depend, loader->graph, *loader->executor, &loader->stage);
  return format_advanced(loader, err);
}

static ew_status want_arrived(ew_loader *loader, ew_want_entry want, ew_error *err) {
  switch (want.kind) {
    case EW_WANT_HEAD:
      return head_arrived(loader, want.range.size, err);
    case EW_WANT_FORMAT:
      EW_TRY(loader->format->take(loader->reader, &want.range, err));
      return format_advanced(loader, err);
    default:
      ew_stage_arrived(&loader->stage, want.range.size);
      return ew_depend_arrived(&loader->depend, want.range.tag, err);
  }
}

/* About how much memory runs will need beside weights, from as much of the graph as is known. */
static size_t guess_working_bytes(const ew_loader *loader) {
  ew_error ignored;
  uint32_t segment = EW_NONE;
  size_t bytes = 0;
  const ew_status status = ew_executor_greediest(*loader->executor, loader->graph->num_segments,
                                                 &segment, &bytes, &ignored);
  return status == EW_OK ? bytes : 0;
}

/* Memory for a constant whose turn has come. */
static ew_status allocate(ew_loader *loader, ew_format_range *range, ew_error *err) {
  ew_stage_reserve(&loader->stage, loader->options.file_size + loader->options.data_size);
  if (loader->complete && ew_stage_warm_due(&loader->stage)) {
    ew_stage_warm(&loader->stage, guess_working_bytes(loader));
  }
  EW_TRY(ew_depend_allocate(&loader->depend, range->tag, err));
  range->data = loader->graph->constants[range->tag].data;
  return EW_OK;
}

/* Makes the current want ready; ranges that are complete, empty ones too, are taken. */
static ew_status settle(ew_loader *loader, ew_error *err) {
  while (loader->wants.count > 0) {
    ew_want_entry *want = &loader->wants.entries[0];
    if (want->kind == EW_WANT_CONSTANT && want->range.data == NULL) {
      EW_TRY(allocate(loader, &want->range, err));
    }
    if (want->range.size > loader->got) return EW_OK;
    loader->got = 0;
    EW_TRY(want_arrived(loader, ew_wants_pop(&loader->wants), err));
  }
  return EW_OK;
}

/* --- the conversation ----------------------------------------------------------------------------- */

static ew_status want_head(ew_loader *loader, ew_error *err) {
  const uint64_t file_size = loader->options.file_size;
  const size_t size = file_size < EW_FORMAT_HEAD_BYTES ? (size_t)file_size : EW_FORMAT_HEAD_BYTES;
  const ew_format_range range = {.size = size, .data = loader->head};
  EW_TRY(ew_wants_push(&loader->wants, (ew_want_entry){EW_WANT_HEAD, range}, err));
  return settle(loader, err);
}

ew_status ew_loader_begin(const ew_loader_options *options, ew_graph *graph,
                          ew_executor **out_executor, ew_loader **out, ew_error *err) {
  *out = NULL;
  *out_executor = NULL;
  ew_loader *loader = ew_alloc(sizeof *loader);
  EW_CHECK(loader != NULL, err, EW_OUT_OF_MEMORY, "out of memory while loading");
  memset(loader, 0, sizeof *loader);
  loader->options = *options;
  loader->graph = graph;
  loader->executor = out_executor;
  const ew_status status = want_head(loader, err);
  if (status != EW_OK) {
    ew_loader_destroy(loader);
    return status;
  }
  *out = loader;
  return EW_OK;
}

ew_format_range ew_loader_want(const ew_loader *loader) {
  if (loader->wants.count == 0 || loader->failed) return (ew_format_range){0};
  ew_format_range range = loader->wants.entries[0].range;
  range.offset += loader->got;
  range.size -= loader->got;
  range.data += loader->got;
  return range;
}

ew_status ew_loader_advance(ew_loader *loader, size_t n, ew_error *err) {
  const ew_format_range want = ew_loader_want(loader);
  EW_CHECK(n > 0 && n <= want.size, err, EW_INVALID_ARGUMENT,
           "advance by %zu bytes, but %zu are wanted", n, want.size);
  loader->got += n;
  const ew_status status = settle(loader, err);
  if (status != EW_OK) loader->failed = true;
  return status;
}

/* The format's own facts as text: its reader dies with the loader. */
static ew_status describe(const ew_loader *loader, ew_file_facts *out, ew_error *err) {
  out->members = "";
  if (loader->format->describe == NULL) return EW_OK;
  ew_text text = {0};
  loader->format->describe(loader->reader, &text);
  ew_status status = EW_OK;
  if (text.failed) {
    status = ew_fail(err, EW_OUT_OF_MEMORY, "out of memory: the description of the model");
  } else if (text.size > 0) {
    status = ew_arena_string(loader->graph->arena, text.data, text.size, &out->members, err);
  }
  ew_text_free(&text);
  return status;
}

ew_status ew_loader_finish(ew_loader *loader, ew_file_facts *out, ew_error *err) {
  EW_CHECK(!loader->failed && loader->wants.count == 0 && loader->complete, err, EW_INVALID_STATE,
           "the model is not complete: %u ranges are missing", loader->wants.count);
  /* Before memory is planned, which may use the space. */
  ew_stage_end(&loader->stage);
  out->format = loader->format->name;
  loader->format->methods(loader->reader, &out->method_names, &out->num_methods);
  return describe(loader, out, err);
}

void ew_loader_destroy(ew_loader *loader) {
  if (loader == NULL) return;
  if (loader->reader != NULL) loader->format->destroy(loader->reader);
  ew_wants_free(&loader->wants);
  ew_depend_free(&loader->depend);
  ew_free(loader->taken);
  /* While it is busy the graph owns it, as the bytes of a constant. */
  ew_stage_end(&loader->stage);
  ew_free(loader);
}
