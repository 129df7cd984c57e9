/* Tasks on models: what is checked, what comes out, and that every allocation may fail. */
#include "task/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "test.h"

static ew_task *open_fixture(const char *name, ew_error *err) {
  char path[1024];
  snprintf(path, sizeof path, "%s/tests/fixtures/pte/%s.pte", EW_REPO_DIR, name);
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) return NULL;
  static uint8_t bytes[1 << 20];
  const size_t size = fread(bytes, 1, sizeof bytes, stream);
  fclose(stream);
  ew_model *model = NULL;
  ew_task *task = NULL;
  const ew_load_options options = {0};
  if (ew_model_load(bytes, size, &options, &model, err) != EW_OK) return NULL;
  return ew_task_create(model, &task, err) == EW_OK ? task : NULL;
}

/* Sets every f32 input to 0, 1/16, 2/16 … row-major, and runs. */
static ew_status run(ew_task *task, ew_error *err) {
  const ew_model *model = ew_task_model(task);
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    EW_TRY(ew_task_set_input(task, i, info.dtype, info.rank, info.dims, &input, err));
    const size_t count = ew_tensor_numel(&input);
    for (size_t k = 0; k < count; k++) ((float *)input.data)[k] = (float)(k % 97) / 16.0f;
  }
  return ew_task_run(task, err);
}

static ew_status ask(ew_task *task, const char *name, const double *arguments, uint32_t count,
                     ew_task_result *out, ew_error *err) {
  const ew_task_request request = {name, 5, 3, arguments, count};
  return ew_task_result_of(task, &request, out, err);
}

static void test_row_major(void) {
  ew_error err = {0};
  ew_task *task = open_fixture("channels_last", &err);
  CHECK(task != NULL);
  CHECK_EQ(run(task, &err), EW_OK);
  ew_tensor staged, output;
  CHECK_EQ(ew_model_input(ew_task_model(task), 0, &staged, &err), EW_OK);
  /* The model's own order is another one; element 1 of the row-major input lies elsewhere in it. */
  CHECK(!ew_tensor_is_contiguous(&staged));
  const float *own = staged.data;
  CHECK_EQ((int)(own[staged.strides[staged.rank - 1]] * 16.0f), 1);
  CHECK_EQ(ew_task_output(task, 0, &output, &err), EW_OK);
  CHECK(ew_tensor_is_contiguous(&output));
  ew_task_destroy(task);
}

static void test_results(void) {
  ew_error err = {0};
  ew_task *task = open_fixture("conv_2d", &err);
  CHECK(task != NULL);
  ew_task_result result;
  CHECK_EQ(ask(task, "embed", NULL, 0, &result, &err), EW_INVALID_STATE);
  CHECK_EQ(run(task, &err), EW_OK);
  ew_tensor output;
  CHECK_EQ(ew_task_output(task, 0, &output, &err), EW_OK);
  const size_t classes = output.dims[1], height = output.dims[2], width = output.dims[3];

  CHECK_EQ(ask(task, "embed", NULL, 0, &result, &err), EW_OK);
  CHECK_EQ(result.count, 1);
  CHECK(memcmp(result.tensors->data, output.data, ew_tensor_bytes(&output)) == 0);

  CHECK_EQ(ask(task, "classify", NULL, 0, &result, &err), EW_OK);
  double sum = 0;
  for (size_t i = 0; i < result.tensors->dims[0]; i++) sum += ((float *)result.tensors->data)[i];
  CHECK_EQ(result.tensors->dims[0], ew_tensor_numel(&output));
  CHECK(sum > 0.999 && sum < 1.001);

  const double wanted[] = {0, 1, 0};
  CHECK_EQ(ask(task, "segment", wanted, 3, &result, &err), EW_OK);
  CHECK_EQ(result.count, 3);
  CHECK_EQ(result.tensors[0].dtype, EW_I32);
  CHECK_EQ(result.tensors[2].dims[0], height);
  CHECK_EQ(result.tensors[2].dims[1], width);
  const double resized[] = {1};
  CHECK_EQ(ask(task, "segment", resized, 1, &result, &err), EW_OK);
  CHECK_EQ(result.tensors[0].dims[0], 3);
  CHECK_EQ(result.tensors[0].dims[1], 5);

  const double unknown[] = {0, (double)classes};
  CHECK_EQ(ask(task, "segment", unknown, 2, &result, &err), EW_INVALID_USER_INPUT);
  const double negative[] = {0, -1};
  CHECK_EQ(ask(task, "segment", negative, 2, &result, &err), EW_INVALID_USER_INPUT);
  CHECK_EQ(ask(task, "segment", NULL, 0, &result, &err), EW_INVALID_ARGUMENT);
  CHECK_EQ(ask(task, "detect", NULL, 0, &result, &err), EW_NOT_FOUND);
  ew_task_destroy(task);
}

