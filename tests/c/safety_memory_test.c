/* Running out of memory: every allocation, XNNPACK's among them, fails once while models are loaded and
 * run, pictures decoded and tasks computed. Each time the answer is an error that says so, and nothing is
 * left over. A second sweep lets every allocation from the n-th on fail. */
#include <stdlib.h>

#include "base/arena.h"
#include "ew.h"
#include "files.h"
#include "task/arrays.h"
#include "test.h"

enum { MAX_ALLOCATIONS = 20000 };

/* --- the sweep ------------------------------------------------------------------------------------ */

typedef ew_status (*scenario)(const void *context, ew_error *err);

static bool is_out_of_memory(ew_status status) {
  return status == EW_OUT_OF_MEMORY || status == EW_DELEGATE_OUT_OF_MEMORY;
}

/* Lets allocation n of the scenario fail, for n = 0 … total - 1; returns after how many of these it
 * succeeded all the same (stb_image tries the next format when memory for one is refused). */
static long sweep(const char *name, long total, void (*fail)(long), scenario run,
                  const void *context) {
  const size_t live = ew_alloc_live();
  long tolerated = 0;
  for (long n = 0; n < total; n++) {
    ew_error err = {0};
    fail(n);
    const ew_status status = run(context, &err);
    fail(-1);
    const bool clean = ew_alloc_live() == live;
    const bool told = is_out_of_memory(status) && err.message[0] != '\0';
    tolerated += status == EW_OK;
    if (!clean || (status != EW_OK && !told)) {
      printf("  %s: allocation %ld: %s '%s', %s\n", name, n, ew_status_name(status), err.message,
             clean ? "nothing left over" : "memory left over");
    }
    CHECK(clean);
    CHECK(status == EW_OK || told);
  }
  return tolerated;
}

static long remaining(void) {
  long left = 0;
  for (void *memory; (memory = ew_alloc(1)) != NULL; left++) ew_free(memory);
  return left;
}

static void sweep_both(const char *name, scenario run, const void *context) {
  ew_error err = {0};
  ew_alloc_fail_after(MAX_ALLOCATIONS);
  const ew_status status = run(context, &err);
  const long total = MAX_ALLOCATIONS - remaining();
  if (status != EW_OK) printf("  %s: %s\n", name, err.message);
  CHECK_EQ(status, EW_OK);
  CHECK(total > 0);
  const long tolerated = sweep(name, total, ew_alloc_fail_after, run, context);
  CHECK_EQ(sweep(name, total, ew_alloc_fail_from, run, context), 0);
  printf("  %-24s %4ld allocations, %ld single failures tolerated\n", name, total, tolerated);
}

/* --- models ---------------------------------------------------------------------------------------- */

static ew_status load_and_run(const void *context, ew_error *err) {
  const file_bytes *file = context;
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file->size};
  ew_status status = ew_model_load(file->data, file->size, &options, &model, err);
  for (uint32_t i = 0; status == EW_OK && i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    status = ew_model_set_input(model, i, info.dtype, info.rank, info.dims, &input, err);
  }
  if (status == EW_OK) status = ew_model_run(model, err);
  ew_model_destroy(model);
  return status;
}

static bool sweep_model(const char *folder, const char *name) {
  const file_bytes file = read_file("%s/%s.pte", folder, name);
  if (file.data == NULL) return false;
  sweep_both(name, load_and_run, &file);
  free(file.data);
  return true;
}

