/* Reading a `.tflite`: tables first, wherever they lie, then weights.
 *
 * Tables, small constants and the archive of labels are scattered between the weights. They are found by walking
 * the tables again and again, each time with more pages of the file in memory (see ew_fb_pages), until a walk
 * misses none: about eight rounds. Pages live in one block of the file's size, of which only what is read
 * takes memory; it is given back before weights are loaded. */
#include <string.h>

#include "format/tflite/builder.h"
#include "format/tflite/metadata.h"
#include "format/tflite/model.h"
#include "format/tflite/tflite.h"

/* Pages that lie between two wanted ones are read along with them when they are so few. */
enum { MAX_GAP = 2 };

typedef struct tflite {
  ew_format_context context;
  uint8_t *bytes; /* the file, as far as it is there; NULL after loading */
  ew_fb_pages pages;
  uint32_t num_pages;
  uint32_t next_page;   /* pages before it have been asked for in this round */
  uint32_t outstanding; /* ranges */
  ew_arena walk_arena;  /* lists of the last walk */
  tfl_model model;
  bool walked, finished;
  ew_text facts;
  const char **methods;
  uint32_t num_methods;
} tflite;

static tflite *of(ew_reader *reader) { return (tflite *)reader; }
static const tflite *const_of(const ew_reader *reader) { return (const tflite *)reader; }

static bool sniff(ew_bytes head) { return head.size >= 8 && memcmp(head.data + 4, "TFL3", 4) == 0; }

/* --- pages --------------------------------------------------------------------------------------------- */

static bool is_wanted(const tflite *t, uint32_t page) {
  return (t->pages.flags[page] & (EW_FB_THERE | EW_FB_WANTED)) == EW_FB_WANTED;
}

static bool want(ew_reader *reader, ew_format_range *out) {
  tflite *t = of(reader);
  if (t->walked) return false;
  while (t->next_page < t->num_pages && !is_wanted(t, t->next_page)) t->next_page++;
  if (t->next_page == t->num_pages) return false;
  const uint32_t first = t->next_page;
  uint32_t end = first + 1;
  for (uint32_t page = end; page < t->num_pages && page <= end + MAX_GAP; page++) {
    if (is_wanted(t, page)) end = page + 1;
  }
  const uint64_t from = (uint64_t)first * EW_FB_PAGE, to = (uint64_t)end * EW_FB_PAGE;
  const uint64_t size = t->context.file_size;
  t->next_page = end;
  t->outstanding++;
  *out = (ew_format_range){
      .offset = from, .size = (size_t)((to < size ? to : size) - from), .data = t->bytes + from};
  return true;
}

/* One round. A failure counts only when nothing was missing. */
static ew_status walk(tflite *t, ew_error *err) {
  ew_arena_free(&t->walk_arena);
  ew_arena_init(&t->walk_arena);
  t->walk_arena.limit = EW_MAX_METADATA_BYTES;
  t->pages.incomplete = false;
  t->next_page = 0;
  t->model = (tfl_model){.arena = &t->walk_arena};
  ew_fb_init(&t->model.fb, (ew_bytes){t->bytes, (size_t)t->context.file_size}, "model", err);
  t->model.fb.pages = &t->pages;
  const ew_status status = tfl_read_model(&t->model, t->context.method, err);
  if (t->pages.incomplete) return EW_OK;
  EW_TRY(status);
  tfl_describe(&t->model, &t->facts);
  if (t->pages.incomplete) {
    ew_text_free(&t->facts);
    t->facts = (ew_text){0};
    return EW_OK;
  }
  EW_CHECK(!t->facts.failed, err, EW_OUT_OF_MEMORY, "out of memory: the model's description");
  t->walked = true;
  return EW_OK;
}

static ew_status take(ew_reader *reader, const ew_format_range *range, ew_error *err) {
  tflite *t = of(reader);
  const uint64_t end = range->offset + range->size;
  for (uint64_t at = range->offset; at < end; at += EW_FB_PAGE) {
    t->pages.flags[at / EW_FB_PAGE] |= EW_FB_THERE;
  }
  return --t->outstanding > 0 ? EW_OK : walk(t, err);
}

static const uint8_t *held(const ew_reader *reader, uint64_t offset, size_t size) {
  const tflite *t = const_of(reader);
  if (t->bytes == NULL || !ew_in_range(offset, size, t->context.file_size)) return NULL;
  for (uint64_t page = offset / EW_FB_PAGE; size > 0 && page <= (offset + size - 1) / EW_FB_PAGE;
       page++) {
    if (!(t->pages.flags[page] & EW_FB_THERE)) return NULL;
  }
  return t->bytes + offset;
}

static void drop_bytes(tflite *t) {
  ew_free(t->bytes);
  t->bytes = NULL;
}

/* --- the conversation ----------------------------------------------------------------------------------- */

