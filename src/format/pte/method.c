/* The method to load, and the delegates that it calls. */
#include <string.h>

#include "format/pte/internal.h"
#include "graph/check.h"

/* Field numbers of program.fbs. */
enum { PROGRAM_PLANS = 1, PROGRAM_INLINE_DELEGATES = 3, PROGRAM_BLOCKS = 4, PROGRAM_NAMED = 7 };
enum { PLAN_NAME = 0, PLAN_DELEGATES = 7 };
enum { DELEGATE_ID = 0, DELEGATE_PROCESSED = 1 };
enum { LOCATION_INLINE = 0, LOCATION_BLOCK = 1 };

/* --- methods -------------------------------------------------------------------------------------- */

static ew_status read_method_names(pte_file *pte, ew_fb_vector plans, ew_error *err) {
  pte->num_methods = plans.count;
  EW_TRY(ew_arena_alloc(pte->arena, plans.count, sizeof(char *), &pte->method_names, err));
  for (uint32_t i = 0; i < plans.count; i++) {
    const char *name = ew_fb_str(ew_fb_vec_table(plans, i), PLAN_NAME);
    EW_TRY(ew_fb_status(&pte->fb));
    EW_TRY(ew_arena_string(pte->arena, name, strlen(name), &pte->method_names[i], err));
  }
  return EW_OK;
}

static ew_status no_such_method(const pte_file *pte, const char *method, ew_error *err) {
  char list[400] = "";
  for (uint32_t i = 0; i < pte->num_methods; i++) {
    if (strlen(list) + strlen(pte->method_names[i]) + 4 > sizeof list) break;
    strcat(strcat(list, i == 0 ? "" : ", "), pte->method_names[i]);
  }
  return ew_fail(err, EW_NOT_FOUND, "the model has no method '%.100s'; it has: %s", method, list);
}

