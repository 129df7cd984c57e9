/* One kernel call of a method: its arguments, read as the kernel's signature tells. */
#include <string.h>

#include "format/pte/internal.h"

typedef struct call_reader {
  pte_file *pte;
  const pte_operator *op;
  ew_fb_vector args;
  uint32_t instruction;
  ew_error *err;
} call_reader;

static ew_status bad_argument(const call_reader *r, uint32_t position, const char *what) {
  return ew_fail(r->err, EW_INVALID_PROGRAM, "instruction %u (%s): argument %u is not %s",
                 r->instruction, r->op->kernel->name, position, what);
}

static pte_evalue *arg_value(const call_reader *r, uint32_t position) {
  return &r->pte->evalues[ew_fb_vec_i32(r->args, position)];
}

/* --- attributes ----------------------------------------------------------------------------------- */

/* An integer, and the value that supplies it at run time (EW_NONE: none). */
static ew_status read_int_item(pte_file *pte, const pte_evalue *evalue, int64_t *out,
                               uint32_t *out_scalar) {
  *out = evalue->is_known ? evalue->number : ew_fb_i64(evalue->table, 0);
  *out_scalar = evalue->scalar;
  return ew_fb_status(&pte->fb);
}

/* The argument is what a call before has computed, not the literal. */
static ew_status set_scalar(const call_reader *r, uint32_t scalar, ew_attr *out) {
  uint32_t *scalars = NULL;
  EW_TRY(ew_arena_alloc(r->pte->arena, 1, sizeof *scalars, &scalars, r->err));
  scalars[0] = scalar;
  out->scalars = scalars;
  return EW_OK;
}

static ew_status read_int(const call_reader *r, const pte_evalue *evalue, const ew_parameter *p,
                          ew_attr *out) {
  uint32_t scalar = EW_NONE;
  EW_TRY(read_int_item(r->pte, evalue, &out->u.i, &scalar));
  out->kind = EW_ATTR_INT;
  if (scalar != EW_NONE) return set_scalar(r, scalar, out);
  if (p->is_double) {
    out->kind = EW_ATTR_DOUBLE;
    out->u.d = (double)out->u.i;
  }
  return EW_OK;
}

ew_status pte_read_bool(pte_file *pte, const pte_evalue *evalue, int64_t *out) {
  *out = evalue->is_known ? evalue->number : ew_fb_u8(evalue->table, 0) != 0;
  return ew_fb_status(&pte->fb);
}

static ew_status read_double(const call_reader *r, const pte_evalue *evalue, ew_attr *out) {
  out->kind = EW_ATTR_DOUBLE;
  out->u.d = ew_fb_f64(evalue->table, 0);
  EW_TRY(ew_fb_status(&r->pte->fb));
  return evalue->scalar == EW_NONE ? EW_OK : set_scalar(r, evalue->scalar, out);
}

static ew_status read_string(const call_reader *r, const pte_evalue *evalue, ew_attr *out) {
  const char *text = ew_fb_str(evalue->table, 0);
  EW_TRY(ew_fb_status(&r->pte->fb));
  out->kind = EW_ATTR_STRING;
  out->count = (uint32_t)strlen(text);
  return ew_arena_string(r->pte->arena, text, out->count, &out->u.s, r->err);
}

static ew_status read_int_list(const call_reader *r, const pte_evalue *evalue, ew_attr *out) {
  pte_file *pte = r->pte;
  const ew_fb_vector items = ew_fb_vec(evalue->table, 0, 8);
  uint32_t *scalars = NULL;
  EW_TRY(ew_arena_alloc(pte->arena, items.count, sizeof *out->u.ints, &out->u.ints, r->err));
  EW_TRY(ew_arena_alloc(pte->arena, items.count, sizeof *scalars, &scalars, r->err));
  bool symbolic = false;
  for (uint32_t i = 0; i < items.count; i++) {
    const pte_evalue *item = &pte->evalues[ew_fb_vec_i64(items, i)];
    EW_TRY(read_int_item(pte, item, &out->u.ints[i], &scalars[i]));
    symbolic |= scalars[i] != EW_NONE;
  }
  out->kind = EW_ATTR_INTS;
  out->count = items.count;
  if (symbolic) out->scalars = scalars;
  return EW_OK;
}

