/* From FlatBuffer tables to lists. */
#include "format/tflite/model.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* Field numbers of schema.fbs. */
enum { MODEL_VERSION = 0, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { MODEL_METADATA = 6, MODEL_SIGNATURES = 7 };
enum { CODE_OLD = 0, CODE_CUSTOM = 1, CODE_NEW = 3 };
enum { SUBGRAPH_TENSORS = 0, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };
enum {
  TENSOR_SHAPE = 0,
  TENSOR_TYPE,
  TENSOR_BUFFER,
  TENSOR_NAME,
  TENSOR_QUANT,
  TENSOR_VARIABLE,
  TENSOR_SPARSITY,
  TENSOR_SIGNATURE,
  TENSOR_EXTERNAL = 10
};
enum {
  OPERATOR_CODE = 0,
  OPERATOR_INPUTS,
  OPERATOR_OUTPUTS,
  OPERATOR_OPTIONS = 4,
  OPERATOR_CUSTOM = 5,
  OPERATOR_LARGE_OFFSET = 9,
  OPERATOR_LARGE_SIZE = 10,
  OPERATOR_OPTIONS_2 = 12
};
enum { BUFFER_DATA = 0, BUFFER_OFFSET, BUFFER_SIZE };

#define EW_FB_TRY(model) EW_TRY(ew_fb_status(&(model)->fb))

/* True when a walk has met a page that is not there: what it reads now may be zero. */
static bool partial(const tfl_model *model) {
  return model->fb.pages != NULL && model->fb.pages->incomplete;
}

static ew_status alloc(const tfl_model *model, size_t count, size_t size, void *out,
                       ew_error *err) {
  return ew_arena_alloc(model->arena, count, size, out, err);
}

static ew_status read_list(ew_fb_table table, uint32_t field, const char *what, uint32_t limit,
                           ew_fb_vector *out, ew_error *err) {
  *out = ew_fb_vec(table, field, 4);
  EW_TRY(ew_fb_status(table.fb));
  EW_CHECK(out->count <= limit, err, EW_OUT_OF_RESOURCES, "the model has %u %s, the limit is %u",
           out->count, what, limit);
  return EW_OK;
}

/* --- operator codes, buffers ---------------------------------------------------------------------- */

/* Old files have an 8-bit code; 127 in it means: see the other field. */
static ew_status read_codes(tfl_model *model, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(model->root, MODEL_CODES, "operator codes", EW_MAX_NODES, &list, err));
  EW_TRY(alloc(model, list.count, sizeof *model->codes, &model->codes, err));
  model->num_codes = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table code = ew_fb_vec_table(list, i);
    const int32_t old = ew_fb_i8(code, CODE_OLD), current = ew_fb_i32(code, CODE_NEW);
    model->codes[i] = (tfl_code){.builtin = old > current ? old : current,
                                 .custom = ew_fb_str(code, CODE_CUSTOM)};
    EW_FB_TRY(model);
    EW_CHECK(model->codes[i].builtin >= 0, err, EW_INVALID_PROGRAM, "operator code %u is %d", i,
             model->codes[i].builtin);
  }
  return EW_OK;
}

/* Bytes behind the FlatBuffer, which 2 GiB do not hold: 0 and 1 stand for "not there". */
static ew_status far_range(const tfl_model *model, uint64_t offset, uint64_t size, const char *what,
                           uint32_t index, tfl_range *out, ew_error *err) {
  *out = (tfl_range){0};
  if (offset <= 1 || size == 0) return EW_OK;
  EW_CHECK(ew_in_range(offset, size, model->fb.bytes.size), err, EW_INVALID_PROGRAM,
           "%s %u: bytes %llu and %llu more leave the file", what, index,
           (unsigned long long)offset, (unsigned long long)size);
  *out = (tfl_range){offset, size};
  return EW_OK;
}

