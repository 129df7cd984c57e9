/* Hostile files: every rule of the reader refuses the file that breaks it alone, with its own message.
 * The files are made by tests/fixtures/bad (see cases.mjs) while the tests are built. */
#include <stdlib.h>

#include "base/arena.h"
#include "ew.h"
#include "format/flatbuf.h"
#include "test.h"

enum { MAX_FILE = 4 << 20 };

static uint8_t file[MAX_FILE];

static size_t read_file(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.pte", EW_BAD_DIR, name);
  FILE *in = fopen(path, "rb");
  if (in == NULL) return 0;
  const size_t size = fread(file, 1, sizeof file, in);
  fclose(in);
  return size;
}

/* Runs on zeros. */
static ew_status run(ew_model *model, ew_error *err) {
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    EW_TRY(ew_model_set_input(model, i, info.dtype, info.rank, info.dims, &input, err));
  }
  return ew_model_run(model, err);
}

static ew_status load_and_run(size_t size, ew_error *err) {
  /* Exactly as many bytes as the file has, so that the sanitizer sees every byte read behind it. */
  uint8_t *bytes = malloc(size);
  memcpy(bytes, file, size);
  ew_model *model = NULL;
  const ew_load_options options = {.file_size = size};
  ew_status status = ew_model_load(bytes, size, &options, &model, err);
  if (status == EW_OK) status = run(model, err);
  ew_model_destroy(model);
  free(bytes);
  return status;
}

/* "A|B" holds both names. */
static bool is_one_of(const char *names, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = names; (at = strstr(at, name)) != NULL; at += length) {
    const bool starts = at == names || at[-1] == '|';
    if (starts && (at[length] == '\0' || at[length] == '|')) return true;
  }
  return false;
}

static void check_case(const char *name, const char *code, const char *message) {
  const size_t live = ew_alloc_live();
  const size_t size = read_file(name);
  ew_error err = {0};
  const ew_status status = size == 0 ? EW_INTERNAL : load_and_run(size, &err);
  const bool as_expected =
      is_one_of(code, ew_status_name(status)) && strstr(err.message, message) != NULL;
  if (!as_expected) {
    printf("  %s: %s '%s', expected %s '%s'\n", name, ew_status_name(status), err.message, code,
           message);
  }
  CHECK(as_expected);
  CHECK_EQ(ew_alloc_live(), live);
}

static void test_reject_list(void) {
  FILE *list = fopen(EW_BAD_DIR "/expect.tsv", "r");
  CHECK(list != NULL);
  if (list == NULL) return;
  char line[512];
  int count = 0;
  while (fgets(line, sizeof line, list) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char *code = strchr(line, '\t');
    char *message = code == NULL ? NULL : strchr(code + 1, '\t');
    CHECK(message != NULL);
    if (message == NULL) continue;
    *code++ = *message++ = '\0';
    check_case(line, code, message);
    count++;
  }
  fclose(list);
  printf("  %d files\n", count);
  CHECK(count > 180);
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
  RUN(test_table_budget);
  return test_summary();
}
