/* EValues of a method: tensors become graph values, everything else is read when an instruction names
 * it. */

#include "format/pte/internal.h"

/* Field numbers of program.fbs. */
enum { PLAN_VALUES = 2, PLAN_INPUTS = 3, PLAN_OUTPUTS = 4, PLAN_BUFFER_SIZES = 8 };
enum {
  TENSOR_SCALAR_TYPE = 0,
  TENSOR_STORAGE_OFFSET = 1,
  TENSOR_SIZES = 2,
  TENSOR_DIM_ORDER = 3,
  TENSOR_DATA_BUFFER = 5,
  TENSOR_ALLOCATION = 6,
  TENSOR_DYNAMISM = 8,
  TENSOR_EXTRA = 9
};
enum { EXTRA_NAME = 1, EXTRA_LOCATION = 2 };
enum { EXTERNAL = 1 }; /* a location */

static ew_status read_dtype(int8_t scalar_type, uint32_t index, ew_dtype *out, ew_error *err) {
  *out = (ew_dtype)scalar_type;
  EW_CHECK(scalar_type < 8 || scalar_type > 10, err, EW_NOT_SUPPORTED,
           "value %u holds complex numbers, which are not supported; export real and imaginary "
           "parts as tensors of their own",
           index);
  EW_CHECK(scalar_type >= 0 && ew_dtype_size(*out) != 0, err, EW_NOT_SUPPORTED,
           "value %u: tensors of ExecuTorch scalar type %d are not supported", index, scalar_type);
  return EW_OK;
}

static ew_status read_shape(ew_fb_table tensor, uint32_t index, ew_value *value, ew_error *err) {
  const ew_fb_vector sizes = ew_fb_vec(tensor, TENSOR_SIZES, 4);
  const ew_fb_vector order = ew_fb_vec(tensor, TENSOR_DIM_ORDER, 1);
  EW_TRY(ew_fb_status(tensor.fb));
  EW_CHECK(sizes.present && order.present && sizes.count == order.count, err, EW_INVALID_PROGRAM,
           "value %u: sizes (%u) and dim order (%u) are missing or differ in length", index,
           sizes.count, order.count);
  EW_CHECK(sizes.count <= EW_MAX_RANK, err, EW_OUT_OF_RESOURCES,
           "value %u: rank %u exceeds the limit of %d", index, sizes.count, EW_MAX_RANK);
  value->rank = sizes.count;
  uint32_t seen = 0;
  for (uint32_t i = 0; i < sizes.count; i++) {
    const int32_t size = ew_fb_vec_i32(sizes, i);
    EW_CHECK(size >= 0, err, EW_INVALID_PROGRAM, "value %u: dimension %u has size %d", index, i,
             size);
    value->dims[i] = (size_t)size;
    value->order[i] = order.items[i];
    EW_CHECK(order.items[i] < sizes.count && !(seen >> order.items[i] & 1), err, EW_INVALID_PROGRAM,
             "value %u: the dim order is not a permutation", index);
    seen |= 1u << order.items[i];
  }
  return EW_OK;
}

static ew_status check_extra(ew_fb_table extra, uint32_t index, ew_error *err) {
  EW_CHECK(ew_fb_i8(extra, EXTRA_LOCATION) >= 0 && ew_fb_i8(extra, EXTRA_LOCATION) <= 1, err,
           EW_INVALID_PROGRAM, "value %u lies in an unknown place %d", index,
           ew_fb_i8(extra, EXTRA_LOCATION));
  EW_CHECK(ew_fb_i8(extra, 3) == 0, err, EW_NOT_SUPPORTED,
           "value %u is placed on device type %d; only the CPU is supported", index,
           ew_fb_i8(extra, 3));
  return EW_OK;
}

/* The plan's memory is not allocated (lifetimes are planned again), but tensors that share a place are
 * views of each other. */
