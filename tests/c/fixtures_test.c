/* Every model of tests/fixtures/pte, made by the official exporter, against the outputs of PyTorch:
 * with passes and without, and through the oracle instead of XNNPACK, twice each. */
#include "fixture_file.h"

#include <dirent.h>

#include "base/half.h"
#include "oracle/oracle.h"
#include "session/model.h"
#include "test.h"

/* Polls that were answered with EW_WAITING. */
static uint32_t waits_seen;

static char *read_text(const char *path, size_t *out_size) {
  FILE *stream = fopen(path, "rb");
  *out_size = 0;
  if (stream == NULL) return NULL;
  fseek(stream, 0, SEEK_END);
  const size_t size = (size_t)ftell(stream);
  rewind(stream);
  char *text = malloc(size + 1);
  *out_size = fread(text, 1, size, stream);
  text[*out_size] = '\0';
  fclose(stream);
  return text;
}

static double element(const void *data, ew_dtype dtype, size_t i) {
  switch (dtype) {
    case EW_F32:
      return (double)((const float *)data)[i];
    case EW_F64:
      return ((const double *)data)[i];
    case EW_F16:
      return (double)ew_f16_to_f32(((const uint16_t *)data)[i]);
    case EW_I64:
      return (double)((const int64_t *)data)[i];
    case EW_I32:
      return ((const int32_t *)data)[i];
    case EW_I16:
      return ((const int16_t *)data)[i];
    case EW_I8:
      return ((const int8_t *)data)[i];
    default:
      return ((const uint8_t *)data)[i];
  }
}

/* Largest difference; infinite for another shape or type. Equal infinities and NaN differ by 0. */
static double difference(const ew_tensor *actual, const fixture_tensor *expected) {
  bool same = actual->rank == expected->rank && ew_tensor_bytes(actual) == expected->size;
  for (uint32_t i = 0; same && i < actual->rank; i++) same = actual->dims[i] == expected->dims[i];
  if (!same) return INFINITY;
  uint8_t *plain = malloc(expected->size + 1);
  ew_tensor_to_row_major(actual, plain);
  double worst = 0;
  for (size_t i = 0; i < ew_tensor_numel(actual); i++) {
    const double a = element(plain, actual->dtype, i);
    const double e = element(expected->data, actual->dtype, i);
    if (a == e || (isnan(a) && isnan(e))) continue;
    if (!(fabs(a - e) <= worst)) worst = isnan(a - e) ? INFINITY : fabs(a - e);
  }
  free(plain);
  return worst;
}

static ew_status set_input(ew_model *model, uint32_t index, const fixture_tensor *from,
                           ew_error *err) {
  const ew_tensor info = ew_model_input_info(model, index);
  ew_tensor input;
  EW_TRY(ew_model_set_input(model, index, info.dtype, from->rank, from->dims, &input, err));
  EW_CHECK(ew_tensor_bytes(&input) == from->size, err, EW_INVALID_ARGUMENT,
           "input %u: %zu bytes in the fixture", index, from->size);
  ew_tensor_from_row_major(&input, from->data);
  return EW_OK;
}

/* One run, poll by poll. The oracle lets each segment wait: meanwhile the model cannot be touched. */
static ew_status run_model(ew_model *model, ew_error *err) {
  ew_progress progress = EW_WAITING;
  ew_error refusal;
  uint32_t waits = 0;
  EW_TRY(ew_model_start(model, err));
  EW_TRY(ew_model_poll(model, &progress, err));
  for (; progress == EW_WAITING; waits++) {
    CHECK_EQ(ew_model_start(model, &refusal), EW_INVALID_STATE);
    EW_TRY(ew_model_poll(model, &progress, err));
  }
  const bool may_wait = model->executor->ops == &oracle_executor;
  CHECK(waits == 0 || may_wait);
  waits_seen += waits;
  return EW_OK;
}

/* Runs all runs of the fixture; *worst collects the largest difference. */
static ew_status check_runs(ew_model *model, const fixture_file *file, double *worst,
                            ew_error *err) {
  uint32_t input = 0, output = 0;
  for (uint32_t i = 0; i < file->count; i++) {
    const fixture_tensor *tensor = &file->tensors[i];
    if (!tensor->is_output) {
      if (output > 0) input = output = 0;
      EW_TRY(set_input(model, input++, tensor, err));
      continue;
    }
    if (output == 0) EW_TRY(run_model(model, err));
    ew_tensor actual;
    EW_TRY(ew_model_output(model, output++, &actual, err));
    const double found = difference(&actual, tensor);
    if (found > *worst) *worst = found;
  }
  return EW_OK;
}

/* How many files have each XNNPACK operator, and one of them. */
static struct {
  int files;
  char example[64];
} coverage[EW_OP_KERNEL];

static void count_operators(const ew_model *model, const char *name) {
  bool seen[EW_OP_KERNEL] = {false};
  for (uint32_t i = 0; i < model->graph.num_nodes; i++) {
    const ew_op op = model->graph.nodes[i].op;
    if (op >= EW_OP_KERNEL || seen[op]) continue;
    seen[op] = true;
    if (coverage[op].files++ == 0 || strstr(name, ew_op_name(op)) == name)
      snprintf(coverage[op].example, sizeof coverage[op].example, "%s", name);
  }
}

/* Every operator of ops.def is in a fixture, but for those that the exporter does not write: safety_test
 * runs them from a file of its own. */