static ew_status start(tflite *t, ew_error *err) {
  const uint64_t size = t->context.file_size;
  EW_CHECK(size != UINT64_MAX, err, EW_NOT_SUPPORTED,
           "the size of a .tflite file must be known before it is read");
  EW_CHECK(t->context.data_size == 0, err, EW_INVALID_ARGUMENT,
           "a .tflite file takes no data file (dataSource, --data): its weights are its own");
  EW_CHECK(size <= INT32_MAX, err, EW_OUT_OF_RESOURCES,
           "the model has %llu bytes; more than 2 GiB are not supported", (unsigned long long)size);
  t->num_pages = (uint32_t)((size + EW_FB_PAGE - 1) / EW_FB_PAGE);
  EW_TRY(ew_arena_alloc(t->context.arena, t->num_pages, 1, &t->pages.flags, err));
  t->bytes = ew_alloc((size_t)size);
  EW_CHECK(t->bytes != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %llu bytes for the model",
           (unsigned long long)size);
  t->pages.flags[0] |= EW_FB_WANTED;
  return EW_OK;
}

static ew_status open(const ew_format_context *context, ew_bytes head, ew_reader **out,
                      ew_error *err) {
  tflite *t = NULL;
  (void)head;
  EW_TRY(ew_arena_alloc(context->arena, 1, sizeof *t, &t, err));
  t->context = *context;
  ew_arena_init(&t->walk_arena);
  EW_TRY(start(t, err));
  *out = (ew_reader *)t;
  return EW_OK;
}

static bool complete(const ew_reader *reader) { return const_of(reader)->walked; }

/* Keys of the signatures; a model without any has one method, "main". */
static ew_status name_methods(tflite *t, ew_error *err) {
  const tfl_model *model = &t->model;
  const uint32_t count = model->num_signatures > 0 ? model->num_signatures : 1;
  EW_TRY(ew_arena_alloc(t->context.arena, count, sizeof *t->methods, &t->methods, err));
  t->methods[0] = "main";
  for (uint32_t i = 0; i < model->num_signatures; i++) {
    const char *key = model->signatures[i].key;
    EW_TRY(ew_arena_string(t->context.arena, key, strlen(key), &t->methods[i], err));
  }
  t->num_methods = count;
  const char *name = model->signature != NULL ? model->signature->key : "main";
  return ew_arena_string(t->context.arena, name, strlen(name), &t->context.graph->name, err);
}

/* Sizes that the caller chose and that do not fit are the caller's error, not the file's. */
static ew_status build(tflite *t, ew_error *err) {
  const ew_format_context *context = &t->context;
  const size_t *sizes = context->input_sizes;
  uint32_t count = context->num_input_sizes;
  const bool chosen = sizes != NULL;
  uint64_t work = EW_MAX_FOLD_WORK;
  if (!chosen && tfl_has_free_sizes(&t->model)) {
    EW_TRY(tfl_find_sizes(&t->model, context->picture_size, context->arena, &sizes, &count, err));
  }
  ew_status status = tfl_build(&t->model, sizes, count, &work, context->graph, err);
  if (!chosen || status == EW_OK) return status;
  if (status == EW_INVALID_PROGRAM) status = EW_WRONG_DIMENSIONS;
  return ew_fail_context(err, status, "the model cannot take inputs of these sizes");
}

static ew_status finish(ew_reader *reader, ew_error *err) {
  tflite *t = of(reader);
  EW_TRY(name_methods(t, err));
  EW_TRY(build(t, err));
  t->finished = true;
  return EW_OK;
}

/* After `finish` the loader has copied what it could use of the bytes, and asks for wants once more. */
static bool want_or_drop(ew_reader *reader, ew_format_range *out) {
  if (of(reader)->finished) drop_bytes(of(reader));
  return want(reader, out);
}

static void methods(const ew_reader *reader, const char *const **out_names, uint32_t *out_count) {
  *out_names = const_of(reader)->methods;
  *out_count = const_of(reader)->num_methods;
}

static void describe(const ew_reader *reader, ew_text *text) {
  const tflite *t = const_of(reader);
  if (t->facts.size > 0) ew_text_add(text, "%s", t->facts.data);
}

static void destroy(ew_reader *reader) {
  tflite *t = of(reader);
  drop_bytes(t);
  ew_arena_free(&t->walk_arena);
  ew_text_free(&t->facts);
}

const ew_format ew_format_tflite = {
    .name = "tflite",
    .magic = "TensorFlow Lite identifier 'TFL3' at byte 4 (.tflite)",
    .sniff = sniff,
    .open = open,
    .want = want_or_drop,
    .take = take,
    .held = held,
    .complete = complete,
    .finish = finish,
    .methods = methods,
    .describe = describe,
    .destroy = destroy,
};