static ew_status read_literal_list(const call_reader *r, const pte_evalue *evalue, ew_attr *out) {
  const bool doubles = evalue->type == PTE_DOUBLE_LIST;
  const ew_fb_vector items = ew_fb_vec(evalue->table, 0, doubles ? 8 : 1);
  EW_TRY(ew_fb_status(&r->pte->fb));
  out->kind = doubles ? EW_ATTR_DOUBLES : EW_ATTR_BOOLS;
  out->count = items.count;
  EW_TRY(ew_arena_alloc(r->pte->arena, items.count, sizeof(int64_t), &out->u.ints, r->err));
  for (uint32_t i = 0; i < items.count; i++) {
    if (doubles) {
      out->u.doubles[i] = ew_load_f64(items.items + 8 * (size_t)i);
    } else {
      out->u.ints[i] = items.items[i] != 0;
    }
  }
  return EW_OK;
}

static uint32_t accepted_as(uint8_t type) {
  static const uint8_t bits[] = {
      [PTE_INT] = EW_ACCEPTS_INT,        [PTE_BOOL] = EW_ACCEPTS_BOOL,
      [PTE_DOUBLE] = EW_ACCEPTS_DOUBLE,  [PTE_STRING] = EW_ACCEPTS_STRING,
      [PTE_INT_LIST] = EW_ACCEPTS_INTS,  [PTE_DOUBLE_LIST] = EW_ACCEPTS_DOUBLES,
      [PTE_BOOL_LIST] = EW_ACCEPTS_BOOLS};
  return type < sizeof bits ? bits[type] : 0;
}

static ew_status read_attr(const call_reader *r, uint32_t position, const ew_parameter *p,
                           ew_attr *out) {
  const pte_evalue *evalue = arg_value(r, position);
  if (evalue->type == PTE_NULL) {
    out->kind = EW_ATTR_NONE;
    return p->optional ? EW_OK : bad_argument(r, position, "present");
  }
  if ((accepted_as(evalue->type) & p->accepts) == 0) {
    return bad_argument(r, position, "of the type that the operator takes");
  }
  switch (evalue->type) {
    case PTE_INT:
      return read_int(r, evalue, p, out);
    case PTE_BOOL:
      out->kind = p->is_int ? EW_ATTR_INT : EW_ATTR_BOOL;
      return pte_read_bool(r->pte, evalue, &out->u.i);
    case PTE_DOUBLE:
      return read_double(r, evalue, out);
    case PTE_STRING:
      return read_string(r, evalue, out);
    case PTE_INT_LIST:
      return read_int_list(r, evalue, out);
    default:
      return read_literal_list(r, evalue, out);
  }
}

/* --- tensors -------------------------------------------------------------------------------------- */

/* How many tensors a parameter stands for. */
static ew_status count_tensors(const call_reader *r, uint32_t position, const ew_parameter *p,
                               uint32_t *out) {
  *out = 1;
  if (p->role != EW_PARAMETER_LIST) return EW_OK;
  const pte_evalue *evalue = arg_value(r, position);
  if (evalue->type != PTE_TENSOR_LIST &&
      !(p->optional && evalue->type == PTE_OPTIONAL_TENSOR_LIST)) {
    return bad_argument(r, position, "a tensor list");
  }
  *out = ew_fb_vec(evalue->table, 0, 4).count;
  return ew_fb_status(&r->pte->fb);
}

static ew_status read_list(const call_reader *r, uint32_t position, uint32_t *ids, uint32_t *at) {
  const ew_fb_vector items = ew_fb_vec(arg_value(r, position)->table, 0, 4);
  for (uint32_t i = 0; i < items.count; i++) {
    const int32_t item = ew_fb_vec_i32(items, i);
    ids[(*at)++] = item < 0 ? EW_NONE : r->pte->evalues[item].value;
  }
  return EW_OK;
}

