/* Sizes for inputs that leave some to the caller, before the caller has chosen any.
 *
 * A file states 1 for each such size, which windows without padding, slices, mirrored edges or joins of maps that
 * were halved and doubled need not fit. So graphs are built on trial until one is possible; it is a stand-in, since
 * a run with other sizes loads the model again. */

#include "format/tflite/builder.h"

/* Powers of two suit networks that halve maps; the others, architectures with a size of their own. */
static const uint16_t side_choices[] = {2,  4,  8,   16,  32,  64,  128, 256,  512,
                                        3,  5,  6,   7,   12,  24,  48,  96,   192,
                                        20, 80, 160, 224, 299, 320, 384, 1024, 1536};
enum { NUM_CHOICES = sizeof side_choices / sizeof side_choices[0], MAX_SIDE = 1536 };

typedef struct search {
  const tfl_model *model;
  size_t *sizes; /* of all inputs, one after another */
  uint32_t num_sizes;
  uint64_t work;      /* left for all trials together */
  bool batch_is_free; /* some input of rank 2 or more leaves its first size free */
} search;

static bool is_batch(const tfl_tensor *tensor, uint32_t d) { return d == 0 && tensor->rank > 1; }

static ew_status begin_search(const tfl_model *model, ew_arena *arena, search *out, ew_error *err) {
  *out = (search){.model = model, .work = EW_MAX_FOLD_WORK};
  for (uint32_t i = 0; i < model->num_inputs; i++) {
    out->num_sizes += model->tensors[model->inputs[i]].rank;
  }
  return ew_arena_alloc(arena, (size_t)out->num_sizes + 1, sizeof *out->sizes, &out->sizes, err);
}

/* side 0: as the file states them. Batches stay as stated unless with_batch. */
static void choose(search *s, size_t side, bool with_batch) {
  size_t *size = s->sizes;
  for (uint32_t i = 0; i < s->model->num_inputs; i++) {
    const tfl_tensor *tensor = &s->model->tensors[s->model->inputs[i]];
    for (uint32_t d = 0; d < tensor->rank; d++) {
      const bool free = (tensor->dynamic >> d & 1) != 0;
      if (free && is_batch(tensor, d)) s->batch_is_free = true;
      *size++ = free && side > 0 && (with_batch || !is_batch(tensor, d)) ? side : tensor->dims[d];
    }
  }
}

static ew_status build_on_trial(search *s, ew_error *err) {
  ew_arena arena;
  ew_graph graph;
  ew_arena_init(&arena);
  arena.limit = EW_MAX_METADATA_BYTES;
  ew_graph_init(&graph, &arena, "");
  const ew_status status = tfl_build(s->model, s->sizes, s->num_sizes, &s->work, &graph, err);
  ew_graph_free(&graph);
  ew_arena_free(&arena);
  return status;
}

/* Sizes that constants have, which maps may have to meet: after the choices above, each but once. */
static size_t next_side(const search *s, size_t after) {
  size_t next = SIZE_MAX;
  for (uint32_t i = 0; i < s->model->num_tensors; i++) {
    const tfl_tensor *tensor = &s->model->tensors[i];
    for (uint32_t d = 0; tensor->bytes.size > 0 && d < tensor->rank; d++) {
      const size_t size = tensor->dims[d];
      if (size > after && size < next && size <= MAX_SIDE) next = size;
    }
  }
  return next;
}

/* What another size may mend. */
static bool may_be_size(ew_status status) {
  return status == EW_INVALID_PROGRAM || status == EW_NOT_SUPPORTED ||
         status == EW_INVALID_ARGUMENT;
}

static ew_status try_sides(search *s, bool with_batch, ew_error *err) {
  ew_status status = EW_INVALID_PROGRAM;
  for (uint32_t i = 0; i < NUM_CHOICES && may_be_size(status); i++) {
    choose(s, side_choices[i], with_batch);
    status = build_on_trial(s, err);
  }
  size_t side = next_side(s, 1);
  for (uint32_t i = 0; i < NUM_CHOICES && side != SIZE_MAX && may_be_size(status); i++) {
    choose(s, side, with_batch);
    status = build_on_trial(s, err);
    side = next_side(s, side);
  }
  return status;
}

/* Pictures have their height and width before or behind three channels, as in js/core/input-sizes.ts. */
static void choose_picture(search *s, const size_t picture[2]) {
  size_t *size = s->sizes;
  choose(s, 0, false);
  for (uint32_t i = 0; i < s->model->num_inputs; i++) {
    const tfl_tensor *tensor = &s->model->tensors[s->model->inputs[i]];
    const uint32_t rank = tensor->rank;
    const bool channels_last =
        rank >= 3 && tensor->dims[rank - 1] == 3 && tensor->dims[rank - 3] != 3;
    for (uint32_t k = 0; k < 2 && rank >= 3; k++) {
      const uint32_t d = rank - 2 - channels_last + k;
      if (tensor->dynamic >> d & 1) size[d] = picture[k];
    }
    size += rank;
  }
}

ew_status tfl_find_sizes(const tfl_model *model, const size_t picture[2], ew_arena *arena,
                         const size_t **out, uint32_t *out_count, ew_error *err) {
  search s;
  ew_error first;
  EW_TRY(begin_search(model, arena, &s, err));
  ew_status stated = EW_INVALID_PROGRAM;
  if (picture[0] > 0 && picture[1] > 0) {
    choose_picture(&s, picture);
    stated = build_on_trial(&s, &first);
  }
  if (stated != EW_OK) {
    choose(&s, 0, false);
    stated = build_on_trial(&s, &first);
  }
  ew_status status = stated;
  if (may_be_size(status)) status = try_sides(&s, false, err);
  if (may_be_size(status) && s.batch_is_free) status = try_sides(&s, true, err);
  if (status != EW_OK) {
    *err = first;
    return may_be_size(stated) ? ew_fail_context(err, stated,
                                                 "no sizes were found that fit (inputSize of a "
                                                 "model object says which pictures have)")
                               : stated;
  }
  *out = s.sizes;
  *out_count = s.num_sizes;
  return EW_OK;
}

bool tfl_has_free_sizes(const tfl_model *model) {
  for (uint32_t i = 0; i < model->num_inputs; i++) {
    if (model->tensors[model->inputs[i]].dynamic != 0) return true;
  }
  return false;
}
