/* A whole subgraph: its inputs, its operators by the rows of ops.def, its outputs. */
#include "format/tflite/builder.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "format/tflite/quant.h"
#include "graph/check.h"

static const tfl_row rows[] = {
#define TFL_OP(code, name, read, min_in, max_in, min_out, max_out, op, kernel) \
  {code, #name, tfl_read_##read, min_in, max_in, min_out, max_out, op, kernel},
#define TFL_CUSTOM(name, read, min_in, max_in, min_out, max_out) \
  {32, name, tfl_read_##read, min_in, max_in, min_out, max_out, EW_OP_COUNT, NULL},
#include "format/tflite/ops.def"
#undef TFL_OP
#undef TFL_CUSTOM
};

enum { CUSTOM = 32 };

static const tfl_row *find_row(const tfl_code *code) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].code != code->builtin) continue;
    if (code->builtin != CUSTOM || strcmp(rows[i].name, code->custom) == 0) return &rows[i];
  }
  return NULL;
}

/* Names of operators that have no row, to say what a model would need. */
static const char *const absent_names[] = {
    [7] = "EMBEDDING_LOOKUP",
    [10] = "HASHTABLE_LOOKUP",
    [15] = "LSH_PROJECTION",
    [16] = "LSTM",
    [24] = "RNN",
    [27] = "SVDF",
    [29] = "CONCAT_EMBEDDINGS",
    [30] = "SKIP_GRAM",
    [31] = "CALL",
    [33] = "EMBEDDING_LOOKUP_SPARSE",
    [35] = "UNIDIRECTIONAL_SEQUENCE_RNN",
    [44] = "UNIDIRECTIONAL_SEQUENCE_LSTM",
    [46] = "BIDIRECTIONAL_SEQUENCE_RNN",
    [51] = "DELEGATE",
    [52] = "BIDIRECTIONAL_SEQUENCE_LSTM",
    [68] = "SPARSE_TO_DENSE",
    [80] = "FAKE_QUANT",
    [103] = "UNIQUE",
    [109] = "WHERE",
    [112] = "REVERSE_SEQUENCE",
    [113] = "MATRIX_DIAG",
    [115] = "MATRIX_SET_DIAG",
    [118] = "IF",
    [119] = "WHILE",
    [120] = "NON_MAX_SUPPRESSION_V4",
    [121] = "NON_MAX_SUPPRESSION_V5",
    [122] = "SCATTER_ND",
    [125] = "SEGMENT_SUM",
    [127] = "PLACEHOLDER_FOR_GREATER_OP_CODES",
    [129] = "CALL_ONCE",
    [131] = "RFFT2D",
    [132] = "CONV_3D",
    [133] = "IMAG",
    [134] = "REAL",
    [135] = "COMPLEX_ABS",
    [136] = "HASHTABLE",
    [137] = "HASHTABLE_FIND",
    [138] = "HASHTABLE_IMPORT",
    [139] = "HASHTABLE_SIZE",
    [141] = "CONV_3D_TRANSPOSE",
    [142] = "VAR_HANDLE",
    [143] = "READ_VARIABLE",
    [144] = "ASSIGN_VARIABLE",
    [145] = "BROADCAST_ARGS",
    [146] = "RANDOM_STANDARD_NORMAL",
    [147] = "BUCKETIZE",
    [148] = "RANDOM_UNIFORM",
    [149] = "MULTINOMIAL",
    [151] = "DYNAMIC_UPDATE_SLICE",
    [153] = "UNSORTED_SEGMENT_PROD",
    [154] = "UNSORTED_SEGMENT_MAX",
    [155] = "UNSORTED_SEGMENT_SUM",
    [157] = "UNSORTED_SEGMENT_MIN",
    [159] = "BITCAST",
    [206] = "STABLEHLO_COMPOSITE",
};

/* "CONV_2D" etc.; "operator 300" for a code without a name. */
static const char *op_name(int32_t builtin, char *text, size_t size) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].code == builtin && builtin != CUSTOM) return rows[i].name;
  }
  const size_t count = sizeof absent_names / sizeof absent_names[0];
  if (builtin >= 0 && (size_t)builtin < count && absent_names[builtin] != NULL) {
    return absent_names[builtin];
  }
  snprintf(text, size, "builtin operator %d", builtin);
  return text;
}

static void name_missing(const tfl_code *code, ew_text *names) {
  char text[48];
  const char *name = op_name(code->builtin, text, sizeof text);
  if (code->builtin == CUSTOM) {
    name = *code->custom != '\0' ? code->custom : "a custom operator without a name";
  }
  ew_text_add(names, "%s%s", names->size > 0 ? ", " : "", name);
}