static ew_status read_tensor(const call_reader *r, uint32_t position, bool optional,
                             uint32_t *out_id) {
  const pte_evalue *evalue = arg_value(r, position);
  *out_id = evalue->value;
  if (evalue->type == PTE_TENSOR) return EW_OK;
  if (optional && evalue->type == PTE_NULL) return EW_OK;
  return bad_argument(r, position, "a tensor");
}

/* A symbolic number that the call writes: the value that stands for the Int or Double from here on. */
static ew_status add_scalar(const call_reader *r, uint32_t position, uint32_t *out_id) {
  pte_evalue *evalue = arg_value(r, position);
  const bool is_double = evalue->type == PTE_DOUBLE;
  EW_CHECK(evalue->type != PTE_BOOL, r->err, EW_NOT_SUPPORTED,
           "instruction %u (%s): a condition (the end of a loop) that depends on sizes which are "
           "only known while the model runs is not supported",
           r->instruction, r->op->kernel->name);
  if (!is_double && evalue->type != PTE_INT) return bad_argument(r, position, "a number");
  ew_value value = ew_value_default(is_double ? EW_F64 : EW_I64);
  value.flags = EW_VALUE_SCALAR;
  EW_TRY(ew_graph_add_value(r->pte->graph, &value, out_id, r->err));
  evalue->scalar = *out_id;
  evalue->is_known = false;
  return EW_OK;
}

static ew_status read_operand(const call_reader *r, uint32_t position, const ew_parameter *p,
                              uint32_t *ids, uint32_t *at) {
  switch (p->role) {
    case EW_PARAMETER_LIST:
      return read_list(r, position, ids, at);
    case EW_PARAMETER_SCALAR:
      return add_scalar(r, position, &ids[(*at)++]);
    default:
      return read_tensor(r, position, p->optional, &ids[(*at)++]);
  }
}

/* --- numbers that follow from the file alone ------------------------------------------------------- */

static bool follows_from_file(const call_reader *r, const ew_node *node) {
  if ((node->kernel->flags & EW_KERNEL_SHAPE) == 0 || node->num_outputs != 1) return false;
  const pte_evalue *result = arg_value(r, r->op->signature.num_parameters);
  bool follows = result->type == PTE_INT || result->type == PTE_BOOL;
  for (uint32_t i = 0; i < node->num_attrs; i++) follows &= node->attrs[i].scalars == NULL;
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    follows &= (r->pte->graph->values[node->inputs[i]].flags & EW_VALUE_DYNAMIC) == 0;
  }
  return follows;
}

/* A symbolic number that is known now: how often a loop runs, and where it is. Its call is no node. */
static ew_status compute_number(const call_reader *r, const ew_node *node) {
  pte_evalue *result = arg_value(r, r->op->signature.num_parameters);
  ew_tensor inputs[EW_SIGNATURE_MAX];
  int64_t number = 0;
  ew_tensor output = {.dtype = EW_I64, .data = &number};
  for (uint32_t i = 0; i < node->num_inputs; i++) {
    const ew_value *value = &r->pte->graph->values[node->inputs[i]];
    inputs[i] = (ew_tensor){.dtype = value->dtype, .rank = value->rank};
    memcpy(inputs[i].dims, value->dims, sizeof value->dims);
  }
  ew_call call = {.node = node,
                  .num_inputs = node->num_inputs,
                  .num_outputs = 1,
                  .num_attrs = node->num_attrs,
                  .inputs = inputs,
                  .outputs = &output,
                  .attrs = node->attrs,
                  .err = r->err};
  EW_TRY(node->kernel->run(&call));
  result->number = number;
  result->is_known = true;
  result->scalar = EW_NONE;
  r->pte->graph->num_nodes--;
  return EW_OK;
}

/* --- the call ------------------------------------------------------------------------------------- */

