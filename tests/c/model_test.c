/* Whole models under sanitizers: every .pte at hand is loaded and run; golden outputs of PyTorch are
 * compared where they lie beside the file (<name>.A.out.f32); every allocation of a small model fails
 * once; truncations and mutations are refused or run, never crash. */
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>

#include "ew.h"
#include "files.h"
#include "test.h"

/* Pattern A of the reference models: [C,H,W], W last; u8 = (x*7 + y*13 + c*29 + ((x*y) >> 3)) & 255. */
/* Integers are indices in the reference models: modulo 16, within their tables. */
static void fill_pattern(const ew_tensor *tensor) {
  const uint32_t mod = 16;
  const size_t n = ew_tensor_numel(tensor);
  const size_t width = tensor->rank > 0 ? tensor->dims[tensor->rank - 1] : 1;
  const size_t height = tensor->rank > 1 ? tensor->dims[tensor->rank - 2] : 1;
  for (size_t i = 0; i < n; i++) {
    const size_t x = i % width, y = i / width % height, c = i / width / height;
    const uint8_t u8 = (uint8_t)((x * 7 + y * 13 + c * 29 + ((x * y) >> 3)) & 255);
    switch (tensor->dtype) {
      case EW_F32:
        ((float *)tensor->data)[i] = (float)u8 / 255.0f;
        break;
      case EW_I64:
        ((int64_t *)tensor->data)[i] = u8 % mod;
        break;
      case EW_I32:
        ((int32_t *)tensor->data)[i] = (int32_t)(u8 % mod);
        break;
      case EW_F64:
        ((double *)tensor->data)[i] = u8 / 255.0;
        break;
      default:
        if (ew_dtype_size(tensor->dtype) == 1) {
          ((uint8_t *)tensor->data)[i] = tensor->dtype == EW_BOOL ? u8 & 1 : u8;
        }
        break;
    }
  }
}

static ew_status run_model(ew_model *model, ew_error *err) {
  for (uint32_t i = 0; i < ew_model_num_inputs(model); i++) {
    const ew_tensor info = ew_model_input_info(model, i);
    ew_tensor input;
    EW_TRY(ew_model_set_input(model, i, info.dtype, info.rank, info.dims, &input, err));
    fill_pattern(&input);
  }
  return ew_model_run(model, err);
}

static ew_status load_and_run(const file_bytes *file, bool skip_passes, ew_model **out,
                              ew_error *err) {
  const ew_load_options options = {.skip_passes = skip_passes};
  EW_TRY(ew_model_load(file->data, file->size, &options, out, err));
  return run_model(*out, err);
}

/* Largest difference from the golden file, relative to its largest value; -1 when there is none. */
static double golden_error(const ew_model *model, const char *path) {
  /* int8: what native XNNPACK gives is closer to the truth here than what eager PyTorch gives. */
  static const char *const suffixes[] = {"native", "xnnpack", "out"};
  file_bytes golden = {0};
  for (size_t i = 0; i < 3 && golden.size == 0; i++) {
    char golden_path[1024];
    snprintf(golden_path, sizeof golden_path, "%.*s.A.%s.f32", (int)(strlen(path) - 4), path,
             suffixes[i]);
    free(golden.data);
    golden = read_file("%s", golden_path);
  }
  ew_tensor output;
  ew_error err = {0};
  double worst = -1, largest = 1e-30;
  if (golden.size > 0 && ew_model_output(model, 0, &output, &err) == EW_OK &&
      output.dtype == EW_F32 && ew_tensor_bytes(&output) == golden.size) {
    worst = 0;
    for (size_t i = 0; i < golden.size / 4; i++) {
      float expected;
      memcpy(&expected, golden.data + 4 * i, 4);
      const double difference = fabs((double)expected - (double)((float *)output.data)[i]);
      if (!(difference <= worst)) worst = difference;
      if (fabs((double)expected) > largest) largest = fabs((double)expected);
    }
    worst /= largest;
  }
  free(golden.data);
  return worst;
}

