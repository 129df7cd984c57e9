/* A format is a folder and a row: a toy one, added to the table by this file alone, loads and runs. Nothing
 * between the table and the public API is told about it. */
#include "format/format.h"
#include "base/bytes.h"
#include "ew.h"
#include "format/pte/pte.h"
#include "graph/check.h"
#include "kernels/kernel.h"
#include "test.h"

/* --- the toy -------------------------------------------------------------------------------------- */

/* "TOY1", n weights (f32), and at the end of the file n (u32): output[n] = input[n] * weights[n]. */
typedef struct toy {
  ew_format_context context;
  uint8_t tail[4];
  bool wanted, taken;
} toy;

static bool toy_sniff(ew_bytes head) { return head.size >= 8 && memcmp(head.data, "TOY1", 4) == 0; }

static ew_status toy_open(const ew_format_context *context, ew_bytes head, ew_reader **out,
                          ew_error *err) {
  (void)head;
  toy *t = NULL;
  EW_CHECK(context->file_size != UINT64_MAX, err, EW_INVALID_PROGRAM, "toy: size unknown");
  EW_TRY(ew_arena_alloc(context->arena, 1, sizeof *t, &t, err));
  t->context = *context;
  *out = (ew_reader *)t;
  return EW_OK;
}

static bool toy_want(ew_reader *reader, ew_format_range *out) {
  toy *t = (toy *)reader;
  if (t->wanted) return false;
  t->wanted = true;
  *out = (ew_format_range){.offset = t->context.file_size - 4, .size = 4, .data = t->tail};
  return true;
}

static ew_status toy_take(ew_reader *reader, const ew_format_range *range, ew_error *err) {
  toy *t = (toy *)reader;
  ew_graph *graph = t->context.graph;
  const size_t n = ew_load_u32(range->data);
  EW_CHECK(t->context.file_size == 8 + 4 * (uint64_t)n, err, EW_INVALID_PROGRAM,
           "toy: %zu weights do not fit the file", n);
  uint32_t *ids = NULL;
  EW_TRY(ew_arena_alloc(t->context.arena, 3, sizeof *ids, &ids, err));
  for (uint32_t i = 0; i < 3; i++) {
    static const uint32_t flags[] = {EW_VALUE_INPUT, 0, EW_VALUE_OUTPUT};
    ew_value value = ew_value_default(EW_F32);
    value.rank = 1;
    value.dims[0] = n;
    value.flags = flags[i];
    if (i == 1) EW_TRY(ew_graph_add_constant(graph, 4, 4 * n, &value.constant, err));
    EW_TRY(ew_graph_add_value(graph, &value, &ids[i], err));
  }
  graph->name = "multiply";
  graph->inputs = &ids[0];
  graph->outputs = &ids[2];
  graph->num_inputs = graph->num_outputs = 1;
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_KERNEL, 2, 1, 0, &node, err));
  node->kernel = ew_kernel_find("aten::mul.out");
  node->inputs[0] = ids[0];
  node->inputs[1] = ids[1];
  node->outputs[0] = ids[2];
  EW_TRY(ew_graph_add_step(graph, EW_NONE, 0, err));
  t->taken = true;
  return ew_graph_check_nodes(graph, 0, err);
}

static bool toy_complete(const ew_reader *reader) { return ((const toy *)reader)->taken; }

static ew_status toy_finish(ew_reader *reader, ew_error *err) {
  (void)reader, (void)err;
  return EW_OK;
}

static void toy_methods(const ew_reader *reader, const char *const **out_names,
                        uint32_t *out_count) {
  static const char *const names[] = {"multiply"};
  (void)reader;
  *out_names = names;
  *out_count = 1;
}

static void toy_describe(const ew_reader *reader, ew_text *text) {
  (void)reader;
  ew_text_add(text, ",\"labels\":[\"toy\"]");
}

static void toy_destroy(ew_reader *reader) { (void)reader; }

static const ew_format toy_format = {.name = "toy",
                                     .magic = "magic 'TOY1' at byte 0 (.toy)",
                                     .sniff = toy_sniff,
                                     .open = toy_open,
                                     .want = toy_want,
                                     .take = toy_take,
                                     .complete = toy_complete,
                                     .finish = toy_finish,
                                     .methods = toy_methods,
                                     .describe = toy_describe,
                                     .destroy = toy_destroy};

/* In the place of format/formats.c. */
const ew_format *const ew_formats[] = {&ew_format_pte, &toy_format, NULL};

/* --- tests ---------------------------------------------------------------------------------------- */

enum { N = 40, SIZE = 8 + 4 * N };

