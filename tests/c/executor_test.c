/* The border of executors from the other side: the oracle behind calls that fail, wait and count. Each call of an
 * executor fails once; nothing leaks, and a model that has been loaded runs again as if nothing had been. */
#include "files.h"
#include "oracle/oracle.h"
#include "test.h"

#define CALLS(X) \
  X(supports) X(create) X(refine) X(build) X(reshape) X(workspace) X(setup) X(start) X(poll)

#define NUMBER(name) CALL_##name,
#define NAME(name) #name,
enum { CALLS(NUMBER) NUM_CALLS };
static const char *const call_names[] = {CALLS(NAME)};

static uint32_t calls[NUM_CALLS];
/* Call number fail_at of fail_call fails. */
static uint32_t fail_call = NUM_CALLS, fail_at;
/* Sizes that reshape was given and that are larger than the graph declares. */
static uint32_t larger_sizes;

#define COUNT(name)                                                                            \
  EW_CHECK(calls[CALL_##name]++ != fail_at || fail_call != CALL_##name, err, EW_INVALID_STATE, \
           "the test fails " #name)

static const ew_executor_ops failing;

/* --- the executor --------------------------------------------------------------------------------- */

static const ew_graph *graph_of_last;

static ew_status supports(const ew_graph *graph, const ew_node *node, ew_error *err) {
  COUNT(supports);
  return oracle_executor.supports(graph, node, err);
}

static ew_status create(const ew_graph *graph, const ew_executor_options *options,
                        ew_executor **out, ew_error *err) {
  COUNT(create);
  graph_of_last = graph;
  EW_TRY(oracle_executor.create(graph, options, out, err));
  (*out)->ops = &failing;
  return EW_OK;
}

static ew_status refine(ew_executor *executor, ew_graph *graph, uint32_t segment, bool optimise,
                        ew_error *err) {
  (void)executor, (void)graph, (void)segment, (void)optimise;
  COUNT(refine);
  return EW_OK;
}

static ew_status build(ew_executor *executor, uint32_t segment, ew_error *err) {
  COUNT(build);
  return oracle_executor.build(executor, segment, err);
}

static ew_status reshape(ew_executor *executor, uint32_t segment, const ew_shape *shapes,
                         ew_error *err) {
  COUNT(reshape);
  const ew_segment *s = &graph_of_last->segments[segment];
  for (uint32_t i = 0; i < s->num_inputs; i++) {
    const ew_shape declared = ew_value_shape(&graph_of_last->values[s->inputs[i]]);
    for (uint32_t d = 0; d < declared.rank; d++) {
      larger_sizes += shapes[s->inputs[i]].dims[d] > declared.dims[d];
    }
  }
  return oracle_executor.reshape(executor, segment, shapes, err);
}

static ew_status workspace(const ew_executor *executor, uint32_t segment, size_t *out_bytes,
                           ew_error *err) {
  (void)executor;
  COUNT(workspace);
  *out_bytes = segment;
  return EW_OK;
}

static ew_status setup(ew_executor *executor, uint32_t segment, void *const *inputs,
                       void *const *outputs, ew_error *err) {
  COUNT(setup);
  return oracle_executor.setup(executor, segment, inputs, outputs, err);
}

static ew_status start(ew_executor *executor, uint32_t segment, ew_error *err) {
  COUNT(start);
  return oracle_executor.start(executor, segment, err);
}

/* A run that fails is over: the oracle's is brought to its end. */
static ew_status poll(ew_executor *executor, uint32_t segment, ew_progress *out, ew_error *err) {
  const bool fails = fail_call == CALL_poll && calls[CALL_poll] == fail_at;
  do {
    EW_TRY(oracle_executor.poll(executor, segment, out, err));
  } while (fails && *out == EW_WAITING);
  COUNT(poll);
  return EW_OK;
}

static void destroy(ew_executor *executor) { oracle_executor.destroy(executor); }

static ew_keep keeps(const ew_executor *executor, uint32_t node, uint32_t input) {
  return oracle_executor.keeps(executor, node, input);
}

static ew_status times(ew_executor *executor, uint32_t segment, ew_time_visitor *visit,
                       void *context, ew_error *err) {
  return oracle_executor.times(executor, segment, visit, context, err);
}

static size_t memory(const ew_executor *executor) { return oracle_executor.memory(executor); }

static const ew_executor_ops failing = {.name = "failing",
                                        .supports = supports,
                                        .create = create,
                                        .destroy = destroy,
                                        .refine = refine,
                                        .keeps = keeps,
                                        .build = build,
                                        .reshape = reshape,
                                        .workspace = workspace,
                                        .setup = setup,
                                        .start = start,
                                        .poll = poll,
                                        .times = times,
                                        .memory = memory};

/* --- a model on it -------------------------------------------------------------------------------- */

static ew_status load(const file_bytes *file, ew_model **out, ew_error *err) {
  memset(calls, 0, sizeof calls);
  *out = NULL;
  return ew_model_load(file->data, file->size, &(ew_load_options){.executor = &failing}, out, err);
}

static ew_status set_inputs(ew_model *model, const size_t *first, ew_error *err) {
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    const size_t *dims = i == 0 && first != NULL ? first : info.dims;
    ew_tensor input;
    EW_TRY(ew_model_set_input(model, i, info.dtype, info.rank, dims, &input, err));
    for (size_t k = 0; k < ew_tensor_numel(&input); k++) {
      ((float *)input.data)[k] = 0.01f * (float)(k % 37) + 0.3f;
    }
  }
  return EW_OK;
}

/* first: sizes of the first input, NULL: the declared ones. Polls at most `most` times; *out_sum tells results apart. */
static ew_status run(ew_model *model, const size_t *first, uint32_t most, double *out_sum,
                     ew_error *err) {
  ew_progress progress = EW_WAITING;
  EW_TRY(set_inputs(model, first, err));
  EW_TRY(ew_model_start(model, err));
  for (uint32_t i = 0; i < most && progress == EW_WAITING; i++) {
    EW_TRY(ew_model_poll(model, &progress, err));
  }
  *out_sum = 0;
  for (uint32_t i = 0; progress == EW_DONE && i < ew_model_num_outputs(model); i++) {
    ew_tensor output;
    EW_TRY(ew_model_output(model, i, &output, err));
    for (size_t k = 0; k < ew_tensor_numel(&output); k++) {
      *out_sum += (double)((const float *)output.data)[k] * (double)(1 + k % 5);
    }
  }
  return EW_OK;
}

/* --- tests ---------------------------------------------------------------------------------------- */

static bool is_ours(const ew_error *err) { return strstr(err->message, "the test fails ") != NULL; }

/* One call fails, in the load or in the first run; the second run is as good as any. */
static void check_failure(const file_bytes *file, double expected) {
  ew_error err = {0};
  ew_model *model = NULL;
  double sum = 0;
  ew_status status = load(file, &model, &err);
  if (status == EW_OK) {
    status = run(model, NULL, UINT32_MAX, &sum, &err);
    CHECK(status == EW_OK ? sum == expected : is_ours(&err));
    CHECK_EQ(run(model, NULL, UINT32_MAX, &sum, &err), EW_OK);
    CHECK(sum == expected);
  } else {
    CHECK(is_ours(&err));
  }
  ew_model_destroy(model);
}

static void check_model(const char *name) {
  const file_bytes file = read_file("%s/tests/fixtures/pte/%s.pte", EW_REPO_DIR, name);
  const size_t live = ew_alloc_live();
  ew_error err = {0};
  ew_model *model = NULL;
  double expected = 0, sum = 0;
  CHECK_EQ(load(&file, &model, &err), EW_OK);
  CHECK_EQ(run(model, NULL, UINT32_MAX, &expected, &err), EW_OK);
  ew_model_destroy(model);
  uint32_t made[NUM_CALLS];
  memcpy(made, calls, sizeof made);
  for (fail_call = 0; fail_call < NUM_CALLS; fail_call++) {
    CHECK(made[fail_call] > 0);
    for (fail_at = 0; fail_at < made[fail_call]; fail_at++) {
      check_failure(&file, expected);
      if (ew_alloc_live() == live) continue;
      printf("  %s: %s, call %u\n", name, call_names[fail_call], fail_at);
      CHECK_EQ(ew_alloc_live(), live);
    }
  }
  /* The model goes while a segment is at work. */
  for (uint32_t most = 0; most < made[CALL_poll]; most++) {
    CHECK_EQ(load(&file, &model, &err), EW_OK);
    CHECK_EQ(run(model, NULL, most, &sum, &err), EW_OK);
    ew_model_destroy(model);
    CHECK_EQ(ew_alloc_live(), live);
  }
  free(file.data);
}

static void test_failures(void) {
  oracle_set_waits(2);
  check_model("conv_2d");
  check_model("attention");
  check_model("dynamic_batch");
  oracle_set_waits(0);
}

/* Runs at these sizes; whatever comes of it, the next run at the declared sizes is as good as any. */
static ew_status run_at(ew_model *model, const size_t *dims, double expected) {
  ew_error err = {0};
  double sum = 0;
  larger_sizes = 0;
  const ew_status status = run(model, dims, UINT32_MAX, &sum, &err);
  const uint32_t larger = larger_sizes;
  CHECK_EQ(run(model, NULL, UINT32_MAX, &sum, &err), EW_OK);
  CHECK(sum == expected);
  larger_sizes = larger;
  return status;
}

/* What sizes reach an executor: others than declared, larger ones too, but never more elements, and never none. */
static void test_sizes(void) {
  static const struct {
    size_t dims[4];
    ew_status status;
    uint32_t larger;
  } cases[] = {{{1, 3, 8, 8}, EW_OK, 0},
               {{1, 3, 16, 8}, EW_OK, 1},
               {{1, 3, 4, 32}, EW_OK, 1},
               {{1, 3, 0, 8}, EW_WRONG_DIMENSIONS, 0},
               {{1, 12, 8, 2}, EW_WRONG_DIMENSIONS, 0},
               {{9, 3, 8, 8}, EW_WRONG_DIMENSIONS, 0},
               {{1, 3, SIZE_MAX, 8}, EW_WRONG_DIMENSIONS, 0}};
  const file_bytes file = read_file("%s/tests/fixtures/pte/dynamic_batch.pte", EW_REPO_DIR);
  ew_error err = {0};
  ew_model *model = NULL;
  double expected = 0;
  CHECK_EQ(load(&file, &model, &err), EW_OK);
  CHECK_EQ(run(model, NULL, UINT32_MAX, &expected, &err), EW_OK);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CHECK_EQ(run_at(model, cases[i].dims, expected), cases[i].status);
    CHECK_EQ(larger_sizes, cases[i].larger);
  }
  /* Between runs, too, each reshape may fail. */
  const uint32_t made = calls[CALL_reshape];
  CHECK_EQ(run_at(model, cases[1].dims, expected), EW_OK);
  const uint32_t once = (calls[CALL_reshape] - made) / 2;
  CHECK(once > 0);
  fail_call = CALL_reshape;
  for (uint32_t i = 0; i < once; i++) {
    fail_at = calls[CALL_reshape] + i;
    CHECK_EQ(run_at(model, cases[1].dims, expected), EW_INVALID_STATE);
  }
  fail_call = NUM_CALLS;
  ew_model_destroy(model);
  free(file.data);
}

int main(void) {
  RUN(test_failures);
  RUN(test_sizes);
  return test_summary();
}
