/* The control flow of a method: jumps become branches of the graph.
 *
 * Exporters write torch.cond as
 *
 *         jump to ELSE unless condition
 *         ...                            then
 *         jump to END unless false
 *   ELSE: ...                            else
 *   END:
 *
 * and nest that. A branch gives its results to values of the method by moves, which are copies in the graph.
 * torch.map and torch.scan are loops whose rounds are counted by numbers that follow from the file:
 *
 * START: ...
 *        done = (round == rounds)
 *        jump to START unless done
 *
 * They are unrolled: instructions are read again for each round. Loops that end when a tensor says so, and jumps
 * into or out of the middle of a branch, are refused. */
#include "format/pte/internal.h"

enum { PLAN_CHAINS = 5, CHAIN_INSTRUCTIONS = 2 };

/* Branches within branches: each is a frame of the stack. */
enum { MAX_DEPTH = 16 };

/* Instructions of a chain, of unrolled loops in each round. */
enum { MAX_READ = 4 * EW_MAX_NODES };

typedef struct chain {
  pte_file *pte;
  ew_fb_vector instructions;
  uint32_t first; /* number of the chain's first instruction, in messages */
  uint32_t depth;
  uint32_t num_read; /* instructions, each as often as it was read */
  ew_error *err;
} chain;

/* A JumpFalseCall. */
typedef struct jump {
  uint32_t condition; /* graph value; EW_NONE: a literal */
  bool literal;
  uint32_t target; /* instruction of the chain */
} jump;

/* *out_is_jump false: the instruction is none. */
static ew_status read_jump(const chain *c, uint32_t at, bool *out_is_jump, jump *out) {
  pte_file *pte = c->pte;
  const ew_fb_table entry = ew_fb_vec_table(c->instructions, at);
  *out_is_jump = ew_fb_u8(entry, 0) == PTE_JUMP_FALSE_CALL;
  EW_TRY(ew_fb_status(&pte->fb));
  if (!*out_is_jump) return EW_OK;
  const ew_fb_table call = ew_fb_sub(entry, 1);
  const int32_t id = ew_fb_i32(call, 0);
  const int32_t target = ew_fb_i32(call, 1);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(id >= 0 && (uint32_t)id < pte->num_evalues, c->err, EW_INVALID_PROGRAM,
           "instruction %u: its condition is value %d of %u", c->first + at, id, pte->num_evalues);
  EW_CHECK(target >= 0 && (uint32_t)target <= c->instructions.count, c->err, EW_INVALID_PROGRAM,
           "instruction %u jumps to instruction %d of %u", c->first + at, target,
           c->instructions.count);
  const pte_evalue *evalue = &pte->evalues[id];
  *out = (jump){.condition = EW_NONE, .target = (uint32_t)target};
  if (evalue->type == PTE_BOOL) {
    int64_t literal = 0;
    EW_TRY(pte_read_bool(pte, evalue, &literal));
    out->literal = literal != 0;
    return EW_OK;
  }
  EW_CHECK(evalue->type == PTE_TENSOR, c->err, EW_INVALID_PROGRAM,
           "instruction %u: its condition, value %d, is neither a tensor nor a boolean",
           c->first + at, id);
  out->condition = evalue->value;
  return EW_OK;
}

/* Runs read a condition as one byte. */
static ew_status check_condition(const chain *c, uint32_t at, uint32_t condition) {
  const ew_value *value = &c->pte->graph->values[condition];
  size_t bytes = 0;
  const bool one = ew_shape_bytes(value->dtype, value->dims, value->rank, &bytes) && bytes == 1;
  EW_CHECK(value->dtype == EW_BOOL && one, c->err, EW_NOT_SUPPORTED,
           "instruction %u: a condition must be one boolean, value %u is not", c->first + at,
           condition);
  return EW_OK;
}

static ew_status read_block(chain *c, uint32_t first, uint32_t end);