static ew_status add_node(const call_reader *r, ew_node **out) {
  const ew_signature *s = &r->op->signature;
  uint32_t num_inputs = 0, num_outputs = 0, count = 0;
  for (uint32_t i = 0; i < s->num_parameters; i++) {
    if (s->parameters[i].role == EW_PARAMETER_ATTR) continue;
    EW_TRY(count_tensors(r, i, &s->parameters[i], &count));
    num_inputs += count;
  }
  for (uint32_t i = 0; i < s->num_outputs; i++) {
    EW_TRY(count_tensors(r, s->num_parameters + i, &s->outputs[i], &count));
    num_outputs += count;
  }
  const bool is_view = (r->op->kernel->flags & EW_KERNEL_VIEW) != 0;
  EW_TRY(ew_graph_add_node(r->pte->graph, EW_OP_KERNEL, num_inputs, num_outputs,
                           s->num_parameters - s->num_tensors, out, r->err));
  (*out)->kernel = r->op->kernel;
  if (is_view) (*out)->op = EW_OP_VIEW;
  return EW_OK;
}

/* et_copy_index(to, from, index): a loop's result of one round, which is a part of the whole. The node has no
 * input `to`, whose other parts it leaves alone. */
static ew_status read_copy_index(const call_reader *r) {
  ew_graph *graph = r->pte->graph;
  static const ew_parameter index = {.role = EW_PARAMETER_ATTR, .accepts = EW_ACCEPTS_INT};
  uint32_t to = EW_NONE, from = EW_NONE;
  ew_node *node = NULL;
  EW_CHECK(r->args.count == 3, r->err, EW_INVALID_PROGRAM,
           "instruction %u (%s): %u arguments, expected 3", r->instruction, r->op->kernel->name,
           r->args.count);
  EW_TRY(read_tensor(r, 0, false, &to));
  EW_TRY(read_tensor(r, 1, false, &from));
  if (graph->values[to].rank == 0) return bad_argument(r, 0, "of rank 1 or more");
  EW_TRY(ew_graph_add_node(graph, EW_OP_KERNEL, 1, 1, 2, &node, r->err));
  node->kernel = r->op->kernel;
  node->inputs[0] = from;
  node->outputs[0] = to;
  EW_TRY(read_attr(r, 2, &index, &node->attrs[0]));
  node->attrs[1] = (ew_attr){.kind = EW_ATTR_INT, .u.i = (int64_t)graph->values[to].dims[0]};
  return pte_add_step(r->pte, EW_NONE, graph->num_nodes - 1, r->err);
}

ew_status pte_read_call(pte_file *pte, const pte_operator *op, ew_fb_vector args,
                        uint32_t instruction, ew_error *err) {
  const call_reader r = {pte, op, args, instruction, err};
  const ew_signature *s = &op->signature;
  if ((op->kernel->flags & EW_KERNEL_PART) != 0) return read_copy_index(&r);
  const uint32_t count = s->num_parameters + s->num_outputs;
  /* The exporter repeats the return value behind the out arguments; views and prims have none. */
  EW_CHECK(args.count == count || args.count == count + 1, err, EW_INVALID_PROGRAM,
           "instruction %u (%s): %u arguments, expected %u", instruction, op->kernel->name,
           args.count, count + 1);
  ew_node *node = NULL;
  EW_TRY(add_node(&r, &node));
  const uint32_t index = pte->graph->num_nodes - 1;
  uint32_t input = 0, output = 0, attr = 0;
  for (uint32_t i = 0; i < s->num_parameters; i++) {
    const ew_parameter *parameter = &s->parameters[i];
    if (parameter->role == EW_PARAMETER_ATTR) {
      EW_TRY(read_attr(&r, i, parameter, &node->attrs[attr++]));
    } else {
      EW_TRY(read_operand(&r, i, parameter, node->inputs, &input));
    }
  }
  if (follows_from_file(&r, node)) return compute_number(&r, node);
  for (uint32_t i = 0; i < s->num_outputs; i++) {
    const uint32_t position = s->num_parameters + i;
    EW_TRY(read_operand(&r, position, &s->outputs[i], node->outputs, &output));
  }
  return pte_add_step(pte, EW_NONE, index, err);
}

ew_status pte_add_step(pte_file *pte, uint32_t segment, uint32_t node, ew_error *err) {
  EW_TRY(ew_graph_add_step(pte->graph, segment, node, err));
  pte->graph->steps[pte->graph->num_steps - 1].branch = pte->branch;
  return EW_OK;
}