static ew_status check_buffer_sizes(pte_file *pte, ew_error *err) {
  const ew_fb_vector sizes = ew_fb_vec(pte->plan, PLAN_BUFFER_SIZES, 8);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(sizes.present, err, EW_INVALID_PROGRAM, "the method has no sizes of planned memory");
  uint64_t total = 0;
  for (uint32_t i = 0; i < sizes.count; i++) {
    const int64_t size = ew_fb_vec_i64(sizes, i);
    EW_CHECK(size >= 0, err, EW_INVALID_PROGRAM, "planned memory %u has %lld bytes", i,
             (long long)size);
    EW_CHECK((uint64_t)size <= EW_MAX_PLANNED_BYTES - total, err, EW_OUT_OF_RESOURCES,
             "the method has more than %zu MiB of planned memory", EW_MAX_PLANNED_BYTES >> 20);
    total += (uint64_t)size;
  }
  return EW_OK;
}

/* Where the plan puts a tensor; checks it against the arena sizes. */
static ew_status read_place(pte_file *pte, ew_fb_table allocation, size_t bytes, uint32_t index,
                            pte_place *out, ew_error *err) {
  const ew_fb_vector sizes = ew_fb_vec(pte->plan, PLAN_BUFFER_SIZES, 8);
  out->memory_id = ew_fb_u32(allocation, 0);
  out->offset = ew_fb_u32(allocation, 1) | (uint64_t)ew_fb_u32(allocation, 2) << 32;
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(out->memory_id >= 1 && out->memory_id < sizes.count, err, EW_INVALID_PROGRAM,
           "value %u: memory id %u of %u", index, out->memory_id, sizes.count);
  const int64_t size = ew_fb_vec_i64(sizes, out->memory_id);
  EW_CHECK(ew_in_range(out->offset, bytes, (uint64_t)size), err, EW_INVALID_PROGRAM,
           "value %u: its %zu bytes at %llu leave planned memory %u of %lld bytes", index, bytes,
           (unsigned long long)out->offset, out->memory_id, (long long)size);
  return EW_OK;
}

/* Where the bytes of a tensor are: a constant if it has no place in planned memory, else its first bytes. */
static ew_status read_data(pte_file *pte, ew_fb_table tensor, uint32_t index, size_t bytes,
                           ew_value *value, pte_place *out_place, ew_error *err) {
  const ew_fb_table allocation = ew_fb_sub(tensor, TENSOR_ALLOCATION);
  const ew_fb_table extra = ew_fb_sub(tensor, TENSOR_EXTRA);
  const uint32_t buffer = ew_fb_u32(tensor, TENSOR_DATA_BUFFER);
  const bool external = ew_fb_i8(extra, EXTRA_LOCATION) == EXTERNAL;
  const bool planned = allocation.position != 0;
  EW_TRY(ew_fb_status(&pte->fb));
  if (planned) EW_TRY(read_place(pte, allocation, bytes, index, out_place, err));
  if (buffer == 0 && !external) return EW_OK;
  uint64_t offset = 0;
  if (external) {
    const char *name = ew_fb_str(extra, EXTRA_NAME);
    EW_TRY(ew_fb_status(&pte->fb));
    EW_TRY(pte_external_range(pte, name, value, bytes, &offset, err));
  } else if (planned) {
    EW_TRY(pte_state_range(pte, buffer, bytes, index, &offset, err));
  } else {
    EW_TRY(pte_constant_range(pte, buffer, bytes, index, &offset, err));
  }
  if (planned) value->flags |= EW_VALUE_STATE;
  uint32_t *constant = planned ? &value->initial : &value->constant;
  return ew_graph_add_constant(pte->graph, offset, bytes, constant, err);
}

