/* Instructions of a method: kernel calls become nodes, delegate calls wait for their payload. */
#include <stdio.h>
#include <string.h>

#include "format/pte/internal.h"
#include "kernels/kernel.h"

enum { PLAN_CHAINS = 5, PLAN_OPERATORS = 6, CHAIN_INSTRUCTIONS = 2 };
enum { KERNEL_CALL = 1, DELEGATE_CALL = 2, MOVE_CALL = 3, JUMP_FALSE_CALL = 4, FREE_CALL = 5 };

/* Operators of the method, resolved once. */
typedef struct op_entry {
  const char *name;
  const ew_kernel *kernel;
} op_entry;

static ew_status read_operators(ew_pte *pte, op_entry **out_ops, uint32_t *out_count,
                                ew_error *err) {
  const ew_fb_vector list = ew_fb_vec(pte->plan, PLAN_OPERATORS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(list.count <= EW_MAX_NODES, err, EW_OUT_OF_RESOURCES, "the method has %u operators",
           list.count);
  op_entry *ops = NULL;
  EW_TRY(ew_arena_alloc(pte->arena, list.count, sizeof *ops, &ops, err));
  char missing[800] = "";
  uint32_t num_missing = 0;
  for (uint32_t i = 0; i < list.count; i++) {
    const ew_fb_table op = ew_fb_vec_table(list, i);
    const char *base = ew_fb_str(op, 0);
    const char *overload = ew_fb_str(op, 1);
    EW_TRY(ew_fb_status(&pte->fb));
    char name[160];
    const int n = snprintf(name, sizeof name, *overload != '\0' ? "%s.%s" : "%s", base, overload);
    EW_CHECK(n > 0 && (size_t)n < sizeof name, err, EW_INVALID_PROGRAM,
             "operator %u has a name of %d characters", i, n);
    EW_TRY(ew_arena_string(pte->arena, name, (size_t)n, &ops[i].name, err));
    ops[i].kernel = ew_kernel_find(name);
    if (ops[i].kernel != NULL) continue;
    if (strlen(missing) + (size_t)n + 8 < sizeof missing) {
      strcat(strcat(missing, num_missing == 0 ? "" : ", "), name);
    } else if (strstr(missing, "...") == NULL) {
      strcat(missing, ", ...");
    }
    num_missing++;
  }
  EW_CHECK(num_missing == 0, err, EW_OPERATOR_MISSING,
           "the model uses %u operators that are not available here: %s", num_missing, missing);
  *out_ops = ops;
  *out_count = list.count;
  return EW_OK;
}

/* --- arguments of one kernel call ---------------------------------------------------------------- */

typedef struct call_reader {
  ew_pte *pte;
  const ew_kernel *kernel;
  ew_fb_vector args;
  uint32_t instruction;
  ew_error *err;
} call_reader;

static ew_status bad_argument(const call_reader *r, uint32_t position, const char *what) {
  return ew_fail(r->err, EW_INVALID_PROGRAM, "instruction %u (%s): argument %u is not %s",
                 r->instruction, r->kernel->name, position, what);
}

static pte_evalue *arg_value(const call_reader *r, uint32_t position) {
  return &r->pte->evalues[ew_fb_vec_i32(r->args, position)];
}

static ew_status read_int_item(ew_pte *pte, const pte_evalue *evalue, int64_t *out,
                               uint32_t *out_scalar) {
  *out = ew_fb_i64(evalue->table, 0);
  *out_scalar = evalue->scalar;
  return ew_fb_status(&pte->fb);
}

static ew_status read_int_list(const call_reader *r, const pte_evalue *evalue, ew_attr *out) {
  ew_pte *pte = r->pte;
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

static ew_status read_attr(const call_reader *r, uint32_t position, char letter, ew_attr *out) {
  const pte_evalue *evalue = arg_value(r, position);
  const bool optional = letter == 'I' || letter == 'D' || letter == 'S' || letter == 'N' ||
                        letter == 'M' || letter == 'Z' || letter == 'B';
  if (evalue->type == PTE_NULL) {
    out->kind = EW_ATTR_NONE;
    return optional ? EW_OK : bad_argument(r, position, "present");
  }
  const bool number = strchr("iIdDsSb", letter) != NULL;
  switch (evalue->type) {
    case PTE_INT: {
      if (!number) break;
      uint32_t scalar = EW_NONE;
      EW_TRY(read_int_item(r->pte, evalue, &out->u.i, &scalar));
      out->kind = EW_ATTR_INT;
      if (scalar != EW_NONE) {
        uint32_t *scalars = NULL;
        EW_TRY(ew_arena_alloc(r->pte->arena, 1, sizeof *scalars, &scalars, r->err));
        scalars[0] = scalar;
        out->scalars = scalars;
      } else if (letter == 'd' || letter == 'D') {
        out->kind = EW_ATTR_DOUBLE;
        out->u.d = (double)out->u.i;
      }
      return EW_OK;
    }
    case PTE_BOOL:
      if (!number || letter == 'd' || letter == 'D') break;
      out->kind = letter == 'i' || letter == 'I' ? EW_ATTR_INT : EW_ATTR_BOOL;
      out->u.i = ew_fb_u8(evalue->table, 0) != 0;
      return ew_fb_status(&r->pte->fb);
    case PTE_DOUBLE:
      if (strchr("dDsS", letter) == NULL) break;
      out->kind = EW_ATTR_DOUBLE;
      out->u.d = ew_fb_f64(evalue->table, 0);
      return ew_fb_status(&r->pte->fb);
    case PTE_STRING: {
      if (letter != 'z' && letter != 'Z') break;
      const char *text = ew_fb_str(evalue->table, 0);
      EW_TRY(ew_fb_status(&r->pte->fb));
      out->kind = EW_ATTR_STRING;
      out->count = (uint32_t)strlen(text);
      return ew_arena_string(r->pte->arena, text, out->count, &out->u.s, r->err);
    }
    case PTE_INT_LIST:
      if (letter != 'n' && letter != 'N') break;
      return read_int_list(r, evalue, out);
    case PTE_DOUBLE_LIST:
      if (letter != 'm' && letter != 'M') break;
      return read_literal_list(r, evalue, out);
    case PTE_BOOL_LIST:
      if (letter != 'B') break;
      return read_literal_list(r, evalue, out);
    default:
      break;
  }
  return bad_argument(r, position, "of the type that the operator takes");
}

/* Counts or collects the tensors of a list argument. */
static ew_status read_tensor_list(const call_reader *r, uint32_t position, char letter,
                                  uint32_t *ids, uint32_t *out_count) {
  const pte_evalue *evalue = arg_value(r, position);
  const bool optional = letter == 'O';
  if (evalue->type != PTE_TENSOR_LIST && !(optional && evalue->type == PTE_OPTIONAL_TENSOR_LIST)) {
    return bad_argument(r, position, "a tensor list");
  }
  const ew_fb_vector items = ew_fb_vec(evalue->table, 0, 4);
  EW_TRY(ew_fb_status(&r->pte->fb));
  *out_count = items.count;
  if (ids == NULL) return EW_OK;
  for (uint32_t i = 0; i < items.count; i++) {
    const int32_t item = ew_fb_vec_i32(items, i);
    ids[i] = item < 0 ? EW_NONE : r->pte->evalues[item].value;
  }
  return EW_OK;
}

static ew_status read_tensor_arg(const call_reader *r, uint32_t position, bool optional,
                                 uint32_t *out_id) {
  const pte_evalue *evalue = arg_value(r, position);
  *out_id = evalue->value;
  if (evalue->type == PTE_TENSOR) return EW_OK;
  if (optional && evalue->type == PTE_NULL) return EW_OK;
  return bad_argument(r, position, "a tensor");
}

/* A symbolic integer that the call writes: the value that stands for the Int from here on. */
static ew_status scalar_output(const call_reader *r, uint32_t position, uint32_t *out_id) {
  pte_evalue *evalue = arg_value(r, position);
  if (evalue->type != PTE_INT) return bad_argument(r, position, "an integer");
  ew_value value = ew_value_default(EW_I64);
  value.flags = EW_VALUE_SCALAR;
  EW_TRY(ew_graph_add_value(r->pte->graph, &value, out_id, r->err));
  evalue->scalar = *out_id;
  return EW_OK;
}

static ew_status read_kernel_call(const call_reader *r, uint32_t *out_node) {
  const char *signature = r->kernel->signature;
  const char *colon = strchr(signature, ':');
  const uint32_t num_letters = (uint32_t)(colon - signature);
  const uint32_t num_out_letters = (uint32_t)strlen(colon + 1);
  uint32_t num_inputs = 0, num_outputs = 0, num_attrs = 0;
  /* The exporter repeats the return value behind the out arguments; views and prims have none. */
  EW_CHECK(r->args.count == num_letters + num_out_letters ||
               r->args.count == num_letters + num_out_letters + 1,
           r->err, EW_INVALID_PROGRAM, "instruction %u (%s): %u arguments, expected %u",
           r->instruction, r->kernel->name, r->args.count, num_letters + num_out_letters + 1);
  for (uint32_t i = 0; i < num_letters + num_out_letters; i++) {
    const bool is_output = i >= num_letters;
    const char letter = is_output ? colon[1 + i - num_letters] : signature[i];
    uint32_t count = 1;
    if (letter == 'L' || letter == 'O') EW_TRY(read_tensor_list(r, i, letter, NULL, &count));
    if (is_output) {
      num_outputs += count;
    } else if (strchr("TtLO", letter) != NULL) {
      num_inputs += count;
    } else {
      num_attrs++;
    }
  }
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(r->pte->graph, EW_OP_KERNEL, num_inputs, num_outputs, num_attrs, &node,
                           r->err));
  *out_node = (uint32_t)(node - r->pte->graph->nodes);
  node->kernel = r->kernel;
  if (r->kernel->flags & EW_KERNEL_VIEW) node->op = EW_OP_VIEW;
  uint32_t input = 0, output = 0, attr = 0, count = 0;
  for (uint32_t i = 0; i < num_letters; i++) {
    const char letter = signature[i];
    if (letter == 'L' || letter == 'O') {
      EW_TRY(read_tensor_list(r, i, letter, node->inputs + input, &count));
      input += count;
    } else if (letter == 'T' || letter == 't') {
      EW_TRY(read_tensor_arg(r, i, letter == 't', &node->inputs[input++]));
    } else {
      EW_TRY(read_attr(r, i, letter, &node->attrs[attr++]));
    }
  }
  for (uint32_t i = 0; i < num_out_letters; i++) {
    const uint32_t position = num_letters + i;
    if (colon[1 + i] == 'L') {
      EW_TRY(read_tensor_list(r, position, 'L', node->outputs + output, &count));
      output += count;
    } else if (colon[1 + i] == 'i') {
      EW_TRY(scalar_output(r, position, &node->outputs[output++]));
    } else {
      EW_TRY(read_tensor_arg(r, position, false, &node->outputs[output++]));
    }
  }
  return EW_OK;
}

/* --- instructions -------------------------------------------------------------------------------- */

static ew_status check_args(ew_pte *pte, ew_fb_vector args, uint32_t instruction, ew_error *err) {
  EW_CHECK(args.count <= EW_MAX_OPERANDS, err, EW_OUT_OF_RESOURCES,
           "instruction %u has %u arguments", instruction, args.count);
  for (uint32_t i = 0; i < args.count; i++) {
    const int32_t id = ew_fb_vec_i32(args, i);
    EW_CHECK(id >= 0 && (uint32_t)id < pte->num_evalues, err, EW_INVALID_PROGRAM,
             "instruction %u: argument %u names value %d of %u", instruction, i, id,
             pte->num_evalues);
  }
  return EW_OK;
}

static ew_status read_delegate_call(ew_pte *pte, ew_fb_table call, uint32_t instruction,
                                    ew_error *err) {
  const int32_t delegate = ew_fb_i32(call, 0);
  const ew_fb_vector args = ew_fb_vec(call, 1, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(delegate >= 0 && (uint32_t)delegate < pte->num_delegates, err, EW_INVALID_PROGRAM,
           "instruction %u names delegate %d of %u", instruction, delegate, pte->num_delegates);
  EW_TRY(check_args(pte, args, instruction, err));
  pte_call *entry = &pte->calls[pte->num_calls];
  entry->payload = pte->delegate_payload[delegate];
  entry->num_args = args.count;
  EW_TRY(ew_arena_alloc(pte->arena, args.count, sizeof *entry->args, &entry->args, err));
  for (uint32_t i = 0; i < args.count; i++) {
    entry->args[i] = pte->evalues[ew_fb_vec_i32(args, i)].value;
  }
  EW_TRY(ew_graph_add_segment(pte->graph, &entry->segment, err));
  pte->num_calls++;
  return ew_graph_add_step(pte->graph, entry->segment, EW_NONE, err);
}

static ew_status read_move(ew_pte *pte, ew_fb_table call, uint32_t instruction, ew_error *err) {
  const int32_t from = ew_fb_i32(call, 0);
  const int32_t to = ew_fb_i32(call, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(
      from >= 0 && (uint32_t)from < pte->num_evalues && to >= 0 && (uint32_t)to < pte->num_evalues,
      err, EW_INVALID_PROGRAM, "instruction %u moves value %d to %d of %u", instruction, from, to,
      pte->num_evalues);
  /* Lists were checked against the types that values had. */
  EW_CHECK(pte->evalues[from].type == pte->evalues[to].type, err, EW_INVALID_PROGRAM,
           "instruction %u moves value %d of type %u to value %d of type %u", instruction, from,
           pte->evalues[from].type, to, pte->evalues[to].type);
  /* Assignment of a handle: from here on the name stands for the other value. */
  pte->evalues[to] = pte->evalues[from];
  return EW_OK;
}

static ew_status read_instruction(ew_pte *pte, ew_fb_table entry, uint32_t instruction,
                                  const op_entry *ops, uint32_t num_ops, ew_error *err) {
  const uint8_t type = ew_fb_u8(entry, 0);
  const ew_fb_table call = ew_fb_sub(entry, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(type >= KERNEL_CALL && type <= FREE_CALL && call.position != 0, err, EW_INVALID_PROGRAM,
           "instruction %u has unknown type %u or no content", instruction, type);
  switch (type) {
    case KERNEL_CALL: {
      const int32_t op = ew_fb_i32(call, 0);
      const ew_fb_vector args = ew_fb_vec(call, 1, 4);
      EW_TRY(ew_fb_status(&pte->fb));
      EW_CHECK(op >= 0 && (uint32_t)op < num_ops, err, EW_INVALID_PROGRAM,
               "instruction %u names operator %d of %u", instruction, op, num_ops);
      EW_TRY(check_args(pte, args, instruction, err));
      const call_reader reader = {pte, ops[op].kernel, args, instruction, err};
      uint32_t node = 0;
      EW_TRY(read_kernel_call(&reader, &node));
      return ew_graph_add_step(pte->graph, EW_NONE, node, err);
    }
    case DELEGATE_CALL:
      return read_delegate_call(pte, call, instruction, err);
    case MOVE_CALL:
      return read_move(pte, call, instruction, err);
    case FREE_CALL:
      /* Lifetimes are planned anew, so that there is nothing to free. */
      EW_CHECK((uint32_t)ew_fb_i32(call, 0) < pte->num_evalues, err, EW_INVALID_PROGRAM,
               "instruction %u frees value %d of %u", instruction, ew_fb_i32(call, 0),
               pte->num_evalues);
      return EW_OK;
    default:
      return ew_fail(
          err, EW_NOT_SUPPORTED,
          "instruction %u: control flow (JumpFalseCall, from torch.cond or torch.while_loop) "
          "is not supported",
          instruction);
  }
}

ew_status pte_read_instructions(ew_pte *pte, ew_error *err) {
  op_entry *ops = NULL;
  uint32_t num_ops = 0;
  EW_TRY(read_operators(pte, &ops, &num_ops, err));
  const ew_fb_vector chains = ew_fb_vec(pte->plan, PLAN_CHAINS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(chains.present, err, EW_INVALID_PROGRAM, "the method has no instruction chains");
  uint64_t total = 0;
  for (uint32_t c = 0; c < chains.count; c++) {
    total += ew_fb_vec(ew_fb_vec_table(chains, c), CHAIN_INSTRUCTIONS, 4).count;
    EW_TRY(ew_fb_status(&pte->fb));
    EW_CHECK(total <= EW_MAX_NODES, err, EW_OUT_OF_RESOURCES,
             "the method has more than %d instructions", EW_MAX_NODES);
  }
  EW_TRY(ew_arena_alloc(pte->arena, (size_t)total, sizeof *pte->calls, &pte->calls, err));
  uint32_t instruction = 0;
  for (uint32_t c = 0; c < chains.count; c++) {
    const ew_fb_vector list = ew_fb_vec(ew_fb_vec_table(chains, c), CHAIN_INSTRUCTIONS, 4);
    for (uint32_t i = 0; i < list.count; i++) {
      EW_TRY(read_instruction(pte, ew_fb_vec_table(list, i), instruction++, ops, num_ops, err));
    }
  }
  return ew_fb_status(&pte->fb);
}