/* Instructions [first, end) run when the condition is `when`. */
static ew_status read_branch(chain *c, uint32_t condition, bool when, uint32_t first,
                             uint32_t end) {
  pte_file *pte = c->pte;
  const uint32_t outer = pte->branch;
  EW_CHECK(c->depth < MAX_DEPTH, c->err, EW_OUT_OF_RESOURCES,
           "instruction %u: branches are nested more than %d deep", c->first + first, MAX_DEPTH);
  if (first == end) return EW_OK;
  const ew_branch branch = {.condition = condition, .when = when, .parent = outer};
  EW_TRY(ew_graph_add_branch(pte->graph, branch, &pte->branch, c->err));
  c->depth++;
  EW_TRY(read_block(c, first, end));
  c->depth--;
  pte->branch = outer;
  return EW_OK;
}

/* A jump over the rest of the block up to its target, and the branch behind it, if there is one.
 * *out_next: what follows behind both. */
static ew_status read_condition(chain *c, uint32_t at, uint32_t end, const jump *condition,
                                uint32_t *out_next) {
  uint32_t then_end = condition->target;
  *out_next = condition->target;
  EW_TRY(check_condition(c, at, condition->condition));
  bool is_jump = false;
  jump last;
  if (then_end > at + 1) EW_TRY(read_jump(c, then_end - 1, &is_jump, &last));
  if (is_jump && last.condition == EW_NONE && !last.literal && last.target > then_end &&
      last.target <= end) {
    *out_next = last.target;
    then_end--;
  }
  EW_TRY(read_branch(c, condition->condition, true, at + 1, then_end));
  return read_branch(c, condition->condition, false, condition->target, *out_next);
}

/* Instructions [first, end) of the chain, which all run when the first does. */
static ew_status read_block(chain *c, uint32_t first, uint32_t end) {
  for (uint32_t at = first; at < end;) {
    bool is_jump = false;
    jump found;
    EW_CHECK(++c->num_read <= MAX_READ, c->err, EW_OUT_OF_RESOURCES,
             "instruction %u: loops of more than %d instructions in all rounds", c->first + at,
             MAX_READ);
    EW_TRY(read_jump(c, at, &is_jump, &found));
    if (!is_jump) {
      const ew_fb_table entry = ew_fb_vec_table(c->instructions, at);
      EW_TRY(pte_read_instruction(c->pte, entry, c->first + at, c->err));
      at++;
      continue;
    }
    EW_CHECK(found.target > at || found.condition == EW_NONE, c->err, EW_NOT_SUPPORTED,
             "instruction %u jumps back: loops (torch.while_loop) are not supported",
             c->first + at);
    EW_CHECK(found.target >= first && found.target <= end, c->err, EW_NOT_SUPPORTED,
             "instruction %u jumps out of its branch, which is not supported", c->first + at);
    if (found.condition != EW_NONE) {
      EW_TRY(read_condition(c, at, end, &found, &at));
    } else {
      at = found.literal ? at + 1 : found.target;
    }
  }
  return EW_OK;
}

static ew_status check_instructions(pte_file *pte, ew_fb_vector chains, ew_error *err) {
  uint64_t total = 0;
  for (uint32_t c = 0; c < chains.count; c++) {
    total += ew_fb_vec(ew_fb_vec_table(chains, c), CHAIN_INSTRUCTIONS, 4).count;
    EW_TRY(ew_fb_status(&pte->fb));
    EW_CHECK(total <= EW_MAX_NODES, err, EW_OUT_OF_RESOURCES,
             "the method has more than %d instructions", EW_MAX_NODES);
  }
  return EW_OK;
}

ew_status pte_read_chains(pte_file *pte, ew_error *err) {
  const ew_fb_vector chains = ew_fb_vec(pte->plan, PLAN_CHAINS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(chains.present, err, EW_INVALID_PROGRAM, "the method has no instruction chains");
  EW_TRY(check_instructions(pte, chains, err));
  chain c = {.pte = pte, .err = err};
  for (uint32_t i = 0; i < chains.count; i++) {
    c.instructions = ew_fb_vec(ew_fb_vec_table(chains, i), CHAIN_INSTRUCTIONS, 4);
    EW_TRY(read_block(&c, 0, c.instructions.count));
    c.first += c.instructions.count;
  }
  return ew_fb_status(&pte->fb);
}