static ew_status read_tensor(pte_file *pte, uint32_t index, ew_fb_table tensor, uint32_t *out_id,
                             ew_error *err) {
  ew_dtype dtype;
  EW_TRY(read_dtype(ew_fb_i8(tensor, TENSOR_SCALAR_TYPE), index, &dtype, err));
  ew_value value = ew_value_default(dtype);
  EW_TRY(read_shape(tensor, index, &value, err));
  size_t bytes = 0;
  EW_CHECK(ew_shape_bytes(dtype, value.dims, value.rank, &bytes), err, EW_OUT_OF_RESOURCES,
           "value %u: a tensor of more than 1 GiB", index);
  EW_CHECK(ew_fb_i32(tensor, TENSOR_STORAGE_OFFSET) == 0, err, EW_INVALID_PROGRAM,
           "value %u: storage offset is not 0", index);
  const int8_t dynamism = ew_fb_i8(tensor, TENSOR_DYNAMISM);
  EW_CHECK(dynamism == 0 || dynamism == 1, err, EW_NOT_SUPPORTED,
           "value %u: tensors without an upper bound of their size are not supported", index);
  if (dynamism == 1) value.flags |= EW_VALUE_DYNAMIC;
  EW_TRY(check_extra(ew_fb_sub(tensor, TENSOR_EXTRA), index, err));
  pte_place place = {0};
  EW_TRY(read_data(pte, tensor, index, bytes, &value, &place, err));
  EW_TRY(ew_graph_add_value(pte->graph, &value, out_id, err));
  pte->places[*out_id] = place;
  pte->num_places = *out_id + 1;
  return EW_OK;
}

/* Lists name other values; their kinds are checked here, once. */
static ew_status check_list(pte_file *pte, uint32_t index, ew_error *err) {
  const pte_evalue *value = &pte->evalues[index];
  const bool ints = value->type == PTE_INT_LIST;
  const bool optional = value->type == PTE_OPTIONAL_TENSOR_LIST;
  const bool literals = value->type == PTE_DOUBLE_LIST || value->type == PTE_BOOL_LIST;
  if (!ints && !optional && !literals && value->type != PTE_TENSOR_LIST) return EW_OK;
  const uint32_t item_size = value->type == PTE_BOOL_LIST             ? 1
                             : ints || value->type == PTE_DOUBLE_LIST ? 8
                                                                      : 4;
  const ew_fb_vector items = ew_fb_vec(value->table, 0, item_size);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(items.count <= EW_MAX_OPERANDS, err, EW_OUT_OF_RESOURCES,
           "value %u: a list of %u items exceeds the limit of %d", index, items.count,
           EW_MAX_OPERANDS);
  for (uint32_t i = 0; i < items.count && !literals; i++) {
    const int64_t item = ints ? ew_fb_vec_i64(items, i) : ew_fb_vec_i32(items, i);
    if (optional && item == -1) continue;
    EW_CHECK(item >= 0 && item < pte->num_evalues, err, EW_INVALID_PROGRAM,
             "value %u: list item %u names value %lld of %u", index, i, (long long)item,
             pte->num_evalues);
    const uint8_t type = pte->evalues[item].type;
    EW_CHECK(ints ? type == PTE_INT : type == PTE_TENSOR || (optional && type == PTE_NULL), err,
             EW_INVALID_PROGRAM, "value %u: list item %u has the wrong type %u", index, i, type);
  }
  return EW_OK;
}