static ew_status choose_method(pte_file *pte, ew_error *err) {
  const char *method = pte->method != NULL ? pte->method : "forward";
  const ew_fb_vector plans = ew_fb_vec(pte->program, PROGRAM_PLANS, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(plans.count > 0 && plans.count <= EW_MAX_METHODS, err, EW_INVALID_PROGRAM,
           "program: %u methods", plans.count);
  EW_TRY(read_method_names(pte, plans, err));
  uint32_t chosen = 0;
  while (chosen < plans.count && strcmp(pte->method_names[chosen], method) != 0) chosen++;
  if (chosen == plans.count && pte->method == NULL && plans.count == 1) chosen = 0;
  if (chosen == plans.count) return no_such_method(pte, method, err);
  pte->plan = ew_fb_vec_table(plans, chosen);
  pte->graph->name = pte->method_names[chosen];
  return EW_OK;
}

/* --- delegates ------------------------------------------------------------------------------------ */

/* The bytes of the payload that a BackendDelegateDataReference names. */
static ew_status payload_range(pte_file *pte, ew_fb_table processed, uint32_t delegate,
                               uint64_t *out_offset, uint64_t *out_size, ew_error *err) {
  const int8_t location = ew_fb_i8(processed, 0);
  const uint32_t index = ew_fb_u32(processed, 1);
  if (location == LOCATION_BLOCK) {
    return pte_block_range(pte, index, "delegate payload", out_offset, out_size, err);
  }
  EW_CHECK(location == LOCATION_INLINE, err, EW_INVALID_PROGRAM,
           "delegate %u: unknown payload location %d", delegate, location);
  const ew_fb_vector blobs = ew_fb_vec(pte->program, PROGRAM_INLINE_DELEGATES, 4);
  EW_CHECK(index < blobs.count, err, EW_INVALID_PROGRAM,
           "delegate %u: names inline payload %u of %u", delegate, index, blobs.count);
  const ew_fb_vector data = ew_fb_vec(ew_fb_vec_table(blobs, index), 0, 1);
  *out_offset = data.position;
  *out_size = data.count;
  return ew_fb_status(&pte->fb);
}

/* Equal ranges are one payload. */
static ew_status read_payload_of(pte_file *pte, uint32_t delegate, ew_fb_table table,
                                 ew_error *err) {
  const ew_fb_table processed = ew_fb_sub(table, DELEGATE_PROCESSED);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(processed.position != 0, err, EW_INVALID_PROGRAM, "delegate %u has no payload",
           delegate);
  uint64_t offset = 0, size = 0;
  EW_TRY(payload_range(pte, processed, delegate, &offset, &size, err));
  uint32_t i = 0;
  while (i < pte->num_payloads &&
         (pte->payloads[i].offset != offset || pte->payloads[i].size != size)) {
    i++;
  }
  pte->delegate_payload[delegate] = i;
  if (i < pte->num_payloads) return EW_OK;
  EW_CHECK(size >= 8, err, EW_INVALID_PROGRAM, "delegate %u: payload of %llu bytes", delegate,
           (unsigned long long)size);
  pte->payloads[pte->num_payloads++] = (pte_payload){.offset = offset, .size = size};
  return EW_OK;
}

static ew_status read_delegates(pte_file *pte, ew_error *err) {
  const ew_fb_vector delegates = ew_fb_vec(pte->plan, PLAN_DELEGATES, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(delegates.count <= EW_MAX_SEGMENTS, err, EW_OUT_OF_RESOURCES,
           "the method has %u delegates, the limit is %d", delegates.count, EW_MAX_SEGMENTS);
  pte->num_delegates = delegates.count;
  EW_TRY(ew_arena_alloc(pte->arena, delegates.count, sizeof *pte->delegate_payload,
                        &pte->delegate_payload, err));
  EW_TRY(ew_arena_alloc(pte->arena, delegates.count, sizeof *pte->payloads, &pte->payloads, err));
  for (uint32_t i = 0; i < delegates.count; i++) {
    const char *id = ew_fb_str(ew_fb_vec_table(delegates, i), DELEGATE_ID);
    EW_TRY(ew_fb_status(&pte->fb));
    EW_CHECK(
        strcmp(id, "XnnpackBackend") == 0, err, EW_DELEGATE_INCOMPATIBLE,
        "the model was exported for %.60s (delegate %u); only XnnpackBackend runs here: export "
        "it with XnnpackPartitioner",
        id, i);
  }
  for (uint32_t i = 0; i < delegates.count; i++) {
    EW_TRY(read_payload_of(pte, i, ew_fb_vec_table(delegates, i), err));
  }
  return EW_OK;
}

/* --- program -------------------------------------------------------------------------------------- */

ew_status pte_read_program(pte_file *pte, ew_error *err) {
  const ew_bytes program = {pte->program_data, (size_t)pte->header.program_size};
  ew_fb_init(&pte->fb, program, "program", err);
  pte->program = ew_fb_root(&pte->fb);
  pte->blocks = ew_fb_vec(pte->program, PROGRAM_BLOCKS, 4);
  pte->names.list = ew_fb_vec(pte->program, PROGRAM_NAMED, 4);
  EW_TRY(ew_fb_status(&pte->fb));
  EW_CHECK(pte->blocks.count <= EW_MAX_FILE_BLOCKS && pte->names.list.count <= EW_MAX_FILE_BLOCKS,
           err, EW_OUT_OF_RESOURCES, "program: %u segments and %u names exceed the limit of %d",
           pte->blocks.count, pte->names.list.count, EW_MAX_FILE_BLOCKS);
  EW_TRY(choose_method(pte, err));
  EW_TRY(read_delegates(pte, err));
  EW_TRY(pte_read_evalues(pte, err));
  /* Moves between values change what the names of outputs stand for, not those of inputs. */
  EW_TRY(pte_read_inputs(pte, err));
  EW_TRY(pte_read_operators(pte, err));
  EW_TRY(pte_read_chains(pte, err));
  EW_TRY(pte_read_outputs(pte, err));
  return ew_graph_check_nodes(pte->graph, 0, err);
}