static ew_status read_buffers(tfl_model *model, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(model->root, MODEL_BUFFERS, "buffers", EW_MAX_FILE_BLOCKS, &list, err));
  EW_CHECK(partial(model) || list.count > 0, err, EW_INVALID_PROGRAM, "the model has no buffers");
  EW_TRY(alloc(model, list.count, sizeof *model->buffers, &model->buffers, err));
  model->num_buffers = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table buffer = ew_fb_vec_table(list, i);
    const ew_fb_vector data = ew_fb_range(buffer, BUFFER_DATA, 1);
    const uint64_t offset = ew_fb_u64(buffer, BUFFER_OFFSET), size = ew_fb_u64(buffer, BUFFER_SIZE);
    EW_FB_TRY(model);
    if (data.count > 0) {
      model->buffers[i] = (tfl_range){data.position, data.count};
    } else {
      EW_TRY(far_range(model, offset, size, "buffer", i, &model->buffers[i], err));
    }
    /* The walk fetches small ones. */
    const tfl_range *range = &model->buffers[i];
    if (range->size <= TFL_SMALL_BYTES) ew_fb_need(&model->fb, range->offset, range->size);
  }
  return EW_OK;
}

/* --- tensors -------------------------------------------------------------------------------------- */

static ew_dtype dtype_of(uint8_t type) {
  switch (type) {
    case TFL_F32:
      return EW_F32;
    case TFL_F16:
      return EW_F16;
    case TFL_I32:
      return EW_I32;
    case TFL_U8:
      return EW_U8;
    case TFL_I64:
      return EW_I64;
    case TFL_BOOL:
      return EW_BOOL;
    case TFL_I8:
      return EW_I8;
    default:
      return EW_DTYPE_NONE;
  }
}

const char *tfl_type_name(uint8_t type) {
  static const char *const names[] = {
      "f32",     "f16",        "i32",       "u8",
      "i64",     "a string",   "bool",      "i16 (16-bit activations)",
      "complex", "i8",         "f64",       "complex",
      "u64",     "a resource", "a variant", "u32",
      "u16",     "i4",         "bf16",      "i2",
      "u4",      "f8",         "f8"};
  return type < sizeof names / sizeof names[0] ? names[type] : "of an unknown type";
}

static ew_status read_shape(tfl_tensor *tensor, ew_fb_table table, uint32_t index, ew_error *err) {
  const ew_fb_vector shape = ew_fb_vec(table, TENSOR_SHAPE, 4);
  const ew_fb_vector signature = ew_fb_vec(table, TENSOR_SIGNATURE, 4);
  EW_TRY(ew_fb_status(table.fb));
  EW_CHECK(shape.count <= EW_MAX_RANK, err, EW_NOT_SUPPORTED,
           "tensor %u has rank %u, the limit is %d", index, shape.count, EW_MAX_RANK);
  tensor->rank = shape.count;
  for (uint32_t i = 0; i < shape.count; i++) {
    const int32_t size = ew_fb_vec_i32(shape, i);
    const bool free = signature.count == shape.count && ew_fb_vec_i32(signature, i) == -1;
    EW_CHECK(size >= 0 || size == -1, err, EW_INVALID_PROGRAM, "tensor %u: dimension %u is %d",
             index, i, size);
    if (free || size == -1) tensor->dynamic |= 1u << i;
    tensor->dims[i] = size == -1 ? 1 : (size_t)size;
  }
  return EW_OK;
}

/* Touches the vectors that quant.c and sparse.c read, so that a walk finds their pages. */
static void touch_vectors(ew_fb_table table, uint32_t first, uint32_t end, uint32_t item) {
  for (uint32_t field = first; field < end; field++) ew_fb_vec(table, field, item);
}

static void touch_sparsity(ew_fb_table sparsity) {
  touch_vectors(sparsity, 0, 2, 4);
  const ew_fb_vector levels = ew_fb_vec(sparsity, 2, 4);
  for (uint32_t i = 0; i < levels.count; i++) {
    const ew_fb_table level = ew_fb_vec_table(levels, i);
    for (uint32_t k = 0; k < 2; k++) {
      static const uint32_t widths[] = {0, 4, 2, 1};
      const uint8_t kind = ew_fb_u8(level, 2 + 2 * k);
      if (kind >= 1 && kind <= 3) ew_fb_vec(ew_fb_sub(level, 3 + 2 * k), 0, widths[kind]);
    }
  }
}