static bool is_rare(ew_op op) {
  return op == EW_OP_ELU || op == EW_OP_COPY || op == EW_OP_ARGMAX_POOL_2D;
}

/* Operators that no .pte has: tests of other formats, or of passes, cover them. */
static bool is_foreign(ew_op op) {
  return op == EW_OP_REDUCE_MEAN || op == EW_OP_REDUCE_SUM || op == EW_OP_TABLE || op == EW_OP_SILU;
}

static void check_coverage(void) {
  for (int op = 0; op < EW_OP_KERNEL; op++) {
    if (is_foreign((ew_op)op)) continue;
    printf("  %-24s %3d files: %s\n", ew_op_name((ew_op)op), coverage[op].files,
           is_rare((ew_op)op) ? "good_rare of safety_test" : coverage[op].example);
    CHECK((coverage[op].files > 0) != is_rare((ew_op)op));
  }
}

static void check_fixture(const char *folder, const char *name) {
  char path[1024];
  size_t size = 0, json_size = 0;
  snprintf(path, sizeof path, "%s/%s.json", folder, name);
  char *json = read_text(path, &json_size);
  snprintf(path, sizeof path, "%s/%s.pte", folder, name);
  char *bytes = read_text(path, &size);
  CHECK(json != NULL && bytes != NULL);
  if (json == NULL || bytes == NULL) return;
  const size_t live = ew_alloc_live();
  fixture_file file;
  fixture_parse(json, &file);
  /* With passes, without, through the oracle with passes. */
  double worst[3] = {0, 0, 0};
  bool fine = file.count > 0;
  for (int way = 0; way < 3; way++) {
    ew_error err = {0};
    ew_model *model = NULL;
    const ew_load_options options = {.skip_passes = way == 1,
                                     .executor = way == 2 ? &oracle_executor : NULL,
                                     .method = file.method[0] != '\0' ? file.method : NULL};
    ew_status status = ew_model_load(bytes, size, &options, &model, &err);
    if (status == EW_OK && way == 1) count_operators(model, name);
    for (int round = 0; status == EW_OK && round < 2; round++) {
      /* Mutable buffers remember: such fixtures state all runs at once. */
      if (round == 1 && strstr(json, "\"stateful\"") != NULL) break;
      status = check_runs(model, &file, &worst[way], &err);
    }
    if (status != EW_OK) {
      printf("  %s: %s: %s\n", name, ew_status_name(status), err.message);
      fine = false;
    }
    ew_model_destroy(model);
  }
  for (int way = 0; way < 3; way++) fine = fine && worst[way] <= file.tolerance;
  printf("  %-40s %.2g with passes, %.2g without, %.2g oracle, tolerance %.2g\n", name, worst[0],
         worst[1], worst[2], file.tolerance);
  CHECK(fine);
  fixture_free(&file);
  free(json);
  free(bytes);
  CHECK_EQ(ew_alloc_live(), live);
}

/* The same operator on tensors in column-major memory order: what is computed must not depend on it. All
 * dim orders [0,1] of the file become [1,0], where no constant would be read in another order. */
static void check_transposed(const char *folder, const char *name) {
  char path[1024];
  size_t size = 0, json_size = 0;
  snprintf(path, sizeof path, "%s/%s.json", folder, name);
  char *json = read_text(path, &json_size);
  snprintf(path, sizeof path, "%s/%s.pte", folder, name);
  char *bytes = read_text(path, &size);
  static const char order[6] = {2, 0, 0, 0, 0, 1};
  int patched = 0;
  for (size_t i = 0; i + sizeof order <= size; i++) {
    if (memcmp(bytes + i, order, sizeof order) != 0) continue;
    bytes[i + 4] = 1;
    bytes[i + 5] = 0;
    patched++;
  }
  fixture_file file;
  fixture_parse(json, &file);
  ew_error err = {0};
  ew_model *model = NULL;
  ew_text info = {0};
  double worst = 0;
  const ew_load_options options = {.skip_passes = true, .method = file.method};
  if (patched > 0 && ew_model_load(bytes, size, &options, &model, &err) == EW_OK) {
    ew_model_info(model, &info);
    if (strstr(info.data, "\"constantBytes\":0,") != NULL && strstr(info.data, "\"segments\":0,")) {
      CHECK_EQ(check_runs(model, &file, &worst, &err), EW_OK);
      printf("  %-40s %.2g in column-major order, tolerance %.2g\n", name, worst, file.tolerance);
      CHECK(worst <= file.tolerance);
    }
  }
  ew_text_free(&info);
  ew_model_destroy(model);
  fixture_free(&file);
  free(json);
  free(bytes);
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : EW_REPO_DIR "/tests/fixtures/pte";
  DIR *dir = opendir(folder);
  int count = 0;
  oracle_set_waits(3);
  for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
    char name[256];
    snprintf(name, sizeof name, "%s", entry->d_name);
    char *dot = strrchr(name, '.');
    if (dot == NULL || strcmp(dot, ".json") != 0) continue;
    *dot = '\0';
    check_fixture(folder, name);
    if (strncmp(name, "op_", 3) == 0) check_transposed(folder, name);
    count++;
  }
  if (dir != NULL) closedir(dir);
  printf("%d fixtures\n", count);
  CHECK(count > 0 && waits_seen > 0);
  if (argc < 2) check_coverage();
  return test_summary();
}