/* All that are missing are named at once. Codes that no operator of the subgraph uses do not count. */
static ew_status check_operators(const tfl_builder *b) {
  const tfl_model *model = b->model;
  uint8_t *seen = NULL;
  EW_TRY(ew_arena_alloc(b->arena, model->num_codes + 1, 1, &seen, b->err));
  ew_text names = {0};
  for (uint32_t i = 0; i < model->num_operators; i++) {
    const uint32_t code = model->operators[i].code;
    if (!seen[code] && find_row(&model->codes[code]) == NULL) {
      name_missing(&model->codes[code], &names);
    }
    seen[code] = 1;
  }
  ew_status status = EW_OK;
  if (names.failed || names.size > 0) {
    status = ew_fail(b->err, EW_OPERATOR_MISSING,
                     "the model uses operators that this runtime does not have: %s",
                     names.failed ? "" : names.data);
  }
  ew_text_free(&names);
  return status;
}

static ew_status check_counts(const tfl_builder *b, const tfl_row *row) {
  const tfl_operator *op = b->op;
  TFL_CHECK(b, op->num_inputs >= row->min_inputs && op->num_inputs <= row->max_inputs,
            EW_INVALID_PROGRAM, "%u inputs, needs %u to %u", op->num_inputs, row->min_inputs,
            row->max_inputs);
  TFL_CHECK(b, op->num_outputs >= row->min_outputs && op->num_outputs <= row->max_outputs,
            EW_INVALID_PROGRAM, "%u outputs, needs %u to %u", op->num_outputs, row->min_outputs,
            row->max_outputs);
  return EW_OK;
}

static ew_status build_operator(tfl_builder *b, uint32_t index) {
  const tfl_operator *op = &b->model->operators[index];
  const tfl_row *row = find_row(&b->model->codes[op->code]);
  b->operator_index = index;
  b->op = op;
  b->op_name = row->name;
  EW_TRY(check_counts(b, row));
  EW_TRY(row->read(b, row));
  return ew_fb_status(&b->model->fb);
}

static const char *signature_name(const tfl_name *names, uint32_t count, uint32_t tensor,
                                  const char *fallback) {
  for (uint32_t i = 0; i < count; i++) {
    if (names[i].tensor == tensor) return names[i].name;
  }
  return fallback;
}

/* The sizes that the caller wants of an input: those that the file fixes must be the file's. */
static ew_status choose_sizes(tfl_builder *b, uint32_t index, ew_value *value) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  char given[96], wanted[96];
  size_t bytes = 0;
  bool fits = true;
  value->free_dims = tensor->dynamic;
  const uint32_t rank = b->sizes != NULL ? tensor->rank : 0;
  EW_CHECK(rank == 0 || b->num_sizes >= rank, b->err, EW_WRONG_DIMENSIONS,
           "input tensor %u (%s) has rank %u, of which %u sizes were given", index, tensor->name,
           rank, b->num_sizes);
  for (uint32_t d = 0; d < rank; d++) {
    value->dims[d] = b->sizes[d];
    fits =
        fits && b->sizes[d] > 0 && ((tensor->dynamic >> d & 1) || b->sizes[d] == tensor->dims[d]);
  }
  EW_CHECK(fits, b->err, EW_WRONG_DIMENSIONS,
           "input tensor %u (%s) has shape %s, which cannot become %s", index, tensor->name,
           ew_shape_text(tensor->dims, tensor->rank, wanted, sizeof wanted),
           ew_shape_text(value->dims, value->rank, given, sizeof given));
  EW_CHECK(ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes), b->err,
           EW_OUT_OF_RESOURCES, "input tensor %u (%s) of shape %s has more than %zu bytes", index,
           tensor->name, ew_shape_text(value->dims, value->rank, given, sizeof given),
           EW_MAX_TENSOR_BYTES);
  if (rank == 0) return EW_OK;
  b->sizes += tensor->rank;
  b->num_sizes -= tensor->rank;
  return EW_OK;
}

static ew_status add_input(tfl_builder *b, uint32_t index, uint32_t *out) {
  const tfl_tensor *tensor = &b->model->tensors[index];
  const tfl_signature *signature = b->model->signature;
  EW_CHECK(tensor->dtype != EW_DTYPE_NONE, b->err, EW_NOT_SUPPORTED,
           "input tensor %u (%s) is %s, which is not supported", index, tensor->name,
           tfl_type_name(tensor->type));
  EW_CHECK(b->slots[index].value == EW_NONE, b->err, EW_INVALID_PROGRAM,
           "tensor %u (%s) is an input twice", index, tensor->name);
  EW_CHECK(!tfl_is_empty(tensor), b->err, EW_INVALID_PROGRAM,
           "input tensor %u (%s) has no elements", index, tensor->name);
  ew_value value = ew_value_default(tensor->dtype);
  value.flags = EW_VALUE_INPUT;
  tfl_set_dims(&value, tensor->rank, tensor->dims);
  EW_TRY(choose_sizes(b, index, &value));
  EW_TRY(tfl_read_quant(tensor, index, b->arena, &value.quant, b->err));
  EW_CHECK(value.quant.kind != EW_QUANT_CHANNEL, b->err, EW_INVALID_PROGRAM,
           "input tensor %u (%s) has a scale per channel", index, tensor->name);
  const char *name = tensor->name;
  if (signature != NULL) {
    name = signature_name(signature->inputs, signature->num_inputs, index, name);
  }
  EW_TRY(ew_arena_string(b->arena, name, strlen(name), &value.name, b->err));
  EW_TRY(tfl_add_value(b, &value, out));
  b->slots[index] = (tfl_slot){.value = *out, .written = true, .source = index};
  return EW_OK;
}