static ew_status read_tensor(tfl_model *model, ew_fb_table table, uint32_t index,
                             tfl_tensor *tensor, ew_error *err) {
  *tensor = (tfl_tensor){.type = ew_fb_u8(table, TENSOR_TYPE),
                         .name = ew_fb_str(table, TENSOR_NAME),
                         .quantization = ew_fb_sub(table, TENSOR_QUANT),
                         .sparsity = ew_fb_sub(table, TENSOR_SPARSITY)};
  tensor->dtype = dtype_of(tensor->type);
  EW_TRY(read_shape(tensor, table, index, err));
  touch_vectors(tensor->quantization, 2, 3, 4);
  touch_vectors(tensor->quantization, 3, 4, 8);
  touch_sparsity(tensor->sparsity);
  const uint32_t buffer = ew_fb_u32(table, TENSOR_BUFFER);
  const uint32_t external = ew_fb_u32(table, TENSOR_EXTERNAL);
  EW_FB_TRY(model);
  EW_CHECK(external == 0, err, EW_INVALID_EXTERNAL_DATA,
           "tensor %u (%s) has its bytes in another file, which is not supported", index,
           tensor->name);
  /* A walk that lacks pages may have no list of buffers yet. */
  const bool known = buffer < model->num_buffers;
  EW_CHECK(known || partial(model), err, EW_INVALID_PROGRAM, "tensor %u (%s) names buffer %u of %u",
           index, tensor->name, buffer, model->num_buffers);
  if (known && buffer != 0) tensor->bytes = model->buffers[buffer];
  return EW_OK;
}

static ew_status read_tensors(tfl_model *model, ew_fb_table subgraph, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(subgraph, SUBGRAPH_TENSORS, "tensors", EW_MAX_VALUES, &list, err));
  EW_TRY(alloc(model, list.count, sizeof *model->tensors, &model->tensors, err));
  model->num_tensors = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    EW_TRY(read_tensor(model, ew_fb_vec_table(list, i), i, &model->tensors[i], err));
  }
  return EW_OK;
}

const uint8_t *tfl_small_bytes(const tfl_model *model, const tfl_tensor *tensor) {
  if (tensor->bytes.size == 0 || tensor->bytes.size > TFL_SMALL_BYTES) return NULL;
  return model->fb.bytes.data + tensor->bytes.offset;
}

/* --- operators ------------------------------------------------------------------------------------ */

/* Tensor numbers; -1, where allowed, stands for an operand that is left out. */
static ew_status read_ids(tfl_model *model, ew_fb_table table, uint32_t field, bool optional,
                          const char *what, const uint32_t **out, uint32_t *out_count,
                          ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(table, field, what, EW_MAX_OPERANDS, &list, err));
  uint32_t *ids = NULL;
  EW_TRY(alloc(model, list.count, sizeof *ids, &ids, err));
  for (uint32_t i = 0; i < list.count; i++) {
    const int32_t id = ew_fb_vec_i32(list, i);
    EW_CHECK((id == -1 && optional) || (id >= 0 && (uint32_t)id < model->num_tensors), err,
             EW_INVALID_PROGRAM, "%s: tensor %d of %u", what, id, model->num_tensors);
    ids[i] = id == -1 ? EW_NONE : (uint32_t)id;
  }
  *out = ids;
  *out_count = list.count;
  return EW_OK;
}

/* Options hold at most two vectors (new_shape, squeeze_dims): field 0. */
static void touch_options(tfl_operator *op, const tfl_model *model) {
  static const int32_t with_list[] = {22, 43};
  const int32_t code = op->code < model->num_codes ? model->codes[op->code].builtin : 0;
  for (size_t i = 0; i < sizeof with_list / sizeof with_list[0]; i++) {
    if (code == with_list[i]) ew_fb_vec(op->options, 0, 4);
  }
}

