/* Hostile files: every rule of the reader refuses the file that breaks it alone, with its own message.
 * The files are made by tests/fixtures/bad (see cases.mjs) while the tests are built. */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "ew.h"
#include "files.h"
#include "format/flatbuf.h"
#include "test.h"

static file_bytes read_bad(const char *name) { return read_file("%s/%s.pte", EW_BAD_DIR, name); }

/* Runs on zeros. */
static ew_status run(ew_model *model, ew_error *err) {
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    EW_TRY(ew_model_set_input(model, i, info.dtype, info.rank, info.dims, &input, err));
  }
  return ew_model_run(model, err);
}

static void check_case(const char *name, const char *codes, const char *message) {
  const size_t live = ew_alloc_live();
  const file_bytes file = read_bad(name);
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size};
  ew_status status = EW_INTERNAL;
  if (file.size > 0) status = ew_model_load(file.data, file.size, &options, &model, &err);
  if (status == EW_OK) status = run(model, &err);
  check_ending(name, status, &err, codes, message);
  ew_model_destroy(model);
  free(file.data);
  CHECK_EQ(ew_alloc_live(), live);
}

static void test_reject_list(void) {
  const int count = each_line(EW_BAD_DIR "/expect.tsv", check_case);
  printf("  %d files\n", count);
  CHECK(count > 180);
}

/* Loads a made file, sets its one input and runs it; NULL after a failure. */
static ew_model *run_made(const char *name, bool skip_passes, const float *input, size_t count) {
  const file_bytes file = read_bad(name);
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size, .skip_passes = skip_passes};
  ew_status status = ew_model_load(file.data, file.size, &options, &model, &err);
  free(file.data);
  if (status == EW_OK) {
    const ew_tensor info = ew_model_input_info(model, 0);
    ew_tensor x;
    CHECK_EQ(ew_model_num_inputs(model), 1);
    CHECK_EQ(ew_tensor_numel(&info), count);
    status = ew_model_set_input(model, 0, EW_F32, info.rank, info.dims, &x, &err);
    if (status == EW_OK) memcpy(x.data, input, count * sizeof *input);
  }
  if (status == EW_OK) status = ew_model_run(model, &err);
  if (status != EW_OK) printf("  %s: %s\n", name, err.message);
  CHECK_EQ(status, EW_OK);
  if (status == EW_OK) return model;
  ew_model_destroy(model);
  return NULL;
}

static ew_tensor output_of(ew_model *model, uint32_t index, ew_dtype dtype, size_t count) {
  ew_error err = {0};
  ew_tensor y = {0};
  CHECK_EQ(ew_model_output(model, index, &y, &err), EW_OK);
  CHECK_EQ(y.dtype, dtype);
  CHECK_EQ(ew_tensor_numel(&y), count);
  return y;
}

/* Moves rename values, inputs and outputs too, and reach across chains: the file computes 6 x. */
static void test_moves(void) {
  const float x[6] = {-1, -0.5f, 0, 0.5f, 1, 1.5f};
  for (int skip = 0; skip < 2; skip++) {
    ew_model *model = run_made("good_move", skip != 0, x, 6);
    if (model == NULL) return;
    const float *y = output_of(model, 0, EW_F32, 6).data;
    for (int i = 0; i < 6; i++) CHECK(y[i] == 6 * x[i]);
    ew_model_destroy(model);
  }
}

/* One run of good_branch: y = p ? (q ? 2 x : x) : 3 x. */
static void run_branches(ew_model *model, bool p, bool q) {
  const float x[6] = {-1, -0.5f, 0, 0.5f, 1, 1.5f};
  const float factor = p ? (q ? 2.0f : 1.0f) : 3.0f;
  ew_error err = {0};
  ew_tensor input;
  CHECK_EQ(ew_model_set_input(model, 0, EW_F32, 2, (size_t[]){2, 3}, &input, &err), EW_OK);
  memcpy(input.data, x, sizeof x);
  CHECK_EQ(ew_model_set_input(model, 1, EW_BOOL, 1, (size_t[]){1}, &input, &err), EW_OK);
  *(uint8_t *)input.data = p;
  CHECK_EQ(ew_model_set_input(model, 2, EW_BOOL, 0, NULL, &input, &err), EW_OK);
  *(uint8_t *)input.data = q;
  CHECK_EQ(ew_model_run(model, &err), EW_OK);
  const float *y = output_of(model, 0, EW_F32, 6).data;
  for (int i = 0; i < 6; i++) CHECK(y[i] == factor * x[i]);
}

/* Each run takes the branches that its inputs say, whatever the one before took. */
static void test_branches(void) {
  const file_bytes file = read_bad("good_branch");
  for (int skip = 0; skip < 2; skip++) {
    ew_error err = {0};
    ew_model *model = NULL;
    const ew_load_options options = {.skip_passes = skip != 0, .profile = true};
    CHECK_EQ(ew_model_load(file.data, file.size, &options, &model, &err), EW_OK);
    if (model == NULL) return;
    for (int i = 0; i < 16; i++) run_branches(model, (i / 4 * 5 + i) % 2 != 0, i / 2 % 2 != 0);
    ew_text text = {0};
    ew_model_dump(model, &text);
    CHECK(strstr(text.data, "if %2: if %1: ") != NULL && strstr(text.data, "unless %1: ") != NULL);
    ew_text_free(&text);
    run_branches(model, false, true);
    ew_model_profile(model, &text);
    /* A product and a copy: what was not run has no times. */
    CHECK(strstr(text.data, "aten::mul") != NULL);
    CHECK(strstr(strstr(text.data, "aten::mul") + 1, "aten::mul") == NULL);
    ew_text_free(&text);
    ew_model_destroy(model);
  }
  free(file.data);
}

/* XNNPACK nodes that the exporter does not write, so that no fixture has them. */
static void test_rare_nodes(void) {
  const float x[4] = {-1, 2, -2, 1};
  ew_model *model = run_made("good_rare", false, x, 4);
  if (model == NULL) return;
  const float *elu = output_of(model, 0, EW_F32, 4).data;
  for (int i = 0; i < 4; i++) {
    CHECK(fabsf(elu[i] - (x[i] > 0 ? x[i] : 0.5f * expm1f(x[i]))) < 1e-6f);
  }
  CHECK(*(const float *)output_of(model, 1, EW_F32, 1).data == 2);
  CHECK_EQ(*(const int64_t *)output_of(model, 2, EW_I64, 1).data, 1);
  ew_model_destroy(model);
}

/* A table that is named again and again, as hostile files do to make work of nothing. */
static void test_table_budget(void) {
  uint8_t bytes[32] = {0};
  bytes[0] = 16; /* root */
  bytes[8] = 4;  /* vtable: 4 bytes, of a table of 4 */
  bytes[10] = 4;
  bytes[16] = 8; /* table: its vtable is 8 bytes before it */
  ew_fb fb;
  ew_error err = {0};
  ew_fb_init(&fb, (ew_bytes){bytes, sizeof bytes}, "test", &err);
  for (uint32_t i = 0; i < EW_MAX_TABLES; i++) ew_fb_root(&fb);
  CHECK_EQ(ew_fb_status(&fb), EW_OK);
  ew_fb_root(&fb);
  CHECK_EQ(ew_fb_status(&fb), EW_INVALID_PROGRAM);
  CHECK(strstr(err.message, "too many tables") != NULL);
}

int main(void) {
  RUN(test_reject_list);
  RUN(test_moves);
  RUN(test_branches);
  RUN(test_rare_nodes);
  RUN(test_table_budget);
  return test_summary();
}
