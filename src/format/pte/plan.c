/* Operators and instructions of a method: kernel calls become nodes, delegate calls wait for their payload.
 * In which order instructions run, and under which conditions, is flow.c's business. */
#include <stdio.h>
#include <string.h>

#include "format/pte/internal.h"

enum { PLAN_OPERATORS = 6 };

/* --- operators ------------------------------------------------------------------------------------ */

enum { NAME_SIZE = 160 };

static ew_status operator_name(pte_file *pte, ew_fb_table op, uint32_t index, char name[NAME_SIZE],
                               ew_error *err) {
  const char *base = ew_fb_str(op, 0);
  const char *overload = ew_fb_str(op, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  const int n = snprintf(name, NAME_SIZE, *overload != '\0' ? "%s.%s" : "%s", base, overload);
  EW_CHECK(n > 0 && n < NAME_SIZE, err, EW_INVALID_PROGRAM,
           "operator %u has a name of %d characters", index, n);
  return EW_OK;
}

/* Appends a name while there is room, then "...". */
static void list_missing(char *list, size_t size, const char *name) {
  if (strlen(list) + strlen(name) + 8 < size) {
    strcat(strcat(list, *list == '\0' ? "" : ", "), name);
  } else if (strstr(list, "...") == NULL) {
    strcat(list, ", ...");
  }
}

/* Operators of the method, resolved once; all that are missing are told at once. */
ew_status pte_read_operators(pte_file *pte, ew_error *err) {
  const ew_fb_vector list = ew_fb_vec(pte->plan, PLAN_OPERATORS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(list.count <= EW_MAX_NODES, err, EW_OUT_OF_RESOURCES, "the method has %u operators",
           list.count);
  EW_TRY(ew_arena_alloc(pte->arena, list.count, sizeof *pte->operators, &pte->operators, err));
  pte->num_operators = list.count;
  char missing[800] = "";
  uint32_t num_missing = 0;
  for (uint32_t i = 0; i < list.count; i++) {
    pte_operator *op = &pte->operators[i];
    char name[NAME_SIZE];
    EW_TRY(operator_name(pte, ew_fb_vec_table(list, i), i, name, err));
    op->kernel = ew_kernel_find(name);
    if (op->kernel != NULL) {
      ew_signature_parse(op->kernel->signature, &op->signature);
    } else {
      num_missing++;
      list_missing(missing, sizeof missing, name);
    }
  }
  EW_CHECK(num_missing == 0, err, EW_OPERATOR_MISSING,
           "the model uses operators that this runtime does not have: %s", missing);
  return EW_OK;
}

/* --- instructions -------------------------------------------------------------------------------- */

static ew_status check_args(pte_file *pte, ew_fb_vector args, uint32_t instruction, ew_error *err) {
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

/* The list of calls grows by what loops call again. */
static ew_status add_call(pte_file *pte, pte_call **out, ew_error *err) {
  if (pte->num_calls == pte->cap_calls) {
    const uint32_t capacity = 2 * pte->cap_calls + 8;
    pte_call *bigger = NULL;
    EW_TRY(ew_arena_alloc(pte->arena, capacity, sizeof *bigger, &bigger, err));
    if (pte->num_calls > 0) memcpy(bigger, pte->calls, pte->num_calls * sizeof *bigger);
    pte->calls = bigger;
    pte->cap_calls = capacity;
  }
  *out = &pte->calls[pte->num_calls];
  return EW_OK;
}

static ew_status read_delegate_call(pte_file *pte, ew_fb_table call, uint32_t instruction,
                                    ew_error *err) {
  const int32_t delegate = ew_fb_i32(call, 0);
  const ew_fb_vector args = ew_fb_vec(call, 1, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(delegate >= 0 && (uint32_t)delegate < pte->num_delegates, err, EW_INVALID_PROGRAM,
           "instruction %u names delegate %d of %u", instruction, delegate, pte->num_delegates);
  EW_TRY(check_args(pte, args, instruction, err));
  pte_call *entry = NULL;
  EW_TRY(add_call(pte, &entry, err));
  entry->payload = pte->delegate_payload[delegate];
  entry->num_args = args.count;
  EW_TRY(ew_arena_alloc(pte->arena, args.count, sizeof *entry->args, &entry->args, err));
  for (uint32_t i = 0; i < args.count; i++) {
    entry->args[i] = pte->evalues[ew_fb_vec_i32(args, i)].value;
  }
  EW_TRY(ew_graph_add_segment(pte->graph, &entry->segment, err));
  pte->num_calls++;
  return pte_add_step(pte, entry->segment, EW_NONE, err);
}

/* A move of a branch is a copy. Both are evalues, of equal type. */
static ew_status read_branch_move(pte_file *pte, uint32_t from, uint32_t to, uint32_t instruction,
                                  ew_error *err) {
  const uint32_t source = pte->evalues[from].value, target = pte->evalues[to].value;
  ew_graph *graph = pte->graph;
  EW_CHECK(pte->evalues[from].type == PTE_TENSOR, err, EW_NOT_SUPPORTED,
           "instruction %u: a branch can result in tensors only", instruction);
  if (source == target) return EW_OK;
  const ew_value *a = &graph->values[source], *b = &graph->values[target];
  EW_CHECK(a->dtype == b->dtype && a->rank == b->rank &&
               memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0,
           err, EW_INVALID_PROGRAM, "instruction %u moves a tensor to one of another type or shape",
           instruction);
  EW_CHECK(b->constant == EW_NONE, err, EW_INVALID_PROGRAM,
           "instruction %u moves a tensor to a constant", instruction);
  ew_node *node = NULL;
  EW_TRY(ew_graph_add_node(graph, EW_OP_KERNEL, 1, 1, 0, &node, err));
  node->kernel = ew_kernel_find("aten::alias_copy.out");
  EW_CHECK(node->kernel != NULL, err, EW_OPERATOR_MISSING, "the copy of a branch is missing");
  node->inputs[0] = source;
  node->outputs[0] = target;
  return pte_add_step(pte, EW_NONE, graph->num_nodes - 1, err);
}

static ew_status read_move(pte_file *pte, ew_fb_table call, uint32_t instruction, ew_error *err) {
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
  if (pte->branch != 0) {
    return read_branch_move(pte, (uint32_t)from, (uint32_t)to, instruction, err);
  }
  /* Assignment of a handle: from here on the name stands for the other value. */
  pte->evalues[to] = pte->evalues[from];
  return EW_OK;
}

static ew_status read_kernel_call(pte_file *pte, ew_fb_table call, uint32_t instruction,
                                  ew_error *err) {
  const int32_t op = ew_fb_i32(call, 0);
  const ew_fb_vector args = ew_fb_vec(call, 1, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(op >= 0 && (uint32_t)op < pte->num_operators, err, EW_INVALID_PROGRAM,
           "instruction %u names operator %d of %u", instruction, op, pte->num_operators);
  EW_TRY(check_args(pte, args, instruction, err));
  return pte_read_call(pte, &pte->operators[op], args, instruction, err);
}

ew_status pte_read_instruction(pte_file *pte, ew_fb_table entry, uint32_t instruction,
                               ew_error *err) {
  const uint8_t type = ew_fb_u8(entry, 0);
  const ew_fb_table call = ew_fb_sub(entry, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(type >= PTE_KERNEL_CALL && type <= PTE_FREE_CALL && call.position != 0, err,
           EW_INVALID_PROGRAM, "instruction %u has unknown type %u or no content", instruction,
           type);
  switch (type) {
    case PTE_KERNEL_CALL:
      return read_kernel_call(pte, call, instruction, err);
    case PTE_DELEGATE_CALL:
      return read_delegate_call(pte, call, instruction, err);
    case PTE_MOVE_CALL:
      return read_move(pte, call, instruction, err);
    default: /* free: lifetimes are planned again, so that there is nothing to do */
      EW_CHECK((uint32_t)ew_fb_i32(call, 0) < pte->num_evalues, err, EW_INVALID_PROGRAM,
               "instruction %u frees value %d of %u", instruction, ew_fb_i32(call, 0),
               pte->num_evalues);
      return EW_OK;
  }
}