static void make_file(uint8_t *file) {
  const uint32_t n = N;
  memcpy(file, "TOY1", 4);
  for (uint32_t i = 0; i < N; i++) {
    const float weight = (float)i - 7;
    memcpy(file + 4 + 4 * (size_t)i, &weight, sizeof weight);
  }
  memcpy(file + SIZE - 4, &n, sizeof n);
}

static void check_run(ew_model *model) {
  ew_error err = {0};
  ew_tensor input, output;
  CHECK_EQ(ew_model_set_input(model, 0, EW_F32, 1, (size_t[]){N}, &input, &err), EW_OK);
  for (int i = 0; i < N; i++) ((float *)input.data)[i] = 0.5f * (float)i;
  CHECK_EQ(ew_model_run(model, &err), EW_OK);
  CHECK_EQ(ew_model_output(model, 0, &output, &err), EW_OK);
  for (int i = 0; i < N; i++) {
    CHECK(((float *)output.data)[i] == 0.5f * (float)i * ((float)i - 7));
  }
}

static void test_model(const uint8_t *file) {
  ew_error err = {0};
  ew_model *model = NULL;
  CHECK_EQ(ew_model_load(file, SIZE, &(ew_load_options){0}, &model, &err), EW_OK);
  check_run(model);
  ew_text info = {0};
  ew_model_info(model, &info);
  CHECK(strstr(info.data, "\"format\":\"toy\"") != NULL);
  CHECK(strstr(info.data, "\"methods\":[\"multiply\"]") != NULL);
  CHECK(strstr(info.data, ",\"labels\":[\"toy\"]}") != NULL);
  ew_text_free(&info);
  ew_model_destroy(model);
}

/* Byte by byte: the head, then what the format wants though it lies at the end, then the weights. */
static void test_order(const uint8_t *file) {
  ew_error err = {0};
  ew_load *load = NULL;
  ew_model *model = NULL;
  size_t at[SIZE + 128];
  size_t count = 0;
  CHECK_EQ(ew_load_begin(&(ew_load_options){.file_size = SIZE}, &load, &err), EW_OK);
  for (ew_want want; (want = ew_load_want(load)).size > 0; count++) {
    at[count] = (size_t)want.offset;
    *(uint8_t *)want.data = file[want.offset];
    if (ew_load_advance(load, 1, &err) != EW_OK) break;
  }
  CHECK_EQ(count, EW_FORMAT_HEAD_BYTES + 4 + 4 * N);
  CHECK_EQ(at[0], 0);
  CHECK_EQ(at[EW_FORMAT_HEAD_BYTES], SIZE - 4);
  CHECK_EQ(at[EW_FORMAT_HEAD_BYTES + 4], 4);
  CHECK_EQ(ew_load_finish(load, &model, &err), EW_OK);
  if (model != NULL) check_run(model);
  ew_model_destroy(model);
}

static void test_errors(uint8_t *file) {
  ew_error err = {0};
  ew_model *model = NULL;
  file[SIZE - 4]++;
  CHECK_EQ(ew_model_load(file, SIZE, &(ew_load_options){0}, &model, &err), EW_INVALID_PROGRAM);
  CHECK_STR(err.message, "toy: 41 weights do not fit the file");
  file[0] = 'X';
  CHECK_EQ(ew_model_load(file, SIZE, &(ew_load_options){0}, &model, &err), EW_INVALID_PROGRAM);
  CHECK_STR(err.message,
            "this is not a model of a known format: it has no ExecuTorch magic 'ET12' at byte 4 "
            "(.pte), no magic 'TOY1' at byte 0 (.toy)");
  CHECK_EQ(ew_model_load(file, 3, &(ew_load_options){0}, &model, &err), EW_INVALID_PROGRAM);
}

/* Every allocation fails once; nothing leaks. */
static void test_out_of_memory(const uint8_t *file) {
  const size_t live = ew_alloc_live();
  ew_status status = EW_OUT_OF_MEMORY;
  for (long n = 0; n < 1000 && status != EW_OK; n++) {
    ew_error err = {0};
    ew_model *model = NULL;
    ew_alloc_fail_after(n);
    status = ew_model_load(file, SIZE, &(ew_load_options){0}, &model, &err);
    ew_alloc_fail_after(-1);
    ew_model_destroy(model);
    CHECK(status == EW_OK || err.message[0] != '\0');
    CHECK_EQ(ew_alloc_live(), live);
  }
  CHECK_EQ(status, EW_OK);
}

int main(void) {
  uint8_t file[SIZE];
  make_file(file);
  test_model(file);
  test_order(file);
  test_out_of_memory(file);
  test_errors(file);
  return test_summary();
}