static ew_status read_custom(tfl_model *model, ew_fb_table table, uint32_t index, ew_bytes *out,
                             ew_error *err) {
  const ew_fb_vector inline_bytes = ew_fb_vec(table, OPERATOR_CUSTOM, 1);
  const uint64_t offset = ew_fb_u64(table, OPERATOR_LARGE_OFFSET);
  const uint64_t size = ew_fb_u64(table, OPERATOR_LARGE_SIZE);
  EW_FB_TRY(model);
  if (inline_bytes.count > 0) {
    *out = (ew_bytes){inline_bytes.items, inline_bytes.count};
    return EW_OK;
  }
  tfl_range range;
  EW_TRY(far_range(model, offset, size, "options of operator", index, &range, err));
  EW_CHECK(range.size <= TFL_SMALL_BYTES, err, EW_OUT_OF_RESOURCES,
           "operator %u has %llu bytes of options", index, (unsigned long long)range.size);
  if (range.size > 0 && ew_fb_need(&model->fb, range.offset, range.size)) {
    *out = (ew_bytes){model->fb.bytes.data + range.offset, (size_t)range.size};
  }
  return EW_OK;
}

static ew_status read_operator(tfl_model *model, ew_fb_table table, uint32_t index,
                               tfl_operator *op, ew_error *err) {
  char what[64];
  snprintf(what, sizeof what, "operator %u", index);
  op->code = ew_fb_u32(table, OPERATOR_CODE);
  op->options = ew_fb_sub(table, OPERATOR_OPTIONS);
  if (!ew_fb_present(table, OPERATOR_OPTIONS)) op->options = ew_fb_sub(table, OPERATOR_OPTIONS_2);
  EW_FB_TRY(model);
  EW_TRY(read_ids(model, table, OPERATOR_INPUTS, true, what, &op->inputs, &op->num_inputs, err));
  EW_TRY(
      read_ids(model, table, OPERATOR_OUTPUTS, false, what, &op->outputs, &op->num_outputs, err));
  touch_options(op, model);
  EW_TRY(read_custom(model, table, index, &op->custom, err));
  EW_CHECK(op->code < model->num_codes || partial(model), err, EW_INVALID_PROGRAM,
           "operator %u names operator code %u of %u", index, op->code, model->num_codes);
  return EW_OK;
}

static ew_status read_operators(tfl_model *model, ew_fb_table subgraph, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(subgraph, SUBGRAPH_OPERATORS, "operators", EW_MAX_NODES, &list, err));
  EW_TRY(alloc(model, list.count, sizeof *model->operators, &model->operators, err));
  model->num_operators = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    EW_TRY(read_operator(model, ew_fb_vec_table(list, i), i, &model->operators[i], err));
  }
  return EW_OK;
}

/* --- signatures, metadata ------------------------------------------------------------------------- */

static ew_status read_names(tfl_model *model, ew_fb_table signature, uint32_t field, tfl_name **out,
                            uint32_t *out_count, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(signature, field, "names in a signature", EW_MAX_OPERANDS, &list, err));
  EW_TRY(alloc(model, list.count, sizeof **out, out, err));
  *out_count = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table map = ew_fb_vec_table(list, i);
    (*out)[i] = (tfl_name){.name = ew_fb_str(map, 0), .tensor = ew_fb_u32(map, 1)};
  }
  EW_FB_TRY(model);
  return EW_OK;
}

static ew_status read_signatures(tfl_model *model, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(model->root, MODEL_SIGNATURES, "signatures", EW_MAX_METHODS, &list, err));
  EW_TRY(alloc(model, list.count, sizeof *model->signatures, &model->signatures, err));
  model->num_signatures = list.count;
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table table = ew_fb_vec_table(list, i);
    tfl_signature *signature = &model->signatures[i];
    signature->key = ew_fb_str(table, 2);
    signature->subgraph = ew_fb_u32(table, 4);
    EW_TRY(read_names(model, table, 0, &signature->inputs, &signature->num_inputs, err));
    EW_TRY(read_names(model, table, 1, &signature->outputs, &signature->num_outputs, err));
    EW_CHECK(signature->subgraph < model->num_subgraphs, err, EW_INVALID_PROGRAM,
             "signature '%s' names subgraph %u of %u", signature->key, signature->subgraph,
             model->num_subgraphs);
  }
  return EW_OK;
}

