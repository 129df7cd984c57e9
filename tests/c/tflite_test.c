/* Reading .tflite files: random models of one operator against what LiteRT answers, malformed files, the readers of their own. */
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "ew.h"
#include "files.h"
#include "format/tflite/flex.h"
#include "format/tflite/quant.h"
#include "test.h"

#define read_made(name, suffix) read_file("%s/%s%s", EW_TFLITE_DIR, name, suffix)

static ew_status feed(ew_model *model, const char *name, ew_error *err) {
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    EW_TRY(ew_model_set_input(model, i, info.dtype, info.rank, info.dims, &input, err));
    if (name == NULL) continue;
    char suffix[16];
    snprintf(suffix, sizeof suffix, ".in%u", i);
    const file_bytes data = read_made(name, suffix);
    CHECK_EQ(data.size, ew_tensor_bytes(&input));
    if (data.size == ew_tensor_bytes(&input)) ew_tensor_from_row_major(&input, data.data);
    free(data.data);
  }
  return EW_OK;
}

/* --- models of one operator ------------------------------------------------------------------------ */

static int equal_models, near_models;

/* Floats to 1e-5 of their range; 8-bit numbers to one step, since rounding is not specified. */
static bool is_near(const ew_tensor *tensor, const uint8_t *actual, const uint8_t *wanted) {
  const size_t count = ew_tensor_numel(tensor);
  double range = 1e-3, worst = 0;
  for (size_t i = 0; i < count; i++) {
    double a = 0, b = 0;
    if (tensor->dtype == EW_F32) {
      a = (double)ew_load_f32(actual + 4 * i);
      b = (double)ew_load_f32(wanted + 4 * i);
      if (isnan(a) && isnan(b)) continue;
    } else if (tensor->dtype == EW_U8 || tensor->dtype == EW_I8) {
      a = tensor->dtype == EW_U8 ? actual[i] : (int8_t)actual[i];
      b = tensor->dtype == EW_U8 ? wanted[i] : (int8_t)wanted[i];
    } else {
      return false;
    }
    if (fabs(b) > range) range = fabs(b);
    if (!(fabs(a - b) <= worst)) worst = fabs(a - b);
  }
  return worst <= (tensor->dtype == EW_F32 ? 1e-5 * range : 1);
}

static void check_output(ew_model *model, const char *name, uint32_t index, bool *equal) {
  char suffix[16];
  ew_tensor tensor = {0};
  ew_error err = {0};
  snprintf(suffix, sizeof suffix, ".out%u", index);
  const file_bytes wanted = read_made(name, suffix);
  CHECK_EQ(ew_model_output(model, index, &tensor, &err), EW_OK);
  const size_t size = ew_tensor_bytes(&tensor);
  uint8_t *actual = malloc(size + 1);
  ew_tensor_to_row_major(&tensor, actual);
  const bool same = wanted.size == size && memcmp(actual, wanted.data, size) == 0;
  const bool near = same || (wanted.size == size && is_near(&tensor, actual, wanted.data));
  if (!near) printf("  %s: output %u differs\n", name, index);
  CHECK(near);
  *equal = *equal && same;
  free(actual);
  free(wanted.data);
}

static void check_one_op(const char *name, const char *inputs, const char *outputs) {
  const file_bytes file = read_made(name, ".tflite");
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size};
  ew_status status = ew_model_load(file.data, file.size, &options, &model, &err);
  bool equal = true;
  if (status == EW_OK) {
    CHECK_EQ(ew_model_num_inputs(model), atoi(inputs));
    CHECK_EQ(ew_model_num_outputs(model), atoi(outputs));
    status = feed(model, name, &err);
  }
  if (status == EW_OK) status = ew_model_run(model, &err);
  if (status != EW_OK) printf("  %s: %s\n", name, err.message);
  CHECK_EQ(status, EW_OK);
  for (uint32_t i = 0; status == EW_OK && i < ew_model_num_outputs(model); i++) {
    check_output(model, name, i, &equal);
  }
  *(equal ? &equal_models : &near_models) += 1;
  ew_model_destroy(model);
  free(file.data);
}

static void test_one_op_models(void) {
  const int count = each_line(EW_TFLITE_DIR "/one-op.tsv", check_one_op);
  CHECK(count > 180);
  printf("  %d models equal to the bit, %d within the tolerance\n", equal_models, near_models);
}

/* --- malformed files ------------------------------------------------------------------------------- */

static void check_malformed(const char *name, const char *code, const char *message) {
  const size_t live = ew_alloc_live();
  const file_bytes file = read_made(name, ".tflite");
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size};
  ew_status status = ew_model_load(file.data, file.size, &options, &model, &err);
  if (status == EW_OK) status = feed(model, NULL, &err);
  if (status == EW_OK) status = ew_model_run(model, &err);
  check_ending(name, status, &err, code, message);
  ew_model_destroy(model);
  free(file.data);
  CHECK_EQ(ew_alloc_live(), live);
}

