/* Portable kernels against PyTorch: the calls of operators.txt, which operators.py writes. */
#include "kernels_fixture.h"

enum { MAX_ITEMS = 4096, LINE = 1 << 16 };

/* Numbers live here until their call has been made. */
static int64_t integers[MAX_ITEMS];
static double doubles[MAX_ITEMS];
static uint64_t memory[MAX_ITEMS];
static size_t used_integers, used_doubles, used_memory;

static ew_dtype type_named(const char *name) {
  static const ew_dtype types[] = {EW_F32, EW_F64, EW_I64,  EW_I32, EW_I16,
                                   EW_I8,  EW_U8,  EW_BOOL, EW_F16, EW_BF16};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (strcmp(name, ew_dtype_name(types[i])) == 0) return types[i];
  }
  printf("unknown type %s\n", name);
  exit(1);
}

/* "f32 2,3 v v v v v v": type, sizes ("-" for a scalar), elements. */
typedef struct literal {
  ew_dtype dtype;
  size_t rank, count, dims[EW_MAX_RANK];
  double values[MAX_ITEMS];
} literal;

static void parse_literal(char *text, literal *out) {
  out->dtype = type_named(strtok(text, " \n"));
  out->rank = out->count = 0;
  for (char *size = strtok(NULL, " \n"); *size != '-' && *size != '\0';) {
    out->dims[out->rank++] = (size_t)strtoull(size, &size, 10);
    if (*size == ',') size++;
  }
  for (char *item; (item = strtok(NULL, " \n")) != NULL;)
    out->values[out->count++] = strtod(item, NULL);
}

static void add_input(kernel_test *t, char *text) {
  static literal value;
  parse_literal(text, &value);
  ew_tensor *tensor = in(t, value.dims, value.rank, value.dtype, &memory[used_memory]);
  used_memory += value.count;
  for (size_t i = 0; i < value.count; i++) {
    switch (value.dtype) {
      case EW_F32:
        ((float *)tensor->data)[i] = (float)value.values[i];
        break;
      case EW_F16:
        ((uint16_t *)tensor->data)[i] = ew_f32_to_f16((float)value.values[i]);
        break;
      case EW_BF16:
        ((uint16_t *)tensor->data)[i] = ew_f32_to_bf16((float)value.values[i]);
        break;
      case EW_F64:
        ((double *)tensor->data)[i] = value.values[i];
        break;
      case EW_I64:
        ((int64_t *)tensor->data)[i] = (int64_t)value.values[i];
        break;
      case EW_I32:
        ((int32_t *)tensor->data)[i] = (int32_t)value.values[i];
        break;
      default:
        ((uint8_t *)tensor->data)[i] = (uint8_t)value.values[i];
    }
  }
}

static void add_list(kernel_test *t, char *text, bool floats) {
  int64_t *first_integer = &integers[used_integers];
  double *first_double = &doubles[used_doubles];
  size_t count = 0;
  for (char *item = strtok(text, " \n"); item != NULL; item = strtok(NULL, " \n"), count++) {
    if (floats) {
      doubles[used_doubles++] = strtod(item, NULL);
    } else {
      integers[used_integers++] = strtoll(item, NULL, 10);
    }
  }
  if (floats) {
    arg_doubles(t, first_double, count);
  } else {
    arg_list(t, first_integer, count);
  }
}

static bool starts(const char *line, const char *word) {
  return strncmp(line, word, strlen(word)) == 0;
}

static void add_argument(kernel_test *t, char *line) {
  static char text[64];
  if (starts(line, "in ")) {
    add_input(t, line + 3);
  } else if (starts(line, "absent")) {
    no_input(t);
  } else if (starts(line, "none")) {
    none(t);
  } else if (starts(line, "i ")) {
    arg_i(t, strtoll(line + 2, NULL, 10));
  } else if (starts(line, "d ")) {
    arg_d(t, strtod(line + 2, NULL));
  } else if (starts(line, "b ")) {
    arg_b(t, line[2] == '1');
  } else if (starts(line, "s ")) {
    snprintf(text, sizeof text, "%.63s", line + 2);
    text[strcspn(text, "\n")] = '\0';
    arg_s(t, text);
  } else if (starts(line, "ints")) {
    add_list(t, line + 4, false);
  } else if (starts(line, "doubles")) {
    add_list(t, line + 7, true);
  }
}

enum { MAX_OUTS = 4 };
/* Differences that f32 arithmetic in another order makes. */
static const double relative = 2e-6, absolute = 1e-6;
/* One unit in the last place of 16-bit floats, where PyTorch sums in 16 bits or rounds in between. */
static double rounding_of(ew_dtype dtype) {
  return dtype == EW_F16 ? 0x1p-10 : dtype == EW_BF16 ? 0x1p-7 : 0;
}

static void compare_output(kernel_test *t, int line, uint32_t index, const literal *expected) {
  double largest = 0;
  for (size_t i = 0; i < expected->count; i++) {
    if (isfinite(expected->values[i]) && fabs(expected->values[i]) > largest)
      largest = fabs(expected->values[i]);
  }
  const bool floats = ew_dtype_is_float(expected->dtype);
  expect_at(t, line, index, expected->dims, expected->rank, expected->values, expected->count,
            floats ? absolute + (relative + rounding_of(expected->dtype)) * largest : 0);
}

int main(void) {
  static char line[LINE], name[128];
  static literal outs[MAX_OUTS];
  kernel_test t;
  uint32_t num_outs = 0;
  int number = 0, calls = 0;
  FILE *file = fopen(EW_REPO_DIR "/tests/c/operators.txt", "r");
  CHECK(file != NULL);
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    number++;
    if (starts(line, "op ")) {
      snprintf(name, sizeof name, "%.127s", line + 3);
      name[strcspn(name, "\n")] = '\0';
      begin(&t, name);
      num_outs = 0;
      used_integers = used_doubles = used_memory = 0;
    } else if (starts(line, "out ")) {
      parse_literal(line + 4, &outs[num_outs]);
      out(&t, outs[num_outs++].dtype);
    } else if (starts(line, "end")) {
      run_at(&t, number);
      for (uint32_t i = 0; i < num_outs; i++) compare_output(&t, number, i, &outs[i]);
      end(&t);
      calls++;
    } else {
      add_argument(&t, line);
    }
  }
  if (file != NULL) fclose(file);
  printf("%d calls, tolerance %.0e of the largest value\n", calls, relative);
  CHECK(calls > 100);
  return test_summary();
}