static ew_status begin_graph(tfl_builder *b) {
  const tfl_model *model = b->model;
  ew_graph *graph = b->graph;
  EW_TRY(ew_arena_alloc(b->arena, model->num_tensors, sizeof *b->slots, &b->slots, b->err));
  for (uint32_t i = 0; i < model->num_tensors; i++) {
    b->slots[i] =
        (tfl_slot){.value = EW_NONE, .constant = model->tensors[i].bytes.size > 0, .source = i};
  }
  graph->num_inputs = model->num_inputs;
  EW_TRY(
      ew_arena_alloc(b->arena, model->num_inputs, sizeof *graph->inputs, &graph->inputs, b->err));
  for (uint32_t i = 0; i < model->num_inputs; i++) {
    b->slots[model->inputs[i]].constant = false;
    EW_TRY(add_input(b, model->inputs[i], &graph->inputs[i]));
  }
  EW_CHECK(b->num_sizes == 0, b->err, EW_WRONG_DIMENSIONS,
           "%u sizes more were given than the inputs have", b->num_sizes);
  return EW_OK;
}

/* An output that is an input, a constant or named twice is copied: each output has memory of its own. */
static ew_status own_output(tfl_builder *b, uint32_t *inout) {
  const ew_value *value = tfl_value(b, *inout);
  if ((value->flags & (EW_VALUE_INPUT | EW_VALUE_OUTPUT)) == 0 && value->constant == EW_NONE) {
    return EW_OK;
  }
  const uint32_t from = *inout;
  ew_value copy = ew_value_default(value->dtype);
  copy.name = value->name;
  copy.quant = value->quant;
  EW_TRY(tfl_add_value(b, &copy, inout));
  tfl_args args = {.count = 0};
  tfl_arg_none(&args);
  const uint8_t *known = tfl_known(b, from);
  if (known != NULL) EW_TRY(tfl_remember(b, from, NULL));
  const ew_status status = tfl_kernel(b, "aten::clone.out", &from, 1, &args, inout, 1);
  if (known != NULL) EW_TRY(tfl_remember(b, from, known));
  return status;
}

static ew_status end_graph(tfl_builder *b) {
  const tfl_model *model = b->model;
  const tfl_signature *signature = model->signature;
  ew_graph *graph = b->graph;
  b->op_name = "outputs of the model";
  b->operator_index = model->num_operators;
  graph->num_outputs = model->num_outputs;
  EW_TRY(ew_arena_alloc(b->arena, model->num_outputs, sizeof *graph->outputs, &graph->outputs,
                        b->err));
  for (uint32_t i = 0; i < model->num_outputs; i++) {
    EW_TRY(tfl_slot_value(b, model->outputs[i], &graph->outputs[i]));
    EW_TRY(own_output(b, &graph->outputs[i]));
    ew_value *value = &graph->values[graph->outputs[i]];
    value->flags |= EW_VALUE_OUTPUT;
    if (signature == NULL) continue;
    const char *name =
        signature_name(signature->outputs, signature->num_outputs, model->outputs[i], value->name);
    EW_TRY(ew_arena_string(b->arena, name, strlen(name), &value->name, b->err));
  }
  return EW_OK;
}

ew_status tfl_build(const tfl_model *model, const size_t *sizes, uint32_t num_sizes, uint64_t *work,
                    ew_graph *graph, ew_error *err) {
  tfl_builder b = {.arena = graph->arena,
                   .graph = graph,
                   .model = model,
                   .op_name = "inputs of the model",
                   .sizes = sizes,
                   .num_sizes = num_sizes,
                   .work = work,
                   .err = err};
  EW_TRY(check_operators(&b));
  EW_TRY(begin_graph(&b));
  for (uint32_t i = 0; i < model->num_operators; i++) EW_TRY(build_operator(&b, i));
  EW_TRY(end_graph(&b));
  return ew_graph_check_nodes(graph, 0, err);
}