/* Outputs that a softmax made: a result must leave them as they are. */
static void test_asked_twice(void) {
  ew_error err = {0};
  ew_task *task = open_fixture("op_softmax", &err);
  CHECK(task != NULL);
  CHECK_EQ(run(task, &err), EW_OK);
  ew_tensor output;
  CHECK_EQ(ew_task_output(task, 0, &output, &err), EW_OK);
  const size_t bytes = ew_tensor_bytes(&output);
  float *before = malloc(bytes), first = 0;
  memcpy(before, output.data, bytes);
  const double wanted[] = {0, 1};
  ew_task_result result;
  CHECK_EQ(ask(task, "segment", wanted, 2, &result, &err), EW_OK);
  first = ((float *)result.tensors[1].data)[0];
  CHECK_EQ(ask(task, "segment", wanted, 2, &result, &err), EW_OK);
  CHECK(((float *)result.tensors[1].data)[0] == first);
  CHECK_EQ(ew_task_output(task, 0, &output, &err), EW_OK);
  CHECK(memcmp(output.data, before, bytes) == 0);
  free(before);
  ew_task_destroy(task);
}

static void test_wrong_outputs(void) {
  ew_error err = {0};
  ew_task *task = open_fixture("fully_connected", &err);
  CHECK(task != NULL);
  CHECK_EQ(run(task, &err), EW_OK);
  ew_task_result result;
  const double none[] = {0};
  CHECK_EQ(ask(task, "segment", none, 1, &result, &err), EW_INVALID_MODEL_OUTPUT);
  CHECK(strstr(err.message, "a segmenter has f32 logits") != NULL);
  ew_task_destroy(task);
}

/* One-plane outputs are logits unless the graph ends in what bounds them. */
static void test_ranges(void) {
  static const struct {
    const char *name;
    bool expected;
  } cases[] = {{"sigmoid", true}, {"softmax", true}, {"conv_2d", false}, {"add", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ew_error err = {0};
    ew_task *task = open_fixture(cases[i].name, &err);
    CHECK(task != NULL);
    CHECK_EQ(ew_model_output_is_probability(ew_task_model(task), 0), cases[i].expected);
    ew_task_destroy(task);
  }
}

static ew_status whole(ew_error *err) {
  ew_task *task = open_fixture("conv_2d", err);
  if (task == NULL) return err->code;
  ew_task_result result;
  const double wanted[] = {1, 0};
  ew_status status = run(task, err);
  if (status == EW_OK) status = ask(task, "segment", wanted, 2, &result, err);
  if (status == EW_OK) status = ask(task, "classify", NULL, 0, &result, err);
  ew_task_destroy(task);
  return status;
}

static void test_failing_memory(void) {
  const size_t before = ew_alloc_live();
  long failures = 0;
  for (long n = 0;; n++) {
    ew_error err = {0};
    ew_alloc_fail_after(n);
    const ew_status status = whole(&err);
    ew_alloc_fail_after(-1);
    CHECK_EQ(ew_alloc_live(), before);
    if (status == EW_OK) break;
    failures++;
    CHECK(err.message[0] != '\0');
    if (n > 100000) break;
  }
  CHECK(failures > 10);
}

int main(void) {
  RUN(test_row_major);
  RUN(test_results);
  RUN(test_asked_twice);
  RUN(test_wrong_outputs);
  RUN(test_ranges);
  RUN(test_failing_memory);
  return test_summary();
}