static void check_model(const char *path, const char *name) {
  const size_t live = ew_alloc_live();
  file_bytes file = read_file("%s", path);
  for (int skip_passes = 0; skip_passes < 2; skip_passes++) {
    ew_error err = {0};
    ew_model *model = NULL;
    const ew_status status = load_and_run(&file, skip_passes != 0, &model, &err);
    if (status == EW_OK) {
      const double error = golden_error(model, path);
      /* int8 outputs move by a quantum where a rounding falls the other way. */
      const double tolerance = strstr(name, "int8") != NULL ? 0.05 : 1e-4;
      if (error >= 0) {
        printf("  %-40s relative error %.2g\n", name, error);
        CHECK(error <= tolerance);
      }
      CHECK_EQ(run_model(model, &err), EW_OK);
    } else {
      if (skip_passes == 0) printf("  %-40s %s: %s\n", name, ew_status_name(status), err.message);
      CHECK(err.message[0] != '\0');
    }
    ew_model_destroy(model);
  }
  free(file.data);
  CHECK_EQ(ew_alloc_live(), live);
}

/* Calls visit for every .pte of a folder; returns how many there are. */
static int each_model(const char *folder, void (*visit)(const char *path, const char *name)) {
  char path[1024];
  int count = 0;
  DIR *dir = opendir(folder);
  if (dir == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    const size_t length = strlen(entry->d_name);
    if (length < 5 || strcmp(entry->d_name + length - 4, ".pte") != 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    visit(path, entry->d_name);
    count++;
  }
  closedir(dir);
  return count;
}

static void test_fixtures(void) {
  const int count = each_model(EW_REPO_DIR "/tests/fixtures/pte", check_model);
  printf("  %d fixtures\n", count);
}

static void test_reference_models(void) {
  static const char *const folders[] = {"models/tiny", "data/pte/small", "data/pte/negative"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/../shared/%s", EW_REPO_DIR, folders[i]);
    if (each_model(folder, check_model) == 0)
      printf("  skipped: ../shared/%s is not here\n", folders[i]);
  }
}

enum { MOST_ALLOCATIONS = 10000 };

static bool is_out_of_memory(ew_status status) {
  return status == EW_OUT_OF_MEMORY || status == EW_DELEGATE_OUT_OF_MEMORY;
}

/* Loads and runs while allocation n fails; -1: none does. */
static ew_status load_starved(const file_bytes *file, long n) {
  ew_error err = {0};
  ew_model *model = NULL;
  ew_alloc_fail_after(n);
  const ew_status status = load_and_run(file, false, &model, &err);
  ew_alloc_fail_after(-1);
  ew_model_destroy(model);
  return status;
}

static void sweep_allocations(const char *path, const char *name) {
  (void)name;
  file_bytes file = read_file("%s", path);
  if (file.size == 0 || file.size > 64 * 1024) {
    free(file.data);
    return;
  }
  const size_t live = ew_alloc_live();
  /* With all the memory it wants: some fixtures take the pattern for an index that is out of range. */
  const ew_status wanted = load_starved(&file, -1);
  ew_status status = EW_OUT_OF_MEMORY;
  long n = 0;
  while (n < MOST_ALLOCATIONS && is_out_of_memory(status) && ew_alloc_live() == live) {
    status = load_starved(&file, n++);
  }
  CHECK_EQ(ew_alloc_live(), live);
  CHECK_EQ(status, wanted);
  free(file.data);
}

static void test_allocation_failures(void) {
  each_model(EW_REPO_DIR "/tests/fixtures/pte", sweep_allocations);
}

static void mutate(const char *path, const char *name) {
  (void)name;
  file_bytes file = read_file("%s", path);
  uint32_t seed = (uint32_t)file.size;
  const size_t live = ew_alloc_live();
  for (int round = 0; round < 60 && file.size >= 64 && file.size < 256 * 1024; round++) {
    file_bytes copy = {malloc(file.size), file.size};
    memcpy(copy.data, file.data, file.size);
    if (round < 20) {
      copy.size = file.size * (size_t)round / 20;
    } else {
      for (int k = 0; k < 1 + round % 4; k++) {
        seed = seed * 1664525u + 1013904223u;
        const size_t at = (seed >> 8) % (file.size < 4096 ? file.size : 4096);
        copy.data[at] = (uint8_t)(seed >> 3);
      }
    }
    ew_error err = {0};
    ew_model *model = NULL;
    load_and_run(&copy, false, &model, &err);
    ew_model_destroy(model);
    free(copy.data);
  }
  CHECK_EQ(ew_alloc_live(), live);
  free(file.data);
}

static void test_mutations(void) { each_model(EW_REPO_DIR "/tests/fixtures/pte", mutate); }

int main(int argc, char **argv) {
  if (argc > 1) {
    for (int i = 1; i < argc; i++) check_model(argv[i], argv[i]);
    return test_summary();
  }
  RUN(test_fixtures);
  RUN(test_reference_models);
  RUN(test_allocation_failures);
  RUN(test_mutations);
  return test_summary();
}