static ew_status read_metadata(tfl_model *model, ew_error *err) {
  ew_fb_vector list;
  EW_TRY(read_list(model->root, MODEL_METADATA, "metadata entries", EW_MAX_METHODS, &list, err));
  model->min_runtime = "";
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table entry = ew_fb_vec_table(list, i);
    const char *name = ew_fb_str(entry, 0);
    const uint32_t buffer = ew_fb_u32(entry, 1);
    EW_FB_TRY(model);
    if (partial(model)) continue;
    EW_CHECK(buffer < model->num_buffers, err, EW_INVALID_PROGRAM,
             "metadata '%s' names buffer %u of %u", name, buffer, model->num_buffers);
    const tfl_range range = model->buffers[buffer];
    if (strcmp(name, "TFLITE_METADATA") == 0) model->metadata = range;
    if (strcmp(name, "min_runtime_version") == 0 && range.size > 0 && range.size <= 64) {
      EW_TRY(ew_arena_string(model->arena, (const char *)model->fb.bytes.data + range.offset,
                             (size_t)range.size, &model->min_runtime, err));
    }
  }
  if (model->metadata.size > 0 && model->metadata.size <= EW_MAX_METADATA_BYTES) {
    ew_fb_need(&model->fb, model->metadata.offset, model->metadata.size);
  }
  return EW_OK;
}

/* --- the whole ------------------------------------------------------------------------------------ */

static ew_status unknown_method(const tfl_model *model, const char *method, ew_error *err) {
  char names[256] = "";
  size_t used = 0;
  for (uint32_t i = 0; i < model->num_signatures && used < sizeof names; i++) {
    used += (size_t)snprintf(names + used, sizeof names - used, "%s'%s'", i > 0 ? ", " : "",
                             model->signatures[i].key);
  }
  return ew_fail(err, EW_NOT_FOUND, "the model has no method '%s'; it has %s", method,
                 model->num_signatures > 0 ? names : "'main'");
}

static ew_status choose_subgraph(tfl_model *model, const char *method, ew_error *err) {
  model->subgraph = 0;
  for (uint32_t i = 0; i < model->num_signatures; i++) {
    const tfl_signature *signature = &model->signatures[i];
    const bool wanted =
        method != NULL ? strcmp(signature->key, method) == 0 : signature->subgraph == 0;
    if (!wanted) continue;
    model->signature = signature;
    model->subgraph = signature->subgraph;
    return EW_OK;
  }
  const bool fallback = method == NULL || strcmp(method, "forward") == 0 ||
                        (model->num_signatures == 0 && strcmp(method, "main") == 0);
  if (!fallback) return unknown_method(model, method, err);
  return method == NULL ? EW_OK : choose_subgraph(model, NULL, err);
}

ew_status tfl_read_model(tfl_model *model, const char *method, ew_error *err) {
  model->root = ew_fb_root(&model->fb);
  const uint32_t version = ew_fb_u32(model->root, MODEL_VERSION);
  EW_FB_TRY(model);
  EW_CHECK(version == 3, err, EW_NOT_SUPPORTED,
           "the model has schema version %u, this runtime reads version 3", version);
  model->description = ew_fb_str(model->root, MODEL_DESCRIPTION);
  EW_TRY(read_codes(model, err));
  EW_TRY(read_buffers(model, err));
  ew_fb_vector subgraphs;
  EW_TRY(read_list(model->root, MODEL_SUBGRAPHS, "subgraphs", EW_MAX_METHODS, &subgraphs, err));
  model->num_subgraphs = subgraphs.count;
  EW_CHECK(subgraphs.count > 0, err, EW_INVALID_PROGRAM, "the model has no subgraph");
  EW_TRY(read_signatures(model, err));
  EW_TRY(read_metadata(model, err));
  EW_TRY(choose_subgraph(model, method, err));
  const ew_fb_table subgraph = ew_fb_vec_table(subgraphs, model->subgraph);
  EW_TRY(read_tensors(model, subgraph, err));
  EW_TRY(read_ids(model, subgraph, SUBGRAPH_INPUTS, false, "inputs of the model", &model->inputs,
                  &model->num_inputs, err));
  EW_TRY(read_ids(model, subgraph, SUBGRAPH_OUTPUTS, false, "outputs of the model", &model->outputs,
                  &model->num_outputs, err));
  EW_TRY(read_operators(model, subgraph, err));
  EW_FB_TRY(model);
  EW_CHECK(model->num_outputs > 0, err, EW_INVALID_PROGRAM, "the model has no outputs");
  return EW_OK;
}
