/* Models whose weights lie in a data file (.ptd): they load from both as one, and hostile data files are
 * refused. The fixtures are made by models/export/fixture_data_files.py. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "ew.h"
#include "test.h"

enum { MAX_FILE = 1 << 16, NUM_INPUTS = 8, NUM_OUTPUTS = 6 };

/* A model and its data file, one behind the other. */
typedef struct pair {
  uint8_t bytes[MAX_FILE];
  size_t model_size, data_size;
} pair;

static float values[NUM_INPUTS + NUM_OUTPUTS];

static size_t read_file(const char *name, const char *extension, uint8_t *to, size_t room) {
  char path[1024];
  snprintf(path, sizeof path, "%s/tests/fixtures/ptd/%s.%s", EW_REPO_DIR, name, extension);
  FILE *in = fopen(path, "rb");
  CHECK(in != NULL);
  if (in == NULL) return 0;
  const size_t size = fread(to, 1, room, in);
  fclose(in);
  return size;
}

static void read_values(void) {
  FILE *in = fopen(EW_REPO_DIR "/tests/fixtures/ptd/values.txt", "r");
  CHECK(in != NULL);
  if (in == NULL) return;
  for (int i = 0; i < NUM_INPUTS + NUM_OUTPUTS; i++) CHECK_EQ(fscanf(in, "%f", &values[i]), 1);
  fclose(in);
}

static void read_pair(const char *name, pair *out) {
  out->model_size = read_file(name, "pte", out->bytes, MAX_FILE);
  out->data_size = read_file(name, "ptd", out->bytes + out->model_size, MAX_FILE - out->model_size);
}

/* From memory of exactly that size, so that the sanitizer sees every byte read behind it. */
static ew_status load(const pair *files, ew_model **out, ew_error *err) {
  const size_t size = files->model_size + files->data_size;
  uint8_t *bytes = malloc(size);
  memcpy(bytes, files->bytes, size);
  const ew_load_options options = {.data_size = files->data_size};
  const ew_status status = ew_model_load(bytes, size, &options, out, err);
  free(bytes);
  return status;
}

static void check_run(ew_model *model) {
  ew_error err = {0};
  ew_tensor input, output;
  CHECK_EQ(ew_model_set_input(model, 0, EW_F32, 2, (size_t[]){2, 4}, &input, &err), EW_OK);
  memcpy(input.data, values, NUM_INPUTS * sizeof *values);
  CHECK_EQ(ew_model_run(model, &err), EW_OK);
  CHECK_EQ(ew_model_output(model, 0, &output, &err), EW_OK);
  CHECK_NEAR_ALL((const float *)output.data, values + NUM_INPUTS, NUM_OUTPUTS, 1e-6);
}

static void check_loads(const char *name) {
  pair files;
  read_pair(name, &files);
  ew_error err = {0};
  ew_model *model = NULL;
  CHECK_EQ(load(&files, &model, &err), EW_OK);
  if (model == NULL) {
    printf("  %s: %s\n", name, err.message);
    return;
  }
  check_run(model);
  ew_model_destroy(model);
}

static void test_loads(void) {
  check_loads("portable");
  check_loads("xnnpack");
}

/* Wants name bytes of the data file as bytes behind the model; each byte is asked for once. */
static void test_wants(void) {
  static pair files;
  static uint8_t asked[MAX_FILE];
  read_pair("xnnpack", &files);
  memset(asked, 0, sizeof asked);
  const size_t size = files.model_size + files.data_size;
  const ew_load_options options = {.file_size = files.model_size, .data_size = files.data_size};
  ew_error err = {0};
  ew_load *loading = NULL;
  ew_model *model = NULL;
  CHECK_EQ(ew_load_begin(&options, &loading, &err), EW_OK);
  bool of_data = false;
  for (ew_want want; (want = ew_load_want(loading)).size > 0;) {
    CHECK(ew_in_range(want.offset, want.size, size));
    of_data |= want.offset >= files.model_size;
    CHECK_EQ(asked[want.offset]++, 0);
    *(uint8_t *)want.data = files.bytes[want.offset];
    if (ew_load_advance(loading, 1, &err) != EW_OK) break;
  }
  CHECK(of_data);
  CHECK_EQ(ew_load_finish(loading, &model, &err), EW_OK);
  if (model != NULL) check_run(model);
  ew_model_destroy(model);
}