static void test_malformed_files(void) {
  const int count = each_line(EW_TFLITE_DIR "/expect.tsv", check_malformed);
  printf("  %d files\n", count);
  CHECK(count > 100);
}

/* What a load may take of the processor: before its work was bounded, these took from half a minute to hours. */
enum { MAX_LOAD_SECONDS = 10 };

static void check_dear(const char *name, const char *code, const char *message) {
  const file_bytes file = read_made(name, ".tflite");
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size};
  const clock_t start = clock();
  const ew_status status = ew_model_load(file.data, file.size, &options, &model, &err);
  const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  const bool as_expected = is_one_of(code, ew_status_name(status)) &&
                           (status == EW_OK || strstr(err.message, message) != NULL);
  if (!as_expected || seconds > MAX_LOAD_SECONDS) {
    printf("  %s: %s '%s' in %.1f s\n", name, ew_status_name(status), err.message, seconds);
  }
  CHECK(as_expected);
  CHECK(seconds <= MAX_LOAD_SECONDS);
  ew_model_destroy(model);
  free(file.data);
}

static void test_dear_files(void) { CHECK(each_line(EW_TFLITE_DIR "/dear.tsv", check_dear) > 3); }

static void check_probability(const char *name, bool expected) {
  const file_bytes file = read_made(name, ".tflite");
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = file.size};
  CHECK_EQ(ew_model_load(file.data, file.size, &options, &model, &err), EW_OK);
  if (model != NULL) CHECK_EQ(ew_model_output_is_probability(model, 0), expected);
  ew_model_destroy(model);
  free(file.data);
}

/* Asked of a graph with 2^60 paths back to what bounds its output. */
static void test_probabilities(void) {
  check_probability("good_squares", true);
  check_probability("good_output_twice", false);
}

/* --- FlexBuffers ------------------------------------------------------------------------------------ */

static void test_flex_map(void) {
  /* {"a": 5, "b": 0.5, "c": true}, all values of 4 bytes. */
  static const uint8_t map[] = {'a', 0,    'b', 0, 'c', 0, 0,  0,  3,   0,  0,  0, 12, 0,
                                0,   0,    14,  0, 0,   0, 16, 0,  0,   0,  12, 0, 0,  0,
                                4,   0,    0,   0, 3,   0, 0,  0,  5,   0,  0,  0, 0,  0,
                                0,   0x3f, 1,   0, 0,   0, 6,  14, 106, 15, 38, 1};
  tfl_flex flex;
  ew_error err = {0};
  CHECK_EQ(tfl_flex_open((ew_bytes){map, sizeof map}, "test", &flex, &err), EW_OK);
  CHECK(tfl_flex_number(&flex, "a", -1) == 5);
  CHECK(tfl_flex_number(&flex, "b", -1) == 0.5);
  CHECK(tfl_flex_number(&flex, "c", -1) == 1);
  CHECK(tfl_flex_number(&flex, "d", -1) == -1);
  /* Every prefix and every single change fails or is read within bounds. */
  for (size_t size = 0; size < sizeof map; size++) {
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, map, size);
    if (tfl_flex_open((ew_bytes){copy, size}, "test", &flex, &err) == EW_OK) {
      tfl_flex_number(&flex, "b", 0);
    }
    free(copy);
  }
  for (size_t at = 0; at < sizeof map; at++) {
    for (int value = 0; value < 256; value++) {
      uint8_t *copy = malloc(sizeof map);
      memcpy(copy, map, sizeof map);
      copy[at] = (uint8_t)value;
      if (tfl_flex_open((ew_bytes){copy, sizeof map}, "test", &flex, &err) == EW_OK) {
        tfl_flex_number(&flex, "a", 0);
        tfl_flex_number(&flex, "b", 0);
      }
      free(copy);
    }
  }
}

/* --- sparse tensors ---------------------------------------------------------------------------------- */

/* [4,4] with blocks of 2 x 2, of which the upper right and the lower left one are stored. */
static void test_densify(void) {
  uint32_t segments[] = {0, 1, 2}, indices[] = {1, 0};
  tfl_level levels[] = {{.size = 2, .dim = 0, .factor = 2},
                        {.sparse = true,
                         .size = 2,
                         .dim = 1,
                         .factor = 2,
                         .segments = segments,
                         .indices = indices,
                         .num_segments = 3,
                         .num_indices = 2},
                        {.size = 2, .dim = 0, .factor = 1},
                        {.size = 2, .dim = 1, .factor = 1}};
  const tfl_sparsity sparsity = {.num_levels = 4, .levels = levels, .rank = 2, .dims = {4, 4}};
  const uint8_t stored[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  static const uint8_t dense[16] = {0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0};
  uint8_t out[16];
  tfl_densify(&sparsity, stored, 1, out);
  CHECK(memcmp(out, dense, sizeof dense) == 0);
}

int main(void) {
  RUN(test_flex_map);
  RUN(test_densify);
  RUN(test_one_op_models);
  RUN(test_malformed_files);
  RUN(test_dear_files);
  RUN(test_probabilities);
  return test_summary();
}
