/* Calls one kernel on literal tensors. Outputs are allocated to their exact size by prepare's shapes,
 * so that the sanitizers see every stray access. */
#ifndef EW_TESTS_KERNELS_FIXTURE_H
#define EW_TESTS_KERNELS_FIXTURE_H

#include <math.h>
#include <stdlib.h>

#include "base/half.h"
#include "kernels/kernel.h"
#include "test.h"

enum { MAX_TENSORS = 8, MAX_ATTRS = 12 };

typedef struct kernel_test {
  ew_node node;
  ew_tensor inputs[MAX_TENSORS], outputs[MAX_TENSORS];
  ew_attr attrs[MAX_ATTRS];
  ew_call call;
  ew_error err;
} kernel_test;

#define DIMS(...) \
  (const size_t[]){__VA_ARGS__}, sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t)
#define SCALAR NULL, 0
#define F32(...) \
  EW_F32, (float[]) { __VA_ARGS__ }
#define F64(...) \
  EW_F64, (double[]) { __VA_ARGS__ }
#define I64(...) \
  EW_I64, (int64_t[]) { __VA_ARGS__ }
#define I32(...) \
  EW_I32, (int32_t[]) { __VA_ARGS__ }
#define I8(...) \
  EW_I8, (int8_t[]) { __VA_ARGS__ }
#define U8(...) \
  EW_U8, (uint8_t[]) { __VA_ARGS__ }
#define BOOLS(...) \
  EW_BOOL, (uint8_t[]) { __VA_ARGS__ }

static inline void begin(kernel_test *t, const char *name) {
  memset(t, 0, sizeof *t);
  t->node.op = EW_OP_KERNEL;
  t->node.kernel = ew_kernel_find(name);
  if (t->node.kernel == NULL) {
    printf("no kernel %s\n", name);
    exit(1);
  }
  t->call = (ew_call){.node = &t->node,
                      .inputs = t->inputs,
                      .outputs = t->outputs,
                      .attrs = t->attrs,
                      .err = &t->err};
}

/* in(&t, DIMS(2, 3), F32(...)): a row-major input. */
static inline ew_tensor *in(kernel_test *t, const size_t *dims, size_t rank, ew_dtype dtype,
                            void *data) {
  ew_tensor *tensor = &t->inputs[t->call.num_inputs++];
  *tensor = (ew_tensor){.dtype = dtype, .rank = (uint32_t)rank, .data = data};
  for (size_t i = 0; i < rank; i++) tensor->dims[i] = dims[i];
  ew_tensor_set_strides(tensor, NULL);
  return tensor;
}

static inline void no_input(kernel_test *t) {
  t->inputs[t->call.num_inputs++] = (ew_tensor){.dtype = EW_DTYPE_NONE};
}

static inline ew_attr *next_attr(kernel_test *t, ew_attr_kind kind) {
  ew_attr *attr = &t->attrs[t->call.num_attrs++];
  attr->kind = kind;
  return attr;
}
static inline void none(kernel_test *t) { next_attr(t, EW_ATTR_NONE); }
static inline void arg_i(kernel_test *t, int64_t value) { next_attr(t, EW_ATTR_INT)->u.i = value; }
static inline void arg_b(kernel_test *t, bool value) { next_attr(t, EW_ATTR_BOOL)->u.i = value; }
static inline void arg_d(kernel_test *t, double value) {
  next_attr(t, EW_ATTR_DOUBLE)->u.d = value;
}
static inline void arg_s(kernel_test *t, const char *text) {
  ew_attr *attr = next_attr(t, EW_ATTR_STRING);
  attr->u.s = text;
  attr->count = (uint32_t)strlen(text);
}
static inline void arg_list(kernel_test *t, int64_t *items, size_t count) {
  ew_attr *attr = next_attr(t, EW_ATTR_INTS);
  attr->u.ints = items;
  attr->count = (uint32_t)count;
}
#define INTS(...) (int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
#define NO_INTS NULL, 0
static inline void arg_doubles(kernel_test *t, double *items, size_t count) {
  ew_attr *attr = next_attr(t, EW_ATTR_DOUBLES);
  attr->u.doubles = items;
  attr->count = (uint32_t)count;
}
#define DOUBLES(...) (double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double)

static inline void out(kernel_test *t, ew_dtype dtype) {
  t->outputs[t->call.num_outputs++].dtype = dtype;
}