ew_status pte_read_evalues(pte_file *pte, ew_error *err) {
  const ew_fb_vector values = ew_fb_vec(pte->plan, PLAN_VALUES, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(values.present, err, EW_INVALID_PROGRAM, "the method has no values");
  EW_CHECK(values.count <= EW_MAX_VALUES, err, EW_OUT_OF_RESOURCES,
           "the method has %u values, the limit is %d", values.count, EW_MAX_VALUES);
  EW_TRY(check_buffer_sizes(pte, err));
  pte->num_evalues = values.count;
  EW_TRY(ew_arena_alloc(pte->arena, values.count, sizeof *pte->evalues, &pte->evalues, err));
  EW_TRY(ew_arena_alloc(pte->arena, values.count, sizeof *pte->places, &pte->places, err));
  for (uint32_t i = 0; i < values.count; i++) {
    const ew_fb_table value = ew_fb_vec_table(values, i);
    pte_evalue *evalue = &pte->evalues[i];
    *evalue = (pte_evalue){.type = ew_fb_u8(value, 0),
                           .table = ew_fb_sub(value, 1),
                           .value = EW_NONE,
                           .scalar = EW_NONE};
    EW_TRY(ew_fb_status(&pte->fb));
    EW_CHECK(evalue->type >= PTE_NULL && evalue->type <= PTE_OPTIONAL_TENSOR_LIST, err,
             EW_INVALID_PROGRAM, "value %u: unknown type %u", i, evalue->type);
    EW_CHECK(evalue->type == PTE_NULL || evalue->table.position != 0, err, EW_INVALID_PROGRAM,
             "value %u has no content", i);
    if (evalue->type == PTE_TENSOR) {
      EW_TRY(read_tensor(pte, i, evalue->table, &evalue->value, err));
    }
  }
  for (uint32_t i = 0; i < values.count; i++) EW_TRY(check_list(pte, i, err));
  return EW_OK;
}

/* A constant output of a method (Int, Double or Bool) becomes a tensor of rank 0. */
static ew_status literal_output(pte_file *pte, pte_evalue *evalue, uint32_t position,
                                ew_error *err) {
  ew_value value = ew_value_default(EW_I64);
  const int64_t i = ew_fb_i64(evalue->table, 0);
  const double d = ew_fb_f64(evalue->table, 0);
  const uint8_t b = ew_fb_u8(evalue->table, 0) != 0;
  if (evalue->type == PTE_INT) {
    EW_TRY(ew_graph_add_literal(pte->graph, &i, sizeof i, &value.constant, err));
  } else if (evalue->type == PTE_DOUBLE) {
    value.dtype = EW_F64;
    EW_TRY(ew_graph_add_literal(pte->graph, &d, sizeof d, &value.constant, err));
  } else if (evalue->type == PTE_BOOL) {
    value.dtype = EW_BOOL;
    EW_TRY(ew_graph_add_literal(pte->graph, &b, sizeof b, &value.constant, err));
  } else {
    return ew_fail(err, EW_NOT_SUPPORTED, "output %u is neither a tensor nor a number", position);
  }
  return ew_graph_add_value(pte->graph, &value, &evalue->value, err);
}

static ew_status read_ids(pte_file *pte, uint32_t field, const char *what, uint32_t flag,
                          uint32_t **out_ids, uint32_t *out_count, ew_error *err) {
  const ew_fb_vector items = ew_fb_vec(pte->plan, field, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(items.present, err, EW_INVALID_PROGRAM, "the method has no list of %ss", what);
  EW_CHECK(items.count <= EW_MAX_OPERANDS, err, EW_OUT_OF_RESOURCES, "the method has %u %ss",
           items.count, what);
  EW_TRY(ew_arena_alloc(pte->arena, items.count, sizeof **out_ids, out_ids, err));
  *out_count = 0;
  for (uint32_t i = 0; i < items.count; i++) {
    const int32_t id = ew_fb_vec_i32(items, i);
    EW_CHECK(id >= 0 && (uint32_t)id < pte->num_evalues, err, EW_INVALID_PROGRAM,
             "%s %u names value %d of %u", what, i, id, pte->num_evalues);
    pte_evalue *evalue = &pte->evalues[id];
    if (evalue->value == EW_NONE) {
      /* Inputs that are no tensors are baked into the program; the caller has nothing to supply. */
      if (flag == EW_VALUE_INPUT) continue;
      EW_TRY(literal_output(pte, evalue, i, err));
    }
    pte->graph->values[evalue->value].flags |= flag;
    (*out_ids)[(*out_count)++] = evalue->value;
  }
  return EW_OK;
}

ew_status pte_read_inputs(pte_file *pte, ew_error *err) {
  ew_graph *graph = pte->graph;
  EW_TRY(
      read_ids(pte, PLAN_INPUTS, "input", EW_VALUE_INPUT, &graph->inputs, &graph->num_inputs, err));
  for (uint32_t i = 0; i < graph->num_inputs; i++) {
    EW_CHECK(graph->values[graph->inputs[i]].constant == EW_NONE, err, EW_INVALID_PROGRAM,
             "input %u is a constant", i);
  }
  return EW_OK;
}

ew_status pte_read_outputs(pte_file *pte, ew_error *err) {
  return read_ids(pte, PLAN_OUTPUTS, "output", EW_VALUE_OUTPUT, &pte->graph->outputs,
                  &pte->graph->num_outputs, err);
}
