/* The stages of reading a `.pte`, in the order in which their bytes arrive. */
#include <string.h>

#include "format/pte/internal.h"
#include "format/pte/pte.h"

/* Tags of ranges: the rest of the program, or what is needed next of payload number tag. */
enum { PROGRAM = UINT32_MAX };

static ew_pte *pte_of(ew_reader *reader) { return (ew_pte *)reader; }
static const ew_pte *const_pte_of(const ew_reader *reader) { return (const ew_pte *)reader; }

static bool sniff(ew_bytes head) { return head.size >= 8 && memcmp(head.data + 4, "ET12", 4) == 0; }

/* Room was made for the program's rest, and two ranges of each payload. */
static void add_want(ew_pte *pte, ew_format_range range) { pte->wants[pte->num_wants++] = range; }

static bool want(ew_reader *reader, ew_format_range *out) {
  ew_pte *pte = pte_of(reader);
  if (pte->wants_given == pte->num_wants) return false;
  *out = pte->wants[pte->wants_given++];
  return true;
}

static ew_status allocate(size_t size, const char *what, uint8_t **out, ew_error *err) {
  *out = ew_alloc(size);
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: %zu bytes for %s", size, what);
  return EW_OK;
}

/* --- payloads ------------------------------------------------------------------------------------- */

static bool is_inline(const ew_pte *pte, const ew_pte_payload *payload) {
  return ew_in_range(payload->offset, payload->size, pte->header.program_size);
}

/* Asks for the head of each payload. An inline one is part of the program: nothing is to be read, and their
 * turn is that of the delegates. */
static ew_status want_payloads(ew_pte *pte, ew_error *err) {
  pte->payloads_pending = pte->num_payloads;
  for (uint32_t i = 0; i < pte->num_payloads; i++) {
    ew_pte_payload *payload = &pte->payloads[i];
    ew_format_range range = {.offset = i, .tag = i};
    if (!is_inline(pte, payload)) {
      range.offset = payload->offset;
      EW_TRY(allocate((size_t)payload->need, "the head of a payload", &payload->data, err));
      range.size = (size_t)payload->need;
      range.data = payload->data;
    }
    add_want(pte, range);
  }
  return EW_OK;
}

/* Asks for what the payload has behind its head. */
static ew_status want_rest(ew_pte *pte, uint32_t index, size_t have, ew_error *err) {
  ew_pte_payload *payload = &pte->payloads[index];
  uint8_t *bigger = NULL;
  EW_CHECK(payload->need <= EW_MAX_TENSOR_BYTES, err, EW_OUT_OF_RESOURCES,
           "XNNPACK payload %u: a graph of %llu bytes exceeds the limit of 1 GiB", index,
           (unsigned long long)payload->need);
  EW_TRY(allocate((size_t)payload->need, "a graph", &bigger, err));
  memcpy(bigger, payload->data, have);
  ew_free(payload->data);
  payload->data = bigger;
  add_want(pte, (ew_format_range){.offset = payload->offset + have,
                                  .size = (size_t)payload->need - have,
                                  .data = bigger + have,
                                  .tag = index});
  return EW_OK;
}

static ew_status take_payload(ew_pte *pte, uint32_t index, const ew_format_range *range,
                              ew_error *err) {
  ew_pte_payload *payload = &pte->payloads[index];
  ew_bytes bytes = {payload->data, (size_t)payload->need};
  const bool is_head = range->size == 0 || range->offset == payload->offset;
  if (payload->data == NULL) {
    bytes = (ew_bytes){pte->program_data + payload->offset, (size_t)payload->size};
  }
  if (is_head) {
    EW_TRY(pte_read_payload_head(pte, index, bytes, err));
    if (payload->need > bytes.size) return want_rest(pte, index, bytes.size, err);
  }
  EW_TRY(pte_inline_payload(pte, index, bytes, err));
  pte->current_payload = index;
  pte->payloads_pending--;
  return EW_OK;
}

/* --- program -------------------------------------------------------------------------------------- */