/* prepare and run; outputs stay until end(). */
static inline ew_status go(kernel_test *t) {
  const ew_kernel *kernel = t->node.kernel;
  EW_TRY(kernel->prepare(&t->call));
  for (uint32_t i = 0; i < t->call.num_outputs; i++) {
    const size_t bytes = ew_tensor_bytes(&t->outputs[i]);
    /* malloc, not ew_alloc: no spare bytes behind, filled with a pattern. */
    t->outputs[i].data = malloc(bytes == 0 ? 1 : bytes);
    memset(t->outputs[i].data, 0xA5, bytes == 0 ? 1 : bytes);
  }
  if (t->call.scratch_size > 0)
    t->call.scratch = aligned_alloc(64, (t->call.scratch_size + 63) / 64 * 64);
  return kernel->run != NULL ? kernel->run(&t->call) : EW_OK;
}

static inline void end(kernel_test *t) {
  for (uint32_t i = 0; i < t->call.num_outputs; i++) free(t->outputs[i].data);
  free(t->call.scratch);
}

static inline double value_at(const ew_tensor *tensor, size_t i) {
  switch (tensor->dtype) {
    case EW_F32:
      return (double)((const float *)tensor->data)[i];
    case EW_F16:
      return (double)ew_f16_to_f32(((const uint16_t *)tensor->data)[i]);
    case EW_BF16:
      return (double)ew_bf16_to_f32(((const uint16_t *)tensor->data)[i]);
    case EW_F64:
      return ((const double *)tensor->data)[i];
    case EW_I64:
      return (double)((const int64_t *)tensor->data)[i];
    case EW_I32:
      return ((const int32_t *)tensor->data)[i];
    case EW_I16:
      return ((const int16_t *)tensor->data)[i];
    case EW_I8:
      return ((const int8_t *)tensor->data)[i];
    default:
      return ((const uint8_t *)tensor->data)[i];
  }
}

/* Compares output index with a shape and values (NaN equals NaN). */
static inline void expect_at(kernel_test *t, int line, uint32_t index, const size_t *dims,
                             size_t rank, const double *values, size_t count, double tolerance) {
  const ew_tensor *o = &t->outputs[index];
  bool same = o->rank == rank && ew_tensor_numel(o) == count;
  for (size_t i = 0; same && i < rank; i++) same = o->dims[i] == dims[i];
  if (!same) {
    char text[96];
    printf("line %d, %s: output %u has shape %s\n", line, t->node.kernel->name, index,
           ew_shape_text(o->dims, o->rank, text, sizeof text));
    test_failed_++;
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const double actual = value_at(o, i), wanted = values[i];
    const bool equal =
        actual == wanted || (isnan(actual) && isnan(wanted)) || fabs(actual - wanted) <= tolerance;
    if (!equal) {
      printf("line %d, %s: output %u element %zu is %.9g, expected %.9g\n", line,
             t->node.kernel->name, index, i, actual, wanted);
      test_failed_++;
      return;
    }
  }
  test_passed_++;
}

#define VALUES(...) \
  (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double)
#define NO_VALUES (const double[]){0}, 0
#define EXPECT(t, ...) expect_at(t, __LINE__, 0, __VA_ARGS__, 0)
#define EXPECT_NEAR(t, tolerance, ...) expect_at(t, __LINE__, 0, __VA_ARGS__, tolerance)
#define EXPECT_OUT(t, index, ...) expect_at(t, __LINE__, index, __VA_ARGS__, 0)
#define EXPECT_OUT_NEAR(t, index, tolerance, ...) \
  expect_at(t, __LINE__, index, __VA_ARGS__, tolerance)

static inline void run_at(kernel_test *t, int line) {
  const ew_status status = go(t);
  if (status == EW_OK) {
    test_passed_++;
    return;
  }
  test_failed_++;
  printf("line %d: %s\n", line, t->err.message);
}
#define OK(t) run_at(t, __LINE__)

/* The call fails with this status and a message that contains text. */
static inline void fail_at(kernel_test *t, int line, ew_status status, const char *text) {
  const ew_status actual = go(t);
  if (actual == status && strstr(t->err.message, text) != NULL &&
      strncmp(t->err.message, t->node.kernel->name, strlen(t->node.kernel->name)) == 0) {
    test_passed_++;
  } else {
    test_failed_++;
    printf("line %d, %s: status %d, message \"%s\", expected %d with \"%s\"\n", line,
           t->node.kernel->name, (int)actual, t->err.message, (int)status, text);
  }
  end(t);
}
#define FAILS(t, status, text) fail_at(t, __LINE__, status, text)

#endif