static void check_refused(const pair *files, ew_status code, const char *message) {
  ew_error err = {0};
  ew_model *model = NULL;
  const ew_status status = load(files, &model, &err);
  if (status != code || strstr(err.message, message) == NULL) {
    printf("  %s '%s', expected '%s'\n", ew_status_name(status), err.message, message);
  }
  CHECK_EQ(status, code);
  CHECK(strstr(err.message, message) != NULL);
  ew_model_destroy(model);
}

static void store_u64(uint8_t *to, uint64_t value) { memcpy(to, &value, sizeof value); }

static void test_refusals(void) {
  static pair good, bad;
  read_pair("portable", &good);
  uint8_t *data = bad.bytes + good.model_size;
  bad = good;
  bad.data_size = 0;
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "(.ptd) that was not given");
  bad.data_size = 47;
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "47 bytes are too few for its header");
  bad.data_size = good.data_size - 1;
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "is it truncated?");
  bad = good;
  data[4] = 'X';
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "this is not a .ptd file");
  bad = good;
  data[12] = 39;
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "header states 39 bytes");
  bad = good;
  store_u64(data + 24, UINT64_MAX - 8);
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "leaves the file");
  bad = good;
  store_u64(data + 32, UINT64_MAX);
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "leave the file");
  /* Data of another model. */
  read_pair("xnnpack", &bad);
  bad.data_size = read_file("portable", "ptd", bad.bytes + bad.model_size, MAX_FILE / 2);
  check_refused(&bad, EW_INVALID_EXTERNAL_DATA, "do the two belong together?");
  /* Where the data file begins must be known. */
  ew_error err = {0};
  ew_load *loading = NULL;
  const ew_load_options unknown = {.file_size = UINT64_MAX, .data_size = 100};
  CHECK_EQ(ew_load_begin(&unknown, &loading, &err), EW_INVALID_ARGUMENT);
  CHECK(loading == NULL);
}

/* Every byte of the data file's metadata, spoilt: whatever comes of it, nothing is read beyond the file. */
static void test_mutants(void) {
  static pair files;
  const char *names[] = {"portable", "xnnpack"};
  for (int n = 0; n < 2; n++) {
    read_pair(names[n], &files);
    int refused = 0;
    for (size_t i = 0; i < files.data_size; i++) {
      static const uint8_t masks[] = {0x01, 0x80, 0xff};
      for (size_t m = 0; m < sizeof masks; m++) {
        ew_error err = {0};
        ew_model *model = NULL;
        files.bytes[files.model_size + i] ^= masks[m];
        if (load(&files, &model, &err) != EW_OK) refused++;
        ew_model_destroy(model);
        files.bytes[files.model_size + i] ^= masks[m];
      }
    }
    printf("  %s: %d of %zu mutants refused\n", names[n], refused, 3 * files.data_size);
    CHECK(refused > 0);
  }
}

static void test_out_of_memory(void) {
  static pair files;
  read_pair("xnnpack", &files);
  const size_t live = ew_alloc_live();
  ew_status status = EW_OUT_OF_MEMORY;
  for (long n = 0; n < 2000 && status != EW_OK; n++) {
    ew_error err = {0};
    ew_model *model = NULL;
    ew_alloc_fail_after(n);
    status = load(&files, &model, &err);
    ew_alloc_fail_after(-1);
    ew_model_destroy(model);
    CHECK(status == EW_OK || err.message[0] != '\0');
    CHECK_EQ(ew_alloc_live(), live);
  }
  CHECK_EQ(status, EW_OK);
}

int main(void) {
  read_values();
  RUN(test_loads);
  RUN(test_wants);
  RUN(test_refusals);
  RUN(test_mutants);
  RUN(test_out_of_memory);
  return test_summary();
}
