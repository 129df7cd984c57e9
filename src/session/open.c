/* The public face of loading: a model is made of what the loader hands over. */
#include <string.h>

#include "base/bytes.h"
#include "load/load.h"
#include "session/model.h"

struct ew_load {
  ew_model *model;
  ew_loader *loader;
  bool skip_passes;
};

static ew_status create_model(const ew_load_options *options, ew_model **out, ew_error *err) {
  ew_model *model = ew_alloc(sizeof *model);
  EW_CHECK(model != NULL, err, EW_OUT_OF_MEMORY, "out of memory while loading");
  memset(model, 0, sizeof *model);
  model->profile = options->profile;
  model->max_work = options->max_work != 0 ? options->max_work : EW_MAX_WORK;
  model->max_output_bytes =
      options->max_output_bytes != 0 ? options->max_output_bytes : EW_MAX_OUTPUT_BYTES;
  model->file_size = options->file_size;
  ew_arena_init(&model->arena);
  model->arena.limit = EW_MAX_METADATA_BYTES;
  ew_graph_init(&model->graph, &model->arena, "");
  *out = model;
  return EW_OK;
}

/* Where the data file begins is where the model ends. */
static ew_status check_sizes(const ew_load_options *options, ew_error *err) {
  const bool fits = options->data_size == 0 || options->file_size < UINT64_MAX - options->data_size;
  EW_CHECK(fits, err, EW_INVALID_ARGUMENT,
           "the size of a model must be known to load it with a data file");
  return EW_OK;
}

static ew_status begin(ew_load *load, const ew_load_options *options, ew_error *err) {
  EW_TRY(check_sizes(options, err));
  EW_TRY(create_model(options, &load->model, err));
  ew_loader_options loader = {
      .file_size = options->file_size,
      .data_size = options->data_size,
      .picture_size = {options->picture_size[0], options->picture_size[1]},
      .skip_passes = options->skip_passes,
      .executor = options->executor != NULL ? options->executor : ew_executors[0],
      .executor_options = {.num_threads = options->num_threads, .profile = options->profile}};
  if (options->method != NULL) {
    EW_TRY(ew_arena_string(&load->model->arena, options->method, strlen(options->method),
                           &loader.method, err));
  }
  if (options->input_sizes != NULL) {
    size_t *sizes = NULL;
    loader.num_input_sizes = options->num_input_sizes;
    EW_TRY(ew_arena_alloc(&load->model->arena, loader.num_input_sizes, sizeof *sizes, &sizes, err));
    memcpy(sizes, options->input_sizes, loader.num_input_sizes * sizeof *sizes);
    loader.input_sizes = sizes;
  }
  return ew_loader_begin(&loader, &load->model->graph, &load->model->executor, &load->loader, err);
}

ew_status ew_load_begin(const ew_load_options *options, ew_load **out, ew_error *err) {
  *out = NULL;
  ew_load *load = ew_alloc(sizeof *load);
  EW_CHECK(load != NULL, err, EW_OUT_OF_MEMORY, "out of memory while loading");
  *load = (ew_load){.skip_passes = options->skip_passes};
  const ew_status status = begin(load, options, err);
  if (status != EW_OK) {
    ew_load_destroy(load);
    return status;
  }
  *out = load;
  return EW_OK;
}

ew_want ew_load_want(const ew_load *load) {
  const ew_format_range range = ew_loader_want(load->loader);
  return (ew_want){.offset = range.offset, .size = range.size, .data = range.data};
}

ew_status ew_load_advance(ew_load *load, size_t n, ew_error *err) {
  return ew_loader_advance(load->loader, n, err);
}

/* The graph is complete: what is left to be done before it can run. */
static ew_status complete(ew_load *load, ew_error *err) {
  ew_model *model = load->model;
  EW_TRY(ew_loader_finish(load->loader, &model->file, err));
  if (!load->skip_passes) {
    ew_views_for_copies(&model->graph);
    EW_TRY(ew_fold_masked_rows(&model->graph, err));
    EW_TRY(ew_fold_constants(&model->graph, err));
  }
  return ew_model_init(model, err);
}

ew_status ew_load_finish(ew_load *load, ew_model **out, ew_error *err) {
  *out = NULL;
  const ew_status status = complete(load, err);
  if (status == EW_OK) {
    *out = load->model;
    load->model = NULL;
  }
  ew_load_destroy(load);
  return status;
}

void ew_load_destroy(ew_load *load) {
  if (load == NULL) return;
  ew_loader_destroy(load->loader);
  ew_model_destroy(load->model);
  ew_free(load);
}

static ew_status feed(ew_load *load, const uint8_t *bytes, size_t size, ew_error *err) {
  for (ew_want want; (want = ew_load_want(load)).size > 0;) {
    EW_CHECK(ew_in_range(want.offset, want.size, size), err, EW_INVALID_PROGRAM,
             "the file ends at byte %zu, but bytes %llu to %llu are needed", size,
             (unsigned long long)want.offset, (unsigned long long)(want.offset + want.size));
    memcpy(want.data, bytes + want.offset, want.size);
    EW_TRY(ew_load_advance(load, want.size, err));
  }
  return EW_OK;
}

ew_status ew_model_load(const void *bytes, size_t size, const ew_load_options *options,
                        ew_model **out, ew_error *err) {
  ew_load_options known = *options;
  EW_CHECK(options->data_size <= size, err, EW_INVALID_ARGUMENT,
           "a data file of %llu bytes in %zu bytes", (unsigned long long)options->data_size, size);
  known.file_size = size - options->data_size;
  ew_load *load = NULL;
  EW_TRY(ew_load_begin(&known, &load, err));
  const ew_status status = feed(load, bytes, size, err);
  if (status == EW_OK) return ew_load_finish(load, out, err);
  ew_load_destroy(load);
  return status;
}