static ew_status take_program(ew_pte *pte, ew_error *err) {
  EW_TRY(pte_parse(pte, err));
  EW_TRY(ew_arena_alloc(pte->arena, 2 * (size_t)pte->num_payloads, sizeof *pte->wants, &pte->wants,
                        err));
  pte->num_wants = pte->wants_given = 0;
  return want_payloads(pte, err);
}

static ew_status start(ew_pte *pte, ew_bytes head, ew_error *err) {
  EW_TRY(pte_read_header(head, pte->file_size, &pte->header, err));
  const size_t size = (size_t)pte->header.program_size;
  EW_TRY(allocate(size, "the program", &pte->program_data, err));
  const size_t have = head.size < size ? head.size : size;
  memcpy(pte->program_data, head.data, have);
  EW_TRY(ew_arena_alloc(pte->arena, 1, sizeof *pte->wants, &pte->wants, err));
  add_want(
      pte,
      (ew_format_range){
          .offset = have, .size = size - have, .data = pte->program_data + have, .tag = PROGRAM});
  return EW_OK;
}

static void destroy(ew_reader *reader) {
  ew_pte *pte = pte_of(reader);
  for (uint32_t i = 0; i < pte->num_payloads; i++) ew_free(pte->payloads[i].data);
  ew_free(pte->program_data);
}

static ew_status open(const ew_format_context *context, ew_bytes head, ew_reader **out,
                      ew_error *err) {
  ew_pte *pte = NULL;
  EW_TRY(ew_arena_alloc(context->arena, 1, sizeof *pte, &pte, err));
  pte->arena = context->arena;
  pte->graph = context->graph;
  pte->file_size = context->file_size;
  pte->method = context->method;
  pte->current_payload = EW_NONE;
  const ew_status status = start(pte, head, err);
  if (status != EW_OK) {
    destroy((ew_reader *)pte);
    return status;
  }
  *out = (ew_reader *)pte;
  return EW_OK;
}

static ew_status take(ew_reader *reader, const ew_format_range *range, ew_error *err) {
  ew_pte *pte = pte_of(reader);
  if (range->tag == PROGRAM) return take_program(pte, err);
  return take_payload(pte, range->tag, range, err);
}

/* --- what is here --------------------------------------------------------------------------------- */

static const uint8_t *held(const ew_reader *reader, uint64_t offset, size_t size) {
  const ew_pte *pte = const_pte_of(reader);
  if (ew_in_range(offset, size, pte->header.program_size)) return pte->program_data + offset;
  if (pte->current_payload == EW_NONE) return NULL;
  const ew_pte_payload *payload = &pte->payloads[pte->current_payload];
  if (payload->data == NULL || offset < payload->offset ||
      !ew_in_range(offset - payload->offset, size, payload->need)) {
    return NULL;
  }
  return payload->data + (offset - payload->offset);
}

static void release(ew_reader *reader) {
  ew_pte *pte = pte_of(reader);
  if (pte->current_payload == EW_NONE) return;
  ew_free(pte->payloads[pte->current_payload].data);
  pte->payloads[pte->current_payload].data = NULL;
  pte->current_payload = EW_NONE;
}

/* payloads is NULL before the program has been read. */
static bool complete(const ew_reader *reader) {
  const ew_pte *pte = const_pte_of(reader);
  return pte->payloads != NULL && pte->payloads_pending == 0;
}

static ew_status finish(ew_reader *reader, ew_error *err) {
  return pte_order_steps(pte_of(reader), err);
}

static void methods(const ew_reader *reader, const char *const **out_names, uint32_t *out_count) {
  *out_names = const_pte_of(reader)->method_names;
  *out_count = const_pte_of(reader)->num_methods;
}

const ew_format ew_format_pte = {
    .name = "pte",
    .magic = "ExecuTorch magic 'ET12' at byte 4 (.pte)",
    .sniff = sniff,
    .open = open,
    .want = want,
    .take = take,
    .held = held,
    .release = release,
    .complete = complete,
    .finish = finish,
    .methods = methods,
    .destroy = destroy,
};