static void test_models(void) {
  static const char *const made[] = {"good_kernel", "good_constant", "good_conv", "good_int8",
                                     "good_convert"};
  static const char *const fixtures[] = {
      "conv_2d",        "fully_connected",       "int8_conv_2d", "int8_dynamic",
      "int4_dynamic",   "batch_matrix_multiply", "layer_norm",   "conv_2d_dilated",
      "avg_pool_2d",    "avg_pool_2d_padded",    "max_pool_2d",  "conv_transpose_2d",
      "mutable_buffer", "depthwise_conv_2d",     "slice",        "resize_bilinear_2d",
      "dynamic_batch",  "int8_depthwise_conv_2d"};
  static const char *const builtin[] = {"classifier_int8", "embedder_fp32", "segmenter_fp32"};
  static const char *const reference[] = {
      "norm_conv.et12", "int8_static.et12", "int8_dynamic.et05", "dynamic_batch.et12",
      "embedding.et14", "l2_tail.et12",     "cat.et14",          "pool.et05"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) CHECK(sweep_model(EW_BAD_DIR, made[i]));
  for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
    CHECK(sweep_model(EW_REPO_DIR "/tests/fixtures/pte", fixtures[i]));
  }
  for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) {
    CHECK(sweep_model(EW_REPO_DIR "/models/builtin", builtin[i]));
  }
  size_t found = 0;
  for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
    found += sweep_model(EW_REPO_DIR "/../shared/models/tiny", reference[i]);
  }
  if (found == 0) printf("  skipped: ../shared/models/tiny is not here\n");
}

/* --- pictures and tasks ---------------------------------------------------------------------------- */

/* 2 x 2 pixels, 24 bits, rows padded to 8 bytes. */
static const uint8_t bmp[70] = {'B',      'M',      70,       [10] = 54, [14] = 40,
                                [18] = 2, [22] = 2, [26] = 1, [28] = 24, [54] = 10,
                                20,       30,       40,       50,        60};

/* Other pixels as PNG, in one stored block. */
static const uint8_t png[] = {
    137, 80, 78, 71,  13,  10,  26, 10, 0,   0,   0,   13,  73, 72, 68, 82,  0,  0,  0,  2,  0,
    0,   0,  2,  8,   2,   0,   0,  0,  253, 212, 154, 115, 0,  0,  0,  25,  73, 68, 65, 84, 120,
    1,   1,  14, 0,   241, 255, 0,  1,  2,   3,   4,   5,   6,  0,  7,  8,   9,  10, 11, 12, 1,
    143, 0,  79, 158, 53,  137, 73, 0,  0,   0,   0,   73,  69, 78, 68, 174, 66, 96, 130};

static ew_status picture_to_tensor(const void *context, ew_error *err) {
  const file_bytes *file = context;
  const ew_image_limits limits = ew_image_limits_default();
  static float pixels[3 * 5 * 7];
  ew_tensor tensor = {.dtype = EW_F32, .rank = 4, .dims = {1, 3, 5, 7}, .data = pixels};
  ew_tensor_set_strides(&tensor, NULL);
  ew_image image = {0}, resized = {0};
  ew_status status = ew_image_decode(file->data, file->size, &limits, &image, err);
  if (status == EW_OK) status = ew_image_crop(&image, 0, 0, 2, 1, 1, err);
  if (status == EW_OK) status = ew_image_resize(&image, 9, 4, &resized, err);
  if (status == EW_OK) status = ew_image_to_tensor(&resized, NULL, NULL, NULL, &tensor, err);
  ew_image_free(&image);
  ew_image_free(&resized);
  return status;
}

static ew_status segment(const void *context, ew_error *err) {
  (void)context;
  static const float logits[3 * 4 * 4];
  static const uint32_t wanted[] = {0, 2};
  static int32_t argmax[8 * 8];
  static float planes[2][8 * 8];
  float *const pointers[] = {planes[0], planes[1]};
  return ew_segmentation_maps(logits, 3, 4, 4, true, wanted, 2, 8, 8, argmax, pointers, err);
}

static void test_pictures(void) {
  uint8_t *copy = malloc(sizeof bmp);
  memcpy(copy, bmp, sizeof bmp);
  sweep_both("BMP", picture_to_tensor, &(file_bytes){copy, sizeof bmp});
  free(copy);
  copy = malloc(sizeof png);
  memcpy(copy, png, sizeof png);
  sweep_both("PNG", picture_to_tensor, &(file_bytes){copy, sizeof png});
  free(copy);
}

static void test_tasks(void) { sweep_both("segmentation", segment, NULL); }

int main(void) {
  RUN(test_models);
  RUN(test_pictures);
  RUN(test_tasks);
  return test_summary();
}
